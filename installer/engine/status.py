"""Collect what a status screen shows; a part that fails never hides the rest."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.topology import SERVICES
from installer.engine.findings import NO_WALLS
from installer.engine.gpus import gpu_notices
from installer.engine.installed import installed_settings, read_installed
from installer.engine.services import api_url
from installer.engine.trust import trust_notices
from installer.errors import InstallerError
from installer.findings import Finding
from installer.gpu import view_json
from installer.protocol import ServiceStatus, Status
from installer.settings import Compute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.engines import ContainerState, Usage
    from installer.engine.installed import Installed
    from installer.engine.site import Site
    from installer.gpu import GpuInventory, GpuView
    from installer.protocol import Operation
    from installer.settings import Settings

__all__ = ["StatusCollector"]

_LOG = logging.getLogger("anechoicd")
_FRESH_S = 1.0


@dataclass(frozen=True, slots=True)
class _Sample:
    cpu_s: float
    at_s: float


class StatusCollector:
    """Collects the status, at most once a second whatever the number of viewers.

    Attributes:
        gpus: gives the view of the GPU poller, or None before its first report.
    """

    def __init__(
        self,
        site: Site,
        operation: Callable[[], Operation | None],
        gpus: Callable[[], GpuView | None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.gpus = gpus
        self._site = site
        self._operation = operation
        self._clock = clock
        self._lock = threading.Lock()
        self._samples: dict[str, _Sample] = {}
        self._last: tuple[float, Status] | None = None
        self._compute = Compute.AUTO
        self._then: GpuInventory | None = None

    def collect(self) -> Status:
        """Return the status; containers and host are at most a second old."""
        with self._lock:
            now = self._clock()
            if self._last is None or now - self._last[0] >= _FRESH_S:
                self._last = (now, self._collect())
            return self._last[1].model_copy(update={"operation": self._operation()})

    async def read(self) -> Status:
        """Return the status with the GPUs, whose poller lives in the event loop."""
        status = await asyncio.to_thread(self.collect)
        view = self.gpus()
        if view is None:
            return status
        told = gpu_notices(view, compute=self._compute, then=self._then)
        return status.model_copy(
            update={"gpus": view_json(view), "findings": (*status.findings, *told)}
        )

    def forget(self) -> None:
        """Make the next request look again."""
        self._last = None

    def _collect(self) -> Status:
        findings: list[Finding] = []
        installed = read_installed(self._site.paths)
        settings = self._settings(installed, findings)
        self._compute = settings.compute if settings else Compute.AUTO
        self._then = installed.gpus if installed else None
        if installed is not None and not self._site.firewall.is_applied():
            findings.append(Finding.of(NO_WALLS, evidence="nft shows no such table"))
        findings.extend(trust_notices(self._site.paths))
        return Status(
            installed=installed is not None,
            release=installed.release if installed else None,
            services=self._services(settings, findings),
            license=self._site.licenses.status() if installed else None,
            host=self._site.host.figures(),
            api_url=api_url(settings) if settings else None,
            dashboard_url=(
                f"http://127.0.0.1:{settings.dashboard_port}" if settings else None
            ),
            findings=tuple(findings),
        )

    def _settings(
        self, installed: Installed | None, findings: list[Finding]
    ) -> Settings | None:
        if installed is None:
            return None
        try:
            return installed_settings(self._site.paths)
        except (InstallerError, OSError) as error:
            findings.append(Finding.from_error(error))
            return None

    def _services(
        self, settings: Settings | None, findings: list[Finding]
    ) -> tuple[ServiceStatus, ...]:
        try:
            states = self._site.engine.containers()
            usages = self._usages(states)
            found = {
                (one.service, one.replica): self._service(one, usage, settings)
                for one, usage in zip(states, usages, strict=True)
            }
        except ApplianceError as error:
            findings.append(Finding.from_error(error))
            return ()
        for name, replica in _expected(settings):
            found.setdefault(
                (name, replica),
                ServiceStatus(
                    name=name, replica=replica, state="missing", health="none"
                ),
            )
        return tuple(found[key] for key in sorted(found, key=_order))

    def _usages(self, states: Sequence[ContainerState]) -> tuple[Usage | None, ...]:
        """Sample all containers at once: the engine takes a second for each."""
        if not states:
            return ()
        names = [state.name for state in states]
        with ThreadPoolExecutor(len(names)) as samplers:
            return tuple(samplers.map(self._site.engine.usage, names))

    def _service(
        self, state: ContainerState, usage: Usage | None, settings: Settings | None
    ) -> ServiceStatus:
        return ServiceStatus(
            name=state.service,
            replica=state.replica,
            state=state.state,
            health=self._health(state, settings),
            image_id=state.image_id,
            cpu_percent=self._cpu_percent(state.name, usage),
            memory_bytes=usage.memory_bytes if usage else None,
            memory_limit_bytes=usage.memory_limit_bytes if usage else None,
            restarts=state.restarts,
        )

    def _health(self, state: ContainerState, settings: Settings | None) -> str:
        """Return the health; the edge has no check of its own and is asked here."""
        if state.service != "edge" or settings is None or state.state != "running":
            return state.health
        answers = self._site.prober.api_health(api_url(settings)) is not None
        return "healthy" if answers else "unhealthy"

    def _cpu_percent(self, name: str, usage: Usage | None) -> float | None:
        """Compare with the sample before; None for the first one."""
        before = self._samples.pop(name, None)
        if usage is None:
            return None
        now = self._clock()
        self._samples[name] = _Sample(usage.cpu_s, now)
        if before is None or now <= before.at_s or usage.cpu_s < before.cpu_s:
            return None
        return round((usage.cpu_s - before.cpu_s) / (now - before.at_s) * 100, 1)


def _expected(settings: Settings | None) -> tuple[tuple[str, int], ...]:
    if settings is None:
        return ()
    return tuple(
        (name, replica)
        for name in SERVICES
        for replica in range(1, (settings.asr_workers if name == "asr" else 1) + 1)
    )


def _order(key: tuple[str, int]) -> tuple[int, str, int]:
    name, replica = key
    return (SERVICES.index(name) if name in SERVICES else 99, name, replica)
