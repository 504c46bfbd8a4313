"""One target under atheris: `python -m tests.fuzz.target NAME [libFuzzer options]`.

The package under test is instrumented as it is imported, so this module may import
nothing that imports it. An input that breaks a promise ends the process, and libFuzzer
writes it as a file.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import TYPE_CHECKING, Any

import atheris  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "ANECHOIC_FUZZ_READERS"
"""Environment: the module with the table; tests plant a faulty reader with it."""

INSTRUMENTED = ("offline_license", "appliance.leases", "appliance.usage_wire")

_TRIES = 3


def main(arguments: list[str]) -> None:
    """Fuzz one reader until libFuzzer's options say stop."""
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        readers = importlib.import_module(
            os.environ.get(TABLE, "tests.support.license_readers")
        )
    atheris.Setup(arguments[:1] + arguments[2:], _once(readers, arguments[1]))
    atheris.Fuzz()


def _once(table: Any, name: str) -> Callable[[bytes], None]:  # noqa: ANN401
    reader, read, most_s = table.READERS[name], table.read, _most_s()

    def once(data: bytes) -> None:
        _judge(lambda: read(reader, data), most_s)
        if reader.sign is not None:
            signed = reader.sign(data)
            _judge(lambda: read(reader, signed), most_s)

    return once


def _most_s() -> float:
    """Return the bound on CPU time; imported late, behind the instrumentation."""
    bound: float = importlib.import_module("tests.support.bounds").MOST_S
    return bound


def _judge(call: Callable[[], object], most_s: float) -> None:
    """Read once; a slow input is read again, because the fastest reading counts."""
    spent = most_s
    for _ in range(_TRIES):
        began = time.process_time()
        call()
        spent = min(spent, time.process_time() - began)
        if spent < most_s:
            return
    raise AssertionError(f"expected less than {most_s} s of CPU, found more")


if __name__ == "__main__":
    main(sys.argv)
