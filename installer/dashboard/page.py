"""Put the page together and find the one sentence at its top."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.dashboard.model import Level, Page, Row, Section, level_of, worst
from installer.dashboard.parts.gpus import gpus
from installer.dashboard.parts.host import host
from installer.dashboard.parts.licensing import license_flags, licensing
from installer.dashboard.parts.operation import operation
from installer.dashboard.parts.services import services
from installer.dashboard.words import moment
from installer.license_view import license_problems
from installer.protocol import OperationState, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.findings import Finding


def build_page(status: Status, *, now: float) -> Page:
    """Say everything the page shows.

    Args:
        status: from the engine.
        now: seconds since 1970, for days left.
    """
    findings = _findings(status)
    sections = _sections(status, now)
    headline, level = _headline(status, sections, findings)
    return Page(now, level, headline, tuple(_facts(status)), sections, findings)


def _sections(status: Status, now: float) -> tuple[Section, ...]:
    shown = operation(status)
    first = () if shown is None else (shown,)
    noted = license_flags(status)
    flags = () if noted is None else (noted,)
    at = datetime.fromtimestamp(now, UTC)
    return (
        *first,
        services(status),
        licensing(status, at),
        host(status),
        *flags,
        gpus(status),
    )


def _findings(status: Status) -> tuple[Finding, ...]:
    """Give the engine's findings and the license's, each once, worst first."""
    seen = {
        (one.code, one.evidence): one
        for one in (
            *status.findings,
            *license_problems(status.license),
        )
    }
    order = list(Level)
    return tuple(
        sorted(seen.values(), key=lambda one: -order.index(level_of(one.severity)))
    )


def _facts(status: Status) -> Iterator[Row]:
    if status.release is not None:
        release = status.release
        yield Row("Release", release.product_version, f"number {release.release_seq}")
        yield Row("Installed", moment(release.installed_at))
    if status.api_url:
        yield Row("API", status.api_url)


def _headline(
    status: Status, sections: tuple[Section, ...], findings: tuple[Finding, ...]
) -> tuple[str, Level]:
    running = status.operation
    if running is not None and running.state is OperationState.RUNNING:
        return f"The {running.kind} is running.", Level.INFO
    if not status.installed:
        return "The appliance is not installed on this machine.", Level.INFO
    bad = [
        card
        for section in sections
        if section.name in {"services", "license"}
        for card in section.cards
        if card.level is Level.ERROR
    ]
    if bad:
        names = ", ".join(f"{card.title} is {card.state}" for card in bad)
        return f"The appliance is not serving fully: {names}.", Level.ERROR
    level = worst(
        Level.OK,
        *(level_of(one.severity) for one in findings),
        *(card.level for section in sections for card in section.cards),
    )
    if level in {Level.WARNING, Level.ERROR}:
        return "The appliance is serving; something needs attention.", level
    return "The appliance is serving.", Level.OK
