"""The nftables table, tried with real packets in namespaces of its own."""

from collections.abc import Iterator

import pytest

from appliance.firewall import TABLE, render
from appliance.specs import NetworkSpec
from tests.support.netns import Network

pytestmark = pytest.mark.xdist_group("netns")

NETWORKS = (
    NetworkSpec("edge", "anx-edge", "10.231.77.0/24", "10.231.77.1", internal=False),
    NetworkSpec("core", "anx-core", "10.231.78.0/24", "10.231.78.1", internal=True),
)
OUTSIDE, HOST = "198.51.100.2", "198.51.100.1"
EDGE, EDGE_GATEWAY = "10.231.77.2", "10.231.77.1"
CORE, CORE_GATEWAY = "10.231.78.2", "10.231.78.1"
BOTH = ("tcp", "udp")
PUBLISH = f"""
table ip publish {{
    chain pre {{
        type nat hook prerouting priority dstnat;
        ip daddr {HOST} tcp dport 8443 dnat to {EDGE}:7000
    }}
}}
"""


@pytest.fixture(scope="module")
def open_net() -> Iterator[Network]:
    net = Network.build()
    yield net
    net.remove()


@pytest.fixture
def net(open_net: Network) -> Iterator[Network]:
    """The network with the table in force."""
    open_net.run("host", "nft", "-f", "-", stdin=render(NETWORKS))
    yield open_net
    open_net.run("host", "nft", "flush", "ruleset")


def test_without_the_table_everything_is_open(open_net: Network) -> None:
    targets = (OUTSIDE, EDGE_GATEWAY, CORE)

    reached = open_net.reaches("edge", *targets)

    assert reached == {f"{kind} {target}" for kind in BOTH for target in targets}


@pytest.mark.parametrize(("role", "neighbor"), [("edge", CORE), ("core", EDGE)])
def test_no_container_reaches_the_outside_the_host_or_the_other_network(
    net: Network, role: str, neighbor: str
) -> None:
    targets = (OUTSIDE, HOST, EDGE_GATEWAY, CORE_GATEWAY, neighbor)

    assert net.reaches(role, *targets) == set()


def test_the_host_reaches_its_containers(net: Network) -> None:
    reached = net.reaches("host", EDGE, CORE)

    assert reached == {f"{kind} {target}" for kind in BOTH for target in (EDGE, CORE)}


def test_the_outside_does_not_reach_containers_directly(net: Network) -> None:
    assert net.reaches("outside", EDGE, CORE) == set()


def test_a_published_port_answers_the_outside(net: Network) -> None:
    net.run("host", "nft", "-f", "-", stdin=PUBLISH)

    assert f"tcp {HOST}" in net.reaches("outside", HOST, port=8443)


def test_a_forged_source_address_gets_nowhere(net: Network) -> None:
    net.run("edge", "ip", "addr", "add", "203.0.113.9/32", "dev", "eth0")
    net.run("edge", "ip", "route", "replace", "default", "via", EDGE_GATEWAY,
            "src", "203.0.113.9")  # fmt: skip
    net.run("outside", "ip", "route", "add", "203.0.113.9", "via", HOST)

    reached = net.reaches("edge", OUTSIDE)

    net.run("edge", "ip", "addr", "del", "203.0.113.9/32", "dev", "eth0")
    net.run("edge", "ip", "route", "replace", "default", "via", EDGE_GATEWAY)
    assert reached == set()


def test_applying_twice_is_applying_once(net: Network) -> None:
    before = net.run("host", "nft", "-s", "list", "ruleset")

    net.run("host", "nft", "-f", "-", stdin=render(NETWORKS))

    assert net.run("host", "nft", "-s", "list", "ruleset") == before
    assert before.count(f"table {TABLE}") == 1


def test_other_tables_are_left_alone(net: Network) -> None:
    net.run("host", "nft", "-f", "-", stdin=PUBLISH)

    net.run("host", "nft", "-f", "-", stdin=render(NETWORKS))

    assert "table ip publish" in net.run("host", "nft", "list", "ruleset")
