"""Speak unseen sentences, send them to the published API, and count the errors."""

import io
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import httpx
import numpy as np

from appliance.demo_model.evaluate import word_error_rate
from appliance.demo_model.speech import speak
from appliance.demo_model.vocabulary import sentences

SEED: Final = 20_261_122
VOICES: Final = ("en", "en-us", "en+m3", "en+f2")


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence: what was spoken, what came back, and how long it took."""

    spoken: str
    heard: str
    audio_s: float
    wall_s: float

    @property
    def words(self) -> int:
        """Words spoken."""
        return len(self.spoken.split())

    @property
    def errors(self) -> float:
        """Words wrong, missing or too many."""
        return word_error_rate(self.spoken, self.heard) * self.words


def transcribe_sentences(
    api_url: str, key: str, *, count: int = 16, words_each: int = 8
) -> Iterator[Heard]:
    """Send spoken sentences one by one; yields each transcript as it comes.

    Raises:
        httpx.HTTPError: the API could not be reached or refused.
    """
    with httpx.Client(
        base_url=api_url, headers={"Authorization": f"Bearer {key}"}, timeout=120
    ) as client:
        for number, text in enumerate(sentences(SEED, count, words_each)):
            audio, audio_s = spoken_wav(text, VOICES[number % len(VOICES)])
            began = time.monotonic()
            answer = client.post(
                "/v1/audio/transcriptions",
                files={"file": (f"{number}.wav", audio, "audio/wav")},
                data={"model": "whisper-1", "response_format": "json"},
            )
            answer.raise_for_status()
            wall_s = time.monotonic() - began
            yield Heard(text, answer.json()["text"].strip(), audio_s, wall_s)


def spoken_wav(text: str, voice: str = "en") -> tuple[bytes, float]:
    """Return a 16-bit mono WAV file of the text and its length in seconds."""
    speech = speak(text, voice=voice)
    pcm = (np.clip(speech.samples, -1, 1) * 32767).astype("<i2").tobytes()
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.sample_rate_hz)
        file.writeframes(pcm)
    return target.getvalue(), len(speech.samples) / speech.sample_rate_hz
