"""Prove the walls: try every way out from inside every container.

A small program runs in the network of each running container and tries what a
compromised service would try: addresses outside, services of the host, other
networks, name lookups. The host keeps a listener of its own open meanwhile, so
that "nobody answered" means the wall, not an empty port.
"""

from __future__ import annotations

import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import appliance
from appliance import probe
from appliance.errors import ApplianceError
from appliance.specs import ProbeSpec
from appliance.topology import EDGE, UID_PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.engines import ContainerEngine
    from appliance.specs import ContainerSpec
    from appliance.topology import Topology

__all__ = ["Exposure", "ProbeFailedError", "prove", "targets_for"]

_OUTSIDE: Final = ("192.0.2.1", "198.51.100.1", "203.0.113.1")
"""Addresses for documentation (RFC 5737): nothing of value ever answers there."""
_OUTSIDE_PORTS: Final = (53, 443)
_PROBE_TIMEOUT_S: Final = 60.0
_AT_ONCE: Final = 5
_ECHO_PAUSE_S: Final = 0.1


class ProbeFailedError(ApplianceError):
    """The probe itself did not work, so nothing is proven."""

    code = "ANX-ENG-13"
    title = "The isolation could not be proven"
    meaning = "It is unknown whether a container has a way out."
    remedy = "Read the evidence, then run `anechoic isolation` again."


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way out that is open.

    Attributes:
        container: where the attempt was made.
        target: what was reached, for example ``tcp 10.231.77.1:34567``.
        detail: what answered.
    """

    container: str
    target: str
    detail: str


def targets_for(
    spec: ContainerSpec,
    topology: Topology,
    addresses: Sequence[str],
    listener_port: int,
) -> dict[str, list[list[str | int]]]:
    """List what the probe tries in one container.

    ``addresses`` are the host's own, gateways included; the host answers on TCP
    and UDP ``listener_port`` during the probe.
    """
    own = {attachment.network for attachment in spec.networks}
    others = [
        (attachment.address, port.container_port)
        for other in topology.containers
        for attachment in other.networks
        if attachment.network not in own
        for port in other.ports or ()
        if attachment.network == EDGE
    ]
    outside = [(ip, port) for ip in _OUTSIDE for port in _OUTSIDE_PORTS]
    host = [(ip, listener_port) for ip in addresses]
    return {
        "tcp": [list(pair) for pair in (*outside, *host, *others)],
        "udp": [list(pair) for pair in (*((ip, 53) for ip in _OUTSIDE), *host)],
    }


def prove(
    engine: ContainerEngine, topology: Topology, addresses: Sequence[str]
) -> tuple[Exposure, ...]:
    """Try every way out of every container.

    Raises:
        ProbeFailedError: the probe or its control did not work.
    """
    with _listener(addresses) as port, ThreadPoolExecutor(_AT_ONCE) as pool:
        _control(port)
        found = pool.map(
            lambda spec: _probe(
                engine, topology, spec, targets_for(spec, topology, addresses, port)
            ),
            topology.containers,
        )
        return tuple(exposure for exposures in found for exposure in exposures)


def _probe(
    engine: ContainerEngine,
    topology: Topology,
    spec: ContainerSpec,
    targets: dict[str, list[list[str | int]]],
) -> tuple[Exposure, ...]:
    result = engine.run_probe(
        ProbeSpec(
            name=f"{spec.name}-probe",
            container=spec.name,
            image_id=topology.container("anechoic-api-1").image_id,
            user=f"{UID_PYTHON}:{UID_PYTHON}",
            command=(
                "/usr/bin/python3.11",
                "-I",
                "-c",
                files(appliance).joinpath("probe.py").read_text("utf-8"),
                json.dumps(targets),
            ),
            timeout_s=_PROBE_TIMEOUT_S,
        )
    )
    tried = sum(len(many) for many in targets.values())
    return _read(spec.name, result.exit_code, result.output, tried)


def _read(
    container: str, exit_code: int, output: str, tried: int
) -> tuple[Exposure, ...]:
    try:
        report = json.loads(output) if exit_code == 0 else {}
        complete = report.get("tried") == tried
        opened = [(str(one[0]), str(one[1])) for one in report.get("open", ())]
    except (ValueError, AttributeError, IndexError, TypeError):
        complete, opened = False, []
    if not complete:
        raise ProbeFailedError(
            f"{container}: expected a report of {tried} attempts, found none",
            evidence=f"exit code {exit_code}: {output[-300:]}",
        )
    return tuple(Exposure(container, target, detail) for target, detail in opened)


@contextmanager
def _listener(addresses: Sequence[str]) -> Iterator[int]:
    """Answer on one TCP and UDP port of every address of the host.

    Each address has a UDP socket of its own, so that an answer comes from where the
    question went.
    """
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("0.0.0.0", 0), backlog=128))  # noqa: S104
        port = int(tcp.getsockname()[1])
        for address in dict.fromkeys(("127.0.0.1", *addresses)):
            stack.enter_context(_echo(address, port))
        yield port


@contextmanager
def _echo(address: str, port: int) -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind((address, port))
        except OSError as error:
            raise ProbeFailedError(
                f"expected to listen on {address}:{port}: {error.strerror}"
            ) from error
        udp.settimeout(_ECHO_PAUSE_S)
        ended = threading.Event()
        thread = threading.Thread(target=_answer, args=(udp, ended), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def _answer(udp: socket.socket, ended: threading.Event) -> None:
    while not ended.is_set():
        with suppress(TimeoutError):
            _, sender = udp.recvfrom(512)
            udp.sendto(b"reached", sender)


def _control(port: int) -> None:
    opened = probe.attempt(
        {
            "tcp": [["127.0.0.1", port]],
            "udp": [["127.0.0.1", port]],
        }
    )
    if {one[0].split()[0] for one in opened} < {"tcp", "udp"}:
        raise ProbeFailedError(
            "expected the host's own listener to answer the host, found silence",
            evidence=str(opened),
        )
