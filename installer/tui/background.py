"""Blocking calls off the interface thread, without ever holding up the exit.

A thread of a pool cannot be killed and would keep the terminal for as long as
its call takes (Textualize/textual#3966). Each call therefore runs in a daemon
thread of its own that is simply left behind when nobody waits for it any more.
"""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_background(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread and return its result.

    Canceling the awaiting task returns at once; the thread's result is dropped.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def work() -> None:
        try:
            outcome: tuple[T | None, BaseException | None] = (call(), None)
        except Exception as error:  # noqa: BLE001  handed to the waiting task
            outcome = (None, error)
        try:
            loop.call_soon_threadsafe(settle, *outcome)
        except RuntimeError:
            return  # the loop is closed: nobody waits

    Thread(target=work, name="anechoic-call", daemon=True).start()
    return await future
