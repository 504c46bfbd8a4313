"""The usage report: what a site says about its usage, for the officer and the vendor.

    report = verify_report(file_bytes, install_public)
    approved = countersign(file_bytes, officer_key)

It is verified with the public install key alone, on any machine: the signature over the
whole, the chain of days and events up to a signed checkpoint, the root of each day, and
that every readable word follows from those records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license.errors import ReportProofError
from offline_license.keys import check_public_key, key_id, short_id
from offline_license.ledger_days import row_of
from offline_license.ledger_schema import Record
from offline_license.report_envelope import Envelope, read_envelope, write_envelope
from offline_license.report_payload import (
    Evidence,
    Level,
    read_payload,
    write_payload,
)
from offline_license.report_proof import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from offline_license.checkpoint import Mark
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.usage import Totals, UsageRow

__all__ = [
    "Level",
    "Report",
    "countersign",
    "payload_of",
    "sign_report",
    "verify_report",
]


@dataclass(frozen=True, slots=True)
class Report:
    """A verified report.

    Attributes:
        evidence: what it shows.
        proof: what that proves.
        signers: names of the keys whose signatures were verified, 8 bytes each.
        unknown_signers: names of keys that were not given.
    """

    evidence: Evidence
    proof: Proof
    signers: tuple[bytes, ...]
    unknown_signers: tuple[bytes, ...]

    @property
    def license(self) -> tuple[bytes, int] | None:
        """Lineage and sequence number of the license in use."""
        return self.evidence.license

    @property
    def serial(self) -> str:
        """The license as people name it."""
        return self.evidence.serial

    @property
    def install_key(self) -> bytes:
        """The public install key of the site."""
        return self.evidence.install_key

    @property
    def level(self) -> Level:
        """Whether hours are shown."""
        return self.evidence.level

    @property
    def records(self) -> tuple[Record, ...]:
        """Days, events and checkpoints in the order of the ledger."""
        return self.evidence.records

    @property
    def days(self) -> tuple[Record, ...]:
        """The day records."""
        return self.evidence.days

    @property
    def events(self) -> tuple[Record, ...]:
        """What happened beside usage."""
        return self.evidence.events

    @property
    def rows(self) -> tuple[UsageRow, ...]:
        """The rows that are shown."""
        return tuple(
            row_of(leaf)
            for rows in self.evidence.hours
            for leaf in rows.leaves
            if isinstance(leaf, Record)
        )

    @property
    def hidden_rows(self) -> int:
        """Rows that are counted in their day only."""
        return self.evidence.hidden_rows

    @property
    def totals(self) -> Totals:
        """The sums over all days."""
        return self.evidence.totals

    @property
    def start(self) -> Mark:
        """Where the report begins."""
        return self.proof.start

    @property
    def head(self) -> Mark:
        """Where the report ends."""
        return self.proof.head

    @property
    def since_s(self) -> int:
        """The time of its first record, seconds UTC."""
        return self.records[0].t

    @property
    def until_s(self) -> int:
        """The time of its last checkpoint, seconds UTC."""
        return self.records[-1].t

    @property
    def breaks(self) -> tuple[tuple[int, int], ...]:
        """Where records are missing: the last and the next one that are there."""
        return self.proof.breaks


def sign_report(evidence: Evidence, install_key: Ed25519PrivateKey) -> bytes:
    """Return a report as a file, signed by the install key."""
    return write_envelope(Envelope(write_payload(evidence)).signed(install_key))


def verify_report(
    data: bytes, install_public: bytes | None, officers: Sequence[bytes] = ()
) -> Report:
    """Verify a report.

    Args:
        data: the file.
        install_public: the key of the site, 32 bytes; None takes the one that the
            report names, which proves that it is whole but not whose it is.
        officers: public keys of officers whose signatures must be on it.

    Raises:
        SizeError, ReportError, ReportProofError, WeakKeyError: it is refused.
    """
    envelope = read_envelope(data)
    evidence = read_payload(envelope.payload)
    public = check_public_key(install_public or evidence.install_key)
    if public != evidence.install_key:
        raise ReportProofError(
            f"expected the report of installation {short_id(key_id(public))}, "
            f"found one of {short_id(key_id(evidence.install_key))}"
        )
    signers = tuple(_signer(envelope, key) for key in (public, *officers))
    named = tuple(one.key_id for one in envelope.signatures)
    unknown = tuple(one for one in named if one not in signers)
    return Report(evidence, prove(evidence), signers, unknown)


def countersign(data: bytes, officer_key: Ed25519PrivateKey) -> bytes:
    """Return the report with one more signature; the same one again changes nothing.

    Raises:
        LicenseError: it is no report that holds together.
    """
    verify_report(data, None)
    return write_envelope(read_envelope(data).signed(officer_key))


def payload_of(data: bytes) -> bytes:
    """Return the readable part of a report, unverified.

    Raises:
        SizeError, ReportError: it is no report.
    """
    return read_envelope(data).payload


def _signer(envelope: Envelope, public: bytes) -> bytes:
    if not envelope.is_signed_by(public):
        raise ReportProofError(
            f"expected a signature by key {short_id(key_id(public))}, "
            "found none that matches"
        )
    return key_id(public)
