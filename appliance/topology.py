"""The containers of the appliance, their networks and their bounds, as data.

Addresses are fixed, counted from the start of the core subnet: redis, license,
api, edge, then the workers. Only the edge container has a published port and
a place in the edge network; everything else lives in the internal core network
and knows the others by address or by its hosts file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from appliance.addresses import Addresses
from appliance.limits import HostSize, limits_for
from appliance.specs import (
    Attachment,
    ContainerSpec,
    Healthcheck,
    Mount,
    NetworkSpec,
    PublishedPort,
    Tmpfs,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Network
    from pathlib import Path

    from appliance.paths import HostPaths
    from appliance.specs import Limits

__all__ = [
    "API_PORT",
    "CORE",
    "EDGE",
    "LICENSE_PORT",
    "PYTHON",
    "RUNTIME",
    "SERVICES",
    "UID_EDGE",
    "UID_PYTHON",
    "UID_REDIS",
    "Addresses",
    "HostSize",
    "Inputs",
    "Topology",
    "build_topology",
]

SERVICES: Final = ("redis", "license", "api", "asr", "edge")
"""In the order of their start; also the names of their images."""
EDGE: Final = "anechoic-edge"
CORE: Final = "anechoic-core"
UID_PYTHON: Final = 10001
UID_REDIS: Final = 10002
UID_EDGE: Final = 10003
API_PORT: Final = 8080
API_INTERNAL_PORT: Final = 8081
ASR_PORT: Final = 9000
LICENSE_PORT: Final = 6699
REDIS_PORT: Final = 6379

PYTHON: Final = "/usr/bin/python3.11"
RUNTIME: Final = "/run/anechoic"
_MIB: Final = 1024 * 1024
_SCRATCH: Final = Tmpfs("/tmp", 16 * _MIB)  # noqa: S108  a folder of the container
_DRAIN_S: Final = 70
"""Longer than the 60 s that api and asr take to finish accepted work."""
_API_AUDIO_SHARE: Final = 0.5
"""Share of the gateway's memory for audio in flight; it needs 256 MiB itself."""
_GATEWAYS: Final = 1
"""Replicas of the gateway on one host."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything the topology depends on.

    Attributes:
        images: image id by service.
        model: folder of the installed model on the host.
        revisions: digest of the generated configuration by service.
        gpus: indexes of usable GPUs; empty means CPU mode.
    """

    paths: HostPaths
    images: Mapping[str, str]
    model: Path
    host: HostSize
    edge_subnet: IPv4Network
    core_subnet: IPv4Network
    listen_address: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    gpus: tuple[int, ...] = ()
    revisions: tuple[tuple[str, str], ...] = ()

    @property
    def addresses(self) -> Addresses:
        """The fixed addresses that follow from the subnets."""
        return Addresses.of(self.edge_subnet, self.core_subnet, self.workers)


@dataclass(frozen=True, slots=True)
class Topology:
    """Networks and containers, in the order of their start."""

    networks: tuple[NetworkSpec, ...]
    containers: tuple[ContainerSpec, ...]

    def container(self, name: str) -> ContainerSpec:
        """Return the container of this name.

        Raises:
            KeyError: there is none.
        """
        for spec in self.containers:
            if spec.name == name:
                return spec
        raise KeyError(name)


def networks(edge: IPv4Network, core: IPv4Network) -> tuple[NetworkSpec, ...]:
    """Describe both networks."""
    return (
        NetworkSpec(EDGE, "anx-edge", str(edge), str(edge[1]), internal=False),
        NetworkSpec(CORE, "anx-core", str(core), str(core[1]), internal=True),
    )


def build_topology(inputs: Inputs) -> Topology:
    """Describe every container of the appliance."""
    workers = tuple(_asr(inputs, index) for index in range(inputs.workers))
    return Topology(
        networks=networks(inputs.edge_subnet, inputs.core_subnet),
        containers=(
            _redis(inputs),
            _license(inputs),
            _api(inputs),
            *workers,
            _edge(inputs),
        ),
    )


def _limits(inputs: Inputs, service: str) -> Limits:
    return limits_for(service, inputs.host, inputs.workers)


def _revision(inputs: Inputs, service: str) -> str:
    return dict(inputs.revisions).get(service, "")


def _health(port: int, start_period_s: float = 60.0) -> Healthcheck:
    url = f"http://127.0.0.1:{port}/health"
    return Healthcheck(
        (PYTHON, "-m", "appliance.health", url), start_period_s=start_period_s
    )


def _redis(inputs: Inputs) -> ContainerSpec:
    config = inputs.paths.config
    return ContainerSpec(
        name="anechoic-redis",
        service="redis",
        replica=1,
        image_id=inputs.images["redis"],
        user=f"{UID_REDIS}:{UID_REDIS}",
        networks=(Attachment(CORE, inputs.addresses.redis),),
        limits=_limits(inputs, "redis"),
        mounts=(
            Mount(str(config / "redis.conf"), f"{RUNTIME}/redis.conf"),
            Mount(str(config / "redis.acl"), f"{RUNTIME}/redis.acl"),
        ),
        tmpfs=(Tmpfs("/data", 16 * _MIB),),
        healthcheck=Healthcheck(("/usr/bin/redis-cli", "ping"), start_period_s=20.0),
        revision=_revision(inputs, "redis"),
    )


