"""A container engine in memory: real state, no containers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.engines import (
    ContainerState,
    EngineInfo,
    NetworkFacts,
    OurImage,
    RunResult,
    Usage,
)
from appliance.engines.errors import ImageMissingError, SubnetTakenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.specs import ContainerSpec, NetworkSpec, ProbeSpec

__all__ = ["FakeEngine"]


@dataclass
class FakeEngine:
    """Keeps images, networks and containers; every container is healthy.

    Attributes:
        labels: of images, by image and name of the label.
        health: health by container name, where it is not ``healthy``.
        probes: output by container name for ``run_probe``.
        actions: what was changed, in order.
    """

    images: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    network_specs: dict[str, NetworkSpec] = field(default_factory=dict)
    specs: dict[str, ContainerSpec] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    health: dict[str, str] = field(default_factory=dict)
    probes: dict[str, RunResult] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)

    def info(self) -> EngineInfo:
        return EngineInfo(
            "docker", "20.10.24", "1.41", "overlay2", "/var/lib/docker", "1",
            ("runc",), rootless=False, swap_limit=True,
        )  # fmt: skip

    def image_layers(self, image_id: str) -> tuple[str, ...] | None:
        return self.images.get(image_id)

    def image_label(self, image_id: str, label: str) -> str | None:
        return self.labels.get((image_id, label)) if image_id in self.images else None

    def known_layers(self) -> tuple[tuple[str, ...], ...]:
        return tuple(self.images.values())

    def load(self, archive: Iterable[bytes]) -> None:
        """Take the archive's bytes as the id of an image without layers."""
        self.images[b"".join(archive).decode()] = ()

    def our_images(self) -> tuple[OurImage, ...]:
        return tuple(
            OurImage(image_id, tuple(self.tags.get(image_id, ())), 1000)
            for image_id in sorted(self.images)
        )

    def tag_image(self, image_id: str, repository: str, tag: str) -> None:
        self.tags.setdefault(image_id, []).append(f"{repository}:{tag}")

    def drop_tags(self, prefix: str) -> None:
        self.actions.append(f"drop tags {prefix}")

    def remove_image(self, image_id: str) -> None:
        self.images.pop(image_id, None)

    def ensure_network(self, spec: NetworkSpec) -> None:
        for other in self.network_specs.values():
            if other.name != spec.name and other.subnet == spec.subnet:
                raise SubnetTakenError(f"{spec.subnet} is in use by {other.name}")
        if self.network_specs.get(spec.name) != spec:
            self.actions.append(f"network {spec.name}")
            self.network_specs[spec.name] = spec

    def remove_network(self, name: str) -> None:
        self.network_specs.pop(name, None)

    def networks(self) -> tuple[NetworkFacts, ...]:
        return tuple(
            NetworkFacts(name, ours=True, subnets=(spec.subnet,))
            for name, spec in self.network_specs.items()
        )

    def ensure_container(self, spec: ContainerSpec) -> None:
        if spec.image_id not in self.images:
            raise ImageMissingError(f"no such image: {spec.image_id}")
        if self.specs.get(spec.name) != spec or spec.name in self.stopped:
            self.actions.append(f"start {spec.name}")
        self.specs[spec.name] = spec
        self.stopped.discard(spec.name)

    def remove_container(self, name: str) -> None:
        if self.specs.pop(name, None) is not None:
            self.actions.append(f"remove {name}")

    def containers(self) -> tuple[ContainerState, ...]:
        return tuple(self._state(spec) for _, spec in sorted(self.specs.items()))

    def _state(self, spec: ContainerSpec) -> ContainerState:
        runs = spec.name not in self.stopped
        usual = "healthy" if spec.healthcheck else "none"
        return ContainerState(
            name=spec.name,
            service=spec.service,
            replica=spec.replica,
            state="running" if runs else "exited",
            health=self.health.get(spec.name, usual),
            image_id=spec.image_id,
            restarts=0 if runs else 5,
            exit_code=0 if runs else 1,
            spec_digest=spec.digest,
            published=tuple(port.host_port for port in spec.ports),
        )

    def usage(self, name: str) -> Usage | None:
        if name not in self.specs or name in self.stopped:
            return None
        return Usage(1.5, 50_000_000, self.specs[name].limits.memory_bytes)

    def logs(self, name: str, lines: int) -> str:
        return f"{name}: the last {lines} lines\n"

    def run_probe(self, spec: ProbeSpec) -> RunResult:
        return self.probes.get(spec.container, RunResult(0, '{"tried":0,"open":[]}'))
