"""What an issuer must not sign, and what it should think twice about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.errors import LintError
from offline_license.license import decode_license, encode_license
from offline_license.model import Kind
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from offline_license.model import License

__all__ = ["check_license", "lint_license"]

_SUGGESTED_S = {Kind.PRODUCTION: 400 * DAY_S, Kind.EVALUATION: 46 * DAY_S}


def check_license(license_: License, *, now: int) -> None:
    """Refuse to issue nonsense; every reason is named at once.

    Args:
        license_: the terms to be signed.
        now: the issuer's clock, seconds UTC.

    Raises:
        LintError: the terms are nonsense.
        LicenseError: no reader would accept the terms.
    """
    decode_license(encode_license(license_))
    wrong = []
    if license_.exp <= now:
        wrong.append("exp lies in the past")
    if license_.iat > now:
        wrong.append("iat lies in the future")
    grace_s = license_.term - license_.exp
    if license_.kind is Kind.PRODUCTION and grace_s < TOLERANCES.production_grace_s:
        wrong.append("a production license needs at least 14 days of grace")
    if license_.enrolled and not license_.enrolled.fingerprint.groups:
        wrong.append("the enrolled fingerprint has no groups")
    if wrong:
        raise LintError(f"license {license_.serial}: " + "; ".join(wrong))


def lint_license(license_: License) -> tuple[str, ...]:
    """Return advice on terms that are allowed but unusual."""
    advice = []
    suggested = _SUGGESTED_S.get(license_.kind)
    if suggested is not None and license_.exp - license_.iat > suggested:
        advice.append(
            f"valid for more than {suggested // DAY_S} days: "
            "a site that imports nothing cannot be revoked before exp"
        )
    if not license_.warn_days:
        advice.append("no warning days: the operator sees no banner before grace")
    weight = license_.enrolled.fingerprint.weight if license_.enrolled else 0
    if license_.enrolled and weight < TOLERANCES.match_weight:
        advice.append("the fingerprint is so light that one change is a mismatch")
    return tuple(advice)
