"""This machine, as the engine needs it: a thin layer over the host's modules."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from appliance.topology import HostSize
from installer.fingerprint import collect_fingerprint
from installer.gpu import inventory, probe, usable_gpus
from installer.host_metrics import HostSampler
from installer.preflight import (
    CheckResult,
    EngineFacts,
    Needs,
    collect_facts,
    findings_of,
    run_checks,
)

if TYPE_CHECKING:
    from pydantic import JsonValue

    from appliance.engines import ContainerEngine
    from appliance.paths import HostPaths
    from installer.findings import Finding
    from installer.gpu import GpuInventory
    from installer.settings import Settings
    from offline_license.fingerprint import HostFacts

__all__ = ["Machine", "engine_facts"]

_NVIDIA = "nvidia"


def engine_facts(engine: ContainerEngine) -> EngineFacts:
    """Describe the container engine for preflight, ours apart from others'."""
    info, networks = engine.info(), engine.networks()
    ports = (port for state in engine.containers() for port in state.published)
    return EngineFacts(
        name=info.name,
        version=info.version,
        api_version=info.api_version,
        storage_driver=info.storage_driver,
        root_dir=Path(info.root_dir),
        cgroup_version=int(info.cgroup_version),
        runtimes=info.runtimes,
        rootless=info.rootless,
        swap_limit=info.swap_limit,
        own_ports=frozenset(ports),
        own_subnets=frozenset(s for n in networks if n.ours for s in n.subnets),
        other_subnets=frozenset(s for n in networks if not n.ours for s in n.subnets),
    )


@dataclass(frozen=True, slots=True)
class Machine:
    """This machine.

    Attributes:
        own_ports: ports that anechoicd itself listens on now.
    """

    engine: ContainerEngine
    paths: HostPaths
    own_ports: set[int] = field(default_factory=set)
    sampler: HostSampler = field(default_factory=HostSampler)

    def size(self) -> HostSize:
        """Return the processors and the memory of the host."""
        return HostSize(
            cpus=os.cpu_count() or 1, memory_bytes=psutil.virtual_memory().total
        )

    def gpus(self) -> tuple[int, ...]:
        """Return the indexes of GPUs that containers can use."""
        if _NVIDIA not in self.engine.info().runtimes:
            return ()
        return usable_gpus(probe())

    def gpu_inventory(self) -> GpuInventory:
        """Return the cards and the driver, to compare with later."""
        return inventory(probe())

    def preflight(self, settings: Settings, payload_bytes: int) -> tuple[Finding, ...]:
        """Check the host against the settings."""
        return findings_of(self.checks(settings, payload_bytes))

    def checks(self, settings: Settings, payload_bytes: int) -> tuple[CheckResult, ...]:
        """Run every check of the host, also those that find nothing."""
        facts = collect_facts(self._facts, state_dir=self.paths.state)
        return run_checks(Needs.of(settings, payload_bytes=payload_bytes), facts)

    def _facts(self) -> EngineFacts:
        facts = engine_facts(self.engine)
        return EngineFacts(
            **{
                **{name: getattr(facts, name) for name in facts.__slots__},
                "own_ports": facts.own_ports | self.own_ports,
            }
        )

    def addresses(self) -> tuple[str, ...]:
        """Return the IPv4 addresses of all interfaces but loopback."""
        return tuple(
            address.address
            for name, addresses in sorted(psutil.net_if_addrs().items())
            for address in addresses
            if address.family is socket.AF_INET and name != "lo"
        )

    def figures(self) -> dict[str, JsonValue]:
        """Return figures of the host for the status screen."""
        places = {"appliance": self.paths.state, "system": self.paths.root}
        return self.sampler.sample(places).to_json()

    def license_facts(self) -> HostFacts:
        """Return what a license recognizes this host by."""
        identity = collect_fingerprint(data_dir=self.paths.state, gpu=probe())
        return identity.facts
