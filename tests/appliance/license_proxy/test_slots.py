"""Slots: one per instance, through restarts on either side (case 53)."""

from __future__ import annotations

import pytest

from appliance.leases.demand import Demand
from appliance.leases.wire import LeaseAsk
from appliance.license_proxy import slots as slots_module
from appliance.license_proxy.slots import Slots
from offline_license import cbor
from offline_license.errors import SchemaError
from offline_license.model import Capacity
from tests.support.lease_asks import NONCE, Counter

LIMIT_8 = Capacity(streams=8)


def names(counter: Counter) -> list[str]:
    return [slot.instance for slot in counter.grantor.holders(counter.now_s)]


def test_a_hundred_restarts_of_a_replica_take_one_slot() -> None:
    counter = Counter(LIMIT_8)
    for _ in range(100):
        counter.forget("api-1")
        assert counter.ask("api-1", streams=Demand(0, 8)).streams == 10

    assert names(counter) == ["api-1"]


def test_a_hundred_restarts_of_the_license_container_free_no_slot() -> None:
    counter = Counter(LIMIT_8)
    counter.ask("api-1", streams=Demand(0, 8))
    for _ in range(100):
        counter.restart()

    assert names(counter) == ["api-1"]
    assert counter.ask("api-2", streams=Demand(0, 8)).streams == 0


def test_after_a_boot_of_the_host_nobody_holds_anything() -> None:
    counter = Counter(LIMIT_8)
    counter.ask("api-1", streams=Demand(0, 8))
    counter.boot_id = "boot 2"
    counter.restart()

    assert names(counter) == []
    assert counter.ask("api-2", streams=Demand(0, 8)).streams == 10


@pytest.mark.parametrize(("waited_s", "held"), [(359, ["api-1"]), (360, [])])
def test_a_silent_holder_keeps_its_slot_for_the_life_of_a_lease_and_a_minute(
    waited_s: int, held: list[str]
) -> None:
    counter = Counter(LIMIT_8)
    counter.ask("api-1")

    counter.now_s += waited_s

    assert names(counter) == held


def test_what_a_silent_holder_had_goes_to_the_others() -> None:
    counter = Counter(LIMIT_8)
    counter.ask("api-1", streams=Demand(0, 8))
    counter.now_s += 200
    assert counter.ask("api-2", streams=Demand(0, 8)).streams == 0

    counter.now_s += 200

    assert counter.ask("api-2", streams=Demand(0, 8)).streams == 10


def test_a_name_that_returns_in_another_role_starts_anew() -> None:
    counter = Counter(LIMIT_8)
    counter.ask("one", streams=Demand(0, 8))
    counter.ask("one", role="asr")

    (slot,) = counter.grantor.holders(counter.now_s)
    assert slot.role == "asr"


def test_more_instances_than_can_be_remembered_get_nothing_that_is_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slots_module, "_MAX_SLOTS", 1)
    counter = Counter(LIMIT_8)
    counter.ask("api-1")

    grants = counter.ask("api-2", streams=Demand(0, 1))

    assert (grants.jobs, grants.streams) == (None, 0)
    assert names(counter) == ["api-1"]


def test_as_many_slots_as_there_may_be_fit_into_the_memory() -> None:
    slots = Slots()
    for number in range(slots_module._MAX_SLOTS + 5):
        slots.hear(LeaseAsk(f"{number:064}", "asr", NONCE), 0)

    value = cbor.decode(cbor.encode(slots.to_value()))

    assert len(Slots.from_value(value).holders(0)) == slots_module._MAX_SLOTS


@pytest.mark.parametrize(
    "value",
    [
        1,
        [1],
        [["a", "api", 1, "", b""]],
        [["a", "api", "1", "", b"", *[0] * 8]],
        [["a", "api", 1, "", b"", *[-1] * 8]],
    ],
    ids=str,
)
def test_a_memory_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(SchemaError):
        Slots.from_value(value)  # type: ignore[arg-type]
