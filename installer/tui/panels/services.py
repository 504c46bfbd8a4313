"""The services of the appliance, one a row."""

from collections.abc import Sequence

from textual.content import Content

from installer.protocol import ServiceStatus
from installer.tui import formats, paint, text
from installer.tui.glyphs import Glyphs

HEAD = Content.styled(
    f"  {'':4}{'Service':<11}{'State':<11}{'CPU':>8}   {'Memory':<25}{'Restarts':>9}",
    "bold $text-muted",
)


def rows(services: Sequence[ServiceStatus], glyphs: Glyphs) -> list[Content]:
    """Return a row per container, or the reason why there is none."""
    if not services:
        return [Content.styled(text.NO_SERVICES, paint.MUTED)]
    return [row(one, glyphs) for one in services]


def row(service: ServiceStatus, glyphs: Glyphs) -> Content:
    """Return one container: mark, name, state, CPU, memory, restarts."""
    mark, style = _mark(service, glyphs)
    name = service.name if service.replica == 1 else f"{service.name} {service.replica}"
    cpu = "n/a" if service.cpu_percent is None else f"{service.cpu_percent:.1f} %"
    return Content.assemble(
        (f"{mark} ", style),
        (paint.pad(name, 11), "bold"),
        (paint.pad(_word(service), 11), style),
        f"{cpu:>8}   ",
        _memory(service, glyphs),
        (f"{service.restarts:>8}", "$warning" if service.restarts else paint.MUTED),
    )


def _mark(service: ServiceStatus, glyphs: Glyphs) -> tuple[str, str]:
    match service.health:
        case "healthy":
            return glyphs.done, "$success"
        case "starting":
            return glyphs.running, "$warning"
        case _:
            return glyphs.failed, "bold $error"


def _word(service: ServiceStatus) -> str:
    """Return the health of a running container, else what it is instead."""
    return service.health if service.state == "running" else service.state


def _memory(service: ServiceStatus, glyphs: Glyphs) -> Content:
    used, limit = service.memory_bytes, service.memory_limit_bytes
    if used is None:
        return Content(paint.pad("not available", 25))
    words = f" {formats.size(used)}"
    if not limit:
        return Content(paint.pad(words, 25))
    style = paint.load_style(100 * used / limit)
    return Content.assemble(
        paint.bar(used, limit, 6, glyphs, style),
        paint.pad(f"{words} of {formats.size(limit)}", 19),
    )
