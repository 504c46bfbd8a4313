"""Whether a genuine license may be put in force: its order, its end, its summary.

The wall clock of a host may be wrong by years. It speaks against a license only
where nothing better is known: on a first installation.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.engine.findings import CLOCK_DOUBTED, LICENSE_ATTENTION
from installer.errors import ErrorKind, InstallerError
from installer.findings import Finding, Severity
from installer.protocol import LicenseSummary
from offline_license.clock import EffectiveTime
from offline_license.dates import iso, valid_through
from offline_license.errors import SupersededError
from offline_license.refusals import refusal
from offline_license.summary import banner, license_json

if TYPE_CHECKING:
    from offline_license.decide import Decision
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["check_end", "check_order", "judging_time", "summarize"]

_ENDED = "ANX-LIC-32"


def check_order(new: VerifiedLicense, installed: VerifiedLicense | None) -> None:
    """Refuse to put an older license of a lineage in place of a newer one.

    Raises:
        SupersededError: with the dates of both; the same license again is fine.
    """
    if installed is None or new.digest == installed.digest:
        return
    terms, kept = new.license, installed.license
    if terms.lid == kept.lid and terms.seq <= kept.seq:
        raise SupersededError(
            f"license {terms.serial}, valid through {valid_through(terms.exp)}: "
            f"expected a newer one than {kept.serial}, valid through "
            f"{valid_through(kept.exp)}"
        )


def judging_time(
    new: License, installed: License | None, *, wall_s: int, proved_s: int
) -> EffectiveTime:
    """Return the time to judge a license by, in seconds UTC.

    A license that is newer than the installed one is judged by what is proved when
    the wall clock is past its end: a clock set to 2099 must not refuse a renewal.
    """
    floor_s = max(new.iat, proved_s, installed.iat if installed else 0)
    if wall_s >= new.term and installed is not None and _is_newer(new, installed):
        return EffectiveTime(floor_s, floor_s)
    return EffectiveTime(wall_s, floor_s)


def _is_newer(new: License, installed: License) -> bool:
    if new.lid == installed.lid:
        return new.seq > installed.seq
    return new.iat > installed.iat


def check_end(terms: License, at: EffectiveTime) -> None:
    """Refuse a license whose full service has ended.

    Raises:
        InstallerError: with its end and the time that it was judged by.
    """
    if terms.term <= at.at:
        words = refusal(_ENDED)
        kind = ErrorKind(words.code, words.title, words.meaning, words.remedy)
        raise InstallerError(
            kind,
            f"{terms.serial} ended at {iso(terms.term)}; here it is {iso(at.at)}",
        )


def summarize(terms: License, decision: Decision, *, wall_s: int) -> LicenseSummary:
    """Describe a judged license, with what there is to say about it."""
    body = license_json(terms)
    return LicenseSummary(
        license_id=terms.serial,
        customer=terms.name,
        state=decision.state.name.lower(),
        exp=datetime.fromtimestamp(terms.exp, UTC),
        term=datetime.fromtimestamp(terms.term, UTC),
        entitlements={key: body[key] for key in ("kind", "features", "limits")},
        findings=_remarks(terms, decision, wall_s),
    )


def _remarks(terms: License, decision: Decision, wall_s: int) -> tuple[Finding, ...]:
    found = []
    notice = banner(decision, terms)
    if notice:
        found.append(
            Finding.of(LICENSE_ATTENTION, evidence=notice, severity=Severity.WARNING)
        )
    elif wall_s >= terms.term:
        evidence = f"it shows {iso(wall_s)}; {terms.serial} ends at {iso(terms.term)}"
        found.append(
            Finding.of(CLOCK_DOUBTED, evidence=evidence, severity=Severity.WARNING)
        )
    return tuple(found)
