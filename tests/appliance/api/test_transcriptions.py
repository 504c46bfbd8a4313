"""The endpoint end to end: real listeners, real Redis, a worker with a fake engine."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from appliance.asr.errors import JobRefusedError
from tests.support.redis_server import RedisServer
from tests.support.serving import Stack, running_stack, until
from tests.support.serving_fakes import FakeEngine, wav


async def test_speech_comes_back_as_text(stack: Stack) -> None:
    answer = await stack.transcribe()

    assert answer.status_code == 200
    assert answer.json() == {
        "text": "alpha bravo",
        "usage": {"type": "duration", "seconds": 1.0},
    }


@pytest.mark.parametrize("shown", ["verbose_json", "text", "srt", "vtt"])
async def test_every_format_is_served(stack: Stack, shown: str) -> None:
    answer = await stack.transcribe(response_format=shown)

    assert answer.status_code == 200
    assert "alpha bravo" in answer.text


async def test_the_request_reaches_the_engine_whole(bare: Stack) -> None:
    engine = FakeEngine()
    await bare.start_worker(engine)

    await bare.transcribe(
        model="whisper-1", language="de", prompt="Zoë", temperature="0.2"
    )

    (request,) = engine.calls
    assert request.model == "demo"
    assert (request.language, request.prompt, request.temperature) == ("de", "Zoë", 0.2)


async def test_memory_is_free_again_after_the_answer(stack: Stack) -> None:
    await stack.transcribe()

    assert stack.gateway.memory.used_bytes == 0
    assert len(stack.gateway.jobs) == 0


@pytest.mark.parametrize(
    ("fields", "param", "status"),
    [
        ({"model": "other"}, "model", 404),
        ({"language": "fr"}, "language", 400),
        ({"stream": "true"}, "stream", 400),
        ({"response_format": "xml"}, "response_format", 400),
    ],
)
async def test_a_wrong_option_gets_the_openai_error(
    stack: Stack, fields: dict[str, str], param: str, status: int
) -> None:
    answer = await stack.transcribe(None, **fields)

    error = answer.json()["error"]
    assert answer.status_code == status
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"
    assert error["anechoic_code"].startswith("ANX-API-")
    assert error["request_id"] == answer.headers["x-request-id"]


async def test_what_is_no_audio_is_refused_by_name(stack: Stack) -> None:
    answer = await stack.transcribe(b"certainly not audio" * 50)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_audio"
    assert answer.json()["error"]["param"] == "file"


async def test_audio_above_the_limit_of_the_worker_is_named(stack: Stack) -> None:
    answer = await stack.transcribe(wav(61, rate=8000))

    assert answer.json()["error"]["code"] == "audio_too_long"


async def test_an_empty_file_is_refused(stack: Stack) -> None:
    answer = await stack.transcribe(b"")

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "file"


async def test_a_missing_file_is_refused(stack: Stack) -> None:
    answer = await stack.client.post(
        "/v1/audio/transcriptions", files={"model": (None, "demo")}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "file"


async def test_another_body_than_a_form_is_refused(stack: Stack) -> None:
    answer = await stack.client.post("/v1/audio/transcriptions", json={"model": "demo"})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_request"


async def test_an_upload_above_the_limit_gets_413(stack: Stack) -> None:
    answer = await stack.transcribe(b"x" * (3 * 1024 * 1024))

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "file_too_large"


async def test_an_endless_upload_without_a_length_gets_413(stack: Stack) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        )
        while True:
            yield b"x" * 65_536

    try:
        answer = await stack.client.post(
            "/v1/audio/transcriptions",
            content=endless(),
            headers={"content-type": "multipart/form-data; boundary=b"},
        )
    except httpx.TransportError:  # The listener closed the door, which is as good.
        answer = None

    assert answer is None or answer.status_code == 413
    assert stack.gateway.memory.used_bytes == 0


async def test_memory_in_flight_is_bounded_with_a_retry_after(bare: Stack) -> None:
    engine = FakeEngine(held=True)
    await bare.start_worker(engine)
    bare.gateway.memory.limit_bytes = 60_000
    first = asyncio.create_task(bare.transcribe(wav(1)))
    await until(lambda: len(engine.calls) == 1)

    refused = await bare.transcribe(wav(1))
    engine.held = False

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert (await first).status_code == 200


async def test_the_number_of_requests_in_flight_is_bounded(
    tmp_path: Path, redis: RedisServer
) -> None:
    engine = FakeEngine(held=True)
    async with running_stack(tmp_path, redis, max_jobs=1) as stack:
        await stack.start_worker(engine)
        first = asyncio.create_task(stack.transcribe())
        await until(lambda: len(engine.calls) == 1)

        refused = await stack.transcribe()
        engine.held = False

        assert refused.status_code == 429
        assert (await first).status_code == 200


async def test_a_caller_that_hangs_up_frees_the_work(bare: Stack) -> None:
    """The job is withdrawn, the worker stops at the next model call, memory is free."""
    engine = FakeEngine(held=True)
    running = await bare.start_worker(engine)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)

    call.cancel()

    await until(lambda: not running.state.beats)
    await until(lambda: len(bare.gateway.jobs) == 0)
    assert bare.gateway.memory.used_bytes == 0


async def test_a_job_that_takes_too_long_gets_504(
    tmp_path: Path, redis: RedisServer
) -> None:
    async with running_stack(tmp_path, redis, request_timeout_s=1) as stack:
        await stack.start_worker(FakeEngine(held=True))

        answer = await stack.transcribe()

        assert answer.status_code == 504
        assert answer.json()["error"]["code"] == "timeout"


async def test_a_refusal_of_the_engine_is_explained(bare: Stack) -> None:
    refusal = JobRefusedError("language_not_detected", "no language could be detected")
    await bare.start_worker(FakeEngine(failure=refusal))

    answer = await bare.transcribe()

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "no language could be detected"


async def test_many_callers_each_get_their_own_answer(bare: Stack) -> None:
    await bare.start_worker(FakeEngine(), "asr-1")
    await bare.start_worker(FakeEngine(), "asr-2")

    answers = await asyncio.gather(
        *(
            bare.transcribe(wav(0.1 * n), response_format="verbose_json")
            for n in range(1, 13)
        )
    )

    durations = [answer.json()["duration"] for answer in answers]
    assert durations == pytest.approx([0.1 * n for n in range(1, 13)], abs=0.002)
