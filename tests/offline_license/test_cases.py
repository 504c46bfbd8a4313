"""Every case that licensing must withstand has a test, and the table says which."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "docs" / "license-cases.md").read_text(encoding="utf-8")
CASES = 67

ROWS = [
    (int(row[1]), row[0], re.findall(r"`([\w/]+\.py)::(test_\w+)`", row[0]))
    for row in re.finditer(r"^\| (\d+) .*$", TABLE, re.MULTILINE)
]


@cache
def declared_in(file: str) -> frozenset[str]:
    """Return the names of the tests in every file of this name."""
    return frozenset(
        node.name
        for path in TESTS.rglob(file)
        for node in _functions(path)
        if node.name.startswith("test_")
    )


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_case_is_in_the_table_once_and_in_order() -> None:
    assert [number for number, _, _ in ROWS] == list(range(1, CASES + 1))


@pytest.mark.parametrize(("number", "row", "named"), ROWS, ids=lambda v: str(v)[:12])
def test_every_case_names_tests_that_exist(
    number: int, row: str, named: list[tuple[str, str]]
) -> None:
    assert named, f"case {number} names no test"
    assert len(named) == row.count("::"), f"case {number} names a test in another way"
    for file, test in named:
        assert test in declared_in(file), f"case {number}: no {test} in {file}"
