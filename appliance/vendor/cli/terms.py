"""The options that say what a license grants, shared by issue and renew."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from appliance.vendor.cli.common import DAY, day
from offline_license.model import Capacity, Kind, Post, ReportCadence, ReportMode

__all__ = [
    "CustomerName",
    "Days",
    "ExtensionCodes",
    "ExtensionDays",
    "Features",
    "GraceDays",
    "KindName",
    "Limit",
    "LimitName",
    "MaxBuild",
    "NoLimits",
    "NotBefore",
    "Page",
    "Png",
    "PostName",
    "QrText",
    "ReportDays",
    "ReportName",
    "WarnDays",
    "changed_limits",
    "changed_terms",
]

Limit = int | None


class KindName(StrEnum):
    """What a license is for."""

    PRODUCTION = "production"
    EVALUATION = "evaluation"
    NON_PRODUCTION = "non-production"
    STANDBY = "standby"
    EMERGENCY = "emergency"

    @property
    def kind(self) -> Kind:
        """The same in a license."""
        return Kind[self.name]


class PostName(StrEnum):
    """What happens when grace has ended."""

    STOP = "stop"
    TRICKLE = "trickle"
    ADVISORY = "advisory"


class ReportName(StrEnum):
    """What a missing usage report does."""

    NONE = "none"
    ADVISORY = "advisory"
    CONDITION = "condition"


class LimitName(StrEnum):
    """A limit that can be lifted."""

    STREAMS = "streams"
    GPUS = "gpus"
    HOURS = "hours"
    HOSTS = "hosts"
    OVERDRAFT = "overdraft"


_MODES = {
    ReportName.NONE: ReportMode.NONE,
    ReportName.ADVISORY: ReportMode.ADVISORY,
    ReportName.CONDITION: ReportMode.CONDITION_OF_RENEWAL,
}
_FIELDS = {
    LimitName.STREAMS: "streams",
    LimitName.GPUS: "gpus",
    LimitName.HOURS: "audio_hours",
    LimitName.HOSTS: "hosts",
    LimitName.OVERDRAFT: "overdraft_percent",
}

CustomerName = Annotated[str | None, typer.Option(help="Name shown to the operator.")]
GraceDays = Annotated[
    int | None, typer.Option(help="Days of full service after the last day.", min=0)
]
NotBefore = Annotated[
    datetime | None, typer.Option(help="First day; at once by default.", formats=DAY)
]
MaxBuild = Annotated[
    datetime | None,
    typer.Option(
        help="Software built up to this day keeps its service for good.", formats=DAY
    ),
]
Features = Annotated[
    list[int] | None, typer.Option("--feature", help="Entitlement code; repeat.")
]
WarnDays = Annotated[
    list[int] | None,
    typer.Option("--warn-days", help="Days before the end with a banner; repeat."),
]
ExtensionCodes = Annotated[
    int | None, typer.Option(help="Emergency codes to provide.", min=0, max=255)
]
ExtensionDays = Annotated[int | None, typer.Option(help="Days that each code adds.")]
ReportDays = Annotated[
    int | None, typer.Option(help="Days from one usage report to the next.", min=0)
]
NoLimits = Annotated[
    list[LimitName] | None, typer.Option("--no-limit", help="Lift a limit; repeat.")
]
QrText = Annotated[
    Path | None,
    typer.Option("--qr-text", help="File for the QR texts, one on a line."),
]
Png = Annotated[
    Path | None, typer.Option("--png", help="File for the QR code; -2, -3 for more.")
]
Page = Annotated[
    Path | None, typer.Option("--page", help="HTML file for the page to print.")
]
Days = Annotated[int | None, typer.Option(min=0)]


def changed_terms(
    *,
    customer: str | None,
    grace_days: int | None,
    kind: KindName | None,
    features: list[int] | None,
    post: PostName | None,
    warn_days: list[int] | None,
    extension_codes: int | None,
    extension_days: int | None,
    not_before: datetime | None,
    report: ReportName | None,
    report_days: int | None,
    max_build_date: datetime | None,
    keyset_version: int | None,
) -> dict[str, Any]:
    """Return the fields of ``LicenseTerms`` that were given."""
    given = {
        "licensee": customer,
        "grace_days": grace_days,
        "kind": kind and kind.kind,
        "features": tuple(features) if features else None,
        "post": None if post is None else Post[post.name],
        "warn_days": tuple(warn_days) if warn_days else None,
        "extension_codes": extension_codes,
        "extension_days": extension_days,
        "not_before": day(not_before),
        "report": _cadence(report, report_days),
        "max_build_date": day(max_build_date),
        "keyset_version": keyset_version,
    }
    return {name: value for name, value in given.items() if value is not None}


def changed_limits(
    given: Capacity, lifted: list[LimitName] | None
) -> dict[str, int | None]:
    """Return the fields of ``Capacity`` that were given or lifted."""
    fields = {name: getattr(given, name) for name in _FIELDS.values()}
    changed = {name: value for name, value in fields.items() if value is not None}
    return changed | {_FIELDS[name]: None for name in lifted or ()}


def _cadence(mode: ReportName | None, days: int | None) -> ReportCadence | None:
    if mode is None and days is None:
        return None
    if mode is None or (days is None and mode is not ReportName.NONE):
        raise typer.BadParameter("give both --report and --report-days")
    return ReportCadence(days or 0, _MODES[mode])
