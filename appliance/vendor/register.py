"""The vendor's register: what was issued, revoked, given out and taken in.

An append-only file, one JSON line per event, each chained to the line before by a
SHA-256, so that a missing or altered line shows. Licenses stand in it whole (they
are no secret), so that a renewal starts from the exact terms of the last one and the
file can be written again. Passphrases, private keys and extension codes never do.

An event is durable before anything that was signed leaves the program: a number can be
lost to a power cut, but never be used twice. A line cut short by one was never
answered, and is dropped before the next is written.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from appliance.vendor.errors import RegisterError
from bundles.files import fsync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Book", "Entry", "Event", "Register"]

_GENESIS: Final = hashlib.sha256(b"anx-register\0").hexdigest()
_CHECK: Final = "check"
_LIMIT_BYTES: Final = 512 * 1024 * 1024


class Event(Enum):
    """What an entry tells."""

    LICENSE = "license"
    CODE = "code"
    REVOCATIONS = "revocations"
    KEYSET = "keyset"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event.

    Attributes:
        number: from 1, without gaps.
        event: what happened.
        at: seconds UTC by the clock of the vendor's machine.
        fields: the particulars; what they are depends on the event.
    """

    number: int
    event: Event
    at: int
    fields: Mapping[str, Any] = field(repr=False)

    def line(self) -> bytes:
        """Return the entry as JSON without its check."""
        known = {"n": self.number, "event": self.event.value, "at": self.at}
        value = {**known, **self.fields}
        return json.dumps(value, ensure_ascii=False).encode()


class Book:
    """The register while it is held: nobody else can add to it."""

    def __init__(self, descriptor: int, entries: list[Entry], check: str) -> None:
        self._descriptor = descriptor
        self._entries = entries
        self._check = check

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All events so far, oldest first."""
        return tuple(self._entries)

    def of(self, event: Event) -> tuple[Entry, ...]:
        """Return the events of one kind, oldest first."""
        return tuple(entry for entry in self._entries if entry.event is event)

    def add(self, event: Event, *, at: int, **fields: Any) -> Entry:  # noqa: ANN401 - JSON
        """Append an event and make it durable before returning.

        Raises:
            RegisterError: the disk is full or fails; nothing counts as added.
        """
        entry = Entry(len(self._entries) + 1, event, at, fields)
        check = _next_check(self._check, entry.line())
        value = {**json.loads(entry.line()), _CHECK: check}
        data = json.dumps(value, ensure_ascii=False).encode() + b"\n"
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            _write_all(self._descriptor, data)
            os.fsync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, end)
            raise RegisterError(f"the register: {error.strerror}") from error
        self._entries.append(entry)
        self._check = check
        return entry


class Register:
    """The file, opened only while it is used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> tuple[Entry, ...]:
        """Read and check everything; empty when there is no register yet.

        Nothing is written: the keys may lie on a medium that cannot be written to.

        Raises:
            RegisterError: a line is missing, altered or not ours.
        """
        if not self.path.exists():
            return ()
        descriptor = self._descriptor(os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            data = _read_all(descriptor)
        finally:
            os.close(descriptor)
        return tuple(_parse(_whole_lines(data))[0])

    @contextmanager
    def open(self) -> Iterator[Book]:
        """Hold the register: from looking a number up to using it.

        Raises:
            RegisterError: it is damaged, or cannot be opened.
        """
        new = not self.path.exists()
        descriptor = self._descriptor(os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if new:
                fsync_directory(self.path.parent)
            data = _read_all(descriptor)
            whole = _whole_lines(data)
            entries, check = _parse(whole)
            if len(whole) < len(data):
                os.ftruncate(descriptor, len(whole))
            yield Book(descriptor, entries, check)
        finally:
            os.close(descriptor)

    def _descriptor(self, flags: int) -> int:
        try:
            return os.open(self.path, flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RegisterError(f"{self.path}: {error.strerror}") from error


def _whole_lines(data: bytes) -> bytes:
    """Return everything up to the last end of a line."""
    return data[: data.rfind(b"\n") + 1]


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    if size > _LIMIT_BYTES:
        raise RegisterError(f"expected at most {_LIMIT_BYTES} bytes, found {size}")
    pieces = []
    at = 0
    while at < size and (piece := os.pread(descriptor, size - at, at)):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _parse(data: bytes) -> tuple[list[Entry], str]:
    """Return the entries and the check of the last one."""
    entries: list[Entry] = []
    check = _GENESIS
    for number, line in enumerate(data.splitlines(), start=1):
        entry, found = _entry(number, line)
        check = _next_check(check, entry.line())
        if entry.number != number or found != check:
            raise RegisterError(
                f"line {number}: expected the check of an unbroken register, found "
                "another: a line was changed, removed or put in at or before it"
            )
        entries.append(entry)
    return entries, check


def _entry(number: int, line: bytes) -> tuple[Entry, object]:
    try:
        value = json.loads(line)
        found = value.pop(_CHECK)
        event = Event(value.pop("event"))
        entry = Entry(int(value.pop("n")), event, int(value.pop("at")), value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegisterError(f"line {number}: expected an entry, found none") from error
    return entry, found


def _next_check(check: str, line: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(check) + line).hexdigest()
