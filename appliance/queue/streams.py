"""The work queue: one Redis stream, one consumer group, metadata only.

Rules it keeps:

- An entry names a job and the gateway that holds its audio; audio and text never come here.
- A worker holds an entry by a lease that it renews; `reclaim` takes over what nobody renewed.
- An entry leaves the stream when it is finished, withdrawn or dead, so the length of the
  stream is the number of unfinished jobs.
- Redis keeps nothing on disk. When it comes back empty, `epoch_is_new` tells the gateway, which
  submits its unfinished jobs again.

Redis 7.0 is enough: XAUTOCLAIM is there, XACKDEL (8.2) is not needed.
"""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from appliance.queue.errors import QueueError
from appliance.queue.model import JobNote, WorkerNote
from appliance.queue.wire import WireError, dumps, loads

if TYPE_CHECKING:
    from redis.asyncio import Redis

STREAM = "anechoic:jobs"
DEAD = "anechoic:dead"
GROUP = "asr"
_WORKER = "anechoic:worker:"
_EPOCH = "anechoic:epoch:"
_DEAD_KEPT = 1000

# Renewing must not take an entry back from a worker that has reclaimed it meanwhile, so the
# owner is checked and the claim renewed in one step.
_RENEW = """
local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if #held == 0 or held[1][2] ~= ARGV[2] then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'IDLE', ARGV[4], 'JUSTID')
return 1
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A queue entry in a worker's hands; `tries` counts the deliveries, this one included."""

    entry: str
    note: JobNote
    tries: int


@dataclass(frozen=True, slots=True)
class Depth:
    """How much work is unfinished: waiting for a worker, and held by one."""

    waiting: int
    held: int


@contextlib.asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn every trouble with Redis into a `QueueError`; its words may not hold values."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise QueueError(
            "Redis did not answer as expected", evidence=type(error).__name__
        ) from error


