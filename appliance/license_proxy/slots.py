"""Who holds a lease: one slot per instance, adopted again after a restart.

Slots are remembered across restarts of the license container, in the order of their
arrival, with what each holder may still use; `to_value` and `from_value` are their form
inside the memory. Times are run time of one boot of the host: after another boot no
holder can still have a lease, and the slots start empty.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from appliance.leases.demand import Demand
from appliance.license_proxy.shares import Claim, share
from offline_license.errors import SchemaError
from offline_license.fields import array, uint
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from appliance.leases.wire import LeaseAsk
    from offline_license import cbor

__all__ = ["Slot", "Slots"]

_FREE_AFTER_S = TOLERANCES.lease_ttl_s + TOLERANCES.slot_margin_s
_MAX_SLOTS = 256
"""As many as fit into the memory: 14 values each, of the 4096 one object may have."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One holder.

    Attributes:
        until_s: run time of the host at which the slot is free.
        build: version of its software, for people; empty if it does not say.
        lease: id of the newest lease given; empty before the first.
        streams, jobs: what it has of the two limits.
    """

    instance: str
    role: str
    until_s: int
    build: str = ""
    lease: bytes = b""
    streams: Claim = field(default_factory=Claim)
    jobs: Claim = field(default_factory=Claim)

    def hear(self, ask: LeaseAsk) -> Slot:
        """Take a question into account; a holder without a lease has started anew."""
        says = ask.demands
        if says is None:
            return replace(
                self,
                streams=self.streams.hear(None, confirmed=True),
                jobs=self.jobs.hear(None, confirmed=True),
            )
        old = self if ask.held is not None else Slot(self.instance, self.role, 0)
        confirmed = ask.held is None or ask.held == self.lease
        return replace(
            old,
            build=ask.build,
            streams=old.streams.hear(says.streams, confirmed=confirmed),
            jobs=old.jobs.hear(says.jobs, confirmed=confirmed),
        )


class Slots:
    """The holders of leases in the order of their arrival."""

    def __init__(self, slots: tuple[Slot, ...] = ()) -> None:
        """Start with what was remembered."""
        self._slots = {slot.instance: slot for slot in slots}

    def hear(self, ask: LeaseAsk, now_s: int) -> Slot | None:
        """Take or keep a slot; None where so many are taken that it gets none."""
        self.expire(now_s)
        known = self._slots.get(ask.instance)
        if known is None and len(self._slots) >= _MAX_SLOTS:
            return None
        if known is None or known.role != ask.role:
            known = Slot(ask.instance, ask.role, 0)
        slot = replace(known.hear(ask), until_s=now_s + _FREE_AFTER_S)
        self._slots[ask.instance] = slot
        return slot

    def shares(
        self, slot: Slot, streams: int | None, jobs: int | None
    ) -> tuple[int | None, int | None]:
        """Return the holder's part of both limits among its role; None is no limit."""
        peers = [one for one in self._slots.values() if one.role == slot.role]
        at = [one.instance for one in peers].index(slot.instance)
        return (
            streams and share(streams, [one.streams for one in peers], at),
            jobs and share(jobs, [one.jobs for one in peers], at),
        )

    def give(self, slot: Slot, lease: bytes, streams: int, jobs: int) -> bool:
        """Note what a lease gives; tell whether a bound has grown by it."""
        given = replace(
            slot,
            lease=lease,
            streams=slot.streams.give(streams),
            jobs=slot.jobs.give(jobs),
        )
        self._slots[slot.instance] = given
        return (
            given.streams.bound > slot.streams.bound
            or given.jobs.bound > slot.jobs.bound
        )

    def streams_used(self, now_s: int) -> int:
        """Return the live sessions that run, as the gateways said last."""
        holders = self.holders(now_s)
        return sum(one.streams.demand.used for one in holders if one.role == "api")

    def expire(self, now_s: int) -> None:
        """Free the slots whose holders were not heard of."""
        self._slots = {
            name: slot for name, slot in self._slots.items() if slot.until_s > now_s
        }

    def holders(self, now_s: int) -> tuple[Slot, ...]:
        """Return who holds a slot."""
        self.expire(now_s)
        return tuple(self._slots.values())

    def to_value(self) -> list[object]:
        """Return what is remembered."""
        return [
            [
                *(slot.instance, slot.role, slot.until_s, slot.build, slot.lease),
                *_numbers(slot.streams),
                *_numbers(slot.jobs),
            ]
            for slot in self._slots.values()
        ]

    @classmethod
    def from_value(cls, value: cbor.Value) -> Slots:
        """Read what was remembered.

        Raises:
            SchemaError: it is not of the expected shape.
        """
        return cls(tuple(_slot(one) for one in array(value, "slots")))


def _numbers(claim: Claim) -> tuple[int, int, int, int]:
    return claim.demand.used, claim.demand.want, claim.given, claim.bound


def _slot(value: cbor.Value) -> Slot:
    match value:
        case [
            str() as instance,
            str() as role,
            until_s,
            str() as build,
            bytes() as lease,
            *numbers,
        ] if len(numbers) == 8:  # noqa: PLR2004 - two claims of four
            counts = [uint(one, "claim") for one in numbers]
            return Slot(
                instance,
                role,
                uint(until_s, "slot"),
                build,
                lease,
                _claim(counts[:4]),
                _claim(counts[4:]),
            )
        case _:
            raise SchemaError("slot: expected name, role, time, build, lease, claims")


def _claim(counts: list[int]) -> Claim:
    used, want, given, bound = counts
    return Claim(Demand(used, want), given, bound)
