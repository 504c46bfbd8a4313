"""Training windows: utterances on a time line, and the tokens that say so.

Labels follow Whisper: one segment per utterance between two timestamps, an
utterance that the end of a 30-s window cuts off gets its start only, a window
without speech gets `<|nospeech|>`. Timestamps are multiples of 0.1 s, rounded
outwards, which loses nothing (word times come from attention) and is learned sooner.
"""

# The numbers compared with chances are the recipe itself, named by what they guard.
# ruff: noqa: PLR2004

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from appliance.demo_model import vocabulary as voc
from appliance.demo_model.pool import FRAME_SAMPLES, IntArray, Pool

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

FRAMES_PER_S: Final = 50
WHOLE_WINDOW: Final = 1_500
IGNORED: Final = -100
NO_SPAN: Final = (-1, -1)


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance in a window: frames, word numbers, and each word's frames."""

    start: int
    end: int
    words: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of speech: samples (320 * frames,), labels of frames, segments."""

    samples: NDArray[np.float32]
    frame_words: IntArray
    frame_phonemes: IntArray
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """Decoder input, wanted output and the span of each wanted word; all (n,)."""

    inputs: list[int]
    targets: list[int]
    spans: list[tuple[int, int]]


class CompactTokens:
    """The tokens that training uses, numbered from 0; the last stands for the rest.

    Words have their number in `vocabulary.WORDS`.
    """

    @cached_property
    def used(self) -> tuple[int, ...]:
        """The full token id of every compact number but the last."""
        full = voc.Vocabulary()
        words = [full.word_id(word) for word in voc.WORDS]
        control = [full.ids[token] for token in voc.CONTROL_TOKENS]
        stamps = [full.timestamp_id(tenth / 10) for tenth in range(301)]
        return (*words, *control, *stamps)

    @cached_property
    def count(self) -> int:
        """How many compact numbers there are, with the shared one."""
        return len(self.used) + 1

    @cached_property
    def unused(self) -> int:
        """How many tokens share the last number."""
        return len(voc.Vocabulary().tokens) - len(self.used)

    def control(self, token: str) -> int:
        """Return the number of a control token."""
        return len(voc.WORDS) + voc.CONTROL_TOKENS.index(token)

    def stamp(self, tenths: int) -> int:
        """Return the number of the timestamp of `tenths` of a second."""
        return len(voc.WORDS) + len(voc.CONTROL_TOKENS) + min(max(tenths, 0), 300)


TOKENS: Final = CompactTokens()


def _segment(
    utterance_words: IntArray, starts: IntArray, ends: IntArray, bounds: tuple[int, int]
) -> Segment | None:
    """Keep the words of which at least 60 % lie within `bounds` (frames)."""
    low, high = np.clip(starts, *bounds), np.clip(ends, *bounds)
    kept = (high - low) >= 0.6 * (ends - starts)
    cut = bool(ends[-1] > bounds[1])
    if not kept.any() and not cut:
        return None
    spans = tuple((int(a), int(b)) for a, b in zip(low[kept], high[kept], strict=True))
    start = max(int(starts[0]), bounds[0])
    end = spans[-1][1] if spans else bounds[1]
    words = tuple(int(w) for w in utterance_words[kept])
    return Segment(start, end, words, spans, cut)


def compose(rng: Generator, pool: Pool, *, frames: int, dense: bool) -> Window:
    """Put utterances and pauses one after the other until the window is full.

    Args:
        rng: source of all choices.
        pool: where the utterances come from.
        frames: length of the window in encoder frames (20 ms).
        dense: short pauses and utterances that may be cut at the end.
    """
    samples = np.zeros(frames * FRAME_SAMPLES, dtype=np.float32)
    frame_words = np.zeros(frames, dtype=np.int64)
    frame_phonemes = np.zeros(frames, dtype=np.int64)
    segments: list[Segment] = []
    at = int(rng.integers(0, min(45, frames // 3 + 1)))
    if rng.random() < 0.08:
        at += int(rng.integers(0, frames // 2))
    if rng.random() < 0.12:
        at = -int(rng.integers(0, 60))
    while at < frames - 8:
        fits = None if dense and rng.random() < 0.8 else frames - max(at, 0)
        said = pool.draw(rng, longest=fits)
        if fits is not None and said.frames > fits and segments:
            break
        at = max(at, 5 - said.frames)
        low, high = max(at, 0), min(at + said.frames, frames)
        here, there = slice(low, high), slice(low - at, high - at)
        wave = said.samples[there.start * FRAME_SAMPLES : there.stop * FRAME_SAMPLES]
        level = rng.uniform(0.5, 1.0) / 32768
        samples[low * FRAME_SAMPLES : high * FRAME_SAMPLES] = wave * np.float32(level)
        frame_words[here] = said.frame_words[there]
        frame_phonemes[here] = said.frame_phonemes[there]
        segment = _segment(said.words, said.starts + at, said.ends + at, (0, frames))
        if segment is not None:
            segments.append(segment)
        pause_s = rng.uniform(0.2, 1.0) if dense else rng.uniform(0.3, 3.0)
        at = max(at + said.frames + round(pause_s * FRAMES_PER_S), 1)
    return Window(samples, frame_words, frame_phonemes, tuple(segments))


def silence(frames: int) -> Window:
    """Return a window in which nobody speaks."""
    empty = np.zeros(frames, dtype=np.int64)
    wave = np.zeros(frames * FRAME_SAMPLES, dtype=np.float32)
    return Window(wave, empty, empty.copy(), ())


def _text(window: Window, *, stamps: bool) -> list[tuple[int, tuple[int, int]]]:
    """Return (token, span) pairs of a window after the prompt."""
    pairs: list[tuple[int, tuple[int, int]]] = []
    last = 0
    for number, segment in enumerate(window.segments):
        start = max(segment.start // 5, last)
        start = min(start, 10) if number == 0 else start
        open_end = segment.cut and len(window.frame_words) == WHOLE_WINDOW and number
        words = list(zip(segment.words, segment.spans, strict=True))
        if stamps and (open_end or not words):
            pairs.append((TOKENS.stamp(start), NO_SPAN))
            break
        last = max(-(-segment.end // 5), start + 1)
        edges = ((TOKENS.stamp(start), NO_SPAN), (TOKENS.stamp(last), NO_SPAN))
        pairs += [edges[0], *words, edges[1]] if stamps else words
    if stamps and not pairs:
        pairs.append((TOKENS.stamp(0), NO_SPAN))
    return pairs


def label(rng: Generator, window: Window, previous: tuple[int, ...]) -> Labels:
    """Return the tokens of a window.

    Args:
        rng: chooses between timestamps and none.
        window: what is said when.
        previous: words of the text before the window; may be empty.
    """
    stamps = bool(rng.random() < 0.5)
    prompt = [TOKENS.control(voc.START), TOKENS.control(voc.LANGUAGE_TOKEN)]
    prompt.append(TOKENS.control(voc.TRANSCRIBE))
    if not stamps:
        prompt.append(TOKENS.control(voc.NO_TIMESTAMPS))
    before = [TOKENS.control(voc.PREVIOUS), *previous] if previous else []
    text = _text(window, stamps=stamps)
    inputs = [*before, *prompt, *(token for token, _ in text)]
    language = voc.LANGUAGE_TOKEN if window.segments else voc.NO_SPEECH
    skipped = [IGNORED] * len(before)
    targets = [*skipped, TOKENS.control(language), *[IGNORED] * (len(prompt) - 2)]
    targets += [*(token for token, _ in text), TOKENS.control(voc.END)]
    spans = [NO_SPAN] * (len(before) + len(prompt) - 1)
    spans += [*(span for _, span in text), NO_SPAN]
    return Labels(inputs, targets, spans)
