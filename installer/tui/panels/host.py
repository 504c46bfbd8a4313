"""CPU, memory and disks of the host."""

from collections.abc import Iterator

from textual.content import Content

from installer.host_metrics import HostMetrics
from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs

_WIDTH = 4


def panel(data: readings.Json, glyphs: Glyphs) -> Content:
    """Return a line of meters, or that there are no figures."""
    title = Content.styled("Host   ", "bold $text-muted")
    metrics = readings.read_host(data)
    if metrics is None:
        return Content.assemble(title, "The engine gives no figures.")
    return Content.assemble(title, Content("  ").join(_meters(metrics, glyphs)))


def _meters(metrics: HostMetrics, glyphs: Glyphs) -> Iterator[Content]:
    if metrics.cpu_percent is None:
        yield Content.assemble(("CPU ", paint.MUTED), "n/a")
    else:
        words = f"{metrics.cpu_percent:.0f} %"
        yield _meter("CPU", metrics.cpu_percent, 100, words, glyphs)
    total = metrics.memory_total_bytes
    used = total - metrics.memory_available_bytes
    yield _meter("Memory", used, total, formats.share(used, total), glyphs)
    if metrics.disks:
        disk = min(metrics.disks, key=lambda one: one.free_bytes)
        used = disk.total_bytes - disk.free_bytes
        words = formats.share(used, disk.total_bytes)
        yield _meter("Disk", used, disk.total_bytes, words, glyphs)


def _meter(
    label: str, part: float, whole: float, words: str, glyphs: Glyphs
) -> Content:
    style = paint.load_style(formats.percent(part, whole))
    return Content.assemble(
        (f"{label} ", paint.MUTED),
        paint.bar(part, whole, _WIDTH, glyphs, style),
        f" {words}",
    )
