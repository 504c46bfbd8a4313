"""Whether a genuine license may be put in force: its order, its end, its summary.

The wall clock of a host may be wrong by years. It speaks against a license only
where nothing better is known: on a first installation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.engine.findings import CLOCK_DOUBTED, LICENSE_ATTENTION
from installer.engine.licensing.placing import Place, place, started_next
from installer.engine.licensing.shelf import NOW
from installer.errors import LICENSE_LOSES, ErrorKind, InstallerError
from installer.findings import Finding, Severity
from installer.protocol import LicenseSummary
from offline_license.banner import banner
from offline_license.changes import Changes, compare
from offline_license.clock import EffectiveTime
from offline_license.dates import iso, valid_through
from offline_license.decide import decide
from offline_license.errors import ExtensionCodeError, LineageError
from offline_license.extension import find_index
from offline_license.fingerprint import HostFacts, fingerprint_of, match
from offline_license.refusals import refusal
from offline_license.revocation import NOTHING_REVOKED
from offline_license.succession import Succession, check_succession
from offline_license.summary import license_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from installer.engine.licensing.offer import Offer
    from offline_license.decide import Decision
    from offline_license.fingerprint import Binding
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = [
    "Judged",
    "check_end",
    "code_summary",
    "judge",
    "judging_time",
    "refuse_loss",
]

_ENDED = "ANX-LIC-32"
_NONE = "ANX-LIC-31"


@dataclass(frozen=True, slots=True)
class Judged:
    """A license that may be put in force.

    Attributes:
        place: where it is to be kept.
        proved_s: the time that is proved by then, seconds UTC.
    """

    offer: Offer
    summary: LicenseSummary
    place: Place
    proved_s: int


def judge(
    offer: Offer,
    kept: Mapping[str, VerifiedLicense],
    *,
    wall_s: int,
    proved_s: int,
    facts: HostFacts,
) -> Judged:
    """Judge a genuine license against what this host has.

    Args:
        offer: verified, and bound to this installation or to none.
        kept: the installed licenses by file name.
        wall_s: the wall clock, seconds UTC.
        proved_s: what the license container has proved; 0 when it is silent.
        facts: of this host.

    Raises:
        SupersededError: a newer license of its lineage is installed.
        LineageError: it belongs to another lineage and replaces none of ours.
        InstallerError: it has ended.
    """
    new, terms = offer.verified, offer.verified.license
    before = _before(terms, kept)
    floor_s = max(
        proved_s,
        offer.floor_s,
        offer.keyset.manifest.iat,
        terms.iat,
        *(one.license.iat for one in kept.values()),
    )
    known = before or _before(replace(terms, parent=None), kept)
    at = judging_time(terms, known, wall_s=wall_s, floor_s=floor_s)
    succession = _succession(new, kept, at)
    if succession is not Succession.SAME:
        check_end(terms, at)
    revocations = offer.revocations or NOTHING_REVOKED
    decision = decide(
        new,
        at=at,
        binding=_binding(terms, facts),
        revoked_at=revocations.revoked_at(terms),
    )
    found = place(terms, _after_promotion(kept, floor_s), proved_s=floor_s)
    same = succession is Succession.SAME
    follows = succession in (Succession.RENEWAL, Succession.REPLACEMENT)
    summary = summarize(terms, decision, wall_s=wall_s).model_copy(
        update={
            "form": offer.form,
            "updates": offer.updates,
            "replaces": before.serial if before is not None and follows else None,
            "outcome": "same" if same else "checked",
            "slot": found.slot,
            **_changes(before if follows else None, terms),
        }
    )
    return Judged(offer, summary, found, floor_s)


def refuse_loss(summary: LicenseSummary) -> None:
    """Refuse a license that grants less, as long as nobody accepted that.

    Raises:
        InstallerError: with everything that would be lost.
    """
    if summary.losses:
        raise InstallerError(
            LICENSE_LOSES, f"{summary.license_id} loses: {'; '.join(summary.losses)}"
        )


def code_summary(code: str, terms: License | None, wall_s: int) -> LicenseSummary:
    """Describe what an emergency code would do to the license in force.

    Raises:
        InstallerError: no license is in force.
        ExtensionCodeError: the code belongs to another license.
    """
    if terms is None:
        words = refusal(_NONE)
        kind = ErrorKind(words.code, words.title, words.meaning, words.remedy)
        raise InstallerError(kind, "expected a license for the code to extend")
    if terms.extension is None:
        raise ExtensionCodeError(f"license {terms.serial} provides no codes")
    index = find_index(terms.extension, terms.lid, code)
    decision = decide(terms, at=EffectiveTime(wall_s, terms.iat))
    line = f"full service: up to {index * terms.extension.days} more days"
    return summarize(terms, decision, wall_s=terms.iat).model_copy(
        update={"form": "code", "gains": (line,)}
    )


def _before(terms: License, kept: Mapping[str, VerifiedLicense]) -> License | None:
    """Return what the license follows: its lineage, else the main license."""
    every = [one.license for one in kept.values()]
    same = [one for one in every if one.lid == terms.lid]
    main = [one for one in every if one.parent is None and terms.parent is None]
    return max(same or main, key=lambda one: (one.seq, one.iat), default=None)


def _succession(
    new: VerifiedLicense, kept: Mapping[str, VerifiedLicense], at: EffectiveTime
) -> Succession:
    """Check the order; what has ended is no obstacle to what was made for this host."""
    known = tuple(kept.values())
    try:
        return check_succession(new, known)
    except LineageError:
        lives = any(one.license.exp > at.at for one in known)
        if lives or new.license.install_key is None or new.license.parent is not None:
            raise
        return Succession.REPLACEMENT


def _after_promotion(
    kept: Mapping[str, VerifiedLicense], proved_s: int
) -> dict[str, License]:
    """Return the licenses by file name once the waiting one has taken its place."""
    terms = {name: one.license for name, one in kept.items()}
    begun = started_next(terms, proved_s=proved_s)
    if begun is not None:
        terms[NOW] = terms.pop(begun)
    return terms


def _changes(before: License | None, terms: License) -> dict[str, tuple[str, ...]]:
    found = Changes() if before is None else compare(before, terms)
    return {"gains": found.gains, "losses": found.losses}


def _binding(terms: License, facts: HostFacts) -> Binding:
    enrolled = terms.enrolled
    salt = enrolled.fingerprint.salt if enrolled else None
    return match(
        enrolled, None if salt is None else fingerprint_of(facts, salt)
    ).binding


def judging_time(
    new: License, installed: License | None, *, wall_s: int, floor_s: int
) -> EffectiveTime:
    """Return the time to judge a license by, in seconds UTC.

    A license that is newer than the installed one is judged by what is proved when
    the wall clock is past its end: a clock set to 2099 must not refuse a renewal.
    """
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
        starts=datetime.fromtimestamp(terms.nbf, UTC),
        valid_through=valid_through(terms.exp),
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
