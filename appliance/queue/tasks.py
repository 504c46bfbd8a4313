"""End tasks that talk to Redis."""

import asyncio
from typing import Any, Final

_PATIENCE_S: Final = 0.1


async def end_tasks(*tasks: "asyncio.Task[Any]") -> None:
    """Cancel tasks until they are done, and drop what they raise.

    Once is not enough: a cancellation that meets an answer inside the Redis client is
    swallowed there, and a task that loops would go on forever.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_PATIENCE_S)
    await asyncio.gather(*tasks, return_exceptions=True)
