"""CPU, memory and disk of the host."""

from textual.content import Content

from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs
from installer.tui.readings import Gauge

_WIDTH = 12


def panel(data: readings.Json, glyphs: Glyphs) -> Content:
    """Return a meter per resource; what is missing says so."""
    title = Content.styled("Host", "bold $text-muted")
    return Content("\n").join([title, *(line(one, glyphs) for one in gauges(data))])


def gauges(data: readings.Json) -> tuple[Gauge, ...]:
    """Read the figures the engine gives about its host."""
    cpu = readings.number(data, "cpu_percent")
    return (
        Gauge("CPU", cpu, readings.MISSING if cpu is None else f"{cpu:.0f} %"),
        _share("Memory", data, "memory_used_bytes", "memory_total_bytes"),
        _share("Disk", data, "disk_used_bytes", "disk_total_bytes"),
    )


def line(gauge: Gauge, glyphs: Glyphs) -> Content:
    """Return one meter."""
    label = (f"{gauge.label:<8}", paint.MUTED)
    if gauge.percent is None:
        return Content.assemble(label, (gauge.words, paint.MUTED))
    style = paint.load_style(gauge.percent)
    return Content.assemble(
        label, paint.bar(gauge.percent, 100, _WIDTH, glyphs, style), f" {gauge.words}"
    )


def _share(label: str, data: readings.Json, used: str, total: str) -> Gauge:
    part, whole = readings.number(data, used), readings.number(data, total)
    if part is None or not whole:
        return Gauge(label, None, readings.MISSING)
    words = f"{formats.size(int(part))} of {formats.size(int(whole))}"
    return Gauge(label, 100 * part / whole, words)
