"""What a rehearsal found: state, banner, service, and the way there."""

from collections.abc import Iterator
from datetime import tzinfo

from textual.content import Content

from installer.license_flags import flag_words
from installer.license_view import host_words, plain_times
from installer.protocol import SimulatedService, SimulationBody
from installer.tui import formats, paint
from installer.tui.glyphs import Glyphs
from installer.tui.widgets.facts import hanging

_LABEL = 10
_UNBROKEN = "\N{NO-BREAK SPACE}"
_MINUTES = len("2027-01-31 12:00")


def outcome(
    result: SimulationBody, glyphs: Glyphs, zone: tzinfo | None, *, width: int
) -> Content:
    """Return everything a rehearsal found as lines of at most `width` cells."""
    lines = (
        *_state(result, width),
        *_way(result, zone, width),
        *(_service(one, glyphs) for one in result.service),
    )
    return Content("\n").join(lines)


def _state(result: SimulationBody, width: int) -> Iterator[Content]:
    when = (f"  on {formats.utc(result.at)}", paint.MUTED)
    yield _line("State", Content.assemble((result.state.upper(), "bold"), when))
    if result.banner:
        said = hanging(plain_times(result.banner), width - _LABEL - 1, _LABEL)
        yield _line("Says", said)
    for name in result.flags:
        yield _line("Flag", flag_words(name).title)
    if result.binding:
        yield _line("Machine", host_words(result.binding))


def _line(label: str, words: str | Content) -> Content:
    return Content.assemble((paint.pad(label, _LABEL), paint.MUTED), words)


def _service(one: SimulatedService, glyphs: Glyphs) -> Content:
    mark = (glyphs.done, "$success") if one.open else (glyphs.failed, "bold $error")
    return Content.assemble(mark, f" {one.name}: {one.words}")


def _way(result: SimulationBody, zone: tzinfo | None, width: int) -> Iterator[Content]:
    """Yield each state that comes on the way, with when it begins, in local time."""
    steps = [
        f"{formats.local(one.at, zone)[:_MINUTES]} {one.state.upper()}"
        for one in result.timeline
    ]
    if steps:
        whole = ", ".join(step.replace(" ", _UNBROKEN) for step in steps)
        said = hanging(whole, width - _LABEL - 1, _LABEL)
        yield _line("The way", str(said).replace(_UNBROKEN, " "))
