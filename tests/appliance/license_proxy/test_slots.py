"""Slots and what they are granted."""

from __future__ import annotations

import pytest

from appliance.license_proxy import slots as slots_module
from appliance.license_proxy.slots import Slots, grants_of
from offline_license.model import Capacity
from offline_license.states import Permit, Service


@pytest.mark.parametrize(
    ("permit", "position", "jobs", "streams"),
    [
        (Permit.LICENSED, 3, None, 8),
        (Permit.ONE, 0, 1, 1),
        (Permit.ONE, 1, 0, 0),
        (Permit.DEMO, 0, 1, 1),
        (Permit.NONE, 0, 0, 0),
    ],
)
def test_grants_follow_the_service(
    permit: Permit, position: int, jobs: int | None, streams: int | None
) -> None:
    grants = grants_of(Service(permit, permit, "code"), Capacity(streams=8), position)

    assert (grants.jobs, grants.streams, grants.code) == (jobs, streams, "code")


def test_positions_are_counted_for_each_role() -> None:
    slots = Slots()

    places = [slots.take(*one, 0) for one in (("a", "asr"), ("b", "api"), ("c", "asr"))]

    assert places == [0, 0, 1]


def test_a_freed_place_moves_the_others_up() -> None:
    slots = Slots()
    slots.take("a", "asr", 0)
    slots.take("c", "asr", 300)

    assert slots.take("c", "asr", 400) == 0


def test_more_instances_than_can_be_remembered_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slots_module, "_MAX_SLOTS", 2)
    slots = Slots()
    slots.take("a", "asr", 0)
    slots.take("b", "asr", 0)

    assert slots.take("c", "asr", 0) == 2
    assert len(slots.holders(0)) == 2
