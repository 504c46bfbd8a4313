"""GPU cards, or in words why there are none."""

from textual.content import Content

from installer.gpu import GpuDevice, Value, value_or
from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs


def panel(data: readings.Json | None, glyphs: Glyphs) -> Content:
    """Return a card per GPU; missing fields say so and keep their place."""
    view = readings.read_gpus(data)
    lines = [Content.styled("GPU", "bold $text-muted")]
    why_none = readings.why_no_gpu(view)
    if why_none is not None or view is None or view.report is None:
        return Content("\n").join([*lines, Content(why_none or "")])
    if view.not_responding_since is not None:
        words = f"driver silent for {formats.duration(view.age_s or 0)}; last figures:"
        lines.append(Content.styled(words, "bold $error"))
    for device in view.report.devices:
        lines.extend(card(device, glyphs))
    return Content("\n").join(lines)


def card(device: GpuDevice, glyphs: Glyphs) -> list[Content]:
    """Return three lines on one GPU, more when it is held back."""
    name = value_or(device.name, readings.MISSING)
    head = Content.assemble((f"{device.index} ", "bold $accent"), (name, "bold"))
    warm = readings.figure(device.temperature_c, "C")
    power = readings.figure(device.power_w, "W")
    used = formats.size(readings.optional(device.memory_used_bytes))
    total = formats.size(readings.optional(device.memory_total_bytes))
    slow = value_or(device.slow_reasons, ())
    return [
        head,
        Content.assemble("  ", _load(device, glyphs), f"  {warm}  {power}"),
        Content.assemble("  memory ", (f"{used} of {total}", "$secondary")),
        *(Content.styled(f"  slowed: {why}", "$warning") for why in slow),
    ]


def _load(device: GpuDevice, glyphs: Glyphs) -> Content:
    if not isinstance(device.utilization_percent, Value):
        return Content.styled(f"load {readings.MISSING}", paint.MUTED)
    load = device.utilization_percent.value
    return Content.assemble(paint.bar(load, 100, 8, glyphs, "$primary"), f" {load} %")
