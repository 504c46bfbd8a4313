"""Specs in the Docker API's words, and its answers back."""

import pytest
from docker import APIClient

from appliance.engines.docker_translate import (
    create_arguments,
    engine_info,
    label_of,
    network_arguments,
    network_facts,
    state_of,
    usage_of,
)
from appliance.specs import (
    Attachment,
    ContainerSpec,
    Healthcheck,
    Limits,
    Mount,
    NetworkSpec,
    PublishedPort,
    Tmpfs,
)

SPEC = ContainerSpec(
    name="anechoic-edge",
    service="edge",
    replica=1,
    image_id="sha256:abc",
    user="10003:10003",
    networks=(Attachment("edge", "10.0.0.2"), Attachment("core", "10.0.1.5")),
    limits=Limits(cpus=1.5, memory_bytes=1024, pids=64),
    environment=(("A", "b"),),
    mounts=(Mount("/host", "/inside"),),
    tmpfs=(Tmpfs("/tmp", 4096),),
    ports=(PublishedPort(8080, "127.0.0.1", 9090),),
    hosts=(("redis", "10.0.1.2"),),
    healthcheck=Healthcheck(("/bin/check",), interval_s=2.5),
    gpus=(1,),
)


@pytest.fixture
def client() -> APIClient:
    return APIClient(base_url="unix:///nowhere.sock", version="1.41")


def test_every_container_is_confined(client: APIClient) -> None:
    host = create_arguments(client, SPEC)["host_config"]

    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] == host["MemorySwap"] == 1024
    assert host["NanoCpus"] == 1_500_000_000
    assert host["PidsLimit"] == 64
    assert {"Name": "core", "Soft": 0, "Hard": 0} in host["Ulimits"]
    assert host["Dns"] == ["127.0.0.1"]
    assert "noexec" in host["Tmpfs"]["/tmp"]


def test_the_first_network_has_the_port_and_the_fixed_address(
    client: APIClient,
) -> None:
    arguments = create_arguments(client, SPEC)

    endpoints = arguments["networking_config"]["EndpointsConfig"]
    assert endpoints["edge"]["IPAMConfig"] == {"IPv4Address": "10.0.0.2"}
    assert arguments["host_config"]["PortBindings"] == {
        "8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "9090"}]
    }


def test_mounts_are_read_only_and_never_made_by_the_engine(client: APIClient) -> None:
    mount = create_arguments(client, SPEC)["host_config"]["Mounts"][0]

    assert (mount["Type"], mount["ReadOnly"]) == ("bind", True)


def test_times_of_a_health_check_are_nanoseconds(client: APIClient) -> None:
    check = create_arguments(client, SPEC)["healthcheck"]

    assert check["test"] == ["CMD", "/bin/check"]
    assert check["interval"] == 2_500_000_000


def test_a_gpu_is_asked_for_by_its_index(client: APIClient) -> None:
    request = create_arguments(client, SPEC)["host_config"]["DeviceRequests"][0]

    assert request["DeviceIDs"] == ["1"]
    assert request["Capabilities"] == [["gpu"]]


def test_a_network_has_a_fixed_subnet_and_no_masquerading() -> None:
    spec = NetworkSpec("core", "anx-core", "10.0.1.0/26", "10.0.1.1", internal=True)

    arguments = network_arguments(spec)

    assert arguments["internal"] is True
    assert arguments["ipam"]["Config"][0]["Subnet"] == "10.0.1.0/26"
    assert arguments["options"]["com.docker.network.bridge.name"] == "anx-core"
    options = arguments["options"]
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_a_container_without_a_health_check_has_no_health() -> None:
    state = state_of({
        "Name": "/x",
        "Image": "sha256:abc",
        "State": {"Status": "exited", "ExitCode": 3},
        "Config": {"Labels": None},
        "HostConfig": {"PortBindings": None},
    })  # fmt: skip

    assert (state.name, state.health, state.exit_code) == ("x", "none", 3)
    assert state.service == ""


@pytest.mark.parametrize("key", ["total_inactive_file", "inactive_file"])
def test_memory_leaves_out_the_cache_of_both_cgroup_versions(key: str) -> None:
    usage = usage_of({
        "cpu_stats": {"cpu_usage": {"total_usage": 1_500_000_000}},
        "memory_stats": {"usage": 100, "limit": 1000, "stats": {key: 40}},
    })  # fmt: skip

    assert usage is not None
    assert (usage.cpu_s, usage.memory_bytes) == (1.5, 60)


def test_a_stopped_container_uses_nothing_that_could_be_read() -> None:
    assert usage_of({"memory_stats": {}}) is None


def test_the_engine_is_described() -> None:
    info = engine_info(
        {"Driver": "overlay2", "SecurityOptions": ["name=rootless"]},
        {"Version": "26.1.5", "ApiVersion": "1.45"},
    )

    assert (info.major, info.rootless, info.containerd_store) == (26, True, False)


def test_networks_of_others_are_told_apart() -> None:
    ours = {"Name": "core", "Labels": {"dev.anechoic.network": "core"}}
    pools = {"Config": [{"Subnet": "172.17.0.0/16"}]}

    assert network_facts({**ours, "IPAM": None}).ours
    theirs = network_facts({"Name": "bridge", "Labels": {}, "IPAM": pools})
    assert (theirs.ours, theirs.subnets) == (False, ("172.17.0.0/16",))


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ({"Config": {"Labels": {"a": "cpu"}}}, "cpu"),
        ({"Config": {"Labels": None}}, None),
        ({"Config": None}, None),
        ({}, None),
    ],
)
def test_a_label_of_an_image_is_read_or_absent(
    image: dict[str, object], label: str | None
) -> None:
    assert label_of(image, "a") == label
