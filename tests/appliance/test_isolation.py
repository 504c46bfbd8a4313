"""The proof of isolation: what is tried, and what counts as open."""

import json
import socket
from dataclasses import dataclass, field
from dataclasses import replace as changed

import pytest
from typing_extensions import override

from appliance import probe
from appliance.engines import RunResult
from appliance.isolation import ProbeFailedError, prove, targets_for
from appliance.specs import ProbeSpec
from appliance.topology import Topology, build_topology
from tests.appliance.topology.test_topology import INPUTS
from tests.support.fake_engine import FakeEngine


@pytest.fixture
def topology() -> Topology:
    return build_topology(changed(INPUTS, workers=1))


@dataclass
class ProbingEngine(FakeEngine):
    """Answers every probe as if these targets were open."""

    opened: list[list[str]] = field(default_factory=list)
    broken: bool = False

    @override
    def run_probe(self, spec: ProbeSpec) -> RunResult:
        targets = json.loads(spec.command[-1])
        tried = sum(len(many) for many in targets.values())
        report = json.dumps({"tried": tried, "open": self.opened})
        return RunResult(0, report[:5] if self.broken else report)


def test_every_container_is_tried_and_silence_is_proof(topology: Topology) -> None:
    assert prove(ProbingEngine(), topology, ("127.0.0.1",)) == ()


def test_an_open_way_is_named_with_its_container(topology: Topology) -> None:
    engine = ProbingEngine(opened=[["tcp 192.0.2.1:443", "connected"]])

    exposures = prove(engine, topology, ())

    assert len(exposures) == len(topology.containers)
    assert exposures[0].target == "tcp 192.0.2.1:443"


def test_a_probe_that_did_not_finish_proves_nothing(topology: Topology) -> None:
    with pytest.raises(ProbeFailedError):
        prove(ProbingEngine(broken=True), topology, ())


def test_the_host_and_the_outside_are_tried_from_everywhere(topology: Topology) -> None:
    for spec in topology.containers:
        targets = targets_for(spec, topology, ("10.231.77.1", "192.168.1.5"), 34567)

        assert ["10.231.77.1", 34567] in targets["tcp"]
        assert ["192.168.1.5", 34567] in targets["udp"]
        assert ["198.51.100.1", 443] in targets["tcp"]


def test_the_core_tries_the_edge_network(topology: Topology) -> None:
    api = topology.container("anechoic-api-1")

    targets = targets_for(api, topology, (), 1)

    assert [INPUTS.addresses.edge_public, 8080] in targets["tcp"]


def test_an_answer_or_a_refusal_is_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connected = probe.attempt({"tcp": [["127.0.0.1", port]], "udp": []})
    refused = probe.attempt({"tcp": [["127.0.0.1", port]], "udp": []})

    assert [f"tcp 127.0.0.1:{port}", "connected"] in connected
    assert [f"tcp 127.0.0.1:{port}", "Connection refused"] in refused
