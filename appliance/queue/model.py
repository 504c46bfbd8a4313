"""What a request asks for and what the engine answers: one model each.

Every dialect of the gateway parses into `SpeechRequest` and renders from `Transcript`; the
workers know nothing else. The values travel between gateway and worker over HTTP, never
through Redis: a prompt and a transcript are speech, and Redis holds metadata only.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to do with one piece of audio.

    `language` is None when the engine shall detect it; `temperature` is None when the
    model's own default applies.
    """

    model: str
    language: str | None = None
    prompt: str | None = None
    temperature: float | None = None
    word_timestamps: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One word with the seconds of the audio it covers; text keeps its leading space."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech as the engine cut it, with what the engine thought of it."""

    text: str
    start_s: float
    end_s: float
    tokens: tuple[int, ...]
    seek: int
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What the worker spent on a job, in seconds of wall time."""

    fetch_s: float
    decode_s: float
    infer_s: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """The engine's answer. Silence is a transcript without segments."""

    language: str
    language_probability: float
    duration_s: float
    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """The words of all segments, as one line."""
        return "".join(segment.text for segment in self.segments).strip()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no transcript: a stable code and a sentence without speech in it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker hands to the gateway: exactly one of transcript and failure."""

    fence: int
    worker: str
    work: Work
    transcript: Transcript | None = None
    failure: Failure | None = None

    def __post_init__(self) -> None:
        """Refuse a report that says both or nothing."""
        if (self.transcript is None) == (self.failure is None):
            raise ValueError("a report holds one of transcript and failure")

    @property
    def outcome(self) -> Transcript | Failure:
        """Whichever of the two it holds."""
        outcome = self.transcript or self.failure
        if outcome is None:
            raise RuntimeError("a report without an outcome cannot be built")
        return outcome


@dataclass(frozen=True, slots=True)
class Claim:
    """What the gateway answers to a worker that takes a job.

    `fence` counts the claims of this job. Only a report with the newest fence commits.
    """

    fence: int
    size_bytes: int
    request: SpeechRequest


@dataclass(frozen=True, slots=True)
class JobNote:
    """All that Redis knows of a job."""

    job_id: str
    gateway_url: str
    model: str
    size_bytes: int
    submitted_ms: int


@dataclass(frozen=True, slots=True)
class WorkerNote:
    """What a living worker says of itself, renewed while it lives."""

    worker: str
    model: str
    model_version: str
    languages: tuple[str, ...]
    detects_language: bool
    slots: int
    device: str
    compute_type: str
    started_ms: int
