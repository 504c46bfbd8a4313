"""The speech engine: faster-whisper on CTranslate2, from a local directory, never the hub."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import ctranslate2  # type: ignore[import-untyped]
import faster_whisper  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]
from typing_extensions import override

from appliance.asr.chunks import Span, pack, speech, windows
from appliance.asr.decode import SAMPLE_RATE, Samples
from appliance.asr.errors import JobCanceledError, JobRefusedError, ModelError
from appliance.asr.model_dir import Manifest, inspect
from appliance.queue import Segment, SpeechRequest, Transcript, Word

_SHORTEST: Final = SAMPLE_RATE // 20
_FRAMES_PER_SECOND: Final = 100

# It logs detected languages and, at DEBUG, what was said.
logging.getLogger("faster_whisper").setLevel(logging.ERROR)
onnxruntime.disable_telemetry_events()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What a loaded engine can do and where it runs."""

    name: str
    version: str
    languages: tuple[str, ...]
    detects_language: bool
    device: str
    compute_type: str


class Engine(Protocol):
    """What a worker needs of an engine; one call at a time per slot."""

    @property
    def info(self) -> EngineInfo:
        """Describe the engine."""

    def transcribe(
        self,
        samples: Samples,
        request: SpeechRequest,
        *,
        keep_going: Callable[[], bool],
    ) -> Transcript:
        """Transcribe mono 16 kHz audio.

        `keep_going` is asked between model calls; when it says no, the work ends.

        Raises:
            JobRefusedError: the request cannot be honored.
            JobCanceledError: `keep_going` said no.
        """


class _Unpadded(faster_whisper.WhisperModel):  # type: ignore[misc]
    """Encodes a window without the padding to 30 s, which a manifest must allow.

    Padding is columns of exact zeros, which a log-mel column of real audio never is. An
    unpadded encode of 5 s of speech costs about a tenth of a padded one.
    """

    @override
    def encode(self, features: npt.NDArray[np.float32]) -> ctranslate2.StorageView:
        used = np.flatnonzero(features.any(axis=0))
        frames = int(used[-1]) + 1 if used.size else 1
        return super().encode(np.ascontiguousarray(features[:, :frames]))


class WhisperEngine:
    """A loaded model; safe to use from as many threads as it has workers."""

    def __init__(
        self,
        directory: Path,
        *,
        device: str,
        compute_type: str,
        cpu_threads: int,
        slots: int,
    ) -> None:
        """Load the model; takes seconds.

        Raises:
            ModelError: the directory is incomplete, or the engine refuses it.
        """
        self._manifest = inspect(directory)
        unpadded = self._manifest.unpadded_windows
        kind = _Unpadded if unpadded else faster_whisper.WhisperModel
        try:
            self._model = kind(
                str(directory),
                device=device,
                compute_type=_compute_type(device, compute_type),
                cpu_threads=cpu_threads,
                num_workers=slots,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                "the engine refuses the model", evidence=str(error)[:500]
            ) from error
        self.info = self._describe(self._manifest)

    def _describe(self, manifest: Manifest) -> EngineInfo:
        many = len(manifest.languages) > 1
        return EngineInfo(
            name=manifest.name,
            version=manifest.version,
            languages=manifest.languages,
            detects_language=many and bool(self._model.model.is_multilingual),
            device=str(self._model.model.device),
            compute_type=str(self._model.model.compute_type),
        )

    def warm_up(self) -> None:
        """Run the model once on a second of faint noise, before work is taken."""
        noise = np.random.default_rng(1).normal(0, 30, SAMPLE_RATE).astype(np.int16)
        request = SpeechRequest(model=self.info.name, word_timestamps=True)
        language, _ = self._language(noise, request)
        for _ in self._segments(noise, Span(0, len(noise)), language, request):
            pass

    def transcribe(
        self,
        samples: Samples,
        request: SpeechRequest,
        *,
        keep_going: Callable[[], bool],
    ) -> Transcript:
        """Transcribe mono 16 kHz audio, chunk by chunk; see `Engine`."""
        segments: list[Segment] = []
        language, probability = request.language, 1.0
        self._check(language)
        for span in self._chunks(samples):
            if span.end - span.start < _SHORTEST:
                continue
            if not keep_going():
                raise JobCanceledError
            if language is None:
                chunk = samples[span.start : span.end]
                language, probability = self._language(chunk, request)
            for segment in self._segments(samples, span, language, request):
                segments.append(segment)
                if not keep_going():
                    raise JobCanceledError
        return Transcript(
            language=language or self.info.languages[0],
            language_probability=probability,
            duration_s=len(samples) / SAMPLE_RATE,
            segments=tuple(segments),
        )

    def _check(self, language: str | None) -> None:
        if language is not None and language not in self.info.languages:
            known = ", ".join(self.info.languages)
            raise JobRefusedError(
                "unsupported_language", f"the model knows {known} only"
            )

    def _chunks(self, samples: Samples) -> Iterator[Span]:
        if not self._manifest.vad:
            return windows(len(samples))
        return pack(speech(samples), join=self._manifest.join_s * SAMPLE_RATE)

    def _language(self, chunk: Samples, request: SpeechRequest) -> tuple[str, float]:
        """Settle the language: as asked, the only one, or the likeliest one we have."""
        if request.language is not None:
            return request.language, 1.0
        if not self.info.detects_language:
            return self.info.languages[0], 1.0
        *_, ranked = self._model.detect_language(_floats(chunk))
        known = [(code, p) for code, p in ranked if code in self.info.languages]
        code, probability = max(known, key=lambda item: item[1])
        return str(code), float(probability)

    def _segments(
        self, samples: Samples, span: Span, language: str, request: SpeechRequest
    ) -> Iterator[Segment]:
        """Transcribe one chunk; times are those of the whole audio."""
        temperature = request.temperature
        found, _ = self._model.transcribe(
            _floats(samples[span.start : span.end]),
            language=language,
            beam_size=self._manifest.beam_size,
            temperature=(
                self._manifest.temperature if temperature is None else temperature
            ),
            condition_on_previous_text=False,
            initial_prompt=request.prompt,
            word_timestamps=request.word_timestamps,
        )
        offset_s = span.start / SAMPLE_RATE
        end_s = span.end / SAMPLE_RATE
        for item in found:
            yield _segment(item, offset_s, end_s)


def _compute_type(device: str, wanted: str) -> str:
    """Choose the arithmetic: int8 wherever the work is on the CPU, else what is fastest."""
    if wanted != "auto":
        return wanted
    on_gpu = device == "cuda" or (
        device == "auto" and ctranslate2.get_cuda_device_count() > 0
    )
    return "auto" if on_gpu else "int8"


def _floats(samples: Samples) -> npt.NDArray[np.float32]:
    return samples.astype(np.float32) / np.float32(32768.0)


def _segment(item: Any, offset_s: float, end_s: float) -> Segment:  # noqa: ANN401
    """Move the engine's segment to the time of the whole audio, inside its chunk."""

    def at(seconds: float) -> float:
        return min(float(seconds) + offset_s, end_s)

    words = tuple(
        Word(str(w.word), at(w.start), at(w.end), float(w.probability))
        for w in item.words or ()
    )
    return Segment(
        text=str(item.text),
        start_s=at(item.start),
        end_s=at(item.end),
        tokens=tuple(int(token) for token in item.tokens),
        seek=int(item.seek) + round(offset_s * _FRAMES_PER_SECOND),
        temperature=float(item.temperature),
        avg_logprob=float(item.avg_logprob),
        compression_ratio=float(item.compression_ratio),
        no_speech_prob=float(item.no_speech_prob),
        words=words,
    )
