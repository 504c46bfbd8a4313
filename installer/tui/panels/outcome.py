"""What a rehearsal found: state, banner, service, and the way there."""

from collections.abc import Iterator
from datetime import tzinfo

from textual.content import Content

from installer.license_flags import flag_words
from installer.protocol import SimulatedService, SimulationBody
from installer.tui import formats, paint
from installer.tui.glyphs import Glyphs

_LABEL = 10
_STATE = 12
_BEFORE_WORDS = 32


def outcome(
    result: SimulationBody, glyphs: Glyphs, zone: tzinfo | None, *, width: int
) -> Content:
    """Return everything a rehearsal found as lines of at most `width` cells."""
    lines = (
        *_state(result),
        *(_service(one, glyphs) for one in result.service),
        *_way(result, glyphs, zone, width),
    )
    return Content("\n").join(lines)


def _state(result: SimulationBody) -> Iterator[Content]:
    when = (f"  on {formats.utc(result.at)}", paint.MUTED)
    yield _line("State", Content.assemble((result.state.upper(), "bold"), when))
    if result.banner:
        yield _line("Says", Content(result.banner))
    for name in result.flags:
        yield _line("Flag", Content(flag_words(name).title))
    if result.binding:
        yield _line("Machine", Content(result.binding))


def _line(label: str, words: Content) -> Content:
    return Content.assemble((paint.pad(label, _LABEL), paint.MUTED), words)


def _service(one: SimulatedService, glyphs: Glyphs) -> Content:
    mark = (glyphs.done, "$success") if one.open else (glyphs.failed, "bold $error")
    return Content.assemble(mark, f" {one.name}: {one.words}")


def _way(
    result: SimulationBody, glyphs: Glyphs, zone: tzinfo | None, width: int
) -> Iterator[Content]:
    if result.timeline:
        yield Content.styled("The way there", "bold $text-muted")
    room = max(_LABEL, width - _BEFORE_WORDS)
    for change in result.timeline:
        yield Content.assemble(
            (f"{formats.local(change.at, zone)[:16]}  ", paint.MUTED),
            (paint.pad(change.state.upper(), _STATE), "bold"),
            formats.shorten_end(change.words, room, glyphs.ellipsis),
        )
