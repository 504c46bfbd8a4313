"""Write a transcript in the five formats of OpenAI's dialect.

Times are seconds rounded to the millisecond. Cue times in SRT and VTT are the segment's own:
the first cue starts where speech starts, not at zero.
"""

from collections.abc import Callable
from typing import Any, assert_never

from starlette.responses import JSONResponse, PlainTextResponse, Response

from appliance.api.openai_form import Ask
from appliance.queue import Segment, Transcript, Word

_MS_PER_HOUR = 3_600_000
_MS_PER_MINUTE = 60_000


def render(ask: Ask, transcript: Transcript) -> Response:
    """Write the answer to a transcription request."""
    match ask.format:
        case "json":
            usage = _usage(transcript)
            return JSONResponse({"text": transcript.text, "usage": usage})
        case "verbose_json":
            return JSONResponse(verbose(ask, transcript))
        case "text":
            return PlainTextResponse(transcript.text + "\n")
        case "srt":
            return PlainTextResponse(srt(transcript.segments))
        case "vtt":
            return PlainTextResponse(vtt(transcript.segments), media_type="text/vtt")
        case _:
            assert_never(ask.format)


def verbose(ask: Ask, transcript: Transcript) -> dict[str, Any]:
    """Build verbose_json; `segments` is null when only words were asked for."""
    shows_segments = "segment" in ask.granularities
    segments = enumerate(transcript.segments)
    body: dict[str, Any] = {
        "task": "transcribe",
        "language": transcript.language,
        "duration": _seconds(transcript.duration_s),
        "text": transcript.text,
        "segments": [_segment(*item) for item in segments] if shows_segments else None,
        "usage": _usage(transcript),
    }
    if "word" in ask.granularities:
        body["words"] = [_word(w) for s in transcript.segments for w in s.words]
    return body


def srt(segments: tuple[Segment, ...]) -> str:
    """Write SubRip: numbered cues, comma before the milliseconds."""
    cues = _cues(segments, mark=",", clean=lambda text: text.replace("-->", "->"))
    return "".join(f"{at}\n{cue}\n\n" for at, cue in enumerate(cues, start=1))


def vtt(segments: tuple[Segment, ...]) -> str:
    """Write WebVTT: a header, point before the milliseconds, markup escaped."""
    return "WEBVTT\n\n" + "".join(
        f"{cue}\n\n" for cue in _cues(segments, mark=".", clean=_escaped)
    )


def _cues(
    segments: tuple[Segment, ...], *, mark: str, clean: Callable[[str], str]
) -> list[str]:
    """Write times and text of each cue; a cue is one line, because a blank one ends it."""
    return [
        f"{_clock(segment.start_s, mark)} --> {_clock(segment.end_s, mark)}\n"
        f"{clean(' '.join(segment.text.split()))}"
        for segment in segments
    ]


def _clock(seconds: float, mark: str) -> str:
    rest = round(max(0.0, seconds) * 1000)
    hours, rest = divmod(rest, _MS_PER_HOUR)
    minutes, rest = divmod(rest, _MS_PER_MINUTE)
    whole, milliseconds = divmod(rest, 1000)
    return f"{hours:02}:{minutes:02}:{whole:02}{mark}{milliseconds:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": _seconds(transcript.duration_s)}


def _segment(at: int, segment: Segment) -> dict[str, Any]:
    return {
        "id": at,
        "seek": segment.seek,
        "start": _seconds(segment.start_s),
        "end": _seconds(segment.end_s),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": segment.temperature,
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
    }


def _word(word: Word) -> dict[str, Any]:
    start, end = _seconds(word.start_s), _seconds(word.end_s)
    return {"word": word.text.strip(), "start": start, "end": end}


def _seconds(value: float) -> float:
    return round(value, 3)
