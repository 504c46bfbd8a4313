"""What an issuer must not sign."""

from __future__ import annotations

from typing import Any

import pytest

from offline_license.errors import LintError, SchemaError
from offline_license.fingerprint import Enrolled, Fingerprint, Group
from offline_license.lint import check_license, lint_license
from offline_license.model import (
    Capacity,
    ExtensionAnchor,
    Kind,
    Post,
    ReportCadence,
    ReportMode,
)
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, SALT, Issuer

LID = Issuer().terms().lid
OTHER = bytes(16)
STANDBY: dict[str, Any] = {
    "kind": Kind.STANDBY,
    "exp": IAT + 800 * DAY_S,
    "term": IAT + 830 * DAY_S,
}
SHORT_AND_LATE = "less than a day"


def _short(days: int) -> dict[str, Any]:
    """Return the dates of a license for some days, without grace."""
    end = IAT + days * DAY_S
    return {"exp": end, "term": end, "warn_days": (7,)}


def test_usual_terms_pass_without_advice(issuer: Issuer) -> None:
    check_license(issuer.terms(), now=IAT)

    assert lint_license(issuer.terms(enrolled=Enrolled(issuer.host()))) == ()


@pytest.mark.parametrize(
    ("changes", "now", "reason"),
    [
        ({}, EXP, "past"),
        ({}, IAT - 1, "future"),
        ({"term": EXP + 14 * DAY_S - 1}, IAT, "14 days"),
        ({"enrolled": Enrolled(Fingerprint(SALT, {}))}, IAT, "no groups"),
        ({"nbf": EXP}, IAT, "not before it ends"),
        ({"exp": IAT + 1831 * DAY_S}, IAT, "more than five years"),
        ({"parent": LID}, IAT, "belong to itself"),
        ({"superseded": (LID,)}, IAT, "its own lineage"),
        ({"superseded": (OTHER, OTHER)}, IAT, "named twice"),
        ({"extension": ExtensionAnchor(0, 14, bytes(13))}, IAT, "above 0"),
        ({"extension": ExtensionAnchor(3, 0, bytes(13))}, IAT, "above 0"),
    ],
)
def test_nonsense_is_refused_with_its_reason(
    issuer: Issuer, changes: dict[str, Any], now: int, reason: str
) -> None:
    with pytest.raises(LintError, match=reason):
        check_license(issuer.terms(**changes), now=now)


def test_every_reason_is_named_at_once(issuer: Issuer) -> None:
    with pytest.raises(LintError, match=r"past.*starts.*14 days"):
        check_license(issuer.terms(term=EXP, nbf=EXP), now=EXP)


def test_an_evaluation_needs_no_grace(issuer: Issuer) -> None:
    exp = IAT + 30 * DAY_S

    check_license(issuer.terms(kind=Kind.EVALUATION, exp=exp, term=exp), now=IAT)


def test_what_no_reader_would_accept_is_not_issued(issuer: Issuer) -> None:
    with pytest.raises(SchemaError):
        check_license(issuer.terms(name="x" * 49), now=IAT)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"exp": IAT + 399 * DAY_S}, "399 days, more than the 397 suggested"),
        (
            {"kind": Kind.EVALUATION, **_short(47)},
            "47 days, more than the 45 suggested",
        ),
        (
            {"kind": Kind.EMERGENCY, **_short(16)},
            "16 days, more than the 14 suggested",
        ),
        ({"term": EXP + 184 * DAY_S}, "grace of 184 days"),
        ({"nbf": IAT + 398 * DAY_S, **STANDBY}, "starts more than 13 months from now"),
        ({"nbf": STANDBY["exp"] - 3600, "warn_days": (0,), **STANDBY}, SHORT_AND_LATE),
        ({"warn_days": ()}, "no warning days"),
        ({"warn_days": (366, 30)}, "366 days before the end, comes before the start"),
        ({"warn_days": (30, 30)}, "a warning day is named twice"),
        ({"post": Post.STOP}, "stops altogether"),
        ({"capacity": Capacity(streams=0)}, "a limit of 0"),
        ({"features": (1, 1)}, "a feature is named twice"),
        ({"extension": ExtensionAnchor(3, 32, bytes(13))}, "adds 32 days"),
        ({"report": ReportCadence(30, ReportMode.NONE)}, "both a number of days"),
        ({"report": ReportCadence(0, ReportMode.ADVISORY)}, "both a number of days"),
        ({"max_build_date": IAT - 1}, "lies before the issue"),
        ({"install_key": None, "kind": Kind.STANDBY}, "bound to no installation"),
        (
            {"enrolled": Enrolled(Fingerprint(SALT, {Group.NIC_SET: (bytes(8),)}))},
            "light",
        ),
    ],
)
def test_unusual_terms_bring_advice(
    issuer: Issuer, changes: dict[str, Any], advice: str
) -> None:
    found = lint_license(issuer.terms(**changes))

    assert len(found) == 1 + (advice == SHORT_AND_LATE)
    assert advice in "; ".join(found)


def test_a_standby_has_no_usual_length(issuer: Issuer) -> None:
    assert lint_license(issuer.terms(**STANDBY)) == ()


def test_usual_contracts_bring_no_advice(issuer: Issuer) -> None:
    terms = issuer.terms(
        report=ReportCadence(90, ReportMode.CONDITION_OF_RENEWAL),
        extension=ExtensionAnchor(3, 14, bytes(13)),
        superseded=(OTHER,),
        parent=OTHER,
        max_build_date=IAT,
    )

    check_license(terms, now=IAT)
    assert lint_license(terms) == ()
