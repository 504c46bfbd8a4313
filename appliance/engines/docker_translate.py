"""Specs to the Docker API's words, and its answers back; no I/O here.

The shapes are those of the Docker Engine API 1.41 (Docker 20.10), which newer
engines still speak.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docker.types import (
    DeviceRequest,
    IPAMConfig,
    IPAMPool,
    LogConfig,
    Mount,
    Ulimit,
)

from appliance.engines.base import ContainerState, EngineInfo, NetworkFacts, Usage
from appliance.specs import LABEL

if TYPE_CHECKING:
    from docker import APIClient

    from appliance.specs import ContainerSpec, Healthcheck, NetworkSpec

__all__ = [
    "create_arguments",
    "engine_info",
    "hardening",
    "label_of",
    "network_arguments",
    "network_facts",
    "state_of",
    "usage_of",
]

_NO_RESOLVER = "127.0.0.1"
"""Nobody listens there inside a container, so outside names do not resolve."""
_SECOND_NS = 1_000_000_000


def hardening(spec_memory_bytes: int, pids: int, open_files: int) -> dict[str, Any]:
    """Return the options that every container of ours has."""
    return {
        "mem_limit": spec_memory_bytes,
        "memswap_limit": spec_memory_bytes,
        "pids_limit": pids,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "ipc_mode": "private",
        "ulimits": [
            Ulimit(name="core", soft=0, hard=0),
            Ulimit(name="nofile", soft=open_files, hard=open_files),
        ],
        "log_config": LogConfig(
            type=LogConfig.types.JSON, config={"max-size": "1m", "max-file": "2"}
        ),
    }


def create_arguments(client: APIClient, spec: ContainerSpec) -> dict[str, Any]:
    """Return the keyword arguments of ``APIClient.create_container``."""
    first = spec.networks[0]
    host_config = client.create_host_config(
        **hardening(spec.limits.memory_bytes, spec.limits.pids, spec.limits.open_files),
        nano_cpus=int(spec.limits.cpus * _SECOND_NS),
        network_mode=first.network,
        restart_policy={"Name": "unless-stopped"},
        dns=[_NO_RESOLVER],
        extra_hosts=dict(spec.hosts),
        mounts=[
            Mount(m.target, m.source, type="bind", read_only=m.read_only)
            for m in spec.mounts
        ],
        tmpfs={
            t.target: f"size={t.size_bytes},mode=1777,noexec,nosuid,nodev"
            for t in spec.tmpfs
        },
        port_bindings={
            p.container_port: (p.host_address, p.host_port) for p in spec.ports
        },
        device_requests=_gpus(spec.gpus),
    )
    endpoint = client.create_endpoint_config(ipv4_address=first.address)
    return {
        "image": spec.image_id,
        "name": spec.name,
        "hostname": spec.name,
        "user": spec.user,
        "environment": dict(spec.environment),
        "labels": spec.labels,
        "ports": [p.container_port for p in spec.ports],
        "healthcheck": _healthcheck(spec.healthcheck),
        "stop_timeout": spec.stop_timeout_s,
        "host_config": host_config,
        "networking_config": {"EndpointsConfig": {first.network: endpoint}},
    }


def _gpus(indexes: tuple[int, ...]) -> list[DeviceRequest] | None:
    if not indexes:
        return None
    ids = [str(index) for index in indexes]
    return [DeviceRequest(device_ids=ids, capabilities=[["gpu"]])]


def _healthcheck(check: Healthcheck | None) -> dict[str, Any]:
    if check is None:
        return {"test": ["NONE"]}
    return {
        "test": ["CMD", *check.command],
        "interval": int(check.interval_s * _SECOND_NS),
        "timeout": int(check.timeout_s * _SECOND_NS),
        "retries": check.retries,
        "start_period": int(check.start_period_s * _SECOND_NS),
    }


def network_arguments(spec: NetworkSpec) -> dict[str, Any]:
    """Return the keyword arguments of ``APIClient.create_network``.

    Masquerading is off as a second wall only: the first one is our firewall.
    """
    return {
        "name": spec.name,
        "driver": "bridge",
        "internal": spec.internal,
        "enable_ipv6": False,
        "check_duplicate": True,
        "labels": {f"{LABEL}.network": spec.name, f"{LABEL}.subnet": spec.subnet},
        "ipam": IPAMConfig(
            pool_configs=[IPAMPool(subnet=spec.subnet, gateway=spec.gateway)]
        ),
        "options": {
            "com.docker.network.bridge.name": spec.bridge,
            "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
    }


def state_of(data: dict[str, Any]) -> ContainerState:
    """Read an answer of ``inspect_container``."""
    state, labels = data["State"], data["Config"].get("Labels") or {}
    bindings = (data["HostConfig"].get("PortBindings") or {}).values()
    return ContainerState(
        name=str(data["Name"]).lstrip("/"),
        service=labels.get(f"{LABEL}.service", ""),
        replica=int(labels.get(f"{LABEL}.replica", "1")),
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status", "none"),
        image_id=data["Image"],
        restarts=int(data.get("RestartCount", 0)),
        exit_code=int(state.get("ExitCode", 0)),
        spec_digest=labels.get(f"{LABEL}.spec", ""),
        published=tuple(
            int(one["HostPort"]) for many in bindings for one in many or ()
        ),
    )


def label_of(image: dict[str, Any], label: str) -> str | None:
    """Read a label from an answer of ``inspect_image``."""
    value = ((image.get("Config") or {}).get("Labels") or {}).get(label)
    return None if value is None else str(value)


def usage_of(data: dict[str, Any]) -> Usage | None:
    """Read an answer of ``stats``; None when the container does not run."""
    memory = data.get("memory_stats") or {}
    if "usage" not in memory:
        return None
    detail = memory.get("stats") or {}
    cache = detail.get("total_inactive_file", detail.get("inactive_file", 0))
    return Usage(
        cpu_s=data["cpu_stats"]["cpu_usage"]["total_usage"] / _SECOND_NS,
        memory_bytes=max(0, memory["usage"] - cache),
        memory_limit_bytes=memory.get("limit", 0),
    )


def engine_info(info: dict[str, Any], version: dict[str, Any]) -> EngineInfo:
    """Read the answers of ``info`` and ``version``."""
    options = [str(option) for option in info.get("SecurityOptions") or ()]
    return EngineInfo(
        name="docker",
        version=str(version["Version"]),
        api_version=str(version["ApiVersion"]),
        storage_driver=str(info.get("Driver", "")),
        root_dir=str(info.get("DockerRootDir", "")),
        cgroup_version=str(info.get("CgroupVersion", "1")),
        runtimes=tuple(sorted(info.get("Runtimes") or {})),
        rootless=any("rootless" in option for option in options),
        swap_limit=bool(info.get("SwapLimit", False)),
    )


def network_facts(data: dict[str, Any]) -> NetworkFacts:
    """Read one entry of the answer of ``networks``."""
    pools = (data.get("IPAM") or {}).get("Config") or ()
    return NetworkFacts(
        name=data["Name"],
        ours=f"{LABEL}.network" in (data.get("Labels") or {}),
        subnets=tuple(pool["Subnet"] for pool in pools if "Subnet" in pool),
    )
