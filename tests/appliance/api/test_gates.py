"""Who gets in: keys, license, workers, Redis. Health is never gated."""

import asyncio

import pytest

from appliance.leases import Demand, Demands
from tests.support.serving import API_KEY, Stack, until, write_keys
from tests.support.serving_fakes import FakeEngine

pytestmark = pytest.mark.long


async def test_no_key_gets_401_in_the_openai_shape(stack: Stack) -> None:
    stack.client.headers.pop("authorization")

    answer = await stack.transcribe()

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "missing_api_key"


async def test_a_wrong_key_gets_401(stack: Stack) -> None:
    stack.client.headers["authorization"] = "Bearer wrong"

    assert (await stack.transcribe()).json()["error"]["code"] == "invalid_api_key"
    assert (await stack.client.get("/v1/models")).status_code == 401


async def test_a_key_withdrawn_while_running_stops_working(stack: Stack) -> None:
    assert (await stack.transcribe()).status_code == 200

    write_keys(stack.settings.keys_file, "anx_other")

    assert (await stack.transcribe()).status_code == 401


async def test_a_restricted_license_gets_403_with_its_code(stack: Stack) -> None:
    stack.permits.restrict()

    answer = await stack.transcribe()

    assert answer.status_code == 403
    assert "ANX-LIC-33" in answer.json()["error"]["message"]
    assert answer.json()["error"]["code"] == "license_refused"


async def test_a_license_nobody_has_checked_yet_gets_503(stack: Stack) -> None:
    stack.permits.forget()

    answer = await stack.transcribe()

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


async def test_a_renewed_license_counts_without_a_restart(stack: Stack) -> None:
    stack.permits.restrict()
    assert (await stack.transcribe()).status_code == 403

    stack.permits.allow()

    await stack.sees("asr-1")
    assert (await stack.transcribe()).status_code == 200


async def test_the_license_bounds_the_requests_in_flight(stack: Stack) -> None:
    stack.permits.now.max_jobs = 0

    assert (await stack.transcribe()).status_code == 429


async def test_a_refusal_says_which_license_and_what_to_do(stack: Stack) -> None:
    stack.permits.restrict()
    stack.permits.now.detail = "License 1F2E-3D4C/3 is valid through 2027-09-30."

    message = (await stack.transcribe()).json()["error"]["message"]

    assert "2027-09-30" in message
    assert "anechoic license request" in message


async def test_one_task_at_a_time_is_one_while_others_still_send_their_audio(
    bare: Stack,
) -> None:
    """The last look is taken in the step that accepts, so two cannot pass at once."""
    engine = FakeEngine(held=True)
    await bare.start_worker(engine)
    bare.permits.now.max_jobs, bare.permits.now.reason_code = 1, "ANX-LIC-33"

    calls = [asyncio.create_task(bare.transcribe()) for _ in range(4)]
    await until(lambda: sum(call.done() for call in calls) == 3)
    refused = [call.result() for call in calls if call.done()]
    engine.held = False

    assert {one.status_code for one in refused} == {429}
    assert "ANX-LIC-33" in refused[0].json()["error"]["message"]
    answers = await asyncio.gather(*calls)
    assert sum(one.status_code == 200 for one in answers) == 1


async def test_while_another_gateway_has_the_one_task_a_caller_may_come_back(
    stack: Stack,
) -> None:
    stack.permits.restrict()
    stack.permits.now.http_status = 429

    answer = await stack.transcribe()

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
    assert stack.permits.nudges == 1
    assert stack.gateway.demands().jobs == Demand(0, 1)


async def test_what_was_accepted_is_finished_whatever_the_license_does(
    bare: Stack,
) -> None:
    """One is in work and two wait in the queue when the license container is lost."""
    engine = FakeEngine(held=True)
    await bare.start_worker(engine)
    calls = [asyncio.create_task(bare.transcribe()) for _ in range(3)]
    await until(lambda: len(bare.gateway.jobs) == 3 and len(engine.calls) == 1)

    bare.permits.forget()
    assert (await bare.transcribe()).status_code == 503
    engine.held = False

    answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [200, 200, 200]


async def test_a_look_at_the_health_is_no_demand(stack: Stack) -> None:
    stack.permits.now.max_jobs = 0

    await stack.client.get("/health?ready=1")

    assert stack.gateway.demands() == Demands()
    assert stack.permits.nudges == 0


async def test_requests_in_flight_are_what_a_gateway_says_it_uses(
    bare: Stack,
) -> None:
    engine = FakeEngine(held=True)
    await bare.start_worker(engine)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)

    assert bare.gateway.demands().jobs == Demand(1, 1)
    engine.held = False
    await call


async def test_no_worker_gets_503_with_retry_after(bare: Stack) -> None:
    answer = await bare.transcribe()

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_workers"
    assert int(answer.headers["retry-after"]) >= 1


