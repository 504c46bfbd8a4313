"""The upload parser: any chunking gives the same form, and everything is bounded."""

import asyncio
import tempfile
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.api.errors import (
    ApiError,
    BusyError,
    InvalidRequestError,
    InvalidValueError,
    SlowUploadError,
    TooLargeError,
)
from appliance.api.memory import MemoryBudget
from appliance.api.multipart import Upload, UploadLimits, boundary_of, read_upload

BOUNDARY = b"anechoic-boundary"
LIMITS = UploadLimits(file_bytes=1000, silence_s=5)


def part(name: str, value: bytes, *, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
    return b"--" + BOUNDARY + b"\r\n" + head + value + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(
    body: bytes,
    *,
    size: int = 64,
    limits: UploadLimits = LIMITS,
    budget: MemoryBudget | None = None,
) -> Upload:
    return await read_upload(
        pieces(body, size),
        boundary=BOUNDARY,
        file_field="file",
        limits=limits,
        holding=(budget or MemoryBudget(10_000)).open(),
    )


@given(
    audio=st.binary(max_size=300) | st.just(b"\r\n--anechoic-boundar" * 9),
    size=st.integers(1, 400),
    text=st.text(max_size=40),
)
def test_any_chunking_gives_the_same_form(audio: bytes, size: int, text: str) -> None:
    body = form(part("model", text.encode()), part("file", audio, filename="a.wav"))

    upload = asyncio.run(read(body, size=size))

    assert upload.fields == (("model", text),)
    assert b"".join(upload.audio or ()) == audio


@given(st.binary(max_size=400))
def test_garbage_is_refused_with_a_named_error(body: bytes) -> None:
    with pytest.raises(ApiError):
        asyncio.run(read(body))


async def test_repeated_fields_keep_their_order() -> None:
    body = form(part("g[]", b"word"), part("g[]", b"segment"))

    assert (await read(body)).fields == (("g[]", "word"), ("g[]", "segment"))


async def test_single_bytes_are_joined_to_blocks() -> None:
    """An object for every byte would cost forty times the size of the file."""
    body = form(part("file", b"x" * 900, filename="a"))

    upload = await read(body, size=1)

    assert upload.audio == (b"x" * 900,)


async def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(TooLargeError, match="1000 bytes"):
        await read(form(part("file", b"x" * 1001, filename="a")))


async def test_an_endless_form_is_refused() -> None:
    """Text fields cannot carry what the limit of the file forbids."""
    many = [part(f"f{n}", b"x" * 10_000) for n in range(65)]

    with pytest.raises(InvalidRequestError, match="more than 64 fields"):
        await read(form(*many), size=10_000)


async def test_an_endless_preamble_is_refused() -> None:
    with pytest.raises((TooLargeError, InvalidRequestError)):
        await read(b"\r\n" * 2_000_000, size=65_536)


async def test_a_long_text_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidValueError) as caught:
        await read(form(part("prompt", b"x" * 20_000)), size=4096)

    assert caught.value.param == "prompt"


async def test_memory_is_counted_while_the_file_arrives() -> None:
    budget = MemoryBudget(500)

    with pytest.raises(BusyError):
        await read(form(part("file", b"x" * 501, filename="a")), budget=budget)


async def test_a_body_that_stops_is_refused() -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"--" + BOUNDARY + b"\r\n"
        await asyncio.Event().wait()

    with pytest.raises(SlowUploadError):
        await read_upload(
            stalled(),
            boundary=BOUNDARY,
            file_field="file",
            limits=UploadLimits(1000, silence_s=0.01),
            holding=MemoryBudget(1000).open(),
        )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "too early"),
        (form(part("file", b"abc", filename="a"))[:-20], "too early"),
        (b"no boundary at all", "malformed"),
        (form(part("other", b"x", filename="a")), "only 'file' may hold a file"),
        (form(part("file", b"x"), part("file", b"y")), "send one file"),
        (form(part("model", b"\xff\xfe")), "not UTF-8"),
        (b"--" + BOUNDARY + b"\r\n\r\nx\r\n--" + BOUNDARY + b"--\r\n", "no name"),
    ],
)
async def test_a_broken_form_is_explained(body: bytes, words: str) -> None:
    with pytest.raises(ApiError, match=words):
        await read(body)


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"],
)
def test_another_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(InvalidRequestError):
        boundary_of(content_type)


async def test_nothing_is_spooled_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starlette writes uploads above 1 MiB to a temporary file; ours must not."""

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file was made")

    for name in (
        "TemporaryFile",
        "NamedTemporaryFile",
        "SpooledTemporaryFile",
        "mkstemp",
    ):
        monkeypatch.setattr(tempfile, name, forbidden)
    limits = UploadLimits(file_bytes=3_000_000, silence_s=5)

    upload = await read(
        form(part("file", b"x" * 2_500_000, filename="a")),
        size=65_536,
        limits=limits,
        budget=MemoryBudget(3_000_000),
    )

    assert upload.size_bytes == 2_500_000


def test_the_repr_of_an_upload_shows_no_audio() -> None:
    assert "secret" not in repr(Upload(fields=(), audio=(b"secret",)))
