"""How replicas share a limit: by demand, and never more than the limit in all.

Every holder may go on under an older lease until it has shown that it holds the newer
one, so what a holder *may* use, its bound, only falls with its next question. A share
is the smaller of what is fair and what the bounds of the others leave. So the sum of
what is permitted at any moment is at most the limit, also while shares move.

Fair is max-min fair: small demands are met whole, larger ones get equal parts of the
rest, and what nobody wants is spread evenly, so that a replica can begin at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.leases.demand import Demand

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Claim", "share"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one holder has of one limit.

    Attributes:
        demand: as it said last.
        given: in its newest lease.
        bound: the most it may use under any lease it may still act by.
    """

    demand: Demand = field(default_factory=Demand)
    given: int = 0
    bound: int = 0

    def hear(self, demand: Demand | None, *, confirmed: bool) -> Claim:
        """Take the next question into account.

        Args:
            demand: what it uses and wants; None when it does not say (version 1.0):
                then it is taken to want what it has.
            confirmed: whether it holds the newest lease, so that older ones are gone.
        """
        said = Demand(0, self.given) if demand is None else demand
        bound = self.given if confirmed else self.bound
        return replace(self, demand=said, bound=max(bound, said.used))

    def give(self, amount: int) -> Claim:
        """Give a lease; until it is confirmed, the one before counts as well."""
        return replace(self, given=amount, bound=max(self.bound, amount))


def share(cap: int, claims: Sequence[Claim], at: int) -> int:
    """Return what the holder at index ``at`` may use of ``cap``."""
    others = sum(claim.bound for index, claim in enumerate(claims) if index != at)
    return max(0, min(_fair(cap, claims)[at], cap - others))


def _fair(cap: int, claims: Sequence[Claim]) -> list[int]:
    """Divide the cap; of equal claims, those at work and then the first get more."""

    def standing(index: int) -> tuple[int, int, int]:
        return claims[index].demand.used, claims[index].bound, -index

    def need(index: int) -> tuple[int, tuple[int, int, int]]:
        return claims[index].demand.want, standing(index)

    parts = [0] * len(claims)
    left = cap
    for behind, index in enumerate(sorted(range(len(claims)), key=need)):
        equal = left // (len(claims) - behind)
        parts[index] = min(claims[index].demand.want, equal)
        left -= parts[index]
    for behind, index in enumerate(sorted(range(len(claims)), key=standing)):
        equal = left // (len(claims) - behind)
        parts[index] += equal
        left -= equal
    return parts
