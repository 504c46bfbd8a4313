"""The Docker adapter: the engine protocol over Docker's unix socket."""

from __future__ import annotations

import contextlib
import json
import math
import socket
from functools import cached_property
from typing import TYPE_CHECKING, Any

import requests
from docker import APIClient
from docker.errors import APIError, NotFound

from appliance.engines.base import ContainerState, OurImage, RunResult
from appliance.engines.docker_errors import refusal, translated
from appliance.engines.docker_translate import (
    create_arguments,
    engine_info,
    hardening,
    label_of,
    network_arguments,
    network_facts,
    state_of,
    usage_of,
)
from appliance.engines.errors import (
    EngineUnreachableError,
    LoadRefusedError,
    NameTakenError,
)
from appliance.specs import LABEL, VERSION_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.engines.base import EngineInfo, NetworkFacts, Usage
    from appliance.specs import ContainerSpec, NetworkSpec, ProbeSpec

__all__ = ["DockerEngine"]

_TIMEOUT_S = 60
_LOAD_TIMEOUT_S = 3600
"""One layer may take minutes to extract on a slow disk."""
_PROBE_MEMORY_BYTES = 64 * 1024 * 1024
_PROBE_PIDS = 32
_PROBE_FILES = 256


class DockerEngine:
    """A Docker daemon on this host.

    Connects at the first request, so that an absent daemon is an answer of
    the method that needed it.
    """

    def __init__(self, path: str = "/var/run/docker.sock") -> None:
        self._path = path

    @cached_property
    def _client(self) -> APIClient:
        return self._connect(_TIMEOUT_S)

    def _connect(self, timeout_s: int) -> APIClient:
        """Connect once by ourselves: the SDK leaks a socket when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as first:
                first.connect(self._path)
        except OSError as error:
            raise EngineUnreachableError(
                f"expected an engine on {self._path}", evidence=error.strerror or ""
            ) from error
        url = f"unix://{self._path}"
        return APIClient(base_url=url, version="auto", timeout=timeout_s)

    def close(self) -> None:
        """Let go of the connection."""
        if "_client" in self.__dict__:
            self._client.close()

    def info(self) -> EngineInfo:
        """Describe the engine."""
        with translated():
            return engine_info(self._client.info(), self._client.version())

    def image_layers(self, image_id: str) -> tuple[str, ...] | None:
        """Return the diff ids of an image, or None when it is absent."""
        data = self._image(image_id)
        return None if data is None else tuple(data["RootFS"].get("Layers") or ())

    def image_label(self, image_id: str, label: str) -> str | None:
        """Return a label of an image; None when it has none, or is absent."""
        return label_of(self._image(image_id) or {}, label)

    def _image(self, image_id: str) -> dict[str, Any] | None:
        with translated():
            try:
                data: dict[str, Any] = self._client.inspect_image(image_id)  # type: ignore[no-untyped-call]
            except NotFound:
                return None
        return data

    def known_layers(self) -> tuple[tuple[str, ...], ...]:
        """Return the diff ids of every image present, one tuple each."""
        with translated():
            ids = [one["Id"] for one in self._client.images()]
        return tuple(self.image_layers(image_id) or () for image_id in ids)

    def load(self, archive: Iterable[bytes]) -> None:
        """Feed one image archive, and read the engine's answer to its end."""
        with (
            translated(),
            contextlib.closing(self._connect(_LOAD_TIMEOUT_S)) as client,
        ):
            try:
                self._feed(client, archive)
            except APIError as error:
                words = str(error.explanation or error)
                raise refusal(words, default=LoadRefusedError) from error
            except requests.exceptions.ConnectionError as error:
                client.ping()
                raise LoadRefusedError(
                    "the engine closed the connection", evidence=str(error)[-500:]
                ) from error

    @staticmethod
    def _feed(client: APIClient, archive: Iterable[bytes]) -> None:
        for message in client.load_image(archive, quiet=True):  # type: ignore[no-untyped-call]
            if "error" in message:
                raise refusal(str(message["error"]), default=LoadRefusedError)

    def our_images(self) -> tuple[OurImage, ...]:
        """List the finished images of our releases, by id."""
        with translated():
            found = self._client.images(filters={"label": VERSION_LABEL})
        ours = (
            OurImage(one["Id"], tuple(one.get("RepoTags") or ()), one["Size"])
            for one in found
        )
        return tuple(sorted(ours, key=lambda one: one.image_id))

    def tag_image(self, image_id: str, repository: str, tag: str) -> None:
        """Give a present image one more name."""
        with translated():
            self._client.tag(image_id, repository, tag)

    def drop_tags(self, prefix: str) -> None:
        """Drop every tag that begins so; layers of other images stay."""
        with translated():
            for image in self._client.images():
                for tag in image.get("RepoTags") or ():
                    if tag.startswith(prefix):
                        self._client.remove_image(tag)

    def remove_image(self, image_id: str) -> None:
        """Remove an image and its tags; an absent one is fine."""
        with translated(), contextlib.suppress(NotFound):
            self._client.remove_image(image_id, force=True)

    def ensure_network(self, spec: NetworkSpec) -> None:
        """Have the network exactly as described."""
        with translated():
            found = self._network(spec.name)
            if found is not None and _same_network(found, spec):
                return
            if found is not None:
                self._clear_network(found)
            self._client.create_network(**network_arguments(spec))

    def _network(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._client.inspect_network(name)
        except NotFound:
            return None
        if f"{LABEL}.network" not in (found.get("Labels") or {}):
            raise NameTakenError(f"the network {name} is not ours")
        return found

    def _clear_network(self, found: dict[str, Any]) -> None:
        for one in (found.get("Containers") or {}).values():
            self.remove_container(one["Name"])
        self._client.remove_network(found["Id"])

    def remove_network(self, name: str) -> None:
        """Have no such network."""
        with translated():
            found = self._network(name)
            if found is not None:
                self._clear_network(found)

    def networks(self) -> tuple[NetworkFacts, ...]:
        """List all networks with an IPv4 subnet."""
        with translated():
            return tuple(network_facts(one) for one in self._client.networks())

    def ensure_container(self, spec: ContainerSpec) -> None:
        """Have the container running exactly as described."""
        with translated():
            found = self._container(spec.name)
            if found is not None and _may_stay(found, spec):
                self._client.start(spec.name)
                return
            if found is not None:
                self.remove_container(spec.name)
            self._client.create_container(**create_arguments(self._client, spec))
            for other in spec.networks[1:]:
                self._client.connect_container_to_network(
                    spec.name, other.network, ipv4_address=other.address
                )
            self._client.start(spec.name)

    def _container(self, name: str) -> ContainerState | None:
        try:
            state = state_of(self._client.inspect_container(name))
        except NotFound:
            return None
        if not state.service:
            raise NameTakenError(f"the container {name} is not ours")
        return state

    def remove_container(self, name: str) -> None:
        """Have no such container; a running one may finish its work."""
        with translated():
            self._drop_probes_of(name)
            if self._container(name) is None:
                return
            with contextlib.suppress(NotFound):
                self._client.stop(name)
                self._client.remove_container(name, force=True, v=True)

    def containers(self) -> tuple[ContainerState, ...]:
        """List our containers, running or not, by name."""
        with translated():
            found = self._client.containers(
                all=True, filters={"label": f"{LABEL}.service"}
            )
            states = [self._state(one["Id"]) for one in found]
        return tuple(sorted((s for s in states if s), key=lambda one: one.name))

    def _state(self, container_id: str) -> ContainerState | None:
        try:
            return state_of(self._client.inspect_container(container_id))
        except NotFound:
            return None

    def usage(self, name: str) -> Usage | None:
        """Sample a container; None when it does not run."""
        with translated():
            try:
                data = self._client.stats(name, stream=False, one_shot=True)
            except NotFound:
                return None
        return usage_of(data)

    def logs(self, name: str, lines: int) -> str:
        """Return the last lines that a container wrote."""
        with translated():
            try:
                data: bytes = self._client.logs(name, tail=lines)
            except NotFound:
                return ""
        return data.decode(errors="replace")

    def run_probe(self, spec: ProbeSpec) -> RunResult:
        """Run a program in a container's network and remove it again."""
        with translated():
            self._drop_probe(spec.name)
            host_config = self._client.create_host_config(
                **hardening(_PROBE_MEMORY_BYTES, _PROBE_PIDS, _PROBE_FILES),
                network_mode=f"container:{spec.container}",
            )
            self._client.create_container(
                spec.image_id,
                name=spec.name,
                user=spec.user,
                entrypoint=list(spec.command),
                command=[],
                labels={f"{LABEL}.probe": spec.container},
                healthcheck={"test": ["NONE"]},
                host_config=host_config,
            )
            try:
                self._client.start(spec.name)
                ended = self._client.wait(spec.name, timeout=math.ceil(spec.timeout_s))
                output = self._client.logs(spec.name, stderr=False)
            finally:
                self._drop_probe(spec.name)
        return RunResult(int(ended["StatusCode"]), output.decode(errors="replace"))

    def _drop_probes_of(self, container: str) -> None:
        """Remove what a probe left that was cut short."""
        wanted = {"label": f"{LABEL}.probe={container}"}
        for one in self._client.containers(all=True, filters=wanted):
            self._drop_probe(one["Id"])

    def _drop_probe(self, name: str) -> None:
        with contextlib.suppress(NotFound):
            self._client.remove_container(name, force=True, v=True)


def _may_stay(found: ContainerState, spec: ContainerSpec) -> bool:
    """Tell whether it was once started as described; else it may be half-made."""
    return found.spec_digest == spec.digest and found.state in {
        "running",
        "restarting",
        "exited",
    }


def _same_network(found: dict[str, Any], spec: NetworkSpec) -> bool:
    wanted = network_arguments(spec)
    return (
        found["Labels"] == wanted["labels"]
        and found["Internal"] == wanted["internal"]
        and found["Options"] == wanted["options"]
        and json.dumps(found["IPAM"]["Config"]).count(spec.gateway) == 1
    )
