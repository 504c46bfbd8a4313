"""Who holds a lease: one slot per instance, adopted again after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.lease import Grants
from offline_license.states import Permit, Service
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.model import Capacity

__all__ = ["Slot", "Slots", "grants_of"]

_FREE_AFTER_S = TOLERANCES.lease_ttl_s + TOLERANCES.slot_margin_s
_MAX_SLOTS = 1024


@dataclass(frozen=True, slots=True)
class Slot:
    """One holder; ``until_s`` is run time of the host."""

    instance: str
    role: str
    until_s: int


class Slots:
    """The holders of leases in the order of their arrival."""

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}

    def take(self, instance: str, role: str, now_s: int) -> int:
        """Take or keep a slot and return its position among its role, from 0.

        An instance beyond a thousand is served, but not remembered.
        """
        self.expire(now_s)
        if instance not in self._slots and len(self._slots) >= _MAX_SLOTS:
            return _MAX_SLOTS
        self._slots[instance] = Slot(instance, role, now_s + _FREE_AFTER_S)
        peers = [slot.instance for slot in self._slots.values() if slot.role == role]
        return peers.index(instance)

    def expire(self, now_s: int) -> None:
        """Free the slots whose holders were not heard of."""
        self._slots = {
            name: slot for name, slot in self._slots.items() if slot.until_s > now_s
        }

    def holders(self, now_s: int) -> tuple[Slot, ...]:
        """Return who holds a slot."""
        self.expire(now_s)
        return tuple(self._slots.values())


def grants_of(service: Service, capacity: Capacity, position: int) -> Grants:
    """Return what the holder at this position among its role may do.

    Where one task at a time is permitted, the first holder has it.
    """
    return Grants(
        jobs=_amount(service.batch, None, position),
        streams=_amount(service.streams, capacity.streams, position),
        code=service.code,
    )


def _amount(permit: Permit, licensed: int | None, position: int) -> int | None:
    match permit:
        case Permit.LICENSED:
            return licensed
        case Permit.ONE | Permit.DEMO:
            return 1 if position == 0 else 0
        case Permit.NONE:
            return 0
