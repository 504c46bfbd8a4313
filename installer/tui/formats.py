"""Numbers, sizes and times as a person reads them. Pure functions, no locale."""

from datetime import datetime, timedelta, tzinfo

_UNITS = ("KiB", "MiB", "GiB", "TiB")
_STEP = 1024
_WHOLE = 10


def size(size_bytes: int | None, *, unknown: str = "not available") -> str:
    """Render a size in binary units; a figure that is not known says so."""
    if size_bytes is None:
        return unknown
    if size_bytes < _STEP:
        return f"{size_bytes} B"
    value, rank = size_bytes / _STEP, 0
    while value >= _STEP and rank < len(_UNITS) - 1:
        value, rank = value / _STEP, rank + 1
    places = 0 if value >= _WHOLE else 1
    return f"{value:.{places}f} {_UNITS[rank]}"


def share(part_bytes: int, whole_bytes: int) -> str:
    """Render a part of a whole in the unit of the whole, such as `1.0 of 24 GiB`."""
    whole = size(whole_bytes)
    unit = whole.rpartition(" ")[2]
    if unit == "B":
        return f"{part_bytes} of {whole}"
    part = part_bytes / _STEP ** (_UNITS.index(unit) + 1)
    return f"{part:.{0 if part >= _WHOLE else 1}f} of {whole}"


def duration(seconds: float) -> str:
    """Render a duration with two units at most, such as `4 min 05 s`."""
    whole = max(0, round(seconds))
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {secs:02d} s" if minutes else f"{secs} s"


def estimate(seconds: float) -> str:
    """Render an expected time, marked as an estimate."""
    return "under 1 s" if seconds < 1 else f"~ {duration(seconds)}"


def utc(moment: datetime) -> str:
    """Render an instant as `2027-01-31 12:00 UTC`."""
    offset = moment.utcoffset() or timedelta()
    return f"{(moment - offset).replace(tzinfo=None):%Y-%m-%d %H:%M} UTC"


def local(moment: datetime, zone: tzinfo | None = None) -> str:
    """Render an instant in the host's time zone, with the zone's name."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """Render the time of day in the host's time zone."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def percent(part: float, whole: float) -> int:
    """Return part of whole in percent, 0 to 100; 0 of nothing is 0."""
    if whole <= 0:
        return 0
    return max(0, min(100, int(100 * part / whole)))


def count(number: int, noun: str) -> str:
    """Render a number with its noun, such as `1 error` or `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shorten_end(text: str, width: int, ellipsis: str) -> str:
    """Cut text to a width in cells and mark the cut."""
    if len(text) <= width:
        return text
    return text[: max(0, width - len(ellipsis))] + ellipsis
