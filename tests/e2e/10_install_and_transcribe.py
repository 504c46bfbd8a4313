"""The main journey: a signed medium becomes an appliance that transcribes speech."""

import io
import json
import os
import signal
import subprocess
from pathlib import Path

import httpx
import openai
import pytest

from appliance.demo_model.evaluate import word_error_rate
from appliance.demo_model.vocabulary import sentences
from tests.demo.speech import spoken_wav, transcribe_sentences
from tests.support.site import Site, docker, our_containers

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

CANARY = "zulu yankee xray whisky victor uniform tango sierra"


@pytest.fixture(scope="module")
def installed(site: Site) -> Site:
    site.get_license()
    done = site.install()
    assert done.status == 0, done
    return site


@pytest.fixture(scope="module")
def key(installed: Site) -> str:
    return installed.new_key()


@pytest.fixture(scope="module")
def client(installed: Site, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{installed.url}/v1", api_key=key, max_retries=0)


def _file(text: str, voice: str = "en") -> tuple[str, io.BytesIO]:
    return "speech.wav", io.BytesIO(spoken_wav(text, voice)[0])


def test_every_service_is_healthy_after_the_installation(installed: Site) -> None:
    status = installed.status()

    services = {one["name"]: one["health"] for one in status["services"]}
    assert status["installed"] is True
    assert set(services) == {"redis", "license", "api", "asr", "edge"}
    assert set(services.values()) <= {"healthy", "none"}


def test_unseen_speech_comes_back_as_text(installed: Site, key: str) -> None:
    heard = list(transcribe_sentences(installed.url, key, count=13, words_each=8))

    words = sum(one.words for one in heard)
    assert words >= 100
    assert sum(one.errors for one in heard) / words <= 0.1


@pytest.mark.parametrize("response_format", ["text", "srt", "vtt"])
def test_the_text_formats_hold_what_was_spoken(
    client: openai.OpenAI, response_format: str
) -> None:
    spoken = sentences(7, 1, 5)[0]

    answer = client.audio.transcriptions.create(
        file=_file(spoken),
        model="whisper-1",
        response_format=response_format,  # type: ignore[call-overload]
    )

    lines = [x for x in str(answer).splitlines() if x and "-->" not in x]
    text = lines[-1].strip()
    assert word_error_rate(spoken, text) <= 0.2


def test_words_carry_times_inside_the_audio(client: openai.OpenAI) -> None:
    spoken = sentences(8, 1, 6)[0]

    answer = client.audio.transcriptions.create(
        file=_file(spoken),
        model="whisper-1",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )

    starts = [word.start for word in answer.words or []]
    assert starts
    assert starts == sorted(starts)
    assert (answer.words or [])[-1].end <= float(answer.duration) + 0.5


def test_a_stranger_is_refused(installed: Site) -> None:
    stranger = openai.OpenAI(
        base_url=f"{installed.url}/v1", api_key="anx_" + "x" * 43, max_retries=0
    )

    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()


def test_bytes_that_are_no_audio_are_refused_by_name(client: openai.OpenAI) -> None:
    noise = ("speech.wav", io.BytesIO(b"this is no audio at all" * 99))

    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(file=noise, model="whisper-1")

    assert refused.value.code


def test_containers_are_confined_and_run_by_image_id(installed: Site) -> None:
    images = {one["name"]: one["image_id"] for one in installed.status()["services"]}

    for container in json.loads(docker("inspect", *our_containers())):
        host, config = container["HostConfig"], container["Config"]
        assert host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"]
        assert "no-new-privileges" in " ".join(host["SecurityOpt"])
        assert host["Memory"] > 0
        assert host["PidsLimit"] > 0
        assert config["User"].split(":")[0] not in ("", "0", "root")
        service = config["Labels"]["dev.anechoic.service"]
        assert container["Image"] == config["Image"] == images[service]


def test_nothing_gets_out(installed: Site) -> None:
    done = installed.run("isolation", "--json")

    assert done.status == 0, done


def test_no_secret_is_in_an_environment_or_an_argument(installed: Site) -> None:
    secrets = [
        path.read_text().strip()
        for path in (installed.root / "var/lib/anechoic/secrets").iterdir()
    ]

    described = docker("inspect", *our_containers())

    assert secrets
    assert not any(secret in described for secret in secrets)


def test_a_second_installation_of_the_same_release_changes_nothing(
    installed: Site,
) -> None:
    before = docker("ps", "-q", "--no-trunc", "--filter", "label=dev.anechoic.service")

    done = installed.install()

    after = docker("ps", "-q", "--no-trunc", "--filter", "label=dev.anechoic.service")
    assert done.status == 0, done
    assert sorted(before.split()) == sorted(after.split())


def test_a_worker_killed_at_work_loses_nothing(installed: Site, key: str) -> None:
    spoken = sentences(9, 1, 10)[0]
    audio, _ = spoken_wav(spoken)
    worker = int(docker("inspect", "--format", "{{.State.Pid}}", "anechoic-asr-1"))
    os.kill(worker, signal.SIGKILL)

    answer = httpx.post(
        f"{installed.url}/v1/audio/transcriptions",
        headers={"Authorization": f"Bearer {key}"},
        files={"file": ("speech.wav", audio)},
        data={"model": "whisper-1"},
        timeout=120,
    )

    assert answer.status_code == 200, answer.text
    assert word_error_rate(spoken, answer.json()["text"]) <= 0.2


def test_speech_leaves_no_trace(installed: Site, client: openai.OpenAI) -> None:
    answer = client.audio.transcriptions.create(file=_file(CANARY), model="whisper-1")
    planted = " ".join(answer.text.split()[1:4])

    kept = [docker("logs", name) for name in our_containers()]
    kept += [docker("diff", name) for name in our_containers()]
    kept += [_text(path) for path in (installed.root / "var").rglob("*")]

    assert len(planted.split()) == 3
    assert not any(planted in text.lower() for text in kept)


def test_the_dashboard_is_served_on_loopback_only(installed: Site) -> None:
    page = httpx.get(f"http://127.0.0.1:{installed.dashboard_port}/", timeout=10)

    assert page.status_code == 200
    assert "Content-Security-Policy" in page.headers


def test_uninstall_leaves_nothing_behind(installed: Site) -> None:
    done = installed.uninstall()

    assert done.status == 0, done
    assert our_containers() == []
    assert "anechoic" not in docker("network", "ls", "--format", "{{.Name}}")
    assert "anechoic" not in docker("images", "--format", "{{.Repository}}")
    assert "anechoic" not in _nft_tables()
    assert not (installed.root / "var/lib/anechoic").exists()


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def _nft_tables() -> str:
    return subprocess.run(
        ["nft", "list", "tables"], capture_output=True, text=True, check=True
    ).stdout
