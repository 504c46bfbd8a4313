"""Two slots, of which one is always whole (case 35)."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.license_proxy import memory as memory_module
from appliance.license_proxy.memory import (
    Memory,
    Store,
    decode_memory,
    encode_memory,
)
from offline_license import cbor
from offline_license.clock import Clock, Reading
from offline_license.decide import Standing
from offline_license.errors import LicenseError
from offline_license.states import State

FULL = Memory(
    clock=Clock(5, 6, 7, Reading(8, 9, "boot 1")),
    counter=3,
    epoch=4,
    standings=(Standing(bytes(16), 1, State.GRACE, 2, 3, 4, 5, 6),),
    licenses=(b"license",),
    keyset=b"key set",
    rebuilt=True,
)


@pytest.mark.parametrize("memory", [FULL, Memory(Clock(0))])
def test_every_field_survives_the_slot(memory: Memory) -> None:
    assert decode_memory(encode_memory(memory)) == memory


def test_the_newest_slot_counts(tmp_path: Path) -> None:
    store = Store(tmp_path, b"secret")
    memory = Memory(Clock(0))
    for floor in range(5):
        memory = store.save(replace(memory, clock=Clock(floor)))

    assert store.load().memory == memory
    assert memory.counter == 5


def test_nothing_there_is_no_damage(tmp_path: Path) -> None:
    recall = Store(tmp_path, b"secret").load()

    assert (recall.memory, recall.damaged) == (None, False)


def test_a_slot_written_with_another_key_is_damage(tmp_path: Path) -> None:
    Store(tmp_path, b"one").save(FULL)

    recall = Store(tmp_path, b"other").load()

    assert (recall.memory, recall.damaged) == (None, True)


@given(at=st.integers(0, 200), bit=st.integers(0, 7))
def test_one_flipped_bit_falls_back_to_the_other_slot(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("state")
    store = Store(folder, b"secret")
    older = store.save(Memory(Clock(1)))
    newer = store.save(older)
    path = folder / ("state.b" if newer.counter % 2 else "state.a")
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= 1 << bit
    path.write_bytes(data)

    recall = store.load()

    assert (recall.memory, recall.damaged) == (older, True)


@pytest.mark.parametrize("call", ["open", "fsync", "replace"])
def test_a_crash_at_any_call_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = Store(tmp_path, b"secret")
    old = store.save(Memory(Clock(1)))

    def crash(*_: object, **__: object) -> None:
        raise OSError(5, "power cut")

    owner = Path if call == "replace" else os
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, crash)
        with pytest.raises(OSError, match="power cut"):
            store.save(replace(old, clock=Clock(2)))

    found = store.load().memory
    assert found is not None
    assert found.clock.floor_s in {1, 2}


def test_a_standing_is_remembered_once_and_not_for_ever() -> None:
    memory = Memory(Clock(0))
    for seq in range(100):
        standing = Standing(bytes(16), seq, State.VALID)
        memory = memory.remember(standing).remember(standing)

    assert len(memory.standings) == 64
    assert memory.standings[-1].seq == 99
    assert memory.remember(None) is memory


@pytest.mark.parametrize(
    "change",
    [
        {1: 2},
        {4: [1, 2]},
        {4: [1, 2, "x"]},
        {5: [1, 2]},
        {6: [[1]]},
        {6: [[bytes(16), 1, 9, 0, 0, 0, 0, 0]]},
        {7: ["text"]},
        {8: 7},
    ],
    ids=str,
)
def test_a_slot_of_another_shape_is_one_typed_error(
    change: dict[int, object],
) -> None:
    value = cbor.decode(encode_memory(FULL))
    assert isinstance(value, dict)

    with pytest.raises(LicenseError):
        decode_memory(cbor.encode({**value, **change}))


def test_a_slot_that_is_too_large_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path, b"secret")
    store.save(FULL)
    monkeypatch.setattr(memory_module, "_MAX_BYTES", 10)

    assert store.load().damaged


def test_the_secret_is_in_no_repr(tmp_path: Path) -> None:
    assert "secret words" not in repr(Store(tmp_path, b"secret words"))
