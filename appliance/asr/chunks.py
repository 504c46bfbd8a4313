"""Cut audio at its silences into chunks that fit one window of the model.

Speech is found with the voice detector that comes inside faster-whisper, a block of some
minutes at a time, so that memory does not grow with the length of the file. Neighboring
stretches are joined as far as the model likes: a model that pads every window to 30 s is
given full ones, one that does not is given short ones, which it reads better. Silence is
never sent to the model, which would hallucinate on it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps  # type: ignore[import-untyped]

from appliance.asr.decode import SAMPLE_RATE, Samples

LONGEST: Final = 28 * SAMPLE_RATE
BLOCK: Final = 300 * SAMPLE_RATE
_EDGE: Final = SAMPLE_RATE // 2
_OPTIONS: Final = VadOptions(
    min_speech_duration_ms=100,
    max_speech_duration_s=LONGEST / SAMPLE_RATE,
    min_silence_duration_ms=300,
    speech_pad_ms=250,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Samples `start` up to, not including, `end`."""

    start: int
    end: int


Detector = Callable[[Samples], list[Span]]


def detect(samples: Samples) -> list[Span]:
    """Find the stretches of speech in at most some minutes of audio."""
    audio = samples.astype(np.float32) / 32768.0
    found = get_speech_timestamps(audio, _OPTIONS)
    return [Span(int(item["start"]), int(item["end"])) for item in found]


def speech(
    samples: Samples, *, detector: Detector = detect, block: int = BLOCK
) -> Iterator[Span]:
    """Yield the stretches of speech in order, looking at one block at a time.

    Speech that touches the end of a block may go on: the next block starts where it started.
    """
    start = 0
    while start < len(samples):
        end = min(start + block, len(samples))
        spans = [
            Span(start + span.start, start + span.end)
            for span in detector(samples[start:end])
        ]
        resume = end
        if end < len(samples) and spans and spans[-1].end > end - _EDGE:
            cut = spans[-1].start
            if cut > start:
                resume = cut
                spans.pop()
        yield from spans
        start = resume


def pack(spans: Iterable[Span], *, join: int, longest: int = LONGEST) -> Iterator[Span]:
    """Join neighbors while they fit `join` samples; cut a span longer than `longest`."""
    current: Span | None = None
    for span in spans:
        for piece in _pieces(span, longest):
            if current is None:
                current = piece
            elif piece.end - current.start <= join:
                current = Span(current.start, piece.end)
            else:
                yield current
                current = piece
    if current is not None:
        yield current


def windows(length: int, *, longest: int = LONGEST) -> Iterator[Span]:
    """Cut audio of `length` samples blindly, for models that want no voice detector."""
    return _pieces(Span(0, length), longest)


def _pieces(span: Span, longest: int) -> Iterator[Span]:
    for start in range(span.start, span.end, longest):
        yield Span(start, min(start + longest, span.end))
