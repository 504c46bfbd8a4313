"""The usage meter: counted once, posted without anybody waiting, never dropped."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import httpx
import pytest

from appliance.api.errors import (
    AudioError,
    BusyError,
    ClientGoneError,
    WorkerFailedError,
)
from appliance.api.usage import UsageMeter
from appliance.api.usage_poster import UsagePoster
from appliance.queue import SpeechRequest, Transcript
from appliance.usage_wire import Feature, UsageBatch, model_id
from offline_license.tolerances import HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.serving_fakes import segment

MODEL = model_id("demo", "1")
NOW = 1_800_000_000


@dataclass
class Wall:
    now: float = NOW + 5

    def __call__(self) -> float:
        return self.now


@dataclass
class LicenseContainer:
    """Takes batches; tests make it fail."""

    batches: list[UsageBatch] = field(default_factory=list)
    failures: list[int | Exception] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        batch = UsageBatch.from_json(request.content)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            return httpx.Response(failure)
        self.batches.append(batch)
        return httpx.Response(200, json={"number": batch.number})

    def poster(self, meter: UsageMeter) -> UsagePoster:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return UsagePoster(
            meter, url="http://license:6699", instance="api-1", http=http
        )


def serve(meter: UsageMeter, error: Exception | None = None) -> None:
    """Serve one request of a second with five characters, or let it end otherwise."""
    ends = () if error is None else (type(error),)
    with contextlib.suppress(*ends), meter.counting(Mode.BATCH) as tally:
        if isinstance(error, BusyError):
            raise error
        tally.accept(SpeechRequest("demo", language="en"), MODEL)
        if error is not None:
            raise error
        tally.serve(Transcript("en", 1.0, 1.0, (segment(" alpha", 0, 1),)))


def test_a_served_request_is_one_row_of_its_hour() -> None:
    meter = UsageMeter(wall=Wall())

    serve(meter)

    assert meter.take() == (
        UsageRow(NOW, MODEL, Mode.BATCH, 0, Outcome.SERVED, 1, 1000, 5, 1),
    )
    assert meter.take() == ()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (BusyError("no room"), Outcome.REFUSED),
        (AudioError("no audio"), Outcome.REFUSED),
        (WorkerFailedError("gave up"), Outcome.FAILED),
        (ValueError("a mistake of ours"), Outcome.FAILED),
        (ClientGoneError(), Outcome.CANCELED),
    ],
    ids=lambda value: getattr(value, "name", type(value).__name__),
)
def test_an_end_without_an_answer_counts_no_audio(
    error: Exception, outcome: Outcome
) -> None:
    meter = UsageMeter(wall=Wall())

    serve(meter, error)

    (row,) = meter.take()
    assert (row.outcome, row.requests, row.audio_ms, row.chars) == (outcome, 1, 0, 0)


@pytest.mark.parametrize("wall_s", [-5, 0, 1e12])
def test_a_strange_clock_fails_no_request(wall_s: float) -> None:
    meter = UsageMeter(wall=Wall(wall_s))

    serve(meter)

    assert [row.requests for row in meter.take()] == [1]


def test_a_strange_duration_fails_no_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    meter = UsageMeter(wall=Wall())

    with meter.counting(Mode.BATCH) as tally:
        tally.serve(Transcript("en", 1.0, float("nan"), ()))

    assert meter.take() == ()
    assert "usage.uncounted" in caplog.text


async def test_a_canceled_task_counts_as_canceled() -> None:
    meter = UsageMeter(wall=Wall())

    async def wait() -> None:
        with meter.counting(Mode.BATCH):
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [row.outcome for row in meter.take()] == [Outcome.CANCELED]


def test_the_peak_is_the_most_requests_of_one_mode_at_once() -> None:
    meter = UsageMeter(wall=Wall())

    with meter.counting(Mode.BATCH), meter.counting(Mode.BATCH):
        with meter.counting(Mode.LIVE):
            pass
        with meter.counting(Mode.BATCH):
            pass

    peaks = {row.mode: row.peak_streams for row in meter.take()}
    assert peaks == {Mode.BATCH: 3, Mode.LIVE: 1}


def test_the_features_are_what_was_asked_for() -> None:
    meter = UsageMeter(wall=Wall())
    request = SpeechRequest("demo", prompt="names", word_timestamps=True)

    with meter.counting(Mode.BATCH) as tally:
        tally.accept(request, MODEL)

    (row,) = meter.take()
    assert row.features == (
        Feature.WORD_TIMES | Feature.LANGUAGE_DETECTION | Feature.PROMPT
    )


@pytest.mark.parametrize("hours", [1, 50])
def test_memory_is_bounded_and_no_sum_is_dropped(hours: int) -> None:
    wall = Wall()
    meter = UsageMeter(wall=wall, most_rows=3)

    for _ in range(hours):
        wall.now += HOUR_S
        serve(meter)
        serve(meter, WorkerFailedError("gave up"))

    rows = meter.take()
    assert len(rows) <= 3
    assert sum(row.requests for row in rows) == 2 * hours
    assert sum(row.audio_ms for row in rows) == 1000 * hours


def test_in_a_single_hour_only_the_features_are_forgotten() -> None:
    meter = UsageMeter(wall=Wall(), most_rows=3)

    for word_times in (False, True):
        for prompt in (None, "names"):
            with meter.counting(Mode.BATCH) as tally:
                request = SpeechRequest("demo", "en", prompt, None, word_times)
                tally.accept(request, MODEL)

    (row,) = meter.take()
    assert (row.requests, row.features) == (4, 0)


async def test_batches_are_numbered_and_posted() -> None:
    meter, license_ = UsageMeter(wall=Wall()), LicenseContainer()
    poster = license_.poster(meter)

    for _ in range(2):
        serve(meter)
        assert await poster.post()

    assert [batch.number for batch in license_.batches] == [1, 2]
    assert len({batch.run for batch in license_.batches}) == 1
    assert poster.waiting == 0


@pytest.mark.parametrize("failure", [500, 400, httpx.ConnectError("down")], ids=str)
async def test_a_failed_batch_is_sent_again_with_its_number(
    failure: int | Exception,
) -> None:
    meter, license_ = UsageMeter(wall=Wall()), LicenseContainer(failures=[failure])
    poster = license_.poster(meter)
    serve(meter)
    assert not await poster.post()
    serve(meter)
    assert poster.waiting == 2

    assert await poster.post()
    assert await poster.post()

    numbers = [(b.number, b.rows[0].requests) for b in license_.batches]
    assert numbers == [(1, 1), (2, 1)]


async def test_what_comes_while_a_batch_is_under_way_goes_with_the_next() -> None:
    meter = UsageMeter(wall=Wall())
    arrived, answer = asyncio.Event(), asyncio.Event()
    batches: list[UsageBatch] = []

    async def slow(request: httpx.Request) -> httpx.Response:
        batches.append(UsageBatch.from_json(request.content))
        arrived.set()
        await answer.wait()
        return httpx.Response(200)

    http = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    poster = UsagePoster(meter, url="http://license", instance="api-1", http=http)
    task = asyncio.create_task(poster.run())
    serve(meter)
    await arrived.wait()
    for _ in range(5):
        serve(meter)
    answer.set()
    await poster.drain()
    task.cancel()

    assert [batch.rows[0].requests for batch in batches] == [1, 5]


async def test_draining_posts_what_is_left_in_spite_of_a_failure() -> None:
    meter = UsageMeter(wall=Wall())
    license_ = LicenseContainer(failures=[httpx.ConnectError("down")])
    poster = license_.poster(meter)
    serve(meter)

    await poster.drain()

    assert poster.waiting == 0
    assert len(license_.batches) == 1


async def test_draining_gives_up_in_time_and_says_what_is_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    meter = UsageMeter(wall=Wall())
    license_ = LicenseContainer(failures=[503] * 1000)
    poster = license_.poster(meter)
    serve(meter)

    await asyncio.wait_for(poster.drain(most_s=0.05), timeout=10)

    lost = [r for r in caplog.records if r.message == "usage.lost"]
    assert lost[0].__dict__["anechoic_fields"] == {"requests": 1}
