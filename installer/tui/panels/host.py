"""CPU, memory and disks of the host."""

from collections.abc import Iterator

from textual.content import Content

from installer.host_metrics import HostMetrics
from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs

_WIDTH = 8
_LABEL = 8
_MOST_DISKS = 3


def panel(data: readings.Json, glyphs: Glyphs) -> Content:
    """Return a meter per resource, or that there are no figures."""
    title = Content.styled("Host", "bold $text-muted")
    metrics = readings.read_host(data)
    if metrics is None:
        return Content("\n").join([title, Content("The engine gives no figures.")])
    return Content("\n").join([title, *_meters(metrics, glyphs)])


def _meters(metrics: HostMetrics, glyphs: Glyphs) -> Iterator[Content]:
    if metrics.cpu_percent is None:
        yield Content.assemble((f"{'CPU':<{_LABEL}}", paint.MUTED), readings.MISSING)
    else:
        words = f"{metrics.cpu_percent:.0f} % of {metrics.cpu_count} cores"
        yield _meter("CPU", metrics.cpu_percent, 100, words, glyphs)
    total = metrics.memory_total_bytes
    used = total - metrics.memory_available_bytes
    yield _meter("Memory", used, total, _of(used, total), glyphs)
    for disk in metrics.disks[:_MOST_DISKS]:
        used = disk.total_bytes - disk.free_bytes
        label = "Disk" if len(metrics.disks) == 1 else disk.label
        yield _meter(label, used, disk.total_bytes, _of(used, disk.total_bytes), glyphs)


def _meter(
    label: str, part: float, whole: float, words: str, glyphs: Glyphs
) -> Content:
    style = paint.load_style(formats.percent(part, whole))
    return Content.assemble(
        (f"{label[: _LABEL - 1]:<{_LABEL}}", paint.MUTED),
        paint.bar(part, whole, _WIDTH, glyphs, style),
        f" {words}",
    )


def _of(part: int, whole: int) -> str:
    return f"{formats.size(part)} of {formats.size(whole)}"
