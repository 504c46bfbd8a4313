"""Containers start in any order, and one of them may not come up at all (case 52)."""

import httpx
import pytest

from tests.demo.speech import spoken_wav
from tests.support.redis_server import wait_until
from tests.support.site import Site, docker

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

SERVING = ("anechoic-api-1", "anechoic-asr-1")
LICENSE = "anechoic-license"


@pytest.fixture(scope="module")
def licensed(site: Site) -> Site:
    site.get_license()
    done = site.install()
    assert done.status == 0, done
    return site


@pytest.fixture(scope="module")
def key(licensed: Site) -> str:
    return licensed.new_key()


def _transcribe(site: Site, key: str) -> httpx.Response:
    return httpx.post(
        f"{site.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {key}"},
        files={"file": ("speech.wav", spoken_wav("doctor patient ready")[0])},
        data={"model": "whisper-1"},
        timeout=60,
    )


def _basis(site: Site) -> str:
    """Say what the gateway works by; empty while it does not answer."""
    try:
        body = httpx.get(f"{site.url}/health", timeout=5).json()
        return str(body["components"]["license"]["basis"])
    except (httpx.HTTPError, ValueError, KeyError):
        return ""


def _restarts() -> list[str]:
    counts = docker("inspect", "--format", "{{.RestartCount}}", *SERVING)
    return counts.split()


def test_services_without_the_license_container_work_by_their_own_look(
    licensed: Site, key: str
) -> None:
    docker("stop", LICENSE)
    docker("restart", *SERVING)

    wait_until(lambda: _basis(licensed) == "bootstrap", timeout_s=60)
    wait_until(lambda: _transcribe(licensed, key).is_success, timeout_s=90)
    ready = httpx.get(f"{licensed.url}/health?ready=1", timeout=5)

    assert ready.status_code == 200
    assert _restarts() == ["0", "0"]


def test_the_license_container_takes_over_when_it_comes(
    licensed: Site, key: str
) -> None:
    docker("start", LICENSE)

    wait_until(lambda: _basis(licensed) == "lease", timeout_s=30)

    assert _transcribe(licensed, key).is_success
    assert _restarts() == ["0", "0"]


def test_no_service_sees_a_secret_of_the_license(licensed: Site) -> None:
    for name in SERVING:
        mounts = docker(
            "inspect", "--format", "{{range .Mounts}}{{.Source}} {{end}}", name
        ).split()
        license_ = str(licensed.root / "var/lib/anechoic/license")
        assert f"{license_}/public" in mounts
        assert license_ not in mounts
