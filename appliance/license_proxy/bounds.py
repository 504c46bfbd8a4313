"""What a site may use at once now: the service of its state, its limits, the overdraft.

A bound is for all replicas of a role together; None is without limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.demo import DEMO_STREAMS
from offline_license.overdraft import cap
from offline_license.states import Permit, Service
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.demo import DemoAllowance
    from offline_license.model import Capacity
    from offline_license.overdraft import Overdraft

__all__ = ["Bounds", "bounds_of"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a role may do.

    Attributes:
        streams: live sessions at the same time.
        jobs: transcriptions at the same time.
        session_s: live time that is left; None is without end.
    """

    streams: int | None
    jobs: int | None
    session_s: int | None = None

    @property
    def renew_s(self) -> int | None:
        """When holders of a share ask again; None where nothing is shared."""
        shared = self.streams or self.jobs or self.session_s is not None
        return TOLERANCES.shared_renew_s if shared else None


def bounds_of(
    service: Service, capacity: Capacity, overdraft: Overdraft, demo: DemoAllowance
) -> Bounds:
    """Return the bounds of a service under these limits."""
    licensed = cap(capacity.streams, capacity.overdraft_percent, overdraft)
    jobs = {Permit.LICENSED: None, Permit.ONE: 1}.get(service.batch, 0)
    match service.streams:
        case Permit.LICENSED:
            return Bounds(licensed, jobs)
        case Permit.ONE:
            one = 1 if capacity.streams is None else min(1, capacity.streams)
            return Bounds(one, jobs)
        case Permit.DEMO:
            return Bounds(DEMO_STREAMS if demo.left_s else 0, jobs, demo.left_s)
        case Permit.NONE:
            return Bounds(0, jobs)