def _license(inputs: Inputs) -> ContainerSpec:
    paths = inputs.paths
    return ContainerSpec(
        name="anechoic-license",
        service="license",
        replica=1,
        image_id=inputs.images["license"],
        user=f"{UID_PYTHON}:{UID_PYTHON}",
        networks=(Attachment(CORE, inputs.addresses.license),),
        limits=_limits(inputs, "license"),
        mounts=(
            Mount(str(paths.license), f"{RUNTIME}/license"),
            Mount(
                str(paths.license_state), "/var/lib/anechoic-license", read_only=False
            ),
        ),
        tmpfs=(_SCRATCH,),
        healthcheck=_health(LICENSE_PORT),
    )


def _serving_environment(
    inputs: Inputs, service: str, replica: int, replicas: int
) -> tuple[tuple[str, str], ...]:
    addresses = inputs.addresses
    return (
        ("ANECHOIC_INSTANCE", f"{service}-{replica}"),
        ("ANECHOIC_LICENSE_REPLICAS", str(replicas)),
        ("ANECHOIC_LICENSE_URL", f"http://{addresses.license}:{LICENSE_PORT}"),
        ("ANECHOIC_REDIS_URL", f"redis://{addresses.redis}:{REDIS_PORT}/0"),
    )


def _serving_mounts(inputs: Inputs) -> tuple[Mount, ...]:
    """Return the secrets between services, and the license without its secrets."""
    paths = inputs.paths
    return (
        Mount(str(paths.redis_password), "/run/secrets/redis_password"),
        Mount(str(paths.worker_token), "/run/secrets/worker_token"),
        Mount(str(paths.license_public), f"{RUNTIME}/license-public"),
    )


def _api(inputs: Inputs) -> ContainerSpec:
    address, limits = inputs.addresses.api, _limits(inputs, "api")
    audio_bytes = int(limits.memory_bytes * _API_AUDIO_SHARE)
    return ContainerSpec(
        name="anechoic-api-1",
        service="api",
        replica=1,
        image_id=inputs.images["api"],
        user=f"{UID_PYTHON}:{UID_PYTHON}",
        networks=(Attachment(CORE, address),),
        limits=limits,
        environment=(
            *_serving_environment(inputs, "api", 1, _GATEWAYS),
            ("ANECHOIC_API_ADVERTISE_URL", f"http://{address}:{API_INTERNAL_PORT}"),
            ("ANECHOIC_API_MEMORY_BYTES", str(audio_bytes)),
        ),
        mounts=(
            *_serving_mounts(inputs),
            Mount(str(inputs.paths.api_keys.parent), f"{RUNTIME}/api-keys"),
        ),
        tmpfs=(_SCRATCH,),
        hosts=inputs.addresses.hosts(),
        healthcheck=_health(API_PORT),
        stop_timeout_s=_DRAIN_S,
        revision=_revision(inputs, "api"),
    )


def _asr(inputs: Inputs, index: int) -> ContainerSpec:
    replica = index + 1
    gpus = (inputs.gpus[index % len(inputs.gpus)],) if inputs.gpus else ()
    return ContainerSpec(
        name=f"anechoic-asr-{replica}",
        service="asr",
        replica=replica,
        image_id=inputs.images["asr"],
        user=f"{UID_PYTHON}:{UID_PYTHON}",
        networks=(Attachment(CORE, inputs.addresses.workers[index]),),
        limits=_limits(inputs, "asr"),
        environment=(
            *_serving_environment(inputs, "asr", replica, inputs.workers),
            ("ANECHOIC_ASR_DEVICE", "cuda" if gpus else "cpu"),
        ),
        mounts=(*_serving_mounts(inputs), Mount(str(inputs.model), "/models/active")),
        tmpfs=(_SCRATCH,),
        hosts=inputs.addresses.hosts(),
        healthcheck=_health(ASR_PORT, start_period_s=120.0),
        stop_timeout_s=_DRAIN_S,
        gpus=gpus,
        revision=_revision(inputs, "asr"),
    )


def _edge(inputs: Inputs) -> ContainerSpec:
    return ContainerSpec(
        name="anechoic-edge",
        service="edge",
        replica=1,
        image_id=inputs.images["edge"],
        user=f"{UID_EDGE}:{UID_EDGE}",
        networks=(
            Attachment(EDGE, inputs.addresses.edge_public),
            Attachment(CORE, inputs.addresses.edge),
        ),
        limits=_limits(inputs, "edge"),
        mounts=(
            Mount(str(inputs.paths.config / "haproxy.cfg"), f"{RUNTIME}/haproxy.cfg"),
        ),
        tmpfs=(_SCRATCH,),
        ports=(PublishedPort(API_PORT, inputs.listen_address, inputs.port),),
        hosts=inputs.addresses.hosts(),
        revision=_revision(inputs, "edge"),
    )
