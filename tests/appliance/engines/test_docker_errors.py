"""The engine's words become errors with remedies."""

from pathlib import Path

import pytest
import requests
from docker.errors import APIError

from appliance.engines.docker import DockerEngine
from appliance.engines.docker_errors import refusal, translated
from appliance.engines.errors import (
    EngineDiskFullError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    GpuRuntimeMissingError,
    ImageMissingError,
    NameTakenError,
    PortTakenError,
    SubnetTakenError,
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("write /var/lib/docker/tmp/x: no space left on device", EngineDiskFullError),
        ("Bind for 127.0.0.1:8080 failed: port is already allocated", PortTakenError),
        ("listen tcp4 127.0.0.1:80: bind: address already in use", PortTakenError),
        ("Pool overlaps with other one on this address space", SubnetTakenError),
        ("networks have overlapping IPv4", SubnetTakenError),
        (
            'could not select device driver "" with capabilities: [[gpu]]',
            GpuRuntimeMissingError,
        ),
        ("No such image: sha256:abc", ImageMissingError),
        ('The name "/x" is already in use by container "1"', NameTakenError),
        ("something new", EngineRefusedError),
    ],
)
def test_known_words_have_their_own_error(words: str, kind: type[EngineError]) -> None:
    error = refusal(words)

    assert type(error) is kind
    assert words in error.evidence


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (APIError("x", explanation="no space left on device"), EngineDiskFullError),
        (requests.exceptions.ReadTimeout(), EngineTimeoutError),
        (requests.exceptions.ConnectionError(), EngineUnreachableError),
    ],
)
def test_exceptions_of_the_transport_are_translated(
    raised: Exception, kind: type[EngineError]
) -> None:
    with pytest.raises(kind), translated():
        raise raised


def test_an_absent_engine_is_unreachable(tmp_path: Path) -> None:
    engine = DockerEngine(str(tmp_path / "docker.sock"))

    with pytest.raises(EngineUnreachableError) as refused:
        engine.info()

    assert refused.value.code == "ANX-ENG-01"
