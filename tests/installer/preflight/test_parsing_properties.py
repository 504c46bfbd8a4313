"""No text of the kernel, however odd, takes the collecting of facts down."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from installer.gpu.wire import parse_report
from installer.nvml.model import GpuReport
from installer.preflight import parsing

LINES = st.lists(st.text(st.characters(exclude_characters="\r")), max_size=6)
TEXTS = LINES.map("\n".join)


@given(text=TEXTS)
def test_cpu_memory_and_mounts_take_any_text(text: str) -> None:
    model, flags = parsing.parse_cpu(text)
    figures = parsing.parse_meminfo(text)
    mounts = list(parsing.parse_mounts(text))

    assert isinstance(model, str)
    assert all(flags)
    assert all(isinstance(value, int) for value in figures.values())
    assert parsing.covering_mount(Path("/"), iter(mounts)) is None or mounts


@given(text=TEXTS)
def test_routes_and_swaps_take_any_text_or_refuse_it(text: str) -> None:
    with contextlib.suppress(ValueError):
        parsing.parse_routes(text)
    with contextlib.suppress(ValueError):
        parsing.parse_swaps(text)


@given(line=st.binary(max_size=200))
def test_a_line_of_the_child_is_a_report_or_refused(line: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse_report(line), GpuReport)
