import asyncio
import time
from threading import Event

import pytest

from installer.tui.background import in_background


async def test_the_result_of_a_blocking_call_arrives() -> None:
    assert await in_background(lambda: 6 * 7) == 42


async def test_an_error_of_a_blocking_call_arrives() -> None:
    def refuse() -> None:
        raise LookupError("absent")

    with pytest.raises(LookupError, match="absent"):
        await in_background(refuse)


async def test_canceling_does_not_wait_for_the_call() -> None:
    gate = Event()
    task = asyncio.create_task(in_background(lambda: gate.wait(30)))
    await asyncio.sleep(0)
    began = time.monotonic()

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert time.monotonic() - began < 0.5
    gate.set()


def test_the_loop_may_end_before_the_call_does() -> None:
    gate = Event()

    async def leave_it() -> None:
        task = asyncio.create_task(in_background(lambda: gate.wait(30)))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave_it())

    gate.set()
