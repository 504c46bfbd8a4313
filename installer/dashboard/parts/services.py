"""The services: one card a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.dashboard.model import Card, Level, Row, Section
from installer.dashboard.words import share, size, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import ServiceStatus, Status

_ROLES: Final = {
    "edge": "takes requests from your network",
    "api": "speaks to applications, keeps audio in memory",
    "asr": "recognizes speech",
    "license": "watches the license",
    "redis": "hands out work",
}


def services(status: Status) -> Section:
    """Show every service with its health and what it uses."""
    cards = tuple(_card(service) for service in status.services)
    note = "" if cards else _why_empty(status)
    return Section("services", "Services", cards, note)


def _why_empty(status: Status) -> str:
    if not status.installed:
        return "Nothing is installed yet, so there are no services."
    return "The container engine names no service of this appliance."


def _card(service: ServiceStatus) -> Card:
    level, state = _state(service)
    return Card(
        title=f"{service.name} {service.replica}"
        if service.replica > 1
        else service.name,
        level=level,
        state=state,
        rows=tuple(_rows(service)),
        note=_ROLES.get(service.name, ""),
    )


def _state(service: ServiceStatus) -> tuple[Level, str]:
    if service.state != "running":
        return Level.ERROR, service.state
    match service.health:
        case "unhealthy":
            return Level.ERROR, "unhealthy"
        case "starting":
            return Level.INFO, "starting"
        case "healthy":
            return Level.OK, "healthy"
        case _:
            return Level.OK, "running"


def _rows(service: ServiceStatus) -> Iterator[Row]:
    if service.cpu_percent is None:
        yield unknown("Processor", "the container engine gave no figure")
    else:
        yield Row(
            "Processor",
            f"{service.cpu_percent:.0f} % of a core",
            percent=min(100.0, service.cpu_percent),
        )
    yield _memory(service.memory_bytes, service.memory_limit_bytes)
    if service.restarts:
        yield Row("Restarts", str(service.restarts))


def _memory(used: int | None, limit: int | None) -> Row:
    if used is None:
        return unknown("Memory", "the container engine gave no figure")
    if not limit:
        return Row("Memory", size(used))
    return Row("Memory", f"{size(used)} of {size(limit)}", percent=share(used, limit))
