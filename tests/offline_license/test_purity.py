"""Deciding reads no clock, disk or network; nobody shows a date in an unnamed zone."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import offline_license

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(offline_license.__file__).parents[1]
PACKAGES = ("appliance", "bundles", "installer", "offline_license")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
PURE = sorted(Path(offline_license.__file__).parent.glob("*.py"))

IMPURE = {
    "asyncio",
    "glob",
    "io",
    "locale",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "platform",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "zoneinfo",
}
THIRD_PARTY = {"cbor2", "cryptography", "offline_license"}

ALWAYS_LOCAL = {"today", "localtime", "ctime", "asctime", "mktime", "utcnow"}
LOCAL_UNTIL = {"now": 1, "astimezone": 1, "fromtimestamp": 2}
"""Calls that mean the zone of the machine unless so many arguments are given."""


def local_getters(source: str) -> Iterator[str]:
    """Give each call that answers in the time zone of the machine."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, given = node.func.attr, len(node.args) + len(node.keywords)
            if name in ALWAYS_LOCAL or given < LOCAL_UNTIL.get(name, 0):
                receiver = ast.unparse(node.func.value)
                if name != "now" or receiver.split(".")[-1] in {"datetime", "dt"}:
                    yield f"{receiver}.{name} in line {node.lineno}"


def imported(source: str) -> Iterator[str]:
    """Give the top package of every import."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_date_is_taken_in_the_zone_of_the_machine(path: Path) -> None:
    assert list(local_getters(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "call",
    [
        "datetime.now()",
        "dt.datetime.now()",
        "datetime.utcnow()",
        "dt.datetime.fromtimestamp(0)",
        "date.fromtimestamp(0)",
        "date.today()",
        "moment.astimezone()",
        "time.localtime(0)",
    ],
)
def test_a_local_getter_would_be_noticed(call: str) -> None:
    assert len(list(local_getters(call))) == 1


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_deciding_imports_nothing_that_looks_at_the_world(path: Path) -> None:
    names = set(imported(path.read_text(encoding="utf-8")))

    assert names.isdisjoint(IMPURE)
    assert names <= {*sys.stdlib_module_names, *THIRD_PARTY}


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_deciding_opens_and_prints_nothing(path: Path) -> None:
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }

    assert calls.isdisjoint({"open", "print", "input", "eval", "exec", "__import__"})
