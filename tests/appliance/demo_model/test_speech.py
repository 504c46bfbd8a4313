"""espeak-ng speaks the words and says when."""

import numpy as np
import pytest

from appliance.demo_model.speech import (
    Prosody,
    SpeechEngineError,
    speak,
    speak_with,
)
from appliance.demo_model.vocabulary import WORDS
from appliance.demo_model.voices import (
    ACCENTS,
    HELD_OUT_ACCENT,
    HELD_OUT_VARIANTS,
    VARIANTS,
)


def test_speech_is_mono_float_with_a_span_for_each_word() -> None:
    speech = speak("hello doctor two stop")

    assert speech.samples.dtype == np.float32
    assert np.abs(speech.samples).max() <= 1.0
    assert [word.text for word in speech.words] == ["hello", "doctor", "two", "stop"]


def test_spans_are_in_order_and_inside_the_speech() -> None:
    speech = speak("november xray seven please", voice="en-us")
    edges = [e for word in speech.words for e in (word.start_sample, word.end_sample)]

    assert edges == sorted(edges)
    assert edges[-1] <= len(speech.samples)


@pytest.mark.parametrize("word", WORDS)
def test_espeak_says_each_word_as_one(word: str) -> None:
    assert [span.text for span in speak(word).words] == [word]


def test_a_faster_rate_gives_shorter_speech() -> None:
    text = "alpha bravo charlie"

    fast, slow = (speak(text, rate_wpm=rate) for rate in (240, 120))

    assert len(fast.samples) < len(slow.samples)


def test_the_same_words_take_the_same_time_again() -> None:
    """The engine keeps a phase between calls: a millisecond may differ."""
    speak("something else", voice="en-us+f2")
    prosody = Prosody(rate_wpm=150, pitch=40, pitch_range=30, word_gap=5)

    first, again = (
        speak_with("open left", voice="en", prosody=prosody) for _ in range(2)
    )

    assert len(first.samples) == pytest.approx(len(again.samples), abs=22)
    assert first.words[1].text == again.words[1].text


def test_an_unknown_voice_is_named_in_the_error() -> None:
    with pytest.raises(SpeechEngineError, match="no-such-voice"):
        speak("hello", voice="no-such-voice")


def test_held_out_voices_are_not_in_training() -> None:
    assert not set(HELD_OUT_VARIANTS) & set(VARIANTS)
    assert HELD_OUT_ACCENT not in ACCENTS
