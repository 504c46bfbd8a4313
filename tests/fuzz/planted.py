"""A table with one faulty reader, to show that the fuzzer would find it."""

from __future__ import annotations

from tests.support.license_readers import Reader, read

__all__ = ["READERS", "read"]


def _faulty(data: bytes) -> bytes:
    if data[:2] == b"no":
        raise ZeroDivisionError
    return data


READERS = {"anchor": Reader(_faulty, (b"yes",))}
