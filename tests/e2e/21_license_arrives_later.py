"""An appliance without a license refuses work, says why, and takes one while it runs."""

import httpx
import pytest

from appliance.demo_model.evaluate import word_error_rate
from tests.demo.speech import spoken_wav
from tests.support.redis_server import wait_until
from tests.support.site import Site, docker

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

SPOKEN = "doctor patient ready confirm seven"


@pytest.fixture(scope="module")
def unlicensed(site: Site) -> Site:
    site.get_license()
    done = site.install(license="")
    assert done.status == 0, done
    return site


@pytest.fixture(scope="module")
def key(unlicensed: Site) -> str:
    return unlicensed.new_key()


def _transcribe(site: Site, key: str) -> httpx.Response:
    return httpx.post(
        f"{site.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {key}"},
        files={"file": ("speech.wav", spoken_wav(SPOKEN)[0])},
        data={"model": "whisper-1"},
        timeout=60,
    )


def test_work_is_refused_and_health_is_not(unlicensed: Site, key: str) -> None:
    refused = _transcribe(unlicensed, key)
    health = httpx.get(f"{unlicensed.url}/health", timeout=10)

    assert refused.status_code in (403, 503), refused.text
    assert refused.json()["error"]["code"]
    assert health.status_code == 200


def test_a_license_installed_later_counts_without_a_restart(
    unlicensed: Site, key: str
) -> None:
    before = docker("ps", "-q", "--no-trunc", "--filter", "label=dev.anechoic.service")

    done = unlicensed.run("license", "install", unlicensed.license)
    assert done.status == 0, done
    wait_until(lambda: _transcribe(unlicensed, key).is_success, timeout_s=90)

    after = docker("ps", "-q", "--no-trunc", "--filter", "label=dev.anechoic.service")
    heard = _transcribe(unlicensed, key).json()["text"]
    assert word_error_rate(SPOKEN, heard) <= 0.2
    assert sorted(before.split()) == sorted(after.split())
