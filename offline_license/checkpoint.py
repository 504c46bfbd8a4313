"""The chains of the ledger, and the checkpoints that sign them.

Two chains run through the records. Every record moves the first one; days and events
move the second one too, so that a report can show those without the hours between:

    digest  = SHA-256(0x00 ‖ digest before  ‖ record)
    summary = SHA-256(0x02 ‖ summary before ‖ record)

Both begin with the install key, so that no ledger can be moved to another site. A
checkpoint is a record that names both chains as they stand before it, the proved time
and the flags. The install key signs it, without its signature, after the byte 0x01.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offline_license import cbor
from offline_license.errors import SchemaError
from offline_license.fields import uint
from offline_license.keys import verify_signature
from offline_license.ledger_schema import (
    DIGEST_BYTES,
    SUMMARY_KINDS,
    Record,
    RecordKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offline_license.keys import Ed25519PrivateKey
    from offline_license.ledger_fields import Scalar

__all__ = [
    "ACK_BYTES",
    "Mark",
    "Stamp",
    "genesis",
    "mark_before",
    "sign_checkpoint",
    "verify_checkpoint",
]

ACK_BYTES: Final = 16
_RECORD, _CHECKPOINT, _SUMMARY = b"\x00", b"\x01", b"\x02"
_GENESIS: Final = b"anechoic ledger"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the ledger.

    Attributes:
        index: records up to here; the next one has this index.
        digest: the chain of all of them, 32 bytes.
        count: days and events among them.
        summary: the chain of those, 32 bytes.
    """

    index: int
    digest: bytes
    count: int
    summary: bytes

    @property
    def ack(self) -> tuple[int, bytes]:
        """The short form by which a license acknowledges the ledger up to here."""
        return self.index, self.digest[:ACK_BYTES]

    def after(self, data: bytes, kind: RecordKind) -> Mark:
        """Return the place behind one more record, given as its bytes."""
        digest = hashlib.sha256(_RECORD + self.digest + data).digest()
        if kind not in SUMMARY_KINDS:
            return Mark(self.index + 1, digest, self.count, self.summary)
        summary = hashlib.sha256(_SUMMARY + self.summary + data).digest()
        return Mark(self.index + 1, digest, self.count + 1, summary)

    def to_bytes(self) -> bytes:
        """Write the place down."""
        return cbor.encode([self.index, self.digest, self.count, self.summary])

    @classmethod
    def from_bytes(cls, data: bytes) -> Mark:
        """Read a place.

        Raises:
            LicenseError: it is none.
        """
        match cbor.decode(data):
            case [index, bytes() as digest, count, bytes() as summary] if (
                len(digest) == len(summary) == DIGEST_BYTES
            ):
                return cls(uint(index, "index"), digest, uint(count, "count"), summary)
            case _:
                raise SchemaError("place: expected [index, digest, count, summary]")


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a checkpoint is made, and what it says beside the chains.

    Attributes:
        wall_s, proved_s: the wall clock and the proved time, seconds UTC.
        boot: counts the starts of the host.
        flags: one bit per flag that is raised.
        closed: hours that were written down so far.
    """

    wall_s: int
    proved_s: int
    boot: int
    flags: int
    closed: int


def genesis(install_public: bytes) -> Mark:
    """Return the place before the first record of a site."""
    seed = _GENESIS + install_public
    return Mark(
        index=0,
        digest=hashlib.sha256(_RECORD + seed).digest(),
        count=0,
        summary=hashlib.sha256(_SUMMARY + seed).digest(),
    )


def sign_checkpoint(mark: Mark, stamp: Stamp, key: Ed25519PrivateKey) -> Record:
    """Return the signed record that confirms the ledger up to a place."""
    chains = mark.digest, mark.count, mark.summary
    unsigned = (*chains, stamp.proved_s, stamp.flags, stamp.closed)
    signature = key.sign(_message(mark.index, stamp.wall_s, stamp.boot, unsigned))
    kind = RecordKind.CHECKPOINT
    return Record(mark.index, stamp.wall_s, stamp.boot, kind, (*unsigned, signature))


def verify_checkpoint(record: Record, install_public: bytes) -> None:
    """Verify the signature of a checkpoint.

    Raises:
        SignatureError: it is not made by this key.
    """
    message = _message(record.index, record.t, record.boot, record.body[:-1])
    verify_signature(install_public, record.octets("signature"), message)


def mark_before(record: Record) -> Mark:
    """Return the place that a checkpoint confirms."""
    return Mark(
        record.index,
        record.octets("digest"),
        record.number("count"),
        record.octets("summary"),
    )


def _message(index: int, t: int, boot: int, unsigned: Sequence[Scalar]) -> bytes:
    record = [index, t, boot, int(RecordKind.CHECKPOINT), list(unsigned)]
    return _CHECKPOINT + cbor.encode(record)
