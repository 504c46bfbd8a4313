"""What the installer needs from a container engine: one small protocol.

Adapters translate specs, map the engine's errors to ``EngineError`` children,
and never touch what does not carry our label. Every method may be repeated:
``ensure`` and ``remove`` describe an end state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.specs import ContainerSpec, NetworkSpec, ProbeSpec

__all__ = [
    "ContainerEngine",
    "ContainerState",
    "EngineInfo",
    "NetworkFacts",
    "OurImage",
    "RunResult",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the engine says about itself."""

    name: str
    version: str
    api_version: str
    storage_driver: str
    root_dir: str
    cgroup_version: str
    runtimes: tuple[str, ...]
    rootless: bool
    swap_limit: bool

    @property
    def major(self) -> int:
        """Return the major version, 0 when it is not a number."""
        head = self.version.split(".", 1)[0]
        return int(head) if head.isdecimal() else 0

    @property
    def containerd_store(self) -> bool:
        """Tell whether images live in the containerd store."""
        return self.storage_driver in {"overlayfs", "native"}


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One of our containers as the engine sees it.

    Attributes:
        state: the engine's word, for example ``running`` or ``exited``.
        health: ``healthy``, ``unhealthy``, ``starting`` or ``none``.
    """

    name: str
    service: str
    replica: int
    state: str
    health: str
    image_id: str
    restarts: int
    exit_code: int
    spec_digest: str
    published: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OurImage:
    """An image of ours; without tags when another one took over its name."""

    image_id: str
    tags: tuple[str, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """A network of the engine, ours or not."""

    name: str
    ours: bool
    subnets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """One sample of what a container uses.

    Attributes:
        cpu_s: CPU time since its start, all cores together.
        memory_bytes: without the page cache that can be dropped.
    """

    cpu_s: float
    memory_bytes: int
    memory_limit_bytes: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a short-lived program ended, and what it printed."""

    exit_code: int
    output: str


class ContainerEngine(Protocol):
    """A container engine on this host."""

    def info(self) -> EngineInfo:
        """Describe the engine.

        Raises:
            EngineUnreachableError: nobody answers on the socket.
        """

    def image_layers(self, image_id: str) -> tuple[str, ...] | None:
        """Return the diff ids of an image, or None when it is absent."""

    def image_label(self, image_id: str, label: str) -> str | None:
        """Return a label of an image; None when it has none, or is absent."""

    def known_layers(self) -> tuple[tuple[str, ...], ...]:
        """Return the diff ids of every image present, one tuple each."""

    def load(self, archive: Iterable[bytes]) -> None:
        """Feed one image archive.

        Raises:
            LoadRefusedError: the engine refused it; nothing of it is used.
        """

    def our_images(self) -> tuple[OurImage, ...]:
        """List the finished images of our releases, by id."""

    def tag_image(self, image_id: str, repository: str, tag: str) -> None:
        """Give a present image one more name."""

    def drop_tags(self, prefix: str) -> None:
        """Drop every tag that begins so; layers of other images stay."""

    def remove_image(self, image_id: str) -> None:
        """Remove an image and its tags; an absent one is fine."""

    def ensure_network(self, spec: NetworkSpec) -> None:
        """Have the network exactly as described."""

    def remove_network(self, name: str) -> None:
        """Have no such network."""

    def networks(self) -> tuple[NetworkFacts, ...]:
        """List all networks with an IPv4 subnet."""

    def ensure_container(self, spec: ContainerSpec) -> None:
        """Have the container running exactly as described."""

    def remove_container(self, name: str) -> None:
        """Have no such container."""

    def containers(self) -> tuple[ContainerState, ...]:
        """List our containers, running or not, by name."""

    def usage(self, name: str) -> Usage | None:
        """Sample a container; None when it does not run."""

    def logs(self, name: str, lines: int) -> str:
        """Return the last lines that a container wrote."""

    def run_probe(self, spec: ProbeSpec) -> RunResult:
        """Run a program in a container's network and remove it again."""
