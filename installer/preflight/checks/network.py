"""Ports, the listen address, and subnets that must not meet the site's own."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Final

from installer.nvml.readings import Value
from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, error, over, verdict, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.findings import Finding
    from installer.preflight.facts import (
        EngineFacts,
        HostFacts,
        Listener,
        NetworkFacts,
        Route,
    )
    from installer.preflight.needs import Needs

_ANYWHERE: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104  compared, not bound
# A default route may be written as two halves; such routes promise no machines.
_WIDEST_PREFIX: Final = 4
_LOOPBACK: Final = "127.0.0.1"


def _engine(facts: HostFacts) -> EngineFacts | None:
    return facts.engine.value if isinstance(facts.engine, Value) else None


def ports_free(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that nobody else listens where we must."""
    engine = _engine(facts)
    own = engine.own_ports if engine else frozenset[int]()

    def decide(network: NetworkFacts) -> Verdict:
        findings = [
            error(kinds.PORT_HELD, f"{use} port {port}: {_holders(holders)}")
            for use, port in needs.ports
            if port not in own
            and (holders := _listeners(network, _address(needs, use), port))
        ]
        return verdict(
            ", ".join(f"{port} ({use})" for use, port in needs.ports), findings
        )

    return over(facts.network, "ports", decide)


def _address(needs: Needs, use: str) -> str:
    return str(needs.listen_address) if use == "API" else _LOOPBACK


def _listeners(network: NetworkFacts, address: str, port: int) -> list[Listener]:
    wide = address in _ANYWHERE
    return [
        one
        for one in network.listeners
        if one.port == port
        and (wide or one.address == address or one.address in _ANYWHERE)
    ]


def _holders(listeners: list[Listener]) -> str:
    return ", ".join(
        f"held by {one.program or 'an unknown program'}"
        + (f" (process {one.pid})" if one.pid else "")
        for one in listeners[:3]
    )


def listen_address(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the API's address belongs to this host."""
    wanted = str(needs.listen_address)

    def decide(network: NetworkFacts) -> Verdict:
        if wanted in _ANYWHERE or wanted in network.addresses:
            return verdict(wanted)
        known = ", ".join(sorted(network.addresses))
        evidence = f"found {known}, expected {wanted} among them"
        return verdict(wanted, [error(kinds.ADDRESS_FOREIGN, evidence)])

    return over(facts.network, "listen address", decide)


def subnets_free(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that our subnets hide no network of the site."""
    engine = _engine(facts)
    own = engine.own_subnets if engine else frozenset[str]()
    others = engine.other_subnets if engine else frozenset[str]()

    def decide(network: NetworkFacts) -> Verdict:
        findings = [
            finding
            for use, subnet in needs.subnets
            if str(subnet) not in own
            for finding in _overlaps(use, subnet, network.routes, others)
        ]
        return verdict(", ".join(str(net) for _, net in needs.subnets), findings)

    return over(facts.network, "subnets", decide)


def _overlaps(
    use: str,
    subnet: IPv4Network,
    routes: tuple[Route, ...],
    others: frozenset[str],
) -> Iterator[Finding]:
    for other in sorted(others):
        if subnet.overlaps(IPv4Network(other)):
            yield error(
                kinds.SUBNET_TAKEN, f"{use} subnet {subnet}: container network {other}"
            )
    taken = {IPv4Network(other) for other in others}
    for route in routes:
        if route.network.prefixlen < _WIDEST_PREFIX or route.network in taken:
            continue
        if subnet.overlaps(route.network):
            kind = kinds.SUBNET_TAKEN if route.direct else kinds.SUBNET_SHADOWS
            grade = error if route.direct else warning
            yield grade(
                kind, f"{use} subnet {subnet}: {route.network} on {route.interface}"
            )


CHECKS: Final = (
    Check("ports", "Network", "Ports are free", ports_free),
    Check("listen-address", "Network", "Listen address", listen_address),
    Check("subnets", "Network", "Subnets are free", subnets_free),
)
