"""POST /v1/audio/transcriptions of OpenAI's dialect."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from appliance.api.errors import (
    ApiError,
    ClientGoneError,
    InvalidValueError,
    TooLargeError,
)
from appliance.api.gateway import Gateway
from appliance.api.keys import KeyStore
from appliance.api.memory import Holding
from appliance.api.multipart import Upload, UploadLimits, boundary_of, read_upload
from appliance.api.openai_form import read_ask
from appliance.api.openai_render import render
from appliance.api.usage import Tally
from offline_license.usage import Mode

_FORM_BYTES: Final = 256 * 1024
_DISCARD_BYTES: Final = 4 * 1024 * 1024
_DISCARD_S: Final = 2.0


class Transcriptions:
    """The endpoint: caller, license and capacity first, then the body, then the work."""

    def __init__(self, gateway: Gateway, keys: KeyStore) -> None:
        """Serve from `gateway` for the callers in `keys`."""
        self._gateway = gateway
        self._keys = keys
        self._limits = UploadLimits(
            file_bytes=gateway.settings.max_upload_bytes,
            silence_s=gateway.settings.body_timeout_s,
        )

    async def __call__(self, request: Request) -> Response:
        """Answer one request; refusals are `ApiError`."""
        holding = self._gateway.memory.open()
        body = _Body(request)
        try:
            return await self._serve(request, body, holding)
        except ClientGoneError:
            return Response(status_code=499)
        except ApiError:
            await body.discard()
            raise
        finally:
            holding.release()

    async def _serve(
        self, request: Request, body: "_Body", holding: Holding
    ) -> Response:
        request.state.key_id = self._keys.authenticate(request.headers).id
        with self._gateway.usage.counting(Mode.BATCH) as tally:
            return await self._transcribe(request, body, holding, tally)

    async def _transcribe(
        self, request: Request, body: "_Body", holding: Holding, tally: Tally
    ) -> Response:
        self._gateway.admit()
        upload = await self._read(request, body, holding)
        if not upload.audio:
            raise InvalidValueError(
                "the field 'file' is missing or empty", param="file"
            )
        ask = read_ask(upload)
        transcript = await self._gateway.transcribe(
            ask.request, upload, holding, tally=tally, hang_up=request.receive
        )
        return render(ask, transcript)

    async def _read(self, request: Request, body: "_Body", holding: Holding) -> Upload:
        boundary = boundary_of(request.headers.get("content-type", ""))
        declared = request.headers.get("content-length", "")
        if declared.isdecimal():
            size = int(declared)
            if size > self._limits.file_bytes + _FORM_BYTES:
                raise TooLargeError(
                    f"the file is larger than {self._limits.file_bytes} bytes",
                    param="file",
                )
            holding.reserve(min(size, self._limits.file_bytes))
        upload = await read_upload(
            body.pieces(),
            boundary=boundary,
            file_field="file",
            limits=self._limits,
            holding=holding,
        )
        holding.shrink(upload.size_bytes)
        return upload


class _Body:
    """The body of a request, which knows whether all of it has been read."""

    def __init__(self, request: Request) -> None:
        self._request = request
        # A client that waits for "100 Continue" has sent nothing, and needs no reading.
        self._ended = "expect" in request.headers

    async def pieces(self) -> AsyncIterator[bytes]:
        async for piece in self._request.stream():
            yield piece
        self._ended = True

    async def discard(self) -> None:
        """Read a little more of a refused upload, so that its sender sees the answer.

        Closing a connection with unread bytes resets it, and many clients then report a
        broken pipe in place of our sentence. Bounded in bytes and time.
        """
        rest = _DISCARD_BYTES
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DISCARD_S):
                while rest > 0 and not self._ended:
                    message = await self._request.receive()
                    self._ended = not message.get("more_body", False)
                    rest -= len(message.get("body", b""))
