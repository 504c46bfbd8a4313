"""Codes in the source and codes in the page are the same, with the same words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.gpu.kinds import GPU_KINDS
from installer.preflight.kinds import HOST_KINDS

if TYPE_CHECKING:
    from installer.errors import ErrorKind

KINDS = (*HOST_KINDS, *GPU_KINDS)
ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/preflight.md").read_text()


def test_no_code_is_given_twice_and_none_is_skipped() -> None:
    for family, kinds in (("HOST", HOST_KINDS), ("GPU", GPU_KINDS)):
        expected = [f"ANX-{family}-{n:02}" for n in range(1, len(kinds) + 1)]
        assert [kind.code for kind in kinds] == expected


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_each_finding_is_documented_word_for_word(kind: ErrorKind) -> None:
    assert f"### {kind.code} {kind.title}\n\n{kind.meaning}\n\n" in PAGE
    assert f"What to do: {kind.remedy}\n" in PAGE


def test_the_page_documents_no_code_that_does_not_exist() -> None:
    headings = [line for line in PAGE.splitlines() if line.startswith("### ")]

    assert len(headings) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_each_finding_is_used(kind: ErrorKind) -> None:
    modules = ("kinds", "host", "gpu_kinds")
    name = next(
        name
        for module in ("installer.gpu.kinds", "installer.preflight.kinds")
        for name, value in vars(__import__(module, fromlist=["x"])).items()
        if value is kind
    )
    sources = [
        path.read_text()
        for folder in ("installer/engine", "installer/gpu", "installer/preflight")
        for path in (ROOT / folder).rglob("*.py")
    ]

    assert any(f"{module}.{name}" in text for module in modules for text in sources)