async def test_work_waits_for_a_worker_only_so_long(bare: Stack) -> None:
    """The only worker dies with the job in hand and none comes back."""
    engine = FakeEngine(held=True)
    running = await bare.start_worker(engine)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)

    running.kill()
    with bare.server.admin() as client:
        client.delete("anechoic:worker:asr-1")
    bare.gateway.roster._alive_s -= 60
    await bare.gateway.tick()
    bare.gateway.roster._alive_s -= 60
    await bare.gateway.tick()

    answer = await call
    engine.held = False
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_workers"


async def test_a_lost_redis_gets_503_and_comes_back(stack: Stack) -> None:
    stack.server.stop()
    await stack.gateway.tick()
    try:
        refused = await stack.transcribe()
    finally:
        stack.server.start()
    await stack.sees("asr-1")

    assert refused.status_code == 503
    assert refused.json()["error"]["code"] == "unavailable"
    assert (await stack.transcribe()).status_code == 200


async def test_health_is_open_and_names_the_parts(stack: Stack) -> None:
    answer = await stack.client.get("/health", headers={"authorization": ""})

    body = answer.json()
    assert answer.status_code == 200
    assert body["status"] == "ok"
    assert body["ready"] is True
    assert body["components"]["asr"] == {"ok": True, "workers": 1}
    assert body["components"]["license"]["state"] == "valid"


async def test_health_answers_200_when_nothing_works(bare: Stack) -> None:
    bare.permits.restrict()

    answer = await bare.client.get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["reason"] == "ANX-API-20"


async def test_readiness_is_503_when_work_would_be_refused(bare: Stack) -> None:
    assert (await bare.client.get("/health?ready=1")).status_code == 503

    await bare.start_worker(FakeEngine())

    assert (await bare.client.get("/health?ready=1")).status_code == 200


async def test_no_license_takes_the_gateway_out_of_service(bare: Stack) -> None:
    """Neither without a license, nor in a restriction, nor without any answer."""
    for change in (bare.permits.restrict, bare.permits.forget):
        change()

        answer = await bare.client.get("/health?ready=1")

        assert answer.status_code == 200
        assert answer.json()["ready"] is False


async def test_a_license_does_not_hide_that_redis_is_lost(bare: Stack) -> None:
    bare.permits.restrict()
    bare.gateway.roster.lose_redis()

    assert (await bare.client.get("/health?ready=1")).status_code == 503


async def test_models_lists_what_living_workers_serve(stack: Stack) -> None:
    body = (await stack.client.get("/v1/models")).json()

    (model,) = body["data"]
    assert model["id"] == "demo"
    assert model["object"] == "model"
    assert model["languages"] == ["en", "de"]


async def test_one_model_is_shown_under_its_alias_too(stack: Stack) -> None:
    assert (await stack.client.get("/v1/models/whisper-1")).json()["id"] == "demo"
    assert (await stack.client.get("/v1/models/none")).status_code == 404


async def test_metrics_count_requests_and_refusals(stack: Stack) -> None:
    await stack.transcribe()
    await stack.transcribe(stream="true")

    text = (await stack.client.get("/metrics")).text

    assert (
        'anechoic_api_requests_total{endpoint="/v1/audio/transcriptions",status="200"} 1.0'
        in text
    )
    assert 'anechoic_api_refusals_total{code="ANX-API-03"} 1.0' in text
    assert "anechoic_api_audio_seconds_total 1.0" in text


async def test_an_unknown_address_gets_the_openai_error(stack: Stack) -> None:
    answer = await stack.client.get("/v1/audio/nothing")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "unknown_url"


async def test_a_wrong_method_keeps_its_status(stack: Stack) -> None:
    answer = await stack.client.get("/v1/audio/transcriptions")

    assert answer.status_code == 405
    assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_a_trailing_slash_is_not_redirected(stack: Stack) -> None:
    """A redirected POST loses its body in many clients."""
    assert (await stack.client.get("/v1/models/?x=1")).status_code != 307


async def test_the_callers_request_id_is_kept_when_harmless(stack: Stack) -> None:
    kept = await stack.client.get("/health", headers={"x-request-id": "abc-1"})
    made = await stack.client.get("/health", headers={"x-request-id": "a b<c>"})

    assert kept.headers["x-request-id"] == "abc-1"
    assert made.headers["x-request-id"].startswith("req_")


async def test_openapi_describes_the_upload(stack: Stack) -> None:
    document = (await stack.client.get("/openapi.json")).json()

    body = document["paths"]["/v1/audio/transcriptions"]["post"]["requestBody"]
    assert "file" in body["content"]["multipart/form-data"]["schema"]["properties"]
    assert API_KEY not in str(document)


async def test_no_page_loads_anything_from_outside(stack: Stack) -> None:
    assert (await stack.client.get("/docs")).status_code == 404
    assert (await stack.client.get("/redoc")).status_code == 404
