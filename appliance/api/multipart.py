"""Read a multipart upload as it arrives, into memory that is bounded and counted.

Starlette's own form parser writes uploads above 1 MiB to a temporary file. Audio must never
touch a disk, so this one feeds python-multipart's callbacks itself and keeps the file in
blocks (a client that sends single bytes must not cost an object for each). Everything has a limit: the file, each text field, the number of parts,
the headers, and the silence between two pieces of the body.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from appliance.api.errors import (
    InvalidRequestError,
    InvalidValueError,
    SlowUploadError,
    TooLargeError,
)
from appliance.api.memory import Holding

# Its warnings quote the body.
logging.getLogger("python_multipart").disabled = True
logging.getLogger("python_multipart.multipart").disabled = True

_BLOCK_BYTES: Final = 256 * 1024
_FIELD_BYTES: Final = 16 * 1024
_PARTS: Final = 64
_OVERHEAD_BYTES: Final = _PARTS * (_FIELD_BYTES + 1024)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one request may send: bytes of the file, seconds of silence."""

    file_bytes: int
    silence_s: float


@dataclass(frozen=True, slots=True)
class Upload:
    """A form as it came: text fields in order, and at most one file.

    `audio` is the file in blocks of about 256 KiB, never joined; the repr shows none of it.
    """

    fields: tuple[tuple[str, str], ...]
    audio: tuple[bytes, ...] | None = field(repr=False)

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        return sum(map(len, self.audio or ()))


def boundary_of(content_type: str) -> bytes:
    """Find the boundary in a Content-Type header.

    Raises:
        InvalidRequestError: it is no multipart form.
    """
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidRequestError("expected a multipart/form-data body with a boundary")
    return boundary


async def read_upload(
    body: AsyncIterator[bytes],
    *,
    boundary: bytes,
    file_field: str,
    limits: UploadLimits,
    holding: Holding,
) -> Upload:
    """Read the whole form.

    Args:
        body: pieces of the body as the server hands them out.
        boundary: from `boundary_of`.
        file_field: the one field that may hold a file.
        limits: how much, and how slow.
        holding: counts the bytes of the file, and refuses them when memory is short.

    Raises:
        InvalidRequestError: not a well-formed multipart body, or cut off.
        TooLargeError: the file, or all of the rest, is above its limit.
        SlowUploadError: nothing came for `limits.silence_s`.
        BusyError: the memory budget is used up.
    """
    form = _Form(file_field, limits.file_bytes, holding)
    total = 0
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]
        async for piece in _timed(body, limits.silence_s):
            total += len(piece)
            if total > limits.file_bytes + _OVERHEAD_BYTES:
                raise TooLargeError(_too_large(limits.file_bytes), param=file_field)
            parser.write(piece)
    except FormParserError as error:
        raise InvalidRequestError("the multipart body is malformed") from error
    if not form.ended:
        raise InvalidRequestError("the multipart body ended too early")
    return form.upload()


async def _timed(body: AsyncIterator[bytes], silence_s: float) -> AsyncIterator[bytes]:
    """Pass the pieces on, but give up after a silence."""
    pieces = aiter(body)
    while True:
        try:
            async with asyncio.timeout(silence_s):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise SlowUploadError(f"nothing arrived for {silence_s:g} s") from error
        yield piece


def _too_large(limit_bytes: int) -> str:
    return f"the file is larger than {limit_bytes} bytes"


class _Form:
    """Collects parts from the parser's callbacks."""

    def __init__(self, file_field: str, file_limit: int, holding: Holding) -> None:
        self._file_field = file_field
        self._file_limit = file_limit
        self._holding = holding
        self._fields: list[tuple[str, str]] = []
        self._audio: list[bytes] | None = None
        self._audio_bytes = 0
        self._block = bytearray()
        self._header: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._disposition = b""
        self._name = ""
        self._is_file = False
        self._text = bytearray()
        self._parts = 0
        self.ended = False

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._part_begin,
            "on_header_begin": self._header_begin,
            "on_header_field": lambda d, a, b: self._header[0].extend(d[a:b]),
            "on_header_value": lambda d, a, b: self._header[1].extend(d[a:b]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def upload(self) -> Upload:
        audio = None if self._audio is None else tuple(self._audio)
        return Upload(fields=tuple(self._fields), audio=audio)

    def _end(self) -> None:
        self.ended = True

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise InvalidRequestError(f"more than {_PARTS} fields in the form")
        self._disposition = b""
        self._text = bytearray()

    def _header_begin(self) -> None:
        self._header = (bytearray(), bytearray())

    def _header_end(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._disposition)
        name = options.get(b"name")
        if kind != b"form-data" or name is None:
            raise InvalidRequestError("a part of the form has no name")
        self._name = name.decode("utf-8", errors="replace")
        self._is_file = self._name == self._file_field
        if not self._is_file and b"filename" in options:
            raise InvalidValueError(
                f"only {self._file_field!r} may hold a file", param=self._name[:64]
            )
        if self._is_file:
            if self._audio is not None:
                raise InvalidValueError("send one file", param=self._file_field)
            self._audio = []

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file and self._audio is not None:
            self._keep_audio(self._audio, data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > _FIELD_BYTES:
            raise InvalidValueError(
                f"the field is longer than {_FIELD_BYTES} bytes", param=self._name[:64]
            )

    def _keep_audio(self, audio: list[bytes], piece: bytes) -> None:
        self._audio_bytes += len(piece)
        if self._audio_bytes > self._file_limit:
            raise TooLargeError(_too_large(self._file_limit), param=self._file_field)
        self._holding.reserve(self._audio_bytes)
        self._block += piece
        if len(self._block) >= _BLOCK_BYTES:
            self._flush(audio)

    def _flush(self, audio: list[bytes]) -> None:
        if self._block:
            audio.append(bytes(self._block))
            self._block = bytearray()

    def _part_end(self) -> None:
        if self._is_file and self._audio is not None:
            self._flush(self._audio)
            return
        try:
            self._fields.append((self._name, self._text.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise InvalidValueError(
                "the field is not UTF-8 text", param=self._name[:64]
            ) from error
