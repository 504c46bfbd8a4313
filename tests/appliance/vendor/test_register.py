"""The register: append-only, chained, safe against power cuts."""

from __future__ import annotations

import errno
import os
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.vendor.errors import RegisterError
from appliance.vendor.register import Event, Register

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Three events."""
    register = Register(tmp_path / "register.jsonl")
    with register.open() as book:
        for number in range(3):
            book.add(Event.LICENSE, at=1000 + number, lid="aa", name="Spital Zürich")
    return register


def test_events_are_read_as_they_were_written(register: Register) -> None:
    entries = register.entries()

    assert [entry.number for entry in entries] == [1, 2, 3]
    assert entries[2].at == 1002
    assert entries[0].fields == {"lid": "aa", "name": "Spital Zürich"}


def test_a_register_that_is_not_there_is_empty_and_not_made(tmp_path: Path) -> None:
    assert Register(tmp_path / "register.jsonl").entries() == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_missing_line_is_named(register: Register, position: int) -> None:
    lines = register.path.read_bytes().splitlines(keepends=True)
    del lines[position]
    register.path.write_bytes(b"".join(lines))

    if position == 2:
        assert len(register.entries()) == 2
    else:
        with pytest.raises(RegisterError, match=f"line {position + 1}"):
            register.entries()


def test_two_lines_in_another_order_are_named(register: Register) -> None:
    first, second, third = register.path.read_bytes().splitlines(keepends=True)
    register.path.write_bytes(second + first + third)

    with pytest.raises(RegisterError, match="line 1"):
        register.entries()


@given(at=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changed_byte_is_refused_or_was_the_cut_end(
    register: Register, at: int, mask: int
) -> None:
    whole = register.path.read_bytes()
    changed = bytearray(whole)
    changed[at % len(whole)] ^= mask
    other = Register(register.path.with_name("changed.jsonl"))
    other.path.write_bytes(changed)

    try:
        entries = other.entries()
    except RegisterError:
        return
    assert entries == register.entries()[: len(entries)]
    assert len(entries) == 2, "only the last line can look cut short"


def test_a_power_cut_at_any_byte_leaves_the_events_before(register: Register) -> None:
    whole, before = register.path.read_bytes(), register.entries()
    last = whole.rindex(b"\n", 0, -1) + 1
    for end in range(last, len(whole)):
        register.path.write_bytes(whole[:end])

        with register.open() as book:
            assert book.entries == before[:2]
            book.add(Event.CODE, at=2000)

        assert [entry.event for entry in register.entries()][2:] == [Event.CODE]


def test_a_full_disk_adds_nothing(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data[: len(data) // 2])

    before = register.path.read_bytes()
    monkeypatch.setattr(os, "write", half)

    with register.open() as book, pytest.raises(RegisterError, match="No space"):
        book.add(Event.LICENSE, at=3000, lid="bb")

    assert register.path.read_bytes() == before


def test_two_issuers_at_once_never_take_one_number(register: Register) -> None:
    def issue() -> None:
        for _ in range(20):
            with Register(register.path).open() as book:
                book.add(Event.LICENSE, at=1, seq=1 + len(book.entries))

    threads = [threading.Thread(target=issue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = [entry.fields["seq"] for entry in register.entries()[3:]]
    assert numbers == list(range(4, 84))


def test_reading_writes_nothing(register: Register) -> None:
    """The keys may lie on a medium that is write-protected."""
    torn = register.path.read_bytes() + b'{"n": 4'
    register.path.write_bytes(torn)

    assert len(register.entries()) == 3
    assert register.path.read_bytes() == torn


def test_the_register_is_for_the_owner_only(register: Register) -> None:
    assert register.path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(RegisterError, match="No such file"),
        Register(tmp_path / "gone/register.jsonl").open(),
    ):
        pass
