"""Synthesized utterances that training windows are built from.

What utterance number n of a rank says, and how, depends on nothing but the seed, the
rank and n, so a resumed training hears what it would have heard (but for the phase
that espeak-ng keeps between calls: a millisecond at most). A pool keeps the newest utterances
and is refreshed a little at each step: each utterance is heard a few times, every
time with other neighbors and other distortions.
"""

# The numbers compared with chances are the recipe itself, named by what they guard.
# ruff: noqa: PLR2004

# Random numbers here must be repeatable, not secret.
# ruff: noqa: S311

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from appliance.demo_model.audio import SAMPLE_RATE_HZ, resample
from appliance.demo_model.speech import Prosody, Span, speak_with
from appliance.demo_model.vocabulary import WORDS, word_sequence
from appliance.demo_model.voices import ACCENTS, DEMO_VOICES, VARIANTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME_SAMPLES: Final = 320
"""Samples of one encoder frame (20 ms at 16 kHz)."""

IntArray = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech at 16 kHz and what is said in each encoder frame.

    Attributes:
        samples: int16, shape (320 * frames,).
        words: word numbers, shape (n,).
        starts: first encoder frame of each word, shape (n,).
        ends: one past the last encoder frame of each word, shape (n,).
        frame_words: word number + 1 of each frame, 0 between words.
        frame_phonemes: phoneme number + 1 of each frame, 0 between phonemes.
    """

    samples: NDArray[np.int16]
    words: IntArray
    starts: IntArray
    ends: IntArray
    frame_words: IntArray
    frame_phonemes: IntArray

    @property
    def frames(self) -> int:
        """Length in encoder frames."""
        return len(self.frame_words)


@cache
def phoneme_numbers() -> dict[str, int]:
    """Number the phonemes of every word in every accent of training."""
    names = {
        phoneme.text
        for accent in ACCENTS
        for word in WORDS
        for phoneme in speak_with(word, voice=accent, prosody=Prosody()).phonemes
    }
    return {name: number for number, name in enumerate(sorted(names))}


def draw_voice(rng: random.Random) -> str:
    """Return a voice of training; plain and demo voices come up more often."""
    chance = rng.random()
    if chance < 0.12:
        return rng.choice(ACCENTS)
    if chance < 0.2:
        return rng.choice(DEMO_VOICES)
    accent = rng.choice(("en", "en", "en-us", "en-us", *ACCENTS))
    return f"{accent}+{rng.choice(VARIANTS)}"


def draw_text(rng: random.Random) -> str:
    """Return 1 to 14 random words, at times with commas."""
    length = rng.randint(1, 3) if rng.random() < 0.3 else rng.randint(4, 14)
    text = word_sequence(rng, length)
    if rng.random() < 0.15:
        text = "".join(", " if c == " " and rng.random() < 0.4 else c for c in text)
    return text


def draw_prosody(rng: random.Random) -> Prosody:
    """Return a random rate, pitch, liveliness and word gap."""
    return Prosody(
        rate_wpm=round(rng.triangular(105, 270, 165)),
        pitch=round(rng.triangular(5, 95, 50)),
        pitch_range=rng.randint(10, 90),
        word_gap=rng.randint(1, 18) if rng.random() < 0.35 else 0,
    )


def _label(
    spans: tuple[Span, ...], numbers: list[int], scale: float, frames: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Return the starts and ends in frames, and the number + 1 of each frame."""
    starts = np.array([round(s.start_sample * scale) for s in spans], dtype=np.int64)
    ends = np.array([round(s.end_sample * scale) for s in spans], dtype=np.int64)
    ends = np.maximum(ends, starts + 1)
    label = np.zeros(frames, dtype=np.int64)
    for number, start, end in zip(numbers, starts, ends, strict=True):
        label[start:end] = number + 1
    return starts, ends, label


def synthesize(rng: random.Random) -> Utterance | None:
    """Draw one utterance, or None where espeak merged two words."""
    text, speed = draw_text(rng), 1.0
    if rng.random() < 0.5:
        speed = rng.uniform(0.86, 1.16)
    speech = speak_with(text, voice=draw_voice(rng), prosody=draw_prosody(rng))
    if not speech.words:
        return None
    samples = resample(speech.samples, speech.sample_rate_hz * speed, SAMPLE_RATE_HZ)
    frames = -(-len(samples) // FRAME_SAMPLES)
    padded = np.zeros(frames * FRAME_SAMPLES, dtype=np.float32)
    padded[: len(samples)] = samples
    scale = SAMPLE_RATE_HZ / (speech.sample_rate_hz * speed) / FRAME_SAMPLES
    words = [WORDS.index(word.text) for word in speech.words]
    starts, ends, frame_words = _label(speech.words, words, scale, frames)
    known = phoneme_numbers()
    sounds = [known.get(sound.text, -1) for sound in speech.phonemes]
    _, _, frame_phonemes = _label(speech.phonemes, sounds, scale, frames)
    pcm = (np.clip(padded, -1, 1) * 32767).astype(np.int16)
    numbers = np.array(words, dtype=np.int64)
    return Utterance(pcm, numbers, starts, ends, frame_words, frame_phonemes)


class Pool:
    """The newest `size` utterances of a rank.

    Args:
        seed: of the training.
        rank: which of the training processes this is.
        size: utterances kept.
        refresh: utterances replaced at each step.
    """

    def __init__(self, *, seed: int, rank: int, size: int, refresh: int) -> None:
        self._name = f"training:{seed}:{rank}"
        self._size = size
        self._refresh = refresh
        self._kept: deque[Utterance] = deque(maxlen=size)
        self._next = 0

    def advance(self, step: int) -> None:
        """Hold what belongs to `step`; the first call fills the pool."""
        end = self._size + step * self._refresh
        self._next = max(self._next, end - self._size)
        for number in range(self._next, end):
            utterance = synthesize(random.Random(f"{self._name}:{number}"))
            if utterance is not None:
                self._kept.append(utterance)
        self._next = end

    def draw(self, rng: np.random.Generator, *, longest: int | None) -> Utterance:
        """Return a random utterance, if possible at most `longest` frames long."""
        utterance = self._kept[int(rng.integers(len(self._kept)))]
        for _ in range(7):
            if longest is None or utterance.frames <= longest:
                break
            utterance = self._kept[int(rng.integers(len(self._kept)))]
        return utterance
