"""Run the evaluation and write its figures as text and into the manifest."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from appliance.demo_model import evaluate, testsets
from appliance.demo_model.audio import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.demo_model.evaluate import FasterWhisper, Score, Transcribe
    from appliance.demo_model.testsets import Clip


MANIFEST: Final = "manifest.json"
_WINDOW_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Figure:
    """The score of one way to decode on one test set.

    Attributes:
        test_set: name of the set.
        decoder: `stock`, `batched` or `unpadded`.
        score: word errors and words.
        cpu_s: processor time of decoding.
        audio_s: length of the speech.
    """

    test_set: str
    decoder: str
    score: Score
    cpu_s: float
    audio_s: float

    def line(self) -> str:
        """Return the figure as one line of text."""
        return (
            f"{self.test_set:16} {self.decoder:9} {self.score.percent:6.2f} %"
            f" of {self.score.words} words, {self.audio_s:.0f} s of audio,"
            f" {self.cpu_s:.0f} s of CPU"
        )


def measure(
    test_set: str, clips: list[Clip], decoder: str, decode: Transcribe
) -> Figure:
    """Score one decoder on one set."""
    started = time.process_time()
    score = evaluate.score(clips, decode)
    audio_s = sum(len(clip.samples) for clip in clips) / SAMPLE_RATE_HZ
    return Figure(test_set, decoder, score, time.process_time() - started, audio_s)


def _decoders_for(
    clips: list[Clip], decoders: dict[str, Transcribe]
) -> dict[str, Transcribe]:
    """Leave out unpadded decoding where a clip is longer than its one window."""
    longest_s = max(len(clip.samples) for clip in clips) / SAMPLE_RATE_HZ
    return {
        k: v for k, v in decoders.items() if k != "unpadded" or longest_s <= _WINDOW_S
    }


def figures(
    model: FasterWhisper, *, words: int, only: frozenset[str] = frozenset()
) -> Iterator[Figure]:
    """Yield a figure for each set (or those in `only`) and decoder."""
    decoders = evaluate.transcribers(model)
    sets: dict[str, Callable[[], list[Clip]]] = testsets.all_sets(words)
    for name, make in sets.items():
        if only and name not in only:
            continue
        clips = make()
        for decoder, decode in _decoders_for(clips, decoders).items():
            yield measure(name, clips, decoder, decode)


def invented(model: FasterWhisper) -> dict[str, int]:
    """Count the words that each decoder gives for silence and noise."""
    clips = testsets.quiet_clips()
    return {
        name: evaluate.invented_words(clips, decode)
        for name, decode in evaluate.transcribers(model).items()
    }


def update_manifest(
    path: Path, measured: list[Figure], invented_: dict[str, int]
) -> None:
    """Put the figures into the manifest of a model directory."""
    manifest = json.loads(path.read_text())
    rates: dict[str, dict[str, object]] = {}
    for figure in measured:
        entry = rates.setdefault(figure.test_set, {"words": figure.score.words})
        entry[figure.decoder] = round(figure.score.percent / 100, 4)
    manifest["word_error_rate"] = rates
    manifest["words_in_silence_and_noise"] = invented_
    path.write_text(json.dumps(manifest, indent=2) + "\n")


def table(manifest: dict[str, Any]) -> str:
    """Return the word error rates of a manifest as a Markdown table, in percent."""
    decoders = ("stock", "batched", "unpadded")
    lines = [f"| speech | words | {' | '.join(decoders)} |", "|---|---|---|---|---|"]
    for name, entry in manifest["word_error_rate"].items():
        cells = [f"{100 * entry[d]:.1f}" if d in entry else "-" for d in decoders]
        lines.append(f"| {name} | {entry['words']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def say(line: str) -> None:
    """Write one line to standard output at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(folder: Path, *, words: int, only: frozenset[str], update: bool) -> None:
    """Say all figures of the model in `folder`; with `update`, record them."""
    model = evaluate.load(folder)
    measured = []
    for figure in figures(model, words=words, only=only):
        say(figure.line())
        measured.append(figure)
    quiet = invented(model)
    say(f"words given for silence and noise: {quiet}")
    if update:
        path = folder / MANIFEST
        update_manifest(path, measured, quiet)
        say(table(json.loads(path.read_text())))
