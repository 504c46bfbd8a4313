"""What a license says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from offline_license.errors import SchemaError
from offline_license.fields import array, uint
from offline_license.keys import short_id

if TYPE_CHECKING:
    from offline_license import cbor
    from offline_license.fingerprint import Enrolled

__all__ = [
    "HEAD_BYTES",
    "UNLIMITED",
    "WARN_DAYS",
    "Capacity",
    "ExtensionAnchor",
    "Kind",
    "LedgerAck",
    "License",
    "Post",
    "ReportCadence",
    "ReportMode",
]

HEAD_BYTES = 16
"""How much of a ledger's head is named, so that it is the same head."""

WARN_DAYS = (90, 60, 30, 14, 7, 3, 1)


class Kind(IntEnum):
    """What a license is for."""

    PRODUCTION = 0
    EVALUATION = 1
    NON_PRODUCTION = 2
    STANDBY = 3
    EMERGENCY = 4


class Post(IntEnum):
    """What happens from ``term`` on; a signed term of the contract."""

    STOP = 0
    TRICKLE = 1
    ADVISORY = 2


class ReportMode(IntEnum):
    """What a missing usage report does; never anything to the service."""

    NONE = 0
    ADVISORY = 1
    CONDITION_OF_RENEWAL = 2


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much may be used; None is without limit.

    Attributes:
        streams: live sessions at the same time.
        gpus: GPUs of this appliance.
        audio_hours: hours of audio per period.
        hosts: hosts of this lineage.
        overdraft_percent: how far above a limit is tolerated for a day.
    """

    streams: int | None = None
    gpus: int | None = None
    audio_hours: int | None = None
    hosts: int | None = None
    overdraft_percent: int | None = None


UNLIMITED = Capacity()


@dataclass(frozen=True, slots=True)
class ReportCadence:
    """How often a usage report is asked for."""

    days: int
    mode: ReportMode


@dataclass(frozen=True, slots=True)
class LedgerAck:
    """The ledger checkpoint that the vendor has accepted: index, 16 bytes of hash."""

    index: int
    head: bytes

    def to_value(self) -> list[cbor.Value]:
        """Return the array that files carry."""
        return [self.index, self.head]

    @classmethod
    def from_value(cls, value: object) -> LedgerAck:
        """Read the array.

        Raises:
            SchemaError: not of this shape.
        """
        match array(value, "ack"):
            case [index, bytes() as head] if len(head) == HEAD_BYTES:
                return cls(uint(index, "ack index"), head)
            case _:
                raise SchemaError(f"ack: expected [index, {HEAD_BYTES} bytes]")


@dataclass(frozen=True, slots=True)
class ExtensionAnchor:
    """The commitment to emergency codes: how many, days each, end of the chain."""

    count: int
    days: int
    anchor: bytes


@dataclass(frozen=True, slots=True)
class License:
    """The signed terms of one license.

    Times are whole seconds UTC since 1970; windows are half-open: ``[nbf, exp)`` is
    valid, ``[exp, term)`` is grace, and from ``term`` on use is restricted.

    Attributes:
        lid: 16 bytes, the lineage; constant over renewals.
        seq: strictly increasing inside a lineage.
        customer: 8 bytes.
        name: the licensee, for display.
        install_key: 32 bytes, the appliance it is bound to; None is unbound.
        enrolled: the host it is bound to; None is any host.
        request: 16 bytes, the hash of the request it answers.
        max_build_date: builds up to it keep at least a trickle for good.
        keyset_version: the least version of the key set.
        superseded: lineages that this license replaces.
        parent: the lineage that this add-on belongs to.
    """

    lid: bytes
    seq: int
    customer: bytes
    name: str
    kind: Kind
    iat: int
    nbf: int
    exp: int
    term: int
    features: tuple[int, ...] = ()
    capacity: Capacity = UNLIMITED
    install_key: bytes | None = None
    enrolled: Enrolled | None = None
    request: bytes | None = None
    report: ReportCadence | None = None
    ack: LedgerAck | None = None
    extension: ExtensionAnchor | None = None
    max_build_date: int | None = None
    keyset_version: int | None = None
    warn_days: tuple[int, ...] = WARN_DAYS
    post: Post = Post.TRICKLE
    superseded: tuple[bytes, ...] = ()
    parent: bytes | None = None

    @property
    def serial(self) -> str:
        """Lineage and sequence for people: ``1F2E-3D4C/3``."""
        return f"{short_id(self.lid)}/{self.seq}"
