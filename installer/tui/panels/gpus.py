"""GPU cards, one a line, or in words why there are none."""

from textual.content import Content

from installer.gpu import GpuDevice, Value, value_or
from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs

_NAME = 18


def panel(data: readings.Json | None, glyphs: Glyphs) -> Content:
    """Return a line per GPU; missing fields say so and keep their place."""
    view = readings.read_gpus(data)
    title = Content.styled("GPU    ", "bold $text-muted")
    why_none = readings.why_no_gpu(view)
    if why_none is not None or view is None or view.report is None:
        return Content.assemble(title, why_none or "")
    lines = []
    if view.not_responding_since is not None:
        words = f"The driver is silent for {formats.duration(view.age_s or 0)}; before:"
        lines.append(Content.styled(words, "bold $error"))
    for device in view.report.devices:
        lines.extend(card(device, glyphs))
    return Content.assemble(title, Content("\n" + " " * 7).join(lines))


def card(device: GpuDevice, glyphs: Glyphs) -> list[Content]:
    """Return a line on one GPU, and one more when it is held back."""
    name = value_or(device.name, readings.MISSING).removeprefix("NVIDIA ")
    warm = readings.figure(device.temperature_c, "C")
    power = readings.figure(device.power_w, "W")
    line = Content.assemble(
        (f"{device.index} ", "bold $accent"),
        (paint.pad(name, _NAME), "bold"),
        _load(device, glyphs),
        f"{warm:>6} {power:>7}  ",
        _memory(device),
    )
    slow = value_or(device.slow_reasons, ())
    if not slow:
        return [line]
    return [line, Content.styled(f"  slowed: {', '.join(slow)}", "$warning")]


def _load(device: GpuDevice, glyphs: Glyphs) -> Content:
    if not isinstance(device.utilization_percent, Value):
        return Content.styled(paint.pad("load n/a", 11), paint.MUTED)
    load = device.utilization_percent.value
    return Content.assemble(paint.bar(load, 100, 6, glyphs, "$primary"), f"{load:>3} %")


def _memory(device: GpuDevice) -> Content:
    used = readings.optional(device.memory_used_bytes)
    total = readings.optional(device.memory_total_bytes)
    if used is None or total is None:
        return Content.styled("memory n/a", paint.MUTED)
    words = f"{formats.size(used)} of {formats.size(total)}"
    return Content.styled(words, "$secondary")
