"""The listeners as sockets."""

import asyncio
import socket

import pytest

from appliance.api.server import listen


async def test_answers_do_not_wait_for_acknowledgments() -> None:
    """Nagle's algorithm must be off: it costs 40 ms an answer on a kept connection."""
    seen: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def on_connection(_: object, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        seen.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    async with await asyncio.start_server(on_connection, sock=listener):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert await seen


def test_a_port_in_use_is_an_error_and_leaves_no_socket() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", first.getsockname()[1])
