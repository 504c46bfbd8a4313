"""GPU cards, or in words why there are none."""

from textual.content import Content

from installer.nvml.model import GpuDevice
from installer.nvml.readings import Value, value_or
from installer.tui import formats, paint, readings
from installer.tui.glyphs import Glyphs


def panel(data: readings.Json | None, glyphs: Glyphs) -> Content:
    """Return a card per GPU; missing fields say so and keep their place."""
    view = readings.parse_gpus(data)
    title = Content.styled("GPU", "bold $text-muted")
    if why_none := readings.gpu_words(view):
        return Content("\n").join([title, Content(why_none)])
    assert view is not None  # noqa: S101  gpu_words told otherwise
    assert view.report is not None  # noqa: S101
    lines = [title]
    if view.not_responding_since is not None:
        words = f"driver not responding for {formats.duration(view.age_s or 0)}"
        lines.append(Content.styled(words, "bold $error"))
    for device in view.report.devices:
        lines.extend(card(device, glyphs))
    return Content("\n").join(lines)


def card(device: GpuDevice, glyphs: Glyphs) -> list[Content]:
    """Return two lines on one GPU, three when it is held back."""
    used, total = readings.gpu_memory(device)
    name = value_or(device.name, readings.MISSING)
    head = Content.assemble((f"{device.index} ", "bold $accent"), (name, "bold"))
    memory = f"{formats.size(used)} of {formats.size(total)}"
    figures = Content.assemble(
        "  ",
        _load(device, glyphs),
        f"  {readings.reading(device.temperature_c, 'C')}",
        f"  {readings.reading(device.power_w, 'W')}",
        (f"  {memory}", "$secondary"),
    )
    slow = value_or(device.slow_reasons, ())
    return [head, figures, *(Content.styled(f"  slow: {why}", "$warning") for why in slow)]


def _load(device: GpuDevice, glyphs: Glyphs) -> Content:
    if not isinstance(device.utilization_percent, Value):
        return Content.styled(f"load {readings.MISSING}", paint.MUTED)
    load = device.utilization_percent.value
    return Content.assemble(paint.bar(load, 100, 8, glyphs, "$primary"), f" {load} %")
