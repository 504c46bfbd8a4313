"""A license, an engine and audio that tests control."""

import io
import math
import struct
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from appliance.asr.decode import SAMPLE_RATE, Samples
from appliance.asr.engine import EngineInfo
from appliance.asr.errors import JobCanceledError
from appliance.permits import Permission
from appliance.queue import Segment, SpeechRequest, Transcript, Word


class LicenseState(IntEnum):
    VALID = 2
    RESTRICTED = 5


@dataclass(slots=True)
class FakePermission:
    allowed: bool = True
    reason_code: str = ""
    state: IntEnum | None = LicenseState.VALID
    max_jobs: int | None = None
    http_status: int = 0
    max_streams: int | None = None
    session_s: int | None = None
    detail: str = ""
    basis: str = "lease"


@dataclass(slots=True)
class FakePermits:
    """A license that tests switch on and off."""

    now: FakePermission = field(default_factory=FakePermission)
    nudges: int = 0

    def permission(self) -> Permission:
        return self.now

    def nudge(self) -> None:
        self.nudges += 1

    def restrict(self) -> None:
        self.now = FakePermission(
            False, "ANX-LIC-33", LicenseState.RESTRICTED, 0, 403, 0
        )

    def forget(self) -> None:
        self.now = FakePermission(False, "ANX-LIC-35", None, 0, 503, 0)

    def allow(self) -> None:
        self.now = FakePermission()


@dataclass(slots=True)
class FakeEngine:
    """Says the same words for every audio; tests hold it, break it, and count its calls."""

    text: str = " alpha bravo"
    info: EngineInfo = field(
        default_factory=lambda: EngineInfo(
            name="demo",
            version="1",
            languages=("en", "de"),
            detects_language=True,
            device="cpu",
            compute_type="int8",
        )
    )
    calls: list[SpeechRequest] = field(default_factory=list)
    held: bool = False
    failure: Exception | None = None

    def transcribe(
        self,
        samples: Samples,
        request: SpeechRequest,
        *,
        keep_going: Callable[[], bool],
    ) -> Transcript:
        self.calls.append(request)
        while self.held:
            if not keep_going():
                raise JobCanceledError
            time.sleep(0.005)
        if self.failure is not None:
            raise self.failure
        duration_s = len(samples) / SAMPLE_RATE
        return Transcript(
            language=request.language or "en",
            language_probability=1.0,
            duration_s=duration_s,
            segments=(segment(self.text, 0.5, max(0.5, duration_s)),),
        )


def segment(text: str, start_s: float, end_s: float) -> Segment:
    words = text.split()
    step = (end_s - start_s) / max(1, len(words))
    return Segment(
        text=text,
        start_s=start_s,
        end_s=end_s,
        tokens=(1, 2, 3),
        seek=0,
        temperature=0.0,
        avg_logprob=-0.2,
        compression_ratio=1.1,
        no_speech_prob=0.01,
        words=tuple(
            Word(f" {word}", start_s + at * step, start_s + (at + 1) * step, 0.9)
            for at, word in enumerate(words)
        ),
    )


def wav(
    seconds: float, *, rate: int = 16_000, channels: int = 1, hertz: float = 440
) -> bytes:
    """A tone as a WAV file; `hertz=0` is silence."""
    count = int(seconds * rate)
    tone = (int(9000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(count))
    samples = b"".join(struct.pack("<h", value) * channels for value in tone)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return buffer.getvalue()
