"""What the gateway tells callers about models and waiting."""

from dataclasses import replace

import pytest

from appliance.api.errors import LanguageError, ModelNotFoundError
from appliance.api.roster import Roster
from appliance.queue import Depth, WorkerNote

WORKER = WorkerNote("asr-1", "demo", "1", ("en",), False, 1, "cpu", "int8", 5000)


def roster(*workers: WorkerNote, depth: Depth | None = None) -> Roster:
    known = Roster(("whisper-1",))
    known.update(workers, depth or Depth(0, 0))
    return known


def test_an_alias_means_the_model_that_is_served() -> None:
    assert roster(WORKER).resolve("whisper-1", None).name == "demo"


def test_another_name_is_not_found() -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        roster(WORKER).resolve("gpt-4o-transcribe", None)

    assert caught.value.param == "model"
    assert caught.value.status == 404


def test_a_language_the_model_lacks_is_refused() -> None:
    with pytest.raises(LanguageError, match="knows en, not 'de'"):
        roster(WORKER).resolve("demo", "de")


def test_workers_of_one_model_are_one_model() -> None:
    twin = replace(WORKER, worker="asr-2")

    assert [model.name for model in roster(WORKER, twin).models()] == ["demo"]


def test_retry_after_grows_with_the_queue() -> None:
    idle, busy = roster(WORKER), roster(WORKER, depth=Depth(30, 1))
    for known in (idle, busy):
        for _ in range(50):
            known.note_job(4.0)

    assert idle.retry_after_s() == 1
    assert 120 <= busy.retry_after_s() <= 125


def test_retry_after_is_bounded() -> None:
    assert roster(WORKER, depth=Depth(10_000, 1)).retry_after_s() == 300
    assert roster().retry_after_s() == 10


def test_a_silent_redis_is_not_a_lack_of_workers() -> None:
    known = roster(WORKER)

    known.lose_redis()

    assert known.alone_s == 0
    assert known.workers == (WORKER,)
