"""Word error rates of the demo model, in stock faster-whisper and unpadded.

`word_error_rate` needs nothing but Python. The transcribers need faster-whisper,
the test speech needs espeak-ng (and flite, where it is installed); torch is never
imported. Decoding is greedy, without temperature fallback.
"""

# Heavy or optional packages are imported by the functions that need them.
# ruff: noqa: PLC0415

# mypy: disable-error-code="import-untyped"

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.demo_model.testsets import Clip

Transcribe = Callable[["NDArray[np.float32]"], str]

FasterWhisper: TypeAlias = Any
"""A `WhisperModel` or `BatchedInferencePipeline`; the package has no types."""

WEIGHTS = Path(__file__).parent / "weights"


@dataclass(frozen=True, slots=True)
class Score:
    """Word errors on a set of clips, and its words."""

    errors: int
    words: int

    @property
    def percent(self) -> float:
        """Word error rate in percent; 0 for a set without words."""
        return 100.0 * self.errors / self.words if self.words else 0.0


def word_errors(reference: str, hypothesis: str) -> int:
    """Count the words to insert, delete or replace; case and .,?! do not matter."""
    wanted, got = (
        [word.strip(".,?!") for word in text.lower().split()]
        for text in (reference, hypothesis)
    )
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, start=1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], best
    return row[-1]


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Return word errors per reference word, 0.0 to above 1.0.

    Raises:
        ValueError: the reference has no words.
    """
    words = len(reference.split())
    if words == 0:
        message = "expected a reference with words, found none"
        raise ValueError(message)
    return word_errors(reference, hypothesis) / words


def load(folder: Path = WEIGHTS, *, threads: int = 1) -> FasterWhisper:
    """Load a directory as a faster-whisper model on the CPU, never from the hub."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from faster_whisper import WhisperModel

    return WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=threads
    )


def transcribe(
    model: FasterWhisper, samples: NDArray[np.float32], **options: object
) -> str:
    """Transcribe as stock faster-whisper does, every window padded to 30 s."""
    segments, _ = model.transcribe(
        samples, language="en", beam_size=1, temperature=0, **options
    )
    return "".join(segment.text for segment in segments).strip()


def transcribe_unpadded(
    model: FasterWhisper, samples: NDArray[np.float32], *, timestamps: bool = False
) -> str:
    """Transcribe one window of at most 30 s with CTranslate2, without padding."""
    import ctranslate2

    features = model.feature_extractor(samples)[:, : len(samples) // 160][:, :3000]
    names = ["<|startoftranscript|>", "<|en|>", "<|transcribe|>"]
    if not timestamps:
        names.append("<|notimestamps|>")
    batch = np.ascontiguousarray(features[None], dtype=np.float32)
    result = model.model.generate(
        ctranslate2.StorageView.from_array(batch), [names], beam_size=1
    )[0]
    text: str = model.hf_tokenizer.decode(
        [i for i in result.sequences_ids[0] if "<|" not in _token(model, i)]
    )
    return text.strip()


def _token(model: FasterWhisper, number: int) -> str:
    token: str = model.hf_tokenizer.id_to_token(number)
    return token


def transcribers(model: FasterWhisper) -> dict[str, Transcribe]:
    """Return the ways to decode: stock, its batched pipeline, and unpadded."""
    from faster_whisper import BatchedInferencePipeline

    pipeline = BatchedInferencePipeline(model)
    return {
        "stock": partial(transcribe, model),
        "batched": partial(transcribe, pipeline, batch_size=8),
        "unpadded": partial(transcribe_unpadded, model),
    }


def score(clips: Iterable[Clip], decode: Transcribe) -> Score:
    """Transcribe all clips and count words and errors."""
    errors = words = 0
    for clip in clips:
        errors += word_errors(clip.text, decode(clip.samples))
        words += len(clip.text.split())
    return Score(errors, words)


def invented_words(clips: Iterable[Clip], decode: Transcribe) -> int:
    """Count the words given for clips in which nobody speaks."""
    return sum(len(decode(clip.samples).split()) for clip in clips)
