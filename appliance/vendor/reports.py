"""Take usage reports in: verify, count once, acknowledge, and notice what contradicts.

Reports may overlap, come twice or late. What was taken in is acknowledged in the next
license of the site, up to the place where nothing is missing. A fork or a gap is never
an automatic stop: the report is kept, the vendor is told what it may mean and what to
do, and a person decides.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Final

from appliance.vendor.accounts import Accounts
from appliance.vendor.errors import (
    LedgerForkError,
    LedgerGapError,
    UnknownLineageError,
)
from appliance.vendor.license_keys import LicenseKeyFiles
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Event, Register
from bundles.files import write_durably
from offline_license.keys import key_id, short_id
from offline_license.ledger_days import totals_of
from offline_license.ledger_schema import RecordKind
from offline_license.report import verify_report
from offline_license.report_intake import Account, Intake, Verdict, take_in
from offline_license.usage import Totals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.errors import ApplianceError
    from appliance.vendor.register import Book
    from offline_license.checkpoint import Mark
    from offline_license.report import Report

__all__ = ["Ingested", "ingest_report"]

_REPORTS: Final = "reports"


@dataclass(frozen=True, slots=True)
class Ingested:
    """What came of a report.

    Attributes:
        report: as verified.
        verdict: how it relates to the earlier ones.
        fresh: the sums that had not been counted before.
        acknowledged: the place up to which nothing is missing.
        serials: the licenses that are bound to the installation.
        finding: a fork or a gap that nobody has decided on; None otherwise.
    """

    report: Report
    verdict: Verdict
    fresh: Totals
    acknowledged: Mark
    serials: tuple[str, ...]
    finding: ApplianceError | None = None


def ingest_report(
    data: bytes,
    directory: Path,
    *,
    now: int,
    officers: Sequence[bytes] = (),
    reason: str = "",
) -> Ingested:
    """Take a report in; the same one again changes nothing.

    Args:
        data: the file.
        directory: the folder of the license keys, with the register.
        now: seconds UTC.
        officers: public keys of officers whose signatures must be on it.
        reason: why a fork or a gap is accepted, after talking to the site.

    Raises:
        UnknownLineageError: no license was issued to this installation.
        LicenseError: the report is damaged or not signed by its installation.
    """
    files = LicenseKeyFiles(directory)
    report = verify_report(data, None, officers)
    with Register(files.register).open() as book:
        serials = _serials(Lineages(book.entries), report)
        accounts = Accounts(book.entries)
        before = accounts.acknowledged(report.install_key)
        intake = take_in(accounts.account(report.install_key), report)
        if reason and intake.verdict is Verdict.FORK:
            intake = _accept_fork(intake, report)
        after = _acknowledged(before, intake, report, accepted=bool(reason))
        _keep(files, book, data, report, intake, after, reason, now)
    return Ingested(
        report=report,
        verdict=intake.verdict,
        fresh=intake.fresh,
        acknowledged=after,
        serials=serials,
        finding=None if reason else _finding(intake, report, before),
    )


def _serials(lineages: Lineages, report: Report) -> tuple[str, ...]:
    """Return the licenses of the installation that reports."""
    bound = [i for i in lineages.all if i.license.install_key == report.install_key]
    if not bound:
        raise UnknownLineageError(
            "expected a report of an installation with a license of ours, found "
            f"{short_id(key_id(report.install_key))} ({report.serial})"
        )
    heads = lineages.bound_to(report.install_key) or tuple(bound[-1:])
    return tuple(head.license.serial for head in heads)


def _acknowledged(
    before: Mark, intake: Intake, report: Report, *, accepted: bool
) -> Mark:
    """Move on only where nothing lies between, or a person has accepted it."""
    if intake.verdict is Verdict.FORK:
        return before
    if accepted or intake.verdict is Verdict.RESTORED:
        return report.head
    goes_on = report.start.count <= before.count
    return report.head if goes_on and report.head.index > before.index else before


def _accept_fork(intake: Intake, report: Report) -> Intake:
    """Go on with the branch that was accepted, and count what is on it only."""
    at = intake.at or 0
    numbered = report.proof.numbered
    days = [
        one for n, one in numbered.items() if n >= at and one.kind is RecordKind.DAY
    ]
    fresh = reduce(Totals.__add__, map(totals_of, days), Totals())
    known = intake.account
    common = {n: summary for n, summary in known.path.items() if n < at}
    account = Account(
        install_key=known.install_key,
        head=report.head,
        path={**common, **{n: report.proof.path[n] for n in numbered}},
        totals=known.totals + fresh,
    )
    return replace(intake, verdict=Verdict.RESTORED, account=account, fresh=fresh)


def _keep(  # noqa: PLR0913, PLR0917 - the parts of one entry
    files: LicenseKeyFiles,
    book: Book,
    data: bytes,
    report: Report,
    intake: Intake,
    acknowledged: Mark,
    reason: str,
    now: int,
) -> None:
    """Keep the file, and note it once for each way it was judged."""
    digest = hashlib.sha256(data).hexdigest()
    fields: dict[str, object] = {
        "digest": digest,
        "install_key": report.install_key.hex(),
        "license": report.serial,
        "verdict": intake.verdict.value,
        "records": [report.start.index, report.head.index],
        "officers": [kid.hex() for kid in report.signers[1:]],
        "reason": reason,
    }
    known = [e for e in book.of(Event.REPORT) if e.fields["digest"] == digest]
    if known and intake.verdict in {Verdict.KNOWN, Verdict.STALE, Verdict.FORK}:
        return
    folder = files.directory / _REPORTS
    folder.mkdir(mode=0o700, exist_ok=True)
    write_durably(folder / f"{digest[:16]}.json", data, mode=0o600)
    if intake.verdict is not Verdict.FORK:
        fields |= {
            "fresh": asdict(intake.fresh),
            "account": _text(intake.account.to_bytes()),
            "acknowledged": _text(acknowledged.to_bytes()),
        }
    book.add(Event.REPORT, at=now, **fields)


def _finding(intake: Intake, report: Report, before: Mark) -> ApplianceError | None:
    """Say what contradicts, or what is missing."""
    who = f"installation {short_id(key_id(report.install_key))}"
    if intake.verdict is Verdict.FORK:
        return LedgerForkError(
            f"{who}: expected the ledger to go on from record {before.index}, found "
            f"another history from the {intake.at}th day or event on"
        )
    if intake.verdict is Verdict.GAP:
        return LedgerGapError(
            f"{who}: expected a report from record {before.index} on, found one from "
            f"record {report.start.index} on",
            evidence=f"anechoic report export --since {before.index}",
        )
    return None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
