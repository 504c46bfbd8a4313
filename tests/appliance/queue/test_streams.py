"""The queue against a real Redis with the access list of the product."""

import pytest

from appliance.queue import Depth, JobNote, JobQueue, QueueError, WorkerNote
from tests.support.redis_server import RedisServer

NOTE = JobNote("job-1", "http://10.0.0.2:8081", "demo", 3200, 1_700_000_000_000)
WORKER = WorkerNote("asr-1", "demo", "1", ("en",), False, 1, "cpu", "int8", 5)


async def test_a_submitted_job_reaches_one_worker(queue: JobQueue) -> None:
    await queue.submit(NOTE)

    first = await queue.next("a", wait_ms=10)
    second = await queue.next("b", wait_ms=10)

    assert first is not None
    assert first.note == NOTE
    assert first.tries == 1
    assert second is None


async def test_a_finished_job_leaves_nothing_behind(queue: JobQueue) -> None:
    entry = await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    await queue.finish(entry)
    await queue.finish(entry)

    assert await queue.depth() == Depth(0, 0)


async def test_depth_tells_waiting_from_held(queue: JobQueue) -> None:
    await queue.submit(NOTE)
    await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    assert await queue.depth() == Depth(waiting=1, held=1)


async def test_an_unrenewed_job_is_reclaimed_and_counted(queue: JobQueue) -> None:
    await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    taken = await queue.reclaim("b", idle_ms=0)

    assert taken is not None
    assert taken.note == NOTE
    assert taken.tries == 2


async def test_a_renewed_job_is_not_reclaimed(queue: JobQueue) -> None:
    entry = await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    assert await queue.renew(entry, "a")
    assert await queue.reclaim("b", idle_ms=60_000) is None


async def test_renewing_does_not_take_a_job_back(queue: JobQueue) -> None:
    """A worker that was slow must not steal from the one that took over."""
    entry = await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)
    await queue.reclaim("b", idle_ms=0)

    assert not await queue.renew(entry, "a")
    assert await queue.renew(entry, "b")


async def test_renewing_a_withdrawn_job_says_so(queue: JobQueue) -> None:
    entry = await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    await queue.finish(entry)

    assert not await queue.renew(entry, "a")


async def test_a_released_job_can_be_reclaimed_at_once(queue: JobQueue) -> None:
    entry = await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    await queue.release(entry, "a", idle_ms=60_000)

    taken = await queue.reclaim("b", idle_ms=60_000)
    assert taken is not None
    assert taken.tries == 2


async def test_a_restarted_worker_resumes_what_it_held(queue: JobQueue) -> None:
    await queue.submit(NOTE)
    await queue.next("a", wait_ms=10)

    resumed = await queue.resume("a")

    assert resumed is not None
    assert resumed.tries == 2
    assert await queue.resume("b") is None


async def test_a_buried_job_is_a_dead_letter(queue: JobQueue) -> None:
    await queue.submit(NOTE)
    delivery = await queue.next("a", wait_ms=10)
    assert delivery is not None

    await queue.bury(delivery, reason="gave_up")

    assert await queue.dead() == 1
    assert await queue.depth() == Depth(0, 0)


async def test_an_unreadable_entry_is_removed(
    queue: JobQueue, redis: RedisServer
) -> None:
    with redis.admin() as client:
        client.xadd("anechoic:jobs", {"note": b"not json"})

    assert await queue.next("a", wait_ms=10) is None
    assert await queue.depth() == Depth(0, 0)


async def test_an_emptied_redis_is_prepared_again(
    queue: JobQueue, redis: RedisServer
) -> None:
    with redis.admin() as client:
        client.flushall()

    assert await queue.resume("a") is None
    assert await queue.reclaim("a", idle_ms=0) is None
    assert await queue.next("a", wait_ms=10) is None
    await queue.submit(NOTE)
    assert await queue.next("a", wait_ms=10) is not None


async def test_the_epoch_is_new_once_until_redis_forgets(
    queue: JobQueue, redis: RedisServer
) -> None:
    assert await queue.epoch_is_new("api-1")
    assert not await queue.epoch_is_new("api-1")
    with redis.admin() as client:
        client.flushall()
    assert await queue.epoch_is_new("api-1")


async def test_announced_workers_are_listed_until_they_leave(queue: JobQueue) -> None:
    await queue.announce(WORKER, ttl_ms=60_000)
    assert await queue.workers() == (WORKER,)

    await queue.leave("asr-1")
    assert await queue.workers() == ()


async def test_a_silent_worker_is_forgotten(
    queue: JobQueue, redis: RedisServer
) -> None:
    await queue.announce(WORKER, ttl_ms=60_000)

    with redis.admin() as client:
        assert 0 < int(client.pttl("anechoic:worker:asr-1")) <= 60_000


async def test_no_answer_from_redis_is_one_kind_of_error(redis: RedisServer) -> None:
    queue = redis.queue()
    redis.stop()
    try:
        with pytest.raises(QueueError) as caught:
            await queue.ping()
    finally:
        redis.start()
        await queue.close()

    assert caught.value.code == "ANX-API-50"


async def test_a_wrong_password_is_an_error(redis: RedisServer) -> None:
    redis.password_file.write_text("wrong")
    queue = redis.queue()
    try:
        with pytest.raises(QueueError):
            await queue.ping()
    finally:
        redis.write_password()
        await queue.close()
