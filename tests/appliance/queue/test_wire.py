"""What gateway and worker say to each other survives the wire, and nothing else does."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.queue import (
    Failure,
    Report,
    Segment,
    SpeechRequest,
    Transcript,
    WireError,
    Word,
    Work,
    dumps,
    loads,
)

TEXT = st.text(max_size=20).filter(lambda text: text.isprintable())
SECONDS = st.floats(0, 1e6)
WORDS = st.builds(Word, TEXT, SECONDS, SECONDS, SECONDS)
SEGMENTS = st.builds(
    Segment,
    text=TEXT,
    start_s=SECONDS,
    end_s=SECONDS,
    tokens=st.lists(st.integers(0, 60_000), max_size=4).map(tuple),
    seek=st.integers(0, 10**9),
    temperature=SECONDS,
    avg_logprob=st.floats(-100, 0),
    compression_ratio=SECONDS,
    no_speech_prob=SECONDS,
    words=st.lists(WORDS, max_size=3).map(tuple),
)
TRANSCRIPTS = st.builds(
    Transcript, TEXT, SECONDS, SECONDS, st.lists(SEGMENTS, max_size=3).map(tuple)
)
REPORTS = st.builds(
    Report,
    fence=st.integers(0, 10**6),
    worker=TEXT,
    work=st.builds(Work, SECONDS, SECONDS, SECONDS),
    transcript=TRANSCRIPTS,
)


@given(REPORTS)
def test_every_report_survives_the_wire(report: Report) -> None:
    assert loads(Report, dumps(report)) == report


@given(st.builds(SpeechRequest, TEXT, TEXT | st.none(), TEXT | st.none()))
def test_every_request_survives_the_wire(request: SpeechRequest) -> None:
    assert loads(SpeechRequest, dumps(request)) == request


@given(st.binary(max_size=60))
def test_garbage_is_refused_and_nothing_else_happens(data: bytes) -> None:
    with pytest.raises(WireError):
        loads(Report, data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": 5}, "SpeechRequest.model is not str"),
        ({"extra": 1}, "unknown field 'extra'"),
        ({"language": 5}, "SpeechRequest.language is not str"),
        ({"temperature": "warm"}, "SpeechRequest.temperature is not float"),
        ({"word_timestamps": 1}, "SpeechRequest.word_timestamps is not bool"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], words: str) -> None:
    body = json.dumps({"model": "demo", **change}).encode()

    with pytest.raises(WireError, match=words):
        loads(SpeechRequest, body)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(WireError, match="lacks the field 'model'"):
        loads(SpeechRequest, b"{}")


@pytest.mark.parametrize("body", [b"[]", b"[" * 100_000, b"NaN"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(WireError):
        loads(SpeechRequest, body)


def test_whole_numbers_are_accepted_as_seconds() -> None:
    assert loads(Work, b'{"fetch_s":1,"decode_s":0,"infer_s":2.5}') == Work(1, 0, 2.5)


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(WireError, match="not finite"):
        loads(Work, b'{"fetch_s":Infinity,"decode_s":0,"infer_s":0}')


def test_a_report_says_one_thing() -> None:
    transcript = Transcript("en", 1.0, 1.0, ())

    with pytest.raises(ValueError, match="one of"):
        Report(1, "asr-1", Work(0, 0, 0))
    with pytest.raises(ValueError, match="one of"):
        Report(1, "asr-1", Work(0, 0, 0), transcript, Failure("x", "y"))


def test_a_report_that_says_nothing_is_refused_on_the_wire() -> None:
    body = b'{"fence":1,"worker":"w","work":{"fetch_s":0,"decode_s":0,"infer_s":0}}'

    with pytest.raises(WireError, match="one of"):
        loads(Report, body)
