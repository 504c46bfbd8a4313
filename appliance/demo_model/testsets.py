"""Speech that the model has never heard, to measure it on.

Every set is drawn from seeds of its own, so a figure can be repeated. Sentences
have 4 to 12 words. A set is a function of how many words it should have.
"""

# Random numbers here must be repeatable, not secret.
# ruff: noqa: S311

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from appliance.demo_model import audio
from appliance.demo_model.audio import SAMPLE_RATE_HZ
from appliance.demo_model.speech import speak
from appliance.demo_model.vocabulary import sentences
from appliance.demo_model.voices import (
    ACCENTS,
    DEMO_VOICES,
    HELD_OUT_ACCENT,
    VARIANTS,
    held_out_voices,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLITE_VOICES: Final = ("slt", "kal16", "awb", "rms")
FESTIVAL_VOICES: Final = ("kal_diphone", "ked_diphone")
_MARGIN_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Clip:
    """Mono float32 speech at 16 kHz, shape (n,), and what is said in it."""

    samples: NDArray[np.float32]
    text: str


Distort = Callable[["NDArray[np.float32]"], "NDArray[np.float32]"]


def _margins(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    quiet = np.zeros(round(_MARGIN_S * SAMPLE_RATE_HZ), dtype=np.float32)
    return np.concatenate([quiet, samples, quiet])


def _texts(seed: int, words: int) -> list[str]:
    rng = random.Random(f"lengths:{seed}")
    texts: list[str] = []
    while sum(len(text.split()) for text in texts) < words:
        texts += sentences(seed * 1_000 + len(texts), 1, rng.randint(4, 12))
    return texts


def spoken(
    seed: int, words: int, voices: Sequence[str], distort: Distort | None = None
) -> list[Clip]:
    """Return sentences of at least `words` words, spoken by `voices` in turn."""
    rng = random.Random(f"speakers:{seed}")
    clips = []
    for number, text in enumerate(_texts(seed, words)):
        speech = speak(
            text,
            voice=voices[number % len(voices)],
            rate_wpm=rng.randint(130, 200),
            pitch=rng.randint(30, 70),
        )
        samples = audio.resample(speech.samples, speech.sample_rate_hz, SAMPLE_RATE_HZ)
        samples = _margins(samples)
        clips.append(Clip(samples if distort is None else distort(samples), text))
    return clips


def seen_voices() -> tuple[str, ...]:
    """Return 40 voices of training, drawn once and for all."""
    rng = random.Random("seen")
    return tuple(f"{rng.choice(ACCENTS)}+{rng.choice(VARIANTS)}" for _ in range(40))


def joined(clips: list[Clip], each: int) -> list[Clip]:
    """Join `each` clips into one long one with half a second between."""
    quiet = np.zeros(SAMPLE_RATE_HZ // 2, dtype=np.float32)
    result = []
    for start in range(0, len(clips), each):
        group = clips[start : start + each]
        parts = [part for clip in group for part in (clip.samples, quiet)]
        text = " ".join(clip.text for clip in group)
        result.append(Clip(np.concatenate(parts), text))
    return result


def read_wave(path: Path) -> Clip:
    """Read a 16-bit mono wave file as a clip at 16 kHz without text."""
    with wave.open(str(path)) as file:
        data, rate_hz = file.readframes(file.getnframes()), file.getframerate()
    samples = np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32768)
    return Clip(audio.resample(samples, rate_hz, SAMPLE_RATE_HZ), "")


def other_synthesizer(
    seed: int, words: int, command: Callable[[str, Path, int], list[str]]
) -> list[Clip]:
    """Return sentences spoken by a program; `command` makes its command line."""
    clips = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        for number, text in enumerate(_texts(seed, words)):
            subprocess.run(
                command(text, path, number),
                input=text.encode(),
                check=True,
                capture_output=True,
            )
            clips.append(Clip(_margins(read_wave(path).samples), text))
    return clips


def _flite(text: str, path: Path, number: int) -> list[str]:
    voice = FLITE_VOICES[number % len(FLITE_VOICES)]
    return ["flite", "-voice", voice, "-t", text, "-o", str(path)]


def _festival(text: str, path: Path, number: int) -> list[str]:
    """Return a command line; the text comes from standard input."""
    del text
    voice = FESTIVAL_VOICES[number % len(FESTIVAL_VOICES)]
    return ["text2wave", "-eval", f"(voice_{voice})", "-o", str(path)]


def quiet_clips(count: int = 12) -> list[Clip]:
    """Return clips without speech: digital silence and noise of several levels."""
    clips = []
    for seed in range(count):
        length = SAMPLE_RATE_HZ * (2 + seed)
        level = (0.0, 0.0, 0.001, 0.01, 0.05, 0.1)[seed % 6]
        clips.append(Clip(audio.white_noise(length, level=level, seed=seed), ""))
    return clips


def _noisy(snr_db: float) -> Distort:
    return lambda samples: audio.add_noise(samples, snr_db=snr_db, seed=len(samples))


def all_sets(words: int) -> dict[str, Callable[[], list[Clip]]]:
    """Return all sets by name, each of at least `words` words when it is made."""
    seen, demo = seen_voices(), DEMO_VOICES
    sets: dict[str, Callable[[], list[Clip]]] = {
        "demo voices": partial(spoken, 1, words, demo),
        "seen voices": partial(spoken, 2, words, seen),
        "held-out voices": partial(spoken, 3, words, held_out_voices()),
        "held-out accent": partial(spoken, 4, words, (HELD_OUT_ACCENT,)),
        "telephone band": partial(spoken, 5, words, seen, audio.telephone_band),
    }
    for snr_db in (20, 10, 5):
        name = f"noise {snr_db} dB"
        sets[name] = partial(spoken, 10 + snr_db, words, seen, _noisy(snr_db))
    for speed in (0.8, 0.9, 1.1, 1.2, 1.3):
        change = partial(audio.change_speed, speed=speed)
        sets[f"speed {speed}"] = partial(spoken, round(speed * 40), words, seen, change)
    sets["long clips"] = lambda: joined(spoken(6, words, seen), 8)
    if shutil.which("flite"):
        sets["flite"] = partial(other_synthesizer, 7, words, _flite)
    if shutil.which("text2wave"):
        sets["festival"] = partial(other_synthesizer, 8, words, _festival)
    return sets