class JobQueue:
    """The queue as gateways and workers use it; safe to share between tasks."""

    def __init__(self, redis: "Redis") -> None:
        """Use this connection pool, which must not decode responses."""
        self._redis = redis
        self._renew = redis.register_script(_RENEW)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def prepare(self) -> None:
        """Create the stream and the group when they are missing."""
        async with _translated():
            try:
                await self._redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def submit(self, note: JobNote) -> str:
        """Add a job and return the name of its entry."""
        async with _translated():
            entry = await self._redis.xadd(STREAM, {"note": dumps(note)})
        return _text(entry)

    async def finish(self, entry: str) -> None:
        """Remove an entry for good; removing it twice is fine."""
        async with _translated(), self._redis.pipeline(transaction=True) as steps:
            steps.xack(STREAM, GROUP, entry)
            steps.xdel(STREAM, entry)
            await steps.execute()

    async def next(self, consumer: str, *, wait_ms: int) -> Delivery | None:
        """Take the oldest waiting job, or None after `wait_ms` without one."""
        answer: Any = None
        async with _translated():
            try:
                answer = await self._redis.xreadgroup(
                    GROUP, consumer, {STREAM: ">"}, count=1, block=wait_ms
                )
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                answer = None
        if answer is None:
            await self.prepare()
            return None
        entries = answer[0][1] if answer else ()
        return await self._delivery(entries[0], tries=1) if entries else None

    async def resume(self, consumer: str) -> Delivery | None:
        """Take again what this consumer held when its process ended."""
        async with _translated():
            try:
                answer: Any = await self._redis.xreadgroup(
                    GROUP, consumer, {STREAM: "0"}, count=1
                )
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                return None
        entries = answer[0][1] if answer else ()
        return await self._counted(entries[0]) if entries else None

    async def reclaim(self, consumer: str, *, idle_ms: int) -> Delivery | None:
        """Take over one job whose holder has not renewed its lease for `idle_ms`."""
        async with _translated():
            try:
                _, entries, *_ = await self._redis.xautoclaim(
                    STREAM, GROUP, consumer, idle_ms, start_id="0-0", count=1
                )
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                return None
        return await self._counted(entries[0]) if entries else None

    async def renew(self, entry: str, consumer: str) -> bool:
        """Extend the lease; False when the entry was withdrawn or taken over."""
        return await self._set_idle(entry, consumer, 0)

    async def release(self, entry: str, consumer: str, *, idle_ms: int) -> None:
        """Hand an entry back: it looks unrenewed for `idle_ms`, so others may reclaim it."""
        await self._set_idle(entry, consumer, idle_ms)

    async def _set_idle(self, entry: str, consumer: str, idle_ms: int) -> bool:
        arguments: list[str | int] = [GROUP, consumer, entry, idle_ms]
        async with _translated():
            try:
                return bool(await self._renew(keys=[STREAM], args=arguments))
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                return False

    async def bury(self, delivery: Delivery, *, reason: str) -> None:
        """Move an entry to the dead letters, where an operator can count it."""
        async with _translated(), self._redis.pipeline(transaction=True) as steps:
            steps.xadd(
                DEAD,
                {"note": dumps(delivery.note), "reason": reason},
                maxlen=_DEAD_KEPT,
            )
            steps.xack(STREAM, GROUP, delivery.entry)
            steps.xdel(STREAM, delivery.entry)
            await steps.execute()

    async def depth(self) -> Depth:
        """Count the unfinished jobs."""
        async with _translated():
            total = int(await self._redis.xlen(STREAM))
            try:
                held = int((await self._redis.xpending(STREAM, GROUP))["pending"])
            except ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                held = 0
        return Depth(waiting=max(0, total - held), held=held)

    async def dead(self) -> int:
        """Count the dead letters."""
        async with _translated():
            return int(await self._redis.xlen(DEAD))

    async def epoch_is_new(self, gateway: str) -> bool:
        """Tell, once, that Redis has lost its memory since this gateway last asked.

        True on the first call of all. The gateway asks every second or so, and submits its
        unfinished jobs again on True; work done twice commits once, through the fence.
        """
        async with _translated():
            return bool(await self._redis.set(_EPOCH + gateway, b"1", nx=True))

    async def announce(self, note: WorkerNote, *, ttl_ms: int) -> None:
        """Say that a worker lives, for the next `ttl_ms`."""
        async with _translated():
            await self._redis.set(_WORKER + note.worker, dumps(note), px=ttl_ms)

    async def leave(self, worker: str) -> None:
        """Say that a worker takes no more work."""
        async with _translated():
            await self._redis.delete(_WORKER + worker)

    async def workers(self) -> tuple[WorkerNote, ...]:
        """List the living workers by name."""
        async with _translated():
            keys = sorted([k async for k in self._redis.scan_iter(match=_WORKER + "*")])
            values = await self._redis.mget(keys) if keys else []
        notes = (_worker_note(value) for value in values if value is not None)
        return tuple(note for note in notes if note is not None)

    async def ping(self) -> None:
        """Ask Redis whether it is there."""
        async with _translated():
            await self._redis.ping()

    async def _counted(self, entry: Sequence[Any]) -> Delivery | None:
        """Read an entry together with the number of its deliveries."""
        async with _translated():
            pending = await self._redis.xpending_range(
                STREAM, GROUP, min=entry[0], max=entry[0], count=1
            )
        tries = int(pending[0]["times_delivered"]) if pending else 1
        return await self._delivery(entry, tries=tries)

    async def _delivery(self, entry: Sequence[Any], *, tries: int) -> Delivery | None:
        """Read an entry; one that cannot be read is removed, or it would return forever."""
        name, fields = _text(entry[0]), entry[1]
        try:
            note = loads(JobNote, (fields or {}).get(b"note", b""))
        except WireError:
            await self.finish(name)
            return None
        return Delivery(name, note, tries)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _worker_note(value: bytes | str) -> WorkerNote | None:
    try:
        return loads(WorkerNote, _text(value).encode())
    except WireError:
        return None
