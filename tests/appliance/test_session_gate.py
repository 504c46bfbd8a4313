"""The gate that live sessions pass: places, refusals, the live hour."""

import pytest

from appliance.leases import Demand, Tally
from appliance.session_gate import Refused, Session, SessionGate
from tests.support.serving_fakes import FakePermission, FakePermits


@pytest.fixture
def permits() -> FakePermits:
    return FakePermits(FakePermission(max_streams=2))


@pytest.fixture
def gate(permits: FakePermits) -> SessionGate:
    return SessionGate(permits)


def begun(gate: SessionGate) -> Session:
    found = gate.begin()
    assert isinstance(found, Session)
    return found


def refused(gate: SessionGate) -> Refused:
    found = gate.begin()
    assert isinstance(found, Refused)
    return found


def test_as_many_sessions_begin_as_the_license_permits(gate: SessionGate) -> None:
    sessions = [begun(gate), begun(gate)]

    assert len(gate) == 2
    assert refused(gate).words.code == "ANX-LIC-37"
    assert all(session.left_s() is None for session in sessions)


def test_a_place_is_given_back_at_the_end_once(gate: SessionGate) -> None:
    with begun(gate) as session:
        assert len(gate) == 1
    session.close()

    assert len(gate) == 0


def test_a_place_is_given_back_when_the_handler_fails(gate: SessionGate) -> None:
    with pytest.raises(ValueError, match="boom"), begun(gate):
        raise ValueError("boom")

    assert len(gate) == 0


def test_without_a_limit_nobody_is_refused(
    gate: SessionGate, permits: FakePermits
) -> None:
    permits.now.max_streams = None

    assert len([begun(gate) for _ in range(500)]) == 500


@pytest.mark.parametrize(
    ("permission", "code", "status", "again"),
    [
        (FakePermission(max_streams=0), "ANX-LIC-37", 429, 5),
        (
            FakePermission(False, "ANX-LIC-35", None, 0, 503, 0),
            "ANX-LIC-35",
            503,
            5,
        ),
        (
            FakePermission(False, "ANX-LIC-32", None, 0, 403, 0),
            "ANX-LIC-32",
            403,
            None,
        ),
        (
            FakePermission(False, "ANX-LIC-33", None, 0, 429, 0),
            "ANX-LIC-33",
            429,
            5,
        ),
        (
            FakePermission(False, "ANX-LIC-31", None, 0, 403, 0, 0),
            "ANX-LIC-38",
            403,
            None,
        ),
        (
            FakePermission(False, "ANX-LIC-31", None, 0, 403, 0, 900),
            "ANX-LIC-31",
            429,
            5,
        ),
    ],
    ids=lambda value: value.reason_code if isinstance(value, FakePermission) else "",
)
def test_a_refusal_names_its_cause(
    permission: FakePermission, code: str, status: int, again: int | None
) -> None:
    answer = refused(SessionGate(FakePermits(permission)))

    assert (answer.words.code, answer.http_status) == (code, status)
    assert answer.retry_after_s == again
    assert answer.words.remedy


def test_the_second_session_of_a_trickle_may_come_back(
    gate: SessionGate, permits: FakePermits
) -> None:
    permits.now = FakePermission(True, "ANX-LIC-33", max_streams=1)
    begun(gate)

    assert refused(gate).http_status == 429


def test_no_change_of_the_license_ends_a_running_session(
    gate: SessionGate, permits: FakePermits
) -> None:
    session = begun(gate)

    permits.restrict()

    assert session.left_s() is None
    assert len(gate) == 1


def test_without_a_license_a_session_ends_with_its_hour(
    gate: SessionGate, permits: FakePermits
) -> None:
    permits.now = FakePermission(False, "ANX-LIC-31", None, 0, 403, 1, 900)
    session = begun(gate)
    assert session.left_s() == 900

    permits.now.session_s = 0

    assert session.left_s() == 0
    assert refused(gate).words.code == "ANX-LIC-38"


def test_a_license_that_comes_meanwhile_lets_the_session_go_on(
    gate: SessionGate, permits: FakePermits
) -> None:
    permits.now = FakePermission(False, "ANX-LIC-31", None, 0, 403, 1, 900)
    session = begun(gate)

    permits.allow()

    assert session.left_s() is None


def test_who_is_refused_for_a_place_is_demand_for_a_minute(
    permits: FakePermits,
) -> None:
    now = [0.0]
    gate = SessionGate(permits, Tally(lambda: now[0]))
    begun(gate)
    begun(gate)
    refused(gate)

    assert (gate.demand(), permits.nudges) == (Demand(2, 3), 1)
    now[0] = 61.0
    assert gate.demand() == Demand(2, 2)


def test_who_is_refused_by_the_license_is_no_demand(
    gate: SessionGate, permits: FakePermits
) -> None:
    permits.restrict()
    refused(gate)

    assert (gate.demand(), permits.nudges) == (Demand(0, 0), 0)
