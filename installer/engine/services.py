"""Wait for services, and say why one is not well."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from appliance.engines.errors import ContainerExitedError
from installer.engine.findings import NOT_READY
from installer.errors import SERVICE_UNHEALTHY, InstallerError
from installer.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import JsonValue

    from appliance.engines import ContainerState
    from appliance.topology import Topology
    from installer.engine.site import Site
    from installer.settings import Settings

__all__ = ["api_url", "wait_healthy"]

_LOG_LINES = 12
_MANY_RESTARTS = 3


def api_url(settings: Settings) -> str:
    """Return the address of the API as seen from this host."""
    address = str(settings.listen_address)
    host = "127.0.0.1" if address == "0.0.0.0" else address  # noqa: S104  compared only
    return f"http://{host}:{settings.port}"


def wait_healthy(
    site: Site,
    topology: Topology,
    settings: Settings,
    check: Callable[[], None],
    progress: Callable[[int, int], None],
) -> dict[str, JsonValue]:
    """Wait until every container is healthy and the published API answers.

    Returns:
        The health body of the API.

    Raises:
        ContainerExitedError: a container keeps ending.
        InstallerError: one is not healthy in time.
    """
    deadline = time.monotonic() + site.health_deadline_s
    total = len(topology.containers) + 1
    while True:
        check()
        waiting = _waiting(site, topology)
        progress(total - 1 - len(waiting), total)
        body = None if waiting else site.prober.api_health(api_url(settings))
        if body is not None:
            progress(total, total)
            return body
        if time.monotonic() > deadline:
            raise _unhealthy(site, waiting, api_url(settings))
        time.sleep(site.poll_s)


def _waiting(site: Site, topology: Topology) -> tuple[str, ...]:
    states = {state.name: state for state in site.engine.containers()}
    names = []
    for spec in topology.containers:
        state = states.get(spec.name)
        if state is not None:
            _refuse_dead(site, state)
        wanted = "none" if spec.healthcheck is None else "healthy"
        if state is None or state.state != "running" or state.health != wanted:
            names.append(spec.name)
    return tuple(names)


def _refuse_dead(site: Site, state: ContainerState) -> None:
    if state.state != "running" and state.restarts >= _MANY_RESTARTS:
        raise ContainerExitedError(
            f"{state.name} ended with code {state.exit_code} "
            f"after {state.restarts} restarts",
            evidence=site.engine.logs(state.name, _LOG_LINES),
        )


def _unhealthy(site: Site, waiting: tuple[str, ...], url: str) -> InstallerError:
    if not waiting:
        return InstallerError(
            SERVICE_UNHEALTHY,
            f"expected an answer from {url}/health "
            f"within {site.health_deadline_s:.0f} s, found none",
        )
    name = waiting[0]
    logs = site.engine.logs(name, _LOG_LINES).strip()
    return InstallerError(
        SERVICE_UNHEALTHY,
        f"expected {', '.join(waiting)} to be healthy "
        f"within {site.health_deadline_s:.0f} s; last lines of {name}: {logs}",
    )


def readiness_warning(body: dict[str, JsonValue]) -> Finding | None:
    """Return a warning when the appliance runs but refuses work."""
    if body.get("ready", True):
        return None
    return Finding.of(
        NOT_READY,
        evidence=f"components: {body.get('components')}",
        severity=Severity.WARNING,
    )
