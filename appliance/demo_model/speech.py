"""Speech from libespeak-ng, with the times of every word and phoneme.

The library is called in this process (about a thousand times faster than real
time), so training has exact alignments for nothing and tests need no recordings.
One process holds one engine; calls are serialized by a lock. The engine keeps a
phase between calls: the same words again may differ by a millisecond, unless all
calls of the process are the same. No torch here.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LIBRARY: Final = "libespeak-ng.so.1"
_SYNCHRONOUS: Final = 2
_PHONEME_EVENTS: Final = 1
_UTF8: Final = 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7
_EVENT_WORD, _EVENT_PHONEME = 1, 7


class SpeechEngineError(RuntimeError):
    """espeak-ng is missing, or does not know the voice that was asked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """A word or phoneme and the samples it covers, end excluded."""

    text: str
    start_sample: int
    end_sample: int


@dataclass(frozen=True, slots=True)
class Speech:
    """Synthesized speech: mono float32 in [-1, 1], shape (n,), with its spans."""

    samples: NDArray[np.float32]
    sample_rate_hz: int
    words: tuple[Span, ...]
    phonemes: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a voice speaks; the numbers are espeak-ng's own.

    Attributes:
        rate_wpm: speed in words a minute, 80 to 450.
        pitch: base pitch, 0 to 99.
        pitch_range: liveliness of the pitch, 0 (monotone) to 99.
        word_gap: pause between words in units of 10 ms at normal speed.
    """

    rate_wpm: int = 160
    pitch: int = 50
    pitch_range: int = 50
    word_gap: int = 0


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event)
)


_Events: TypeAlias = Any


class _Engine:
    """The one espeak-ng engine of this process."""

    def __init__(self) -> None:
        try:
            self._library: Any = ctypes.CDLL(LIBRARY)
        except OSError as error:
            message = f"{LIBRARY} was not found: install the package libespeak-ng1"
            raise SpeechEngineError(message) from error
        self.rate_hz: int = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, None, _PHONEME_EVENTS
        )
        if self.rate_hz <= 0:
            message = "espeak-ng did not start: install the package espeak-ng-data"
            raise SpeechEngineError(message)
        self._audio: list[bytes] = []
        self._marks: list[tuple[int, int, str]] = []
        self._lock = threading.Lock()
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, wave: int | None, count: int, events: _Events) -> int:
        if wave and count > 0:
            self._audio.append(ctypes.string_at(wave, 2 * count))
        index = 0
        while events[index].type != 0:
            event = events[index]
            if event.type in (_EVENT_WORD, _EVENT_PHONEME):
                raw = ctypes.string_at(ctypes.addressof(event.id), 8)
                name = raw.split(b"\0")[0].decode(errors="replace")
                self._marks.append((event.type, event.sample, name))
            index += 1
        return 0

    def synthesize(
        self, text: str, voice: str, prosody: Prosody
    ) -> tuple[NDArray[np.float32], list[tuple[int, int, str]]]:
        """Return samples and (event type, sample, phoneme name) in order."""
        with self._lock:
            self._audio, self._marks = [], []
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                message = f"espeak-ng has no voice {voice!r}: see espeak-ng --voices"
                raise SpeechEngineError(message)
            for parameter, value in (
                (_RATE, prosody.rate_wpm),
                (_PITCH, prosody.pitch),
                (_RANGE, prosody.pitch_range),
                (_WORD_GAP, prosody.word_gap),
            ):
                self._library.espeak_SetParameter(parameter, value, 0)
            data = text.encode()
            self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, _UTF8, None, None)
            wave = np.frombuffer(b"".join(self._audio), dtype="<i2")
            return wave.astype(np.float32) / 32768.0, self._marks


@cache
def _engine() -> _Engine:
    return _Engine()


def _phonemes(marks: list[tuple[int, int, str]], end: int) -> tuple[Span, ...]:
    starts = [(sample, name) for kind, sample, name in marks if kind == _EVENT_PHONEME]
    ends = [sample for sample, _ in starts[1:]] + [end]
    return tuple(
        Span(name, start, stop)
        for (start, name), stop in zip(starts, ends, strict=True)
        if name and not name.startswith("_")
    )


def _words(
    texts: list[str], starts: list[int], phonemes: tuple[Span, ...], end: int
) -> tuple[Span, ...]:
    """Give each word the time up to the end of its last phoneme.

    espeak sometimes reports an empty word at the end, which is dropped, and merges
    some pairs ("on the") into one event; then no word is reported at all.
    """
    spans = []
    for start, stop in zip(starts, [*starts[1:], end], strict=True):
        inside = [p.end_sample for p in phonemes if start <= p.start_sample < stop]
        if inside:
            spans.append((start, min(max(inside), stop)))
    if len(texts) != len(spans):
        return ()
    return tuple(Span(text, *span) for text, span in zip(texts, spans, strict=True))


def speak_with(text: str, *, voice: str, prosody: Prosody) -> Speech:
    """Synthesize `text` with every knob of the voice; see `speak`."""
    engine = _engine()
    samples, marks = engine.synthesize(text, voice, prosody)
    phonemes = _phonemes(marks, len(samples))
    starts = [sample for kind, sample, _ in marks if kind == _EVENT_WORD]
    texts = [word.strip(",.?!") for word in text.split()]
    words = _words(texts, starts, phonemes, len(samples))
    return Speech(samples, engine.rate_hz, words, phonemes)


def speak(
    text: str, *, voice: str = "en", rate_wpm: int = 160, pitch: int = 50
) -> Speech:
    """Speak `text` with an espeak-ng voice.

    Args:
        text: words separated by spaces.
        voice: a name of `espeak-ng --voices`, perhaps with a variant: `en+f2`.
        rate_wpm: speed in words a minute.
        pitch: 0 to 99.

    Returns:
        Mono float32 at the rate of the engine (22,050 Hz), with the span of each
        word; `words` is empty when espeak merged some of them.

    Raises:
        SpeechEngineError: espeak-ng is not installed, or has no such voice.
    """
    return speak_with(text, voice=voice, prosody=Prosody(rate_wpm, pitch))
