"""The demo model and speech for it, for tests that run the real engine."""

import functools
import io
import os
import wave
from pathlib import Path

import numpy as np

from appliance.asr.decode import SAMPLE_RATE, Samples
from appliance.asr.engine import WhisperEngine
from appliance.demo_model.evaluate import WEIGHTS
from appliance.demo_model.speech import speak

MODEL = Path(os.environ.get("ANECHOIC_TEST_MODEL", WEIGHTS))
SENTENCE = "alpha bravo seven start charlie"
MARGIN_S = 0.5


@functools.cache
def engine() -> WhisperEngine:
    """The real engine on one thread; loaded once for all tests of a process."""
    return WhisperEngine(
        MODEL, device="cpu", compute_type="auto", cpu_threads=1, slots=1
    )


def spoken(
    text: str = SENTENCE, *, voice: str = "en", margin_s: float = MARGIN_S
) -> Samples:
    """Synthesized speech with silence around it, mono 16 kHz."""
    speech = speak(text, voice=voice)
    at = np.arange(0, len(speech.samples), speech.sample_rate_hz / SAMPLE_RATE)
    samples = np.interp(at, np.arange(len(speech.samples)), speech.samples)
    margin = np.zeros(int(margin_s * SAMPLE_RATE))
    whole = np.concatenate([margin, samples, margin])
    scaled: Samples = (np.clip(whole, -1, 1) * 32767).astype(np.int16)
    return scaled


def wav_of(samples: Samples) -> bytes:
    """The samples as a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(samples.tobytes())
    return buffer.getvalue()
