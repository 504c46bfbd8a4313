"""The five formats, with times that are true from the first cue on."""

import re

from hypothesis import given
from hypothesis import strategies as st

from appliance.api.openai_form import Ask, Format, Granularity
from appliance.api.openai_render import render, srt, verbose, vtt
from appliance.queue import SpeechRequest, Transcript
from tests.support.serving_fakes import segment

TRANSCRIPT = Transcript(
    "en",
    1.0,
    7.25,
    (segment(" alpha <bravo>", 1.5, 3.0), segment(" one --> two", 3661.0, 3662.25)),
)


def ask(shown: Format = "json", *granularities: Granularity) -> Ask:
    return Ask(SpeechRequest("demo"), shown, frozenset(granularities or {"segment"}))


def test_text_ends_with_a_line_break() -> None:
    answer = render(ask("text"), TRANSCRIPT)

    assert answer.body == b"alpha <bravo> one --> two\n"
    assert answer.media_type == "text/plain"


def test_the_first_srt_cue_starts_where_speech_starts() -> None:
    assert srt(TRANSCRIPT.segments) == (
        "1\n00:00:01,500 --> 00:00:03,000\nalpha <bravo>\n\n"
        "2\n01:01:01,000 --> 01:01:02,250\none -> two\n\n"
    )


def test_vtt_escapes_markup() -> None:
    assert vtt(TRANSCRIPT.segments) == (
        "WEBVTT\n\n"
        "00:00:01.500 --> 00:00:03.000\nalpha &lt;bravo&gt;\n\n"
        "01:01:01.000 --> 01:01:02.250\none --&gt; two\n\n"
    )


def test_vtt_has_its_media_type() -> None:
    answer = render(ask("vtt"), TRANSCRIPT)

    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"


def test_verbose_json_has_every_field_a_client_requires() -> None:
    body = verbose(ask("verbose_json"), TRANSCRIPT)

    assert body["duration"] == 7.25
    assert body["language"] == "en"
    assert "words" not in body
    assert set(body["segments"][1]) == {
        *("id", "seek", "start", "end", "text", "tokens", "temperature"),
        *("avg_logprob", "compression_ratio", "no_speech_prob"),
    }
    assert [s["id"] for s in body["segments"]] == [0, 1]


def test_words_alone_leave_segments_null() -> None:
    body = verbose(ask("verbose_json", "word"), TRANSCRIPT)

    assert body["segments"] is None
    assert body["words"][0] == {"word": "alpha", "start": 1.5, "end": 2.25}


def test_both_granularities_give_both() -> None:
    body = verbose(ask("verbose_json", "word", "segment"), TRANSCRIPT)

    assert len(body["segments"]) == 2
    assert len(body["words"]) == 5


def test_silence_renders_in_every_format() -> None:
    silence = Transcript("en", 1.0, 2.0, ())

    assert render(ask("text"), silence).body == b"\n"
    assert srt(()) == ""
    assert vtt(()) == "WEBVTT\n\n"
    assert verbose(ask("verbose_json", "word"), silence)["words"] == []


CLOCK = re.compile(r"(\d\d+):([0-5]\d):([0-5]\d),(\d{3}) --> \1?")


@given(st.floats(0, 200_000), st.text(max_size=30))
def test_every_cue_is_well_formed(start_s: float, text: str) -> None:
    """A cue is a number, a line of times and one line of text, whatever was said."""
    lines = srt((segment(f" x{text}", start_s, start_s + 1),)).split("\n")

    assert len(lines) == 5
    assert CLOCK.match(lines[1])
    assert "-->" not in lines[2]
