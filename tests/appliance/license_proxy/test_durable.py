"""Two slots, of which one is always whole (case 35)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.license_proxy import durable
from appliance.license_proxy.durable import Found, TwoSlots


def slots(folder: Path, secret: bytes = b"secret") -> TwoSlots:
    return TwoSlots(folder, "state", secret)


def test_the_newest_slot_counts(tmp_path: Path) -> None:
    store = slots(tmp_path)
    for number in range(5):
        store.save(bytes([number]))

    assert slots(tmp_path).load() == Found(b"\4", damaged=False)


def test_a_program_that_starts_again_writes_the_older_slot(tmp_path: Path) -> None:
    for number in range(5):
        again = slots(tmp_path)
        again.load()
        again.save(bytes([number]))

    assert slots(tmp_path).load() == Found(b"\4", damaged=False)


def test_nothing_there_is_no_damage(tmp_path: Path) -> None:
    assert slots(tmp_path).load() == Found(None, damaged=False)


def test_a_slot_written_with_another_key_is_damage(tmp_path: Path) -> None:
    slots(tmp_path, b"one").save(b"body")

    assert slots(tmp_path, b"other").load() == Found(None, damaged=True)


def test_a_slot_of_another_name_is_damage(tmp_path: Path) -> None:
    slots(tmp_path).save(b"body")
    (tmp_path / "state.b").rename(tmp_path / "open.b")

    assert TwoSlots(tmp_path, "open", b"secret").load().damaged


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_one_flipped_bit_falls_back_to_the_other_slot(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("state")
    store = slots(folder)
    store.save(b"older")
    store.save(b"newer")
    path = folder / "state.a"
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path.write_bytes(data)

    assert store.load() == Found(b"older", damaged=True)


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_crash_at_any_call_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = slots(tmp_path)
    store.save(b"old")

    def crash(*_: object, **__: object) -> None:
        raise OSError(5, "power cut")

    owner = Path if call == "replace" else os
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, crash)
        with pytest.raises(OSError, match="power cut"):
            store.save(b"new")

    assert slots(tmp_path).load().body in {b"old", b"new"}


def test_a_slot_that_is_too_large_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots(tmp_path).save(b"body")
    monkeypatch.setattr(durable, "_MAX_BYTES", 10)

    assert slots(tmp_path).load().damaged


def test_a_body_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="large"):
        slots(tmp_path).save(bytes(1 << 20))

    assert list(tmp_path.iterdir()) == []


def test_the_secret_is_in_no_repr(tmp_path: Path) -> None:
    assert "secret words" not in repr(slots(tmp_path, b"secret words"))
