"""What the vendor makes of a report, given the earlier ones of the same installation.

The account of an installation remembers the summary chain. A report may overlap with
earlier ones, arrive twice or late: each day is counted once. Two reports that go
different ways behind the same record come from two copies of one ledger: a clone or a
restored snapshot. That is a conversation with the site, never an automatic stop, and a
site that said so beforehand ("I restored a backup") is taken at its word.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, fields, replace
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.checkpoint import Mark, genesis
from offline_license.errors import SchemaError
from offline_license.fields import Fields, octets
from offline_license.keys import KEY_BYTES
from offline_license.ledger_days import totals_of
from offline_license.ledger_schema import DIGEST_BYTES, RecordKind
from offline_license.usage import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from offline_license.report import Report

__all__ = ["Account", "Intake", "Verdict", "extends", "take_in"]

_NAMES = {1: "schema", 2: "install key", 3: "head", 4: "path", 5: "totals"}
_COUNT_BYTES = 4
_TOTALS = len(fields(Totals))


class Verdict(StrEnum):
    """How a report relates to the earlier ones."""

    NEW = "new"
    """It goes on where they end, or fills what was missing."""
    KNOWN = "known"
    """It says what is known."""
    STALE = "stale"
    """It ends before what is known: an old file, or a ledger that was cut off."""
    GAP = "gap"
    """It begins behind the end of what is known: something is missing between."""
    RESTORED = "restored"
    """It goes another way, and the site said that it restored a backup."""
    FORK = "fork"
    """It goes another way: there are two copies of the ledger."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of the ledger of one installation.

    Attributes:
        install_key: public, 32 bytes.
        head: the last place that a report ended at.
        path: the summary chain, by how many days and events are behind it.
        totals: everything that was counted.
    """

    install_key: bytes
    head: Mark
    path: Mapping[int, bytes]
    totals: Totals = field(default_factory=Totals)

    def to_bytes(self) -> bytes:
        """Write the account down."""
        path = [n.to_bytes(_COUNT_BYTES, "big") + self.path[n] for n in self.path]
        return cbor.encode(
            {
                1: 1,
                2: self.install_key,
                3: self.head.to_bytes(),
                4: b"".join(sorted(path)),
                5: [*astuple(self.totals)],
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Account:
        """Read an account.

        Raises:
            LicenseError: it is none.
        """
        found = Fields(data, _NAMES)
        found.exactly(1, 1)
        totals = found.uints(5)
        if len(totals) != _TOTALS:
            raise SchemaError(f"totals: expected {_TOTALS} numbers")
        return cls(
            found.octets(2, KEY_BYTES),
            Mark.from_bytes(found.some_octets(3)),
            _path(octets(found.raw(4), "path")),
            Totals(*totals),
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """What came of a report.

    Attributes:
        verdict: how it relates to the earlier ones.
        account: what is known now; unchanged by a fork.
        fresh: the sums that were not counted before.
        missing: a gap: the indices of the places on its both sides.
        at: a fork or a restored backup: the first record that differs, as the number
            of days and events up to it.
    """

    verdict: Verdict
    account: Account
    fresh: Totals = field(default_factory=Totals)
    missing: tuple[int, int] | None = None
    at: int | None = None

    @property
    def ack(self) -> tuple[int, bytes]:
        """What the next license acknowledges: index, and 16 bytes of the digest."""
        return self.account.head.ack


def take_in(account: Account | None, report: Report) -> Intake:
    """Count a report.

    Args:
        account: what is known of this installation; None for its first report.
        report: verified with the key of the installation.

    Raises:
        ValueError: the account is of another installation.
    """
    if account is None:
        account = Account(report.install_key, genesis(report.install_key), {})
    if account.install_key != report.install_key:
        raise ValueError("the report is of another installation")
    at = _parting(account.path, report.proof.path)
    if at is not None:
        return _take_other_way(account, report, at)
    return _take_on(account, report)


def extends(report: Report, mark: Mark) -> Verdict:
    """Tell how a report relates to one acknowledged place alone."""
    summary = report.proof.path.get(mark.count)
    if summary is None:
        return Verdict.STALE if report.head.count < mark.count else Verdict.GAP
    if summary == mark.summary:
        return Verdict.NEW if report.head.index > mark.index else Verdict.KNOWN
    known = Account(report.install_key, mark, {mark.count: mark.summary})
    return take_in(known, report).verdict


def _take_on(account: Account, report: Report) -> Intake:
    """Count what is new in a report that goes the known way."""
    start, head = report.start, report.head
    fresh = _totals(report, set(report.proof.numbered) - set(account.path))
    grown = replace(
        account,
        head=max(account.head, head, key=lambda mark: mark.index),
        path={**account.path, **_counted(report)},
        totals=account.totals + fresh,
    )
    if start.count > account.head.count:
        missing = account.head.index, start.index
        return Intake(Verdict.GAP, grown, fresh, missing=missing)
    if set(report.proof.numbered) - set(account.path):
        return Intake(Verdict.NEW, grown, fresh)
    known = head.index >= account.head.index
    return Intake(Verdict.KNOWN if known else Verdict.STALE, grown)


def _take_other_way(account: Account, report: Report, at: int) -> Intake:
    """Judge a report that parts from the known way."""
    behind = {n for n in report.proof.numbered if n >= at}
    told = {report.proof.numbered[n].kind for n in behind}
    if RecordKind.RESTORED not in told:
        return Intake(Verdict.FORK, account, at=at)
    fresh = _totals(report, behind)
    common = {n: summary for n, summary in account.path.items() if n < at}
    moved = replace(
        account,
        head=report.head,
        path={**common, **_counted(report)},
        totals=account.totals + fresh,
    )
    return Intake(Verdict.RESTORED, moved, fresh, at=at)


def _counted(report: Report) -> dict[int, bytes]:
    """Return the steps whose records are in the report; its start was counted before."""
    return {n: report.proof.path[n] for n in report.proof.numbered}


def _parting(known: Mapping[int, bytes], path: Mapping[int, bytes]) -> int | None:
    """Return where two ways part; None where they agree as far as both are known."""
    differing = (n for n in path if n in known and path[n] != known[n])
    return min(differing, default=None)


def _totals(report: Report, numbers: Iterable[int]) -> Totals:
    """Return the sums of the days among some numbered records."""
    chosen = (report.proof.numbered[n] for n in numbers)
    days = (one for one in chosen if one.kind is RecordKind.DAY)
    return reduce(Totals.__add__, map(totals_of, days), Totals())


def _path(data: bytes) -> dict[int, bytes]:
    width = _COUNT_BYTES + DIGEST_BYTES
    if len(data) % width:
        raise SchemaError("path: expected whole steps")
    steps = [data[at : at + width] for at in range(0, len(data), width)]
    return {
        int.from_bytes(step[:_COUNT_BYTES], "big"): step[_COUNT_BYTES:]
        for step in steps
    }
