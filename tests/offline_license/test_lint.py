"""What an issuer must not sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.errors import LintError, SchemaError
from offline_license.fingerprint import Enrolled, Fingerprint, Group
from offline_license.lint import check_license, lint_license
from offline_license.model import Kind
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, SALT

if TYPE_CHECKING:
    from tests.support.licensing import Issuer


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
    ],
)
def test_nonsense_is_refused_with_its_reason(
    issuer: Issuer, changes: dict[str, object], now: int, reason: str
) -> None:
    with pytest.raises(LintError, match=reason):
        check_license(issuer.terms(**changes), now=now)


def test_every_reason_is_named_at_once(issuer: Issuer) -> None:
    with pytest.raises(LintError, match=r"past.*14 days"):
        check_license(issuer.terms(term=EXP), now=EXP)


def test_an_evaluation_needs_no_grace(issuer: Issuer) -> None:
    exp = IAT + 30 * DAY_S

    check_license(issuer.terms(kind=Kind.EVALUATION, exp=exp, term=exp), now=IAT)


def test_what_no_reader_would_accept_is_not_issued(issuer: Issuer) -> None:
    with pytest.raises(SchemaError):
        check_license(issuer.terms(name="x" * 49), now=IAT)


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"exp": IAT + 401 * DAY_S}, "400 days"),
        ({"kind": Kind.EVALUATION, "exp": IAT + 47 * DAY_S}, "46 days"),
        ({"warn_days": ()}, "no warning days"),
        (
            {"enrolled": Enrolled(Fingerprint(SALT, {Group.NIC_SET: (bytes(8),)}))},
            "light",
        ),
    ],
)
def test_unusual_terms_bring_advice(
    issuer: Issuer, changes: dict[str, object], advice: str
) -> None:
    (found,) = lint_license(issuer.terms(**changes))

    assert advice in found


def test_an_emergency_license_has_no_usual_length(issuer: Issuer) -> None:
    terms = issuer.terms(kind=Kind.EMERGENCY, exp=IAT + 800 * DAY_S)

    assert lint_license(terms) == ()
