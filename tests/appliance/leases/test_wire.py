"""What service and license container say to each other, through bad input."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.leases.demand import MOST, Demand, Demands, Tally
from appliance.leases.wire import LeaseAnswer, LeaseAsk, demo_offer, refusal_code
from offline_license.errors import DecodeError

ASK = LeaseAsk(
    "api-1",
    "api",
    bytes(16),
    demands=Demands(Demand(1, 2), Demand(3, 4)),
    held=bytes(8),
    build="0.1.0",
)


def body(**changes: object) -> bytes:
    return json.dumps({**ASK.to_json(), **changes}).encode()


def test_a_question_survives_the_wire() -> None:
    assert LeaseAsk.from_json(body()) == ASK


def test_a_question_of_version_1_0_says_nothing_of_demand() -> None:
    old = LeaseAsk("api-1", "api", bytes(16), minor=0)

    assert set(old.to_json()) == {"version", "instance", "role", "nonce"}
    assert LeaseAsk.from_json(json.dumps(old.to_json()).encode()) == old


def test_a_question_of_a_later_minor_version_may_say_more() -> None:
    assert LeaseAsk.from_json(body(version=[1, 2], wishes="many")).minor == 2


@pytest.mark.parametrize(
    "change",
    [
        {"streams": [2, 1]},
        {"streams": [0, MOST + 1]},
        {"streams": [-1, 0]},
        {"streams": [True, True]},
        {"streams": [0.5, 1]},
        {"streams": None},
        {"jobs": {}},
        {"held": "zz"},
        {"held": 1},
        {"build": "two words"},
        {"build": None},
    ],
    ids=str,
)
def test_a_strange_demand_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DecodeError):
        LeaseAsk.from_json(body(**change))


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists) | st.binary())
def test_any_body_is_read_or_refused(value: object) -> None:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    for read in (LeaseAsk.from_json, LeaseAnswer.from_json, refusal_code, demo_offer):
        try:
            read(data)
        except DecodeError:
            continue


def test_more_refusals_than_are_believed_are_counted_up_to_the_cap() -> None:
    tally = Tally(lambda: 0.0)
    for _ in range(1_200):
        tally.refuse()

    assert tally.demand(5) == Demand(5, 1_005)
    assert tally.demand(10 * MOST) == Demand(MOST, MOST)
