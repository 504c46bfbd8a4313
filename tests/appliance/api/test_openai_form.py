"""Every option of the dialect is honored or refused by its name."""

import pytest

from appliance.api.errors import (
    ApiError,
    InvalidValueError,
    UnsupportedOptionError,
)
from appliance.api.multipart import Upload
from appliance.api.openai_form import Ask, read_ask
from appliance.queue import SpeechRequest


def ask(*fields: tuple[str, str]) -> Ask:
    return read_ask(Upload(fields=(("model", "demo"), *fields), audio=(b"x",)))


def test_the_model_alone_is_a_request() -> None:
    assert ask() == Ask(SpeechRequest("demo"), "json", frozenset({"segment"}))


def test_every_option_reaches_the_request() -> None:
    read = ask(
        ("language", " EN "),
        ("prompt", "names: Zoe"),
        ("temperature", "0.4"),
        ("response_format", "verbose_json"),
        ("timestamp_granularities[]", "word"),
        ("timestamp_granularities[]", "segment"),
        ("stream", "false"),
        ("chunking_strategy", "auto"),
    )

    assert read.request == SpeechRequest("demo", "en", "names: Zoe", 0.4, True)
    assert read.granularities == {"word", "segment"}


def test_empty_options_count_as_left_out() -> None:
    read = ask(("language", ""), ("prompt", ""), ("temperature", ""), ("stream", ""))

    assert read.request == SpeechRequest("demo")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stream", "true"),
        ("include[]", "logprobs"),
        ("chunking_strategy", '{"type":"server_vad"}'),
        ("chunking_strategy[type]", "server_vad"),
        ("known_speaker_names[]", "agent"),
        ("hotwords", "zebra"),
        ("what_is_this", "1"),
    ],
)
def test_what_we_cannot_honor_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(UnsupportedOptionError) as caught:
        ask((name, value))

    assert caught.value.param == name
    assert caught.value.status == 400


def test_diarization_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedOptionError, match="diarized_json"):
        ask(("response_format", "diarized_json"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_format", "xml"),
        ("temperature", "hot"),
        ("temperature", "1.5"),
        ("temperature", "nan"),
        ("prompt", "x" * 4001),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        ask((name, value))

    assert caught.value.param == name


def test_a_doubled_field_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="2 times"):
        ask(("language", "en"), ("language", "de"))


def test_a_missing_model_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="'model' is missing"):
        read_ask(Upload(fields=(), audio=(b"x",)))


@pytest.mark.parametrize("shown", ["json", "text", "srt", "vtt"])
def test_granularities_need_verbose_json(shown: str) -> None:
    with pytest.raises(ApiError, match="verbose_json"):
        ask(("response_format", shown), ("timestamp_granularities[]", "word"))


def test_an_unknown_granularity_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="word or segment"):
        ask(("response_format", "verbose_json"), ("timestamp_granularities[]", "byte"))
