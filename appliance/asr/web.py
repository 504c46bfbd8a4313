"""The worker's two pages, `/health` and `/metrics`, on the standard library alone."""

import asyncio
import contextlib
import http
import json
from typing import Final

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from appliance.asr.metrics import AsrMetrics
from appliance.asr.state import WorkerState

_REQUEST_BYTES: Final = 8192
_REQUEST_S: Final = 5.0
_JSON: Final = "application/json"


class Pages:
    """Answers one request a connection, then closes it."""

    def __init__(self, state: WorkerState, metrics: AsrMetrics) -> None:
        """Show these two."""
        self._state = state
        self._metrics = metrics

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Start to answer; close the returned server to stop."""
        return await asyncio.start_server(
            self._answer, host, port, limit=_REQUEST_BYTES
        )

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        broken = (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError)
        try:
            with contextlib.suppress(*broken, asyncio.LimitOverrunError):
                async with asyncio.timeout(_REQUEST_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._page(head.split(b"\r\n", 1)[0]))
                    await writer.drain()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _page(self, line: bytes) -> bytes:
        """Answer a request line."""
        method, _, rest = line.partition(b" ")
        path = rest.split(b" ", 1)[0].split(b"?", 1)[0]
        if method != b"GET":
            return _response(405, _JSON, b"{}")
        if path == b"/health":
            body = json.dumps(self._state.body()).encode()
            return _response(200 if self._state.healthy else 503, _JSON, body)
        if path == b"/metrics":
            return _response(200, CONTENT_TYPE_PLAIN_0_0_4, self._metrics.render())
        return _response(404, _JSON, b"{}")


def _response(status: int, content_type: str, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n"
        f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body
