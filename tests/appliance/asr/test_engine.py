"""The real engine on the demo model: words, times, silence, and no way to the internet."""

import numpy as np
import pytest

from appliance.asr.decode import SAMPLE_RATE
from appliance.asr.errors import JobCanceledError, JobRefusedError
from appliance.demo_model.evaluate import word_errors
from appliance.queue import SpeechRequest, Transcript
from tests.support.demo_model import SENTENCE, engine, spoken

REQUEST = SpeechRequest("demo", word_timestamps=True)


def hear(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Transcript:
    return engine().transcribe(samples, REQUEST, keep_going=lambda: True)


def test_speech_becomes_its_words() -> None:
    transcript = hear(spoken())

    assert word_errors(SENTENCE, transcript.text) <= 1
    assert transcript.language == "en"


def test_word_times_are_in_order_and_inside_the_audio() -> None:
    samples = spoken(margin_s=1.0)

    words = [word for segment in hear(samples).segments for word in segment.words]

    starts = [word.start_s for word in words]
    assert starts == sorted(starts)
    assert words[0].start_s == pytest.approx(1.0, abs=0.5)
    assert words[-1].end_s <= len(samples) / SAMPLE_RATE


def test_times_are_those_of_the_whole_audio() -> None:
    """The second sentence is transcribed in a chunk of its own, far from the start."""
    pause = np.zeros(8 * SAMPLE_RATE, dtype=np.int16)
    first = spoken()
    samples = np.concatenate([first, pause, spoken("kilo lima mike")])

    last = hear(samples).segments[-1]

    offset_s = (len(first) + len(pause)) / SAMPLE_RATE
    assert last.start_s == pytest.approx(offset_s + 0.5, abs=0.6)
    assert last.end_s <= len(samples) / SAMPLE_RATE


@pytest.mark.parametrize("seconds", [0.0, 1 / 16_000, 0.001, 0.05, 1.0, 65.0])
def test_silence_gives_empty_text(seconds: float) -> None:
    transcript = hear(np.zeros(int(seconds * SAMPLE_RATE), dtype=np.int16))

    assert transcript.text == ""
    assert transcript.segments == ()
    assert transcript.duration_s == pytest.approx(seconds, abs=1e-4)


def test_noise_gives_empty_text() -> None:
    noise = np.random.default_rng(3).normal(0, 1500, 10 * SAMPLE_RATE)

    assert hear(noise.astype(np.int16)).text == ""


def test_the_same_audio_gives_the_same_transcript() -> None:
    samples = spoken()

    assert hear(samples) == hear(samples)


def test_a_language_the_model_lacks_is_refused() -> None:
    with pytest.raises(JobRefusedError) as caught:
        engine().transcribe(
            spoken(), SpeechRequest("demo", language="de"), keep_going=lambda: True
        )

    assert caught.value.code == "unsupported_language"


def test_work_stops_when_nobody_waits() -> None:
    with pytest.raises(JobCanceledError):
        engine().transcribe(spoken(), REQUEST, keep_going=lambda: False)


def test_a_prompt_does_not_appear_in_the_text() -> None:
    request = SpeechRequest("demo", prompt="zulu zulu")

    transcript = engine().transcribe(spoken(), request, keep_going=lambda: True)

    assert "zulu" not in transcript.text


def test_the_engine_says_what_it_is() -> None:
    info = engine().info

    assert info.languages == ("en",)
    assert not info.detects_language
    assert info.device == "cpu"
    assert info.compute_type.startswith("int8")
