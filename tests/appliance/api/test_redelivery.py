"""Workers die, Redis forgets, audio is poison: every accepted request ends exactly once."""

import asyncio

import httpx
import pytest

from appliance.queue import Claim, Report, Transcript, Work, dumps, loads
from tests.support.serving import WORKER_TOKEN, Stack, until
from tests.support.serving_fakes import FakeEngine, FakePermits

pytestmark = pytest.mark.long


async def test_a_killed_workers_job_goes_to_another(bare: Stack) -> None:
    dying, living = FakeEngine(held=True), FakeEngine(text=" from the other")
    first = await bare.start_worker(dying, "asr-1")
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(dying.calls) == 1)

    first.kill()
    await bare.start_worker(living, "asr-2")
    answer = await call
    dying.held = False

    assert answer.json()["text"] == "from the other"


async def test_a_restarted_worker_takes_its_job_up_again(bare: Stack) -> None:
    dying, reborn = FakeEngine(held=True), FakeEngine()
    first = await bare.start_worker(dying, "asr-1")
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(dying.calls) == 1)

    first.kill()
    await bare.start_worker(reborn, "asr-1")
    answer = await call
    dying.held = False

    assert answer.status_code == 200
    assert len(reborn.calls) == 1


async def test_a_job_survives_an_emptied_redis(bare: Stack) -> None:
    """Redis keeps nothing on disk; the gateway submits its unfinished jobs again."""
    call = None
    engine = FakeEngine(held=True)
    await bare.start_worker(engine, "asr-1")
    blocker = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(bare.gateway.jobs) == 2)

    bare.server.stop()
    bare.server.start()
    engine.held = False
    answers = await asyncio.gather(blocker, call)

    assert [answer.status_code for answer in answers] == [200, 200]


async def test_poison_becomes_a_dead_letter_after_three_tries(bare: Stack) -> None:
    engine = FakeEngine(failure=RuntimeError("CUDA out of memory"))
    await bare.start_worker(engine)

    answer = await bare.transcribe()
    await until(lambda: bare.gateway.roster.depth.held == 0)
    await bare.gateway.tick()

    assert len(engine.calls) == 3
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "gave_up"
    assert "CUDA" not in answer.text
    with bare.server.admin() as client:
        assert client.xlen("anechoic:dead") == 1
        assert client.xlen("anechoic:jobs") == 0


async def test_a_neighbor_of_poison_is_served(bare: Stack) -> None:
    engine = FakeEngine(failure=RuntimeError("bad"))
    await bare.start_worker(engine)
    await bare.transcribe()

    engine.failure = None

    assert (await bare.transcribe()).status_code == 200


async def test_a_late_worker_cannot_commit(bare: Stack) -> None:
    """The fence: the worker that was thought lost answers after another has taken over."""
    engine = FakeEngine(held=True, text=" the true one")
    await bare.start_worker(engine, "asr-1")
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)
    (job,) = bare.gateway.jobs.unfinished()
    url = f"{bare.internal_url}/internal/jobs/{job.id}"
    late = Report(
        fence=job.fence - 1,
        worker="asr-0",
        work=Work(0, 0, 0),
        transcript=Transcript("en", 1.0, 1.0, ()),
    )
    headers = {"authorization": f"Bearer {WORKER_TOKEN}"}

    async with httpx.AsyncClient(headers=headers) as client:
        stale = await client.post(f"{url}/report", content=dumps(late))
        engine.held = False
        answer = await call
        gone = await client.post(f"{url}/report", content=dumps(late))

    assert stale.status_code == 409
    assert gone.status_code == 404
    assert answer.json()["text"] == "the true one"


async def test_only_the_newest_claim_gets_the_audio(bare: Stack) -> None:
    engine = FakeEngine(held=True)
    await bare.start_worker(engine, "asr-1")
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(engine.calls) == 1)
    (job,) = bare.gateway.jobs.unfinished()
    url = f"{bare.internal_url}/internal/jobs/{job.id}"

    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {WORKER_TOKEN}"}
    ) as client:
        claimed = await client.post(f"{url}/claim", params={"worker": "asr-9"})
        claim = loads(Claim, claimed.content)
        old = await client.get(f"{url}/audio", params={"fence": claim.fence - 1})
        new = await client.get(f"{url}/audio", params={"fence": claim.fence})

    assert old.status_code == 404
    assert len(new.content) == claim.size_bytes == job.size_bytes
    call.cancel()
    engine.held = False


async def test_the_internal_listener_wants_the_worker_token(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.internal_url) as client:
        answers = [
            await client.post("/internal/jobs/x/claim"),
            await client.get("/internal/jobs/x/audio"),
            await client.post("/internal/jobs/x/report", content=b"{}"),
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


async def test_the_public_listener_has_no_internal_routes(stack: Stack) -> None:
    headers = {"authorization": f"Bearer {WORKER_TOKEN}"}

    answer = await stack.client.post("/internal/jobs/x/claim", headers=headers)

    assert answer.status_code == 404


async def test_an_unreadable_report_is_refused(stack: Stack) -> None:
    headers = {"authorization": f"Bearer {WORKER_TOKEN}"}

    async with httpx.AsyncClient(
        base_url=stack.internal_url, headers=headers
    ) as client:
        answer = await client.post("/internal/jobs/x/report", content=b"{}")

    assert answer.status_code == 400


async def test_what_was_accepted_before_permission_ended_is_finished(
    bare: Stack,
) -> None:
    """Gateway and worker hear of the end of a license at different times."""
    engine, permits = FakeEngine(), FakePermits()
    running = await bare.start_worker(engine, permits=permits)
    permits.restrict()
    await until(lambda: not running.state.allowed)

    assert (await bare.transcribe()).status_code == 200


async def test_a_worker_without_permission_pulls_nothing_new(
    bare: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.asr.gate._SLACK_S", 0)
    engine, permits = FakeEngine(), FakePermits()
    running = await bare.start_worker(engine, permits=permits)
    permits.restrict()
    await until(lambda: not running.state.allowed)
    call = asyncio.create_task(bare.transcribe())
    await until(lambda: len(bare.gateway.jobs) == 1)
    await until(lambda: not running.worker._gate.open())

    await bare.gateway.tick()
    depth = bare.gateway.roster.depth
    assert depth.waiting + depth.held == 1
    assert not engine.calls
    permits.allow()

    assert (await call).status_code == 200
