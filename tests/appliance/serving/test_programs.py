"""Real speech through real processes: client library, api, Redis, license, asr, model."""

import io
import signal
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from appliance.demo_model.evaluate import word_errors
from tests.support.demo_model import SENTENCE, spoken, wav_of
from tests.support.serving import API_KEY
from tests.support.serving_processes import Programs

pytestmark = pytest.mark.long


@pytest.fixture
def client(programs: Programs) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{programs.url}/v1", api_key=API_KEY, max_retries=0, timeout=60
    )


def speech(text: str = SENTENCE) -> io.BytesIO:
    file = io.BytesIO(wav_of(spoken(text)))
    file.name = "speech.wav"
    return file


def test_speech_becomes_text_through_the_openai_client(client: openai.OpenAI) -> None:
    answer = client.audio.transcriptions.create(model="whisper-1", file=speech())

    assert word_errors(SENTENCE, answer.text) <= 1


def test_verbose_json_parses_into_the_clients_types(client: openai.OpenAI) -> None:
    answer = client.audio.transcriptions.create(
        model="anechoic-demo",
        file=speech(),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )

    assert answer.words
    assert answer.segments
    assert answer.language == "en"
    assert answer.duration == pytest.approx(3, abs=1.5)
    assert answer.words[0].start < answer.words[-1].end <= answer.duration
    assert " ".join(word.word for word in answer.words) == answer.text
    type(answer).model_validate(answer.model_dump(), strict=True)


@pytest.mark.parametrize("shown", ["text", "srt", "vtt"])
def test_plain_formats_come_through_the_client(
    client: openai.OpenAI, shown: openai.types.AudioResponseFormat
) -> None:
    answer = client.audio.transcriptions.create(
        model="whisper-1", file=speech(), response_format=shown
    )

    assert "alpha bravo" in str(answer)


def test_errors_become_the_clients_exceptions(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.audio.transcriptions.create(
            model="whisper-1", file=("x.wav", b"no audio at all")
        )
    assert caught.value.code == "invalid_audio"
    assert caught.value.param == "file"

    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()
    with pytest.raises(openai.NotFoundError):
        client.audio.transcriptions.create(model="gpt-4o-transcribe", file=speech())


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["anechoic-demo"]


def test_no_words_stand_in_any_log(programs: Programs, client: openai.OpenAI) -> None:
    client.audio.transcriptions.create(
        model="whisper-1", file=speech("zulu yankee xray"), prompt="canary prompt"
    )

    logs = programs.log("api") + programs.log("asr-1") + programs.log("license")
    assert "job.done" in logs
    for word in ("zulu", "yankee", "canary", API_KEY):
        assert word not in logs


def test_a_killed_worker_loses_nothing(
    programs: Programs, client: openai.OpenAI
) -> None:
    """kill -9 in the middle of work; a second worker and the restarted one finish it."""
    programs.start_asr("asr-2")
    programs.wait_for(lambda: programs.components()["asr"]["workers"] == 2)
    file = speech().getvalue()

    def ask(_: int) -> str:
        return client.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", file)
        ).text

    with ThreadPoolExecutor(8) as callers:
        answers = callers.map(ask, range(24))
        programs.signal("asr-2", signal.SIGKILL)
        programs.wait("asr-2")
        texts = list(answers)

    assert len(texts) == 24
    assert len(set(texts)) == 1


def test_a_terminated_worker_finishes_and_leaves(programs: Programs) -> None:
    programs.signal("asr-1")

    assert programs.wait("asr-1") == 0
    assert "asr.stopped" in programs.log("asr-1")

    programs.start_asr("asr-1")
    programs.wait_ready()


def test_a_terminated_gateway_answers_what_it_accepted(
    programs: Programs, client: openai.OpenAI
) -> None:
    """SIGTERM under load: every accepted request gets its transcript."""
    file = speech().getvalue()

    def ask(_: int) -> str:
        return client.audio.transcriptions.create(
            model="whisper-1", file=("a.wav", file)
        ).text

    with ThreadPoolExecutor(6) as callers:
        answers = [callers.submit(ask, number) for number in range(6)]
        programs.wait_for(lambda: programs.components()["api"]["jobs"] > 0)
        programs.signal("api")
        results = [answer.exception() for answer in answers]

    assert programs.wait("api") == 0
    refused = (openai.APIConnectionError, openai.APIStatusError)
    assert results.count(None) >= 1
    assert all(error is None or isinstance(error, refused) for error in results)
    assert '"event": "api.stopped"' in programs.log("api")
    programs.start_api()
    programs.wait_ready()
