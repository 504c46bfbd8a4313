"""Containers and networks as data: what every engine adapter understands.

A spec says everything about a container, so that two specs with one digest
are the same container and a change of any field is seen.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

__all__ = [
    "ACCELERATOR_LABEL",
    "CPU_ONLY",
    "LABEL",
    "VERSION_LABEL",
    "Attachment",
    "ContainerSpec",
    "Healthcheck",
    "Limits",
    "Mount",
    "NetworkSpec",
    "ProbeSpec",
    "PublishedPort",
    "Tmpfs",
]

LABEL = "dev.anechoic"
"""Prefix of every label; ``dev.anechoic.service`` marks what is ours."""

ACCELERATOR_LABEL = f"{LABEL}.accelerator"
"""Label of the recognition image: what it can compute on."""

VERSION_LABEL = f"{LABEL}.version"
"""Label of every image of a release: the version of the product."""

CPU_ONLY = "cpu"
"""Value of that label for an image that has no program for GPUs."""


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A bridge network with a fixed subnet.

    Attributes:
        bridge: name of the host's bridge interface, at most 15 characters.
        subnet: IPv4 network as text; the first host address is the gateway.
        internal: no route out and no published port.
    """

    name: str
    bridge: str
    subnet: str
    gateway: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A container's place in a network."""

    network: str
    address: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of the host inside the container."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """A folder in memory; never executable."""

    target: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A TCP port of the container on an address of the host."""

    container_port: int
    host_address: str
    host_port: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds of one container; swap is never allowed on top."""

    cpus: float
    memory_bytes: int
    pids: int
    open_files: int = 8192


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """A command inside the container that ends with 0 when it is well."""

    command: tuple[str, ...]
    interval_s: float = 10.0
    timeout_s: float = 10.0
    retries: int = 3
    start_period_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container, complete.

    Attributes:
        service: the role, for example ``asr``; several replicas share it.
        image_id: identity of the image; never a tag.
        user: numeric ``uid:gid``.
        networks: the first one decides the published port.
        hosts: names and addresses for the container's hosts file.
        gpus: device indexes, or empty for none.
        revision: digest of the mounted configuration; a change recreates.
    """

    name: str
    service: str
    replica: int
    image_id: str
    user: str
    networks: tuple[Attachment, ...]
    limits: Limits
    environment: tuple[tuple[str, str], ...] = ()
    mounts: tuple[Mount, ...] = ()
    tmpfs: tuple[Tmpfs, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    hosts: tuple[tuple[str, str], ...] = ()
    healthcheck: Healthcheck | None = None
    stop_timeout_s: int = 10
    gpus: tuple[int, ...] = ()
    revision: str = ""

    @property
    def digest(self) -> str:
        """Identify this spec: SHA-256 over its canonical JSON, in hex."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels that mark the container as ours."""
        return {
            f"{LABEL}.service": self.service,
            f"{LABEL}.replica": str(self.replica),
            f"{LABEL}.spec": self.digest,
        }


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """A short-lived program in the network of a running container.

    Attributes:
        container: the container whose network view is used.
        image_id: an image that has the program.
    """

    name: str
    container: str
    image_id: str
    user: str
    command: tuple[str, ...]
    timeout_s: float
