"""When a worker takes jobs: new ones by permission, accepted ones to their end."""

from dataclasses import dataclass, field

import pytest

from appliance.asr.gate import PullGate
from tests.support.serving_fakes import FakePermits

DAY_S = 86_400
SLACK_S = 360


@dataclass
class Site:
    """A worker's gate with permits and clocks that tests turn."""

    permits: FakePermits = field(default_factory=FakePermits)
    run_s: float = 0.0
    wall_s: float = 1_000_000.0

    def __post_init__(self) -> None:
        self.gate = PullGate(
            self.permits,
            run_clock=lambda: self.run_s,
            wall_clock=lambda: self.wall_s,
        )
        self.gate.look()

    def end(self, later_s: float = 0.0) -> None:
        """Let permission end, and time pass after that."""
        self.permits.restrict()
        self.gate.look()
        self.run_s += later_s
        self.wall_s += later_s

    def submitted(self, ago_s: float) -> int:
        """Return when a job was submitted, in the queue's milliseconds."""
        return int((self.wall_s - ago_s) * 1000)


@pytest.fixture
def site() -> Site:
    return Site()


def test_with_permission_any_job_is_taken(site: Site) -> None:
    assert site.gate.open()
    assert site.gate.may_take(site.submitted(0))


def test_without_ever_a_permission_nothing_is(site: Site) -> None:
    site.permits.forget()
    fresh = PullGate(site.permits)

    assert not fresh.open()
    assert not fresh.may_take(0)


def test_what_a_gateway_accepts_by_a_lease_of_its_own_is_taken(site: Site) -> None:
    site.end(later_s=SLACK_S - 1)

    assert site.gate.may_take(site.submitted(0))


def test_what_was_accepted_before_is_finished_for_a_day(site: Site) -> None:
    site.end(later_s=DAY_S - 1)
    assert site.gate.may_take(site.submitted(DAY_S))

    site.run_s += 2

    assert not site.gate.open()
    assert not site.gate.may_take(site.submitted(DAY_S))


def test_what_nobody_can_have_accepted_is_left_and_closes_the_gate(site: Site) -> None:
    site.end(later_s=2 * SLACK_S)

    assert not site.gate.may_take(site.submitted(SLACK_S - 1))
    assert not site.gate.open()


def test_a_renewal_opens_the_gate_at_once(site: Site) -> None:
    site.end(later_s=DAY_S)
    assert not site.gate.open()

    site.permits.allow()

    assert site.gate.open()


def test_one_task_at_a_time_leaves_no_room_beside_one(site: Site) -> None:
    site.permits.now.max_jobs = 1

    assert site.gate.has_room(0)
    assert not site.gate.has_room(1)


def test_accepted_work_is_finished_as_fast_as_ever(site: Site) -> None:
    site.end()

    assert site.gate.has_room(3)
