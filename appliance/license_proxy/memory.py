"""What the license container remembers across restarts, and how it is written down.

It stands in two slots with a MAC whose key is derived from the install key, so that
a crash at any point leaves the older or the newer one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.license_proxy.durable import TwoSlots
from offline_license import cbor
from offline_license.clock import Clock, Reading
from offline_license.errors import LicenseError, SchemaError
from offline_license.fields import Fields, array, octets, uint
from offline_license.keys import private_key_pem
from offline_license.look import Remembered
from offline_license.standing import Standing
from offline_license.states import State

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "Memory",
    "Recall",
    "Store",
    "decode_memory",
    "encode_memory",
    "secret_of",
]

_NAMES = {
    1: "schema",
    3: "epoch",
    4: "clock",
    5: "last reading",
    6: "standings",
    7: "licenses",
    8: "key set",
    9: "rebuilt",
    10: "leases",
    11: "revocation list",
    12: "time without the install key",
}
_COUNTS = (
    "credit_s",
    "banner_s",
    "mismatch_s",
    "redeemed",
    "extended_to",
    "extension_s",
)
_MAX_STANDINGS = 64


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything that is remembered.

    Attributes:
        clock: floor, run time and last reading.
        epoch: grows with every start of the program.
        standings: of each license seen, newest last.
        licenses: the last accepted license files, so that a damaged file on disk
            changes nothing.
        keyset: the newest accepted key set.
        rebuilt: whether an earlier memory was lost.
        leases: what the grantor of leases remembers, its own words.
        revocations: the newest accepted revocation list.
        key_lost_s: run time served after the install key was lost.
    """

    clock: Clock
    epoch: int = 0
    standings: tuple[Standing, ...] = ()
    licenses: tuple[bytes, ...] = ()
    keyset: bytes | None = None
    rebuilt: bool = False
    leases: bytes | None = None
    revocations: bytes | None = None
    key_lost_s: int = 0

    def remember(self, standing: Standing) -> Memory:
        """Return the memory with this standing as the newest."""
        return self.recall(self.remembered.with_standing(standing))

    def recall(self, remembered: Remembered) -> Memory:
        """Return the memory after a look; the oldest standings are forgotten."""
        standings = remembered.standings[-_MAX_STANDINGS:]
        return replace(self, clock=remembered.clock, standings=standings)

    @property
    def remembered(self) -> Remembered:
        """What the next look needs."""
        return Remembered(self.clock, self.standings)


@dataclass(frozen=True, slots=True)
class Recall:
    """What was found on disk: a memory, and whether a damaged slot was met."""

    memory: Memory | None
    damaged: bool


class Store:
    """Two slots in one folder, writable by the program alone."""

    def __init__(self, directory: Path, secret: bytes) -> None:
        """Take a folder and the secret that the MAC key is derived from."""
        self._slots = TwoSlots(directory, "state", secret)

    def load(self) -> Recall:
        """Return the newest memory whose MAC is right."""
        found = self._slots.load()
        try:
            memory = None if found.body is None else decode_memory(found.body)
        except LicenseError:
            return Recall(None, damaged=True)
        return Recall(memory, found.damaged)

    def save(self, memory: Memory) -> None:
        """Write the memory down.

        Raises:
            OSError: the disk is full or cannot be written.
        """
        self._slots.save(encode_memory(memory))


def secret_of(key: Ed25519PrivateKey | None) -> bytes:
    """Return what the MAC key is derived from: the private install key."""
    return b"" if key is None else private_key_pem(key)


def encode_memory(memory: Memory) -> bytes:
    """Return the content of a slot without its MAC."""
    clock, last = memory.clock, memory.clock.last
    value: dict[int, object] = {
        1: 1,
        3: memory.epoch,
        4: [clock.floor_s, clock.run_s, clock.stable_s],
        6: [
            [s.lid, s.seq, int(s.shown), *(getattr(s, name) for name in _COUNTS)]
            for s in memory.standings
        ],
        7: list(memory.licenses),
        9: memory.rebuilt,
        12: memory.key_lost_s,
    }
    if last is not None:
        value[5] = [last.wall_s, last.boot_s, last.boot_id]
    if memory.keyset is not None:
        value[8] = memory.keyset
    if memory.leases is not None:
        value[10] = memory.leases
    if memory.revocations is not None:
        value[11] = memory.revocations
    return cbor.encode(value)


def decode_memory(body: bytes) -> Memory:
    """Read the content of a slot.

    Raises:
        LicenseError: it is not of the expected shape.
    """
    fields = Fields(body, _NAMES)
    fields.exactly(1, 1)
    return Memory(
        clock=_clock(fields.raw(4), fields.optional(5, fields.raw)),
        epoch=fields.uint(3),
        standings=tuple(_standing(one) for one in fields.array(6)),
        licenses=tuple(octets(one, "license") for one in fields.array(7)),
        keyset=fields.optional(8, fields.some_octets),
        rebuilt=fields.raw(9) is True,
        leases=fields.optional(10, fields.some_octets),
        revocations=fields.optional(11, fields.some_octets),
        key_lost_s=fields.uint(12),
    )


def _clock(value: cbor.Value, last: cbor.Value | None) -> Clock:
    match value:
        case [floor_s, run_s, stable_s]:
            return Clock(
                uint(floor_s, "floor"),
                uint(run_s, "run time"),
                uint(stable_s, "stable"),
                None if last is None else _reading(last),
            )
        case _:
            raise SchemaError("clock: expected [floor, run time, stable]")


def _reading(value: cbor.Value) -> Reading:
    match value:
        case [wall_s, boot_s, str() as boot_id]:
            return Reading(uint(wall_s, "wall"), uint(boot_s, "boot time"), boot_id)
        case _:
            raise SchemaError("last reading: expected [wall, boot time, boot id]")


def _standing(value: cbor.Value) -> Standing:
    match array(value, "standing"):
        case [bytes() as lid, seq, shown, *counts] if len(counts) == len(_COUNTS):
            return Standing(
                lid,
                uint(seq, "seq"),
                State(uint(shown, "state", max(State))),
                **{n: uint(c, n) for n, c in zip(_COUNTS, counts, strict=True)},
            )
        case _:
            raise SchemaError("standing: expected lid, seq, state and counts")
