"""What an issuer must not sign, and what it should think twice about.

``check_license`` refuses; ``lint_license`` advises. Both say every reason at once, in
words with the dates in them, because the person at the keyboard has just typed them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from offline_license.dates import iso
from offline_license.errors import LintError
from offline_license.license import decode_license, encode_license
from offline_license.model import Kind, Post, ReportMode
from offline_license.tolerances import DAY_S, HOUR_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from offline_license.model import License

__all__ = ["check_license", "lint_license"]

_SUGGESTED_DAYS = {Kind.PRODUCTION: 397, Kind.EVALUATION: 45, Kind.EMERGENCY: 14}
"""Production 13 months, so that a yearly renewal may come a month late."""

_ROUNDING_S = 36 * HOUR_S
"""From the start of the last day to its end everywhere on Earth."""

_LONG_GRACE_S = 183 * DAY_S
_FAR_START_S = 397 * DAY_S
_LONG_CODE_DAYS = 31


def check_license(license_: License, *, now: int) -> None:
    """Refuse to issue nonsense; every reason is named at once.

    Args:
        license_: the terms to be signed.
        now: the issuer's clock, seconds UTC.

    Raises:
        LintError: the terms are nonsense.
        LicenseError: no reader would accept the terms.
    """
    wrong = [*_wrong_dates(license_, now), *_wrong_names(license_)]
    if wrong:
        raise LintError(f"license {license_.serial}: " + "; ".join(wrong))
    decode_license(encode_license(license_))


def lint_license(license_: License) -> tuple[str, ...]:
    """Return advice on terms that are allowed but unusual."""
    parts = (_odd_dates, _odd_warnings, _odd_terms, _odd_binding)
    return tuple(advice for part in parts for advice in part(license_))


def _wrong_dates(license_: License, now: int) -> Iterator[str]:
    if license_.exp <= now:
        yield f"the validity ends in the past, at {iso(license_.exp)}"
    if license_.iat > now:
        yield f"it is issued in the future, at {iso(license_.iat)}"
    if license_.nbf >= license_.exp:
        yield f"it starts at {iso(license_.nbf)}, not before it ends"
    if license_.exp - license_.iat > TOLERANCES.validity_s:
        yield f"it ends more than five years from now, at {iso(license_.exp)}"
    grace_s = license_.term - license_.exp
    if license_.kind is Kind.PRODUCTION and grace_s < TOLERANCES.production_grace_s:
        yield (
            "a production license needs at least 14 days of grace, "
            f"found {grace_s // DAY_S}"
        )


def _wrong_names(license_: License) -> Iterator[str]:
    if license_.enrolled and not license_.enrolled.fingerprint.groups:
        yield "the enrolled fingerprint has no groups"
    if license_.parent == license_.lid:
        yield "an add-on cannot belong to itself"
    if license_.lid in license_.superseded:
        yield "a license cannot replace its own lineage"
    if _repeats(license_.superseded):
        yield "a lineage to replace is named twice"
    if license_.extension and not (
        license_.extension.count and license_.extension.days
    ):
        yield "extension codes need a number of codes and of days, both above 0"


def _odd_dates(license_: License) -> Iterator[str]:
    suggested = _SUGGESTED_DAYS.get(license_.kind)
    valid_s = license_.exp - license_.iat
    if suggested is not None and valid_s > suggested * DAY_S + _ROUNDING_S:
        yield (
            f"valid for {valid_s // DAY_S} days, more than the {suggested} suggested "
            f"for {license_.kind.name.lower()}: "
            "a site that imports nothing cannot be revoked before it ends"
        )
    if license_.term - license_.exp > _LONG_GRACE_S:
        yield (
            f"grace of {(license_.term - license_.exp) // DAY_S} days: "
            "the operator may forget the renewal for as long"
        )
    if license_.nbf - license_.iat > _FAR_START_S:
        yield f"it starts more than 13 months from now, at {iso(license_.nbf)}"
    if license_.exp - license_.nbf < DAY_S:
        yield "it is valid for less than a day"


def _odd_warnings(license_: License) -> Iterator[str]:
    if not license_.warn_days:
        yield "no warning days: the operator sees no banner before grace"
        return
    first = max(license_.warn_days)
    if first * DAY_S > license_.exp - license_.nbf:
        yield (
            f"the first warning, {first} days before the end, comes before the start: "
            "the license shows as expiring from its first day on"
        )
    if _repeats(license_.warn_days):
        yield "a warning day is named twice"


def _odd_terms(license_: License) -> Iterator[str]:
    if license_.kind is Kind.PRODUCTION and license_.post is Post.STOP:
        yield "production stops altogether when grace ends; a trickle is the default"
    limits = license_.capacity
    if 0 in {limits.streams, limits.gpus, limits.audio_hours, limits.hosts}:
        yield "a limit of 0 permits nothing; leave it out for no limit"
    if _repeats(license_.features):
        yield "a feature is named twice"
    if license_.extension and license_.extension.days > _LONG_CODE_DAYS:
        yield f"each extension code adds {license_.extension.days} days"
    report = license_.report
    if report and (report.days == 0) != (report.mode is ReportMode.NONE):
        yield "a report cadence needs both a number of days and a mode"
    build = license_.max_build_date
    if build is not None and build < license_.iat:
        yield (
            f"the build date {iso(build)} lies before the issue: "
            "today's software does not keep its service after the end"
        )


def _odd_binding(license_: License) -> Iterator[str]:
    if license_.install_key is None:
        yield "bound to no installation: it runs wherever it is copied to"
    weight = license_.enrolled.fingerprint.weight if license_.enrolled else 0
    if license_.enrolled and weight < TOLERANCES.match_weight:
        yield "the fingerprint is so light that one change is a mismatch"


def _repeats(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) < len(listed)
