"""The Docker adapter, the firewall and the isolation proof on a real engine."""

import itertools
import socket
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

import httpx
import pytest
from docker import APIClient

from appliance import firewall
from appliance.engines.docker import DockerEngine
from appliance.engines.errors import (
    ImageMissingError,
    LoadRefusedError,
    NameTakenError,
    PortTakenError,
    SubnetTakenError,
)
from appliance.isolation import prove
from appliance.paths import HostPaths
from appliance.specs import (
    Attachment,
    ContainerSpec,
    Healthcheck,
    Limits,
    PublishedPort,
    Tmpfs,
)
from appliance.topology import CORE, EDGE, Topology, networks
from installer.engine.host import Machine
from tests.support.python_image import import_python_image, remove_image
from tests.support.site import free_port, our_containers

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

EDGE_NET, CORE_NET = IPv4Network("10.231.91.0/28"), IPv4Network("10.231.92.0/26")
NETWORKS = networks(EDGE_NET, CORE_NET)
PYTHON = "/usr/bin/python3.11"


@pytest.fixture(scope="module")
def client() -> Iterator[APIClient]:
    client = APIClient("unix:///var/run/docker.sock", version="auto")
    yield client
    client.close()


@pytest.fixture(scope="module")
def image_id(client: APIClient) -> Iterator[str]:
    assert our_containers() == [], "an appliance is installed on this machine"
    yield import_python_image(client)
    remove_image(client)


@pytest.fixture
def engine() -> Iterator[DockerEngine]:
    engine = DockerEngine()
    yield engine
    for state in engine.containers():
        engine.remove_container(state.name)
    for network in NETWORKS:
        engine.remove_network(network.name)
    firewall.remove()
    engine.close()


def _spec(
    image_id: str, name: str = "anechoic-api-1", **changes: object
) -> ContainerSpec:
    spec = ContainerSpec(
        name=name,
        service="api",
        replica=1,
        image_id=image_id,
        user="10001:10001",
        networks=(Attachment(CORE, str(CORE_NET[4])),),
        limits=Limits(cpus=1, memory_bytes=128 * 2**20, pids=64),
        tmpfs=(Tmpfs("/tmp", 2**20),),
        healthcheck=Healthcheck((PYTHON, "-c", "print()"), interval_s=1),
        stop_timeout_s=1,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]


def _start(engine: DockerEngine, *specs: ContainerSpec) -> None:
    for network in NETWORKS:
        engine.ensure_network(network)
    for spec in specs:
        engine.ensure_container(spec)


@pytest.fixture(scope="module")
def serving_image(client: APIClient, image_id: str) -> Iterator[str]:
    """The same image with a program that serves port 8080 of every address."""
    made = client.create_container(
        image_id, command=[PYTHON, "-m", "http.server", "-d", "/tmp", "8080"]
    )
    committed = client.commit(made["Id"], repository="test.invalid/serving", tag="1")
    client.remove_container(made["Id"])
    yield committed["Id"]
    client.remove_image("test.invalid/serving:1", force=True)


def test_ensuring_twice_starts_once(engine: DockerEngine, serving_image: str) -> None:
    spec = _spec(serving_image)

    _start(engine, spec)
    first = engine.containers()
    _start(engine, spec)

    assert [one.state for one in first] == ["running"]
    assert engine.containers()[0].restarts == 0
    assert engine.containers()[0].spec_digest == spec.digest


def test_a_changed_spec_makes_a_new_container(
    engine: DockerEngine, client: APIClient, serving_image: str
) -> None:
    _start(engine, _spec(serving_image))
    before = client.inspect_container("anechoic-api-1")["Id"]

    _start(engine, _spec(serving_image, revision="2"))

    assert client.inspect_container("anechoic-api-1")["Id"] != before


def test_a_half_made_container_is_made_again(
    engine: DockerEngine, client: APIClient, serving_image: str
) -> None:
    spec = _spec(serving_image)
    _start(engine)
    client.create_container(serving_image, name=spec.name, labels=spec.labels)

    engine.ensure_container(spec)

    networks_of = client.inspect_container(spec.name)["NetworkSettings"]["Networks"]
    assert list(networks_of) == [CORE]


