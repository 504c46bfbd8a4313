"""What leases grant: shares, soft limits, the trickle, the demo (cases 56 and 57)."""

from __future__ import annotations

import pytest

from appliance.leases.demand import Demand
from appliance.leases.wire import LeaseAnswer, LeaseAsk
from appliance.license_proxy.grantor import Grantor, Overrun
from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1
from offline_license.errors import LeaseVersionError
from offline_license.model import Capacity, Post
from offline_license.states import Flag, State
from offline_license.tolerances import HOUR_S
from tests.support.lease_asks import NONCE, Counter
from tests.support.license_site import Chance

LIMIT_4 = Capacity(streams=4, overdraft_percent=25)


def sessions(count: int) -> Demand:
    return Demand(count, count)


def test_without_a_limit_nothing_is_shared() -> None:
    counter = Counter()

    grants = [counter.ask(name, streams=sessions(9)) for name in ("api-1", "api-2")]

    assert {(one.jobs, one.streams, one.renew_s) for one in grants} == {
        (None, None, None)
    }


def test_replicas_share_a_limit_by_demand() -> None:
    counter = Counter(Capacity(streams=8, overdraft_percent=0))
    assert counter.ask("api-1", streams=sessions(1)).streams == 8
    assert counter.ask("api-2", streams=Demand(0, 4)).streams == 0

    assert counter.ask("api-1", streams=sessions(1)).streams == 3
    assert counter.ask("api-2", streams=Demand(0, 4)).streams == 0
    assert counter.ask("api-1", streams=sessions(1)).streams == 3
    assert counter.ask("api-2", streams=Demand(0, 4)).streams == 5


def test_holders_of_a_share_ask_again_soon() -> None:
    assert Counter(LIMIT_4).ask().renew_s == 20


@pytest.mark.parametrize(
    ("due_s", "renew_s"), [(None, None), (500, None), (30, 30), (-5, None)]
)
def test_who_holds_a_lease_asks_again_when_the_state_is_due_to_change(
    due_s: int | None, renew_s: int | None
) -> None:
    counter = Counter(due_s=due_s)

    assert counter.ask("asr-1", role="asr").renew_s == renew_s


def test_a_worker_gets_the_whole_bound_because_gateways_count() -> None:
    counter = Counter(LIMIT_4)
    counter.ask("api-1", streams=sessions(4))

    grants = [counter.ask(name, role="asr") for name in ("asr-1", "asr-2")]

    assert [(one.streams, one.renew_s) for one in grants] == [(5, None), (5, None)]


def test_demand_above_the_limit_is_permitted_for_a_day_and_shown() -> None:
    """Limit 4: the fifth session runs for 24 h, a sixth never does."""
    counter = Counter(LIMIT_4)
    assert counter.ask(streams=Demand(0, 6)).streams == 5

    assert counter.run(23, streams=5).streams == 5
    assert counter.look() == {Flag.OVERAGE}

    assert counter.run(1, streams=5).streams == 4


def test_a_day_within_the_limit_brings_the_overdraft_back() -> None:
    counter = Counter(LIMIT_4)
    counter.run(24, streams=5)

    assert counter.run(23, streams=4).streams == 4
    assert counter.look() == {Flag.OVERAGE}

    assert counter.run(1, streams=4).streams == 5
    assert counter.look() == frozenset()


def test_an_episode_above_the_limit_is_noted_at_its_beginning_and_end() -> None:
    counter = Counter(Capacity(streams=4, overdraft_percent=100))
    for used in (4, 5, 7, 5):
        counter.run(0.1, streams=used)
    assert counter.grantor.take_notes() == (Overrun(4, 5),)
    assert counter.grantor.take_notes() == ()

    counter.run(25, streams=1)

    assert counter.grantor.take_notes() == (Overrun(4, 7),)


def test_the_overdraft_survives_restarts_and_boots() -> None:
    counter = Counter(LIMIT_4)
    for _ in range(24):
        counter.run(1, streams=5)
        counter.restart()
    counter.boot_id = "boot 2"
    counter.restart()

    assert counter.ask(streams=Demand(0, 6)).streams == 4
    assert counter.look() == {Flag.OVERAGE}


def test_a_week_that_nobody_looked_at_counts_as_an_hour() -> None:
    counter = Counter(LIMIT_4)
    counter.ask(streams=sessions(5))
    counter.look()

    counter.now_s += 7 * 24 * HOUR_S
    counter.ask(streams=sessions(5))
    counter.look()

    assert counter.ask(streams=sessions(5)).streams == 5


def test_one_task_at_a_time_is_one_over_all_gateways() -> None:
    counter = Counter(state=State.RESTRICTED)
    assert counter.ask("api-1").jobs == 1
    idle = [counter.ask(name, jobs=Demand(0, 1)) for name in ("api-2", "api-3")]
    assert [one.jobs for one in idle] == [0, 0]
    assert {one.code for one in idle} == {"ANX-LIC-33"}


def test_the_one_task_moves_to_who_wants_it_once_nobody_can_begin_another() -> None:
    counter = Counter(state=State.RESTRICTED)
    want, idle = Demand(0, 1), Demand()
    counter.ask("api-1", jobs=idle)
    assert counter.ask("api-2", jobs=want).jobs == 0

    assert counter.ask("api-1", jobs=idle, lost=True).jobs == 0
    assert counter.ask("api-2", jobs=want).jobs == 0
    assert counter.ask("api-1", jobs=idle).jobs == 0
    assert counter.ask("api-2", jobs=want).jobs == 0
    assert counter.ask("api-1", jobs=idle).jobs == 0

    assert counter.ask("api-2", jobs=want).jobs == 1


