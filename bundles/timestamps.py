"""Times as they stand in signed files: UTC, whole seconds, RFC 3339 with Z."""

from datetime import UTC, datetime

__all__ = ["from_rfc3339", "to_rfc3339", "utc_seconds"]

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def utc_seconds(time: datetime) -> datetime:
    """Return ``time`` in UTC without its fraction of a second.

    Raises:
        ValueError: a time without a time zone.
    """
    if time.tzinfo is None:
        raise ValueError("expected a time with a time zone")
    return time.astimezone(UTC).replace(microsecond=0)


def to_rfc3339(time: datetime) -> str:
    """Return ``2026-11-22T20:00:00Z``."""
    utc = utc_seconds(time)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%SZ}"


def from_rfc3339(text: str) -> datetime:
    """Parse exactly the form that ``to_rfc3339`` writes.

    Raises:
        ValueError: any other form.
    """
    time = datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    if to_rfc3339(time) != text:
        raise ValueError(f"expected {_FORM}, found {text!r}")
    return time