def test_a_stranger_with_our_name_is_left_alone(
    engine: DockerEngine, client: APIClient, image_id: str
) -> None:
    _start(engine)
    client.create_container(image_id, command=["/x"], name="anechoic-api-1")

    with pytest.raises(NameTakenError):
        engine.ensure_container(_spec(image_id))
    with pytest.raises(NameTakenError):
        engine.remove_container("anechoic-api-1")

    client.remove_container("anechoic-api-1")


def test_a_port_in_use_is_named(engine: DockerEngine, serving_image: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = PublishedPort(8080, "127.0.0.1", holder.getsockname()[1])
        place = (Attachment(EDGE, str(EDGE_NET[2])),)

        with pytest.raises(PortTakenError):
            _start(engine, _spec(serving_image, networks=place, ports=(port,)))


def test_an_overlapping_subnet_is_named(engine: DockerEngine) -> None:
    first, second = NETWORKS
    engine.ensure_network(first)

    with pytest.raises(SubnetTakenError):
        engine.ensure_network(
            replace(second, subnet=first.subnet, gateway=first.gateway)
        )


def test_a_changed_network_is_made_again(engine: DockerEngine) -> None:
    network = NETWORKS[0]
    engine.ensure_network(network)

    engine.ensure_network(
        replace(network, subnet="10.231.93.0/28", gateway="10.231.93.1")
    )

    facts = {one.name: one for one in engine.networks()}
    assert facts[EDGE].subnets == ("10.231.93.0/28",)
    assert facts[EDGE].ours


def test_a_missing_image_is_named(engine: DockerEngine) -> None:
    with pytest.raises(ImageMissingError):
        _start(engine, _spec("sha256:" + "0" * 64))


def test_what_is_no_archive_is_refused(engine: DockerEngine) -> None:
    with pytest.raises(LoadRefusedError):
        engine.load(iter([b"this is no archive" * 100]))


def test_an_error_of_the_source_comes_through(engine: DockerEngine) -> None:
    class SourceError(Exception):
        pass

    def broken() -> Iterator[bytes]:
        yield b"\0" * 1024
        raise SourceError

    with pytest.raises(SourceError):
        engine.load(broken())


def test_usage_and_logs_can_be_read(engine: DockerEngine, serving_image: str) -> None:
    _start(engine, _spec(serving_image))

    usage = engine.usage("anechoic-api-1")

    assert usage is not None
    assert 0 < usage.memory_bytes < usage.memory_limit_bytes == 128 * 2**20
    assert engine.usage("anechoic-none") is None
    assert engine.logs("anechoic-none", 5) == ""


def test_the_firewall_closes_what_the_engine_leaves_open(
    engine: DockerEngine, serving_image: str
) -> None:
    port = free_port()
    edge = _spec(
        serving_image,
        "anechoic-edge",
        service="edge",
        networks=(
            Attachment(EDGE, str(EDGE_NET[2])),
            Attachment(CORE, str(CORE_NET[5])),
        ),
        ports=(PublishedPort(8080, "127.0.0.1", port),),
    )
    topology = Topology(NETWORKS, (_spec(serving_image), edge))
    _start(engine, *topology.containers)
    addresses = Machine(engine, HostPaths()).addresses()

    open_ways = prove(engine, topology, addresses)
    firewall.apply(NETWORKS)
    closed = prove(engine, topology, addresses)

    assert {one.container for one in open_ways} == {"anechoic-api-1", "anechoic-edge"}
    assert closed == ()
    assert firewall.is_applied()
    assert _answers(f"http://127.0.0.1:{port}/")
    assert _answers(f"http://{CORE_NET[4]}:8080/")


def _answers(url: str) -> bool:
    for _ in itertools.repeat(None, 50):
        try:
            return httpx.get(url, timeout=2).status_code == 200
        except httpx.ConnectError:
            continue
    return False
