"""What is remembered, and its form on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.license_proxy.durable import TwoSlots
from appliance.license_proxy.memory import (
    Memory,
    Store,
    decode_memory,
    encode_memory,
)
from offline_license import cbor
from offline_license.clock import Clock, Reading
from offline_license.errors import LicenseError
from offline_license.standing import Standing
from offline_license.states import State

if TYPE_CHECKING:
    from pathlib import Path

FULL = Memory(
    clock=Clock(5, 6, 7, Reading(8, 9, "boot 1")),
    epoch=4,
    standings=(Standing(bytes(16), 1, State.GRACE, 2, 3, 4, 5, 6),),
    licenses=(b"license",),
    keyset=b"key set",
    rebuilt=True,
)


@pytest.mark.parametrize("memory", [FULL, Memory(Clock(0))])
def test_every_field_survives_the_slot(memory: Memory) -> None:
    assert decode_memory(encode_memory(memory)) == memory


def test_what_is_saved_is_recalled(tmp_path: Path) -> None:
    Store(tmp_path, b"secret").save(FULL)

    recall = Store(tmp_path, b"secret").load()

    assert (recall.memory, recall.damaged) == (FULL, False)


def test_nothing_there_is_no_damage(tmp_path: Path) -> None:
    recall = Store(tmp_path, b"secret").load()

    assert (recall.memory, recall.damaged) == (None, False)


def test_a_memory_of_another_shape_is_damage(tmp_path: Path) -> None:
    TwoSlots(tmp_path, "state", b"secret").save(b"another shape")

    recall = Store(tmp_path, b"secret").load()

    assert (recall.memory, recall.damaged) == (None, True)


def test_a_standing_is_remembered_once_and_not_for_ever() -> None:
    memory = Memory(Clock(0))
    for seq in range(100):
        standing = Standing(bytes(16), seq, State.VALID)
        memory = memory.remember(standing).remember(standing)

    assert len(memory.standings) == 64
    assert memory.standings[-1].seq == 99


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