def test_the_one_task_waits_until_no_gateway_holds_a_lease_without_bounds() -> None:
    counter = Counter()
    for name in ("api-1", "api-2"):
        assert counter.ask(name).jobs is None

    counter.state = State.RESTRICTED
    jobs = [counter.ask(f"api-{n}", jobs=Demand(0, 1)).jobs for n in (1, 1, 2, 2, 1)]

    assert jobs == [0, 0, 1, 1, 0]


def test_a_single_gateway_has_the_one_task_at_once() -> None:
    counter = Counter()
    counter.ask()
    counter.state = State.RESTRICTED

    assert counter.ask(jobs=Demand(0, 1)).jobs == 1


def test_while_the_one_task_runs_no_other_gateway_may_begin_one() -> None:
    counter = Counter(state=State.RESTRICTED)
    counter.ask("api-1", jobs=Demand(0, 1))

    for _ in range(5):
        assert counter.ask("api-1", jobs=Demand(1, 1)).jobs == 1
        assert counter.ask("api-2", jobs=Demand(0, 1)).jobs == 0


def test_a_trickle_never_has_more_sessions_than_the_license_had() -> None:
    counter = Counter(Capacity(streams=0), State.RESTRICTED)

    assert counter.ask().streams == 0


def test_terms_that_stop_permit_nothing() -> None:
    grants = Counter(state=State.RESTRICTED, post=Post.STOP).ask()

    assert (grants.jobs, grants.streams, grants.renew_s) == (0, 0, None)


def test_without_a_license_one_session_may_run_for_an_hour_a_day() -> None:
    counter = Counter(state=State.UNLICENSED)
    offer = counter.ask(streams=Demand(0, 1))
    assert (offer.jobs, offer.streams, offer.session_s) == (0, 1, HOUR_S)

    assert counter.run(0.25, streams=1).session_s == HOUR_S * 3 // 4
    used_up = counter.run(0.75, streams=1)
    assert (used_up.streams, used_up.session_s) == (0, 0)

    assert counter.run(23).session_s == HOUR_S


def test_the_hour_without_a_license_survives_restarts() -> None:
    counter = Counter(state=State.UNLICENSED)
    for _ in range(6):
        counter.run(0.25, streams=1)
        counter.restart()

    assert counter.ask().session_s == 0


def test_the_session_without_a_license_is_one_over_all_gateways() -> None:
    counter = Counter(state=State.UNLICENSED)

    streams = [counter.ask(name).streams for name in ("api-1", "api-2")]

    assert streams == [1, 0]


def test_a_license_for_later_permits_the_same_as_none() -> None:
    grants = Counter(LIMIT_4, State.PENDING).ask()

    assert (grants.jobs, grants.streams, grants.session_s) == (0, 1, HOUR_S)


def test_a_share_that_grows_is_urgent_to_write_down() -> None:
    counter = Counter(LIMIT_4)
    counter.ask()
    assert counter.grantor.urgent

    counter.grantor.remembered()
    counter.ask()

    assert not counter.grantor.urgent


@pytest.mark.parametrize(
    "remembered",
    [
        b"",
        b"\xff",
        cbor.encode({1: 2}),
        cbor.encode({1: 1, 2: "", 3: [], 4: [1], 5: [1, 2, 3]}),
        cbor.encode({1: 1, 2: "", 3: 1, 4: [1, 2, 3], 5: [1, 2]}),
    ],
)
def test_a_damaged_memory_costs_no_start(
    remembered: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    grantor = Grantor(epoch=1, random_bytes=Chance(), remembered=remembered)

    assert grantor.holders(0) == ()
    assert "forgotten" in caplog.text


def grant_keys(counter: Counter, ask: LeaseAsk) -> tuple[object, set[int]]:
    """Return the version of the answer and the keys of its grants, as they travel."""
    answer = counter.answer(ask)
    assert isinstance(answer, LeaseAnswer)
    value = cbor.decode(open_sign1(answer.lease, ObjectType.LEASE).payload)
    assert isinstance(value, dict)
    grants = value[10]
    assert isinstance(grants, dict)
    return value[1], set(grants)


@pytest.mark.parametrize(
    ("minor", "version", "keys"),
    [(0, [1, 0], {2}), (1, [1, 1], {2, 5}), (7, [1, 1], {2, 5})],
)
def test_a_service_is_answered_in_its_own_minor_version(
    minor: int, version: list[int], keys: set[int]
) -> None:
    ask = LeaseAsk("api-1", "api", NONCE, minor=minor)

    assert grant_keys(Counter(LIMIT_4), ask) == (version, keys)


def test_services_of_the_version_before_share_a_limit_too() -> None:
    counter = Counter(Capacity(streams=8, overdraft_percent=0))
    for name in ("api-1", "api-2") * 3:
        counter.answer(LeaseAsk(name, "api", NONCE, minor=0))

    bounds = [one.streams.bound for one in counter.grantor.holders(counter.now_s)]
    assert sum(bounds) <= 8


@pytest.mark.parametrize(
    ("major", "older"), [(2, "the license container"), (0, "the service")]
)
def test_another_generation_is_told_which_to_update_first(
    major: int, older: str
) -> None:
    with pytest.raises(LeaseVersionError, match=f"update {older} first"):
        Counter().answer(LeaseAsk("api-1", "api", NONCE, major=major))
