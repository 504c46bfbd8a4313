"""The containers as data: walls, bounds and addresses."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from appliance.configs import haproxy_cfg, redis_acl, redis_conf
from appliance.limits import limits_for
from appliance.paths import HostPaths
from appliance.specs import ContainerSpec, Mount
from appliance.topology import (
    CORE,
    EDGE,
    SERVICES,
    HostSize,
    Inputs,
    Topology,
    build_topology,
)

GIB = 2**30
EDGE_NET = IPv4Network("10.231.77.0/28")
CORE_NET = IPv4Network("10.231.78.0/26")
INPUTS = Inputs(
    paths=HostPaths(Path("/srv")),
    images={name: f"sha256:{name}" for name in SERVICES},
    model=Path("/srv/var/lib/anechoic/models/abc"),
    host=HostSize(cpus=32, memory_bytes=256 * GIB),
    edge_subnet=EDGE_NET,
    core_subnet=CORE_NET,
    workers=3,
    gpus=(0, 1),
)


@pytest.fixture
def topology() -> Topology:
    return build_topology(INPUTS)


def _writable(spec: ContainerSpec) -> list[Mount]:
    return [mount for mount in spec.mounts if not mount.read_only]


def test_services_start_in_order_and_workers_are_counted(topology: Topology) -> None:
    services = [spec.service for spec in topology.containers]

    assert services == ["redis", "license", "api", "asr", "asr", "asr", "edge"]
    assert list(dict.fromkeys(services)) == list(SERVICES)


def test_only_the_edge_has_a_port_and_a_place_in_the_edge_network(
    topology: Topology,
) -> None:
    for spec in topology.containers:
        names = [attachment.network for attachment in spec.networks]
        outside = spec.service == "edge"
        assert bool(spec.ports) == outside
        assert names == ([EDGE, CORE] if outside else [CORE])


def test_only_the_core_network_is_internal(topology: Topology) -> None:
    assert {net.name: net.internal for net in topology.networks} == {
        EDGE: False,
        CORE: True,
    }


def test_every_address_is_its_own_and_inside_its_subnet(topology: Topology) -> None:
    subnets = {net.name: IPv4Network(net.subnet) for net in topology.networks}
    places = [place for spec in topology.containers for place in spec.networks]

    addresses = [place.address for place in places]

    assert len(set(addresses)) == len(addresses)
    assert all(IPv4Address(p.address) in subnets[p.network] for p in places)
    gateways = {net.gateway for net in topology.networks}
    assert not gateways & set(addresses)


def test_no_container_runs_as_root_or_by_a_tag(topology: Topology) -> None:
    for spec in topology.containers:
        user, _, group = spec.user.partition(":")
        assert int(user) >= 10001
        assert int(group) >= 10001
        assert spec.image_id.startswith("sha256:")


def test_only_the_license_container_may_write_to_the_host(topology: Topology) -> None:
    writers = {spec.service: _writable(spec) for spec in topology.containers}

    assert [mount.target for mount in writers.pop("license")] == [
        "/var/lib/anechoic-license"
    ]
    assert not any(writers.values())


@pytest.mark.parametrize(
    ("name", "replicas"), [("anechoic-api-1", "1"), ("anechoic-asr-2", "3")]
)
def test_who_serves_can_look_at_the_license_itself(
    topology: Topology, name: str, replicas: str
) -> None:
    spec = topology.container(name)

    assert dict(spec.environment)["ANECHOIC_LICENSE_REPLICAS"] == replicas
    assert (
        Mount(
            "/srv/var/lib/anechoic/license/public",
            "/run/anechoic/license-public",
            read_only=True,
        )
        in spec.mounts
    )


def test_only_the_license_container_sees_the_install_key(topology: Topology) -> None:
    whole = str(INPUTS.paths.license)
    seers = [
        spec.service
        for spec in topology.containers
        if any(mount.source == whole for mount in spec.mounts)
    ]

    assert seers == ["license"]


def test_no_secret_is_in_an_environment(topology: Topology) -> None:
    words = ("PASSWORD", "TOKEN", "SECRET", "KEY")
    for spec in topology.containers:
        for name, value in spec.environment:
            assert not any(word in name for word in words)
            assert "@" not in value


def test_workers_share_the_gpus_in_turn(topology: Topology) -> None:
    gpus = [spec.gpus for spec in topology.containers if spec.service == "asr"]

    assert gpus == [(0,), (1,), (0,)]


def test_without_a_gpu_workers_run_on_the_cpu() -> None:
    topology = build_topology(replace(INPUTS, gpus=()))

    environment = dict(topology.container("anechoic-asr-1").environment)

    assert environment["ANECHOIC_ASR_DEVICE"] == "cpu"


@pytest.mark.parametrize(
    ("service", "cpus", "gib"),
    [("api", 2, 2), ("asr", 8, 16), ("license", 1, 0.5), ("redis", 1, 2)],
)
def test_a_large_host_gives_what_the_component_table_says(
    service: str, cpus: float, gib: float
) -> None:
    limits = limits_for(service, INPUTS.host, workers=1)

    assert (limits.cpus, limits.memory_bytes) == (cpus, gib * GIB)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_small_host_is_not_promised_away(workers: int) -> None:
    host = HostSize(cpus=2, memory_bytes=4 * GIB)

    limits = [limits_for("asr", host, workers) for _ in range(workers)]

    assert max(one.cpus for one in limits) == 2
    assert sum(one.memory_bytes for one in limits) <= 3 * GIB


def test_a_change_of_configuration_changes_only_its_container() -> None:
    before = build_topology(INPUTS)
    after = build_topology(replace(INPUTS, revisions=(("edge", "new"),)))

    changed = [
        old.name
        for old, new in zip(before.containers, after.containers, strict=True)
        if old.digest != new.digest
    ]

    assert changed == ["anechoic-edge"]


def test_an_unknown_container_is_a_key_error(topology: Topology) -> None:
    with pytest.raises(KeyError):
        topology.container("anechoic-none")


def test_redis_keeps_nothing_on_a_disk_and_no_password_in_its_files() -> None:
    conf, acl = redis_conf(GIB), redis_acl("correct horse")

    assert 'save ""' in conf
    assert "appendonly no" in conf
    assert "correct horse" not in acl
    assert "user default on nopass resetkeys resetchannels -@all +ping" in acl


def test_the_edge_routes_to_the_public_port_only() -> None:
    text = haproxy_cfg(INPUTS.addresses)

    assert f"server api-1 {INPUTS.addresses.api}:8080" in text
    assert "8081" not in text
    assert "deny unless" in text or "deny_status 404 unless served" in text
