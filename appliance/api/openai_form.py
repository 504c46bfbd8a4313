"""Read OpenAI's transcription form into the one request model.

What the dialect knows and we cannot honor is refused by name; so is what nobody knows. A
caller never gets an answer in which an option was silently dropped.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from appliance.api.errors import InvalidValueError, UnsupportedOptionError
from appliance.api.multipart import Upload
from appliance.queue import SpeechRequest

Format = Literal["json", "verbose_json", "text", "srt", "vtt"]
Granularity = Literal["word", "segment"]

_GRANULARITIES: Final = ("timestamp_granularities[]", "timestamp_granularities")
_KNOWN: Final = {
    "model",
    "language",
    "prompt",
    "response_format",
    "temperature",
    "stream",
    "chunking_strategy",
    *_GRANULARITIES,
}
_PROMPT_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Ask:
    """A transcription request of this dialect: the work, and how to show the result."""

    request: SpeechRequest
    format: Format
    granularities: frozenset[Granularity]


def read_ask(upload: Upload) -> Ask:
    """Read the text fields of the form.

    Raises:
        InvalidValueError: a field is missing, doubled or has a wrong value.
        UnsupportedOptionError: an option that this appliance cannot honor.
    """
    fields = _single_fields(upload)
    _refuse_unsupported(fields)
    shown = _format(fields.get("response_format", "") or "json")
    granularities = _granularities(upload, shown)
    request = SpeechRequest(
        model=_required(fields, "model"),
        language=fields.get("language", "").strip().lower() or None,
        prompt=_prompt(fields.get("prompt", "")),
        temperature=_temperature(fields.get("temperature", "")),
        word_timestamps="word" in granularities,
    )
    return Ask(request, shown, granularities)


def _single_fields(upload: Upload) -> dict[str, str]:
    counts = Counter(name for name, _ in upload.fields)
    for name, count in counts.items():
        if name not in _KNOWN:
            raise UnsupportedOptionError(
                f"the option {name[:64]!r} is not supported", param=name[:64]
            )
        if count > 1 and name not in _GRANULARITIES:
            raise InvalidValueError(
                f"the field {name!r} came {count} times", param=name
            )
    return {name: value for name, value in upload.fields if name not in _GRANULARITIES}


def _refuse_unsupported(fields: dict[str, str]) -> None:
    if fields.get("stream", "").strip().lower() not in {"", "false", "0"}:
        raise UnsupportedOptionError("stream=true is not supported", param="stream")
    if fields.get("chunking_strategy", "").strip() not in {"", "auto"}:
        raise UnsupportedOptionError(
            "only chunking_strategy=auto is supported", param="chunking_strategy"
        )


def _required(fields: dict[str, str], name: str) -> str:
    value = fields.get(name, "").strip()
    if not value:
        raise InvalidValueError(f"the field {name!r} is missing", param=name)
    return value[:200]


def _format(text: str) -> Format:
    if text == "diarized_json":
        raise UnsupportedOptionError(
            "diarized_json is not supported", param="response_format"
        )
    if text not in get_args(Format):
        raise InvalidValueError(
            f"response_format: expected one of {', '.join(get_args(Format))}",
            param="response_format",
        )
    return cast("Format", text)


def _granularities(upload: Upload, shown: Format) -> frozenset[Granularity]:
    values = {value for name, value in upload.fields if name in _GRANULARITIES}
    name = _GRANULARITIES[0]
    if not values <= set(get_args(Granularity)):
        raise InvalidValueError(f"{name}: expected word or segment", param=name)
    if values and shown != "verbose_json":
        raise InvalidValueError(
            f"{name} needs response_format=verbose_json", param=name
        )
    return frozenset(cast("set[Granularity]", values)) or frozenset({"segment"})


def _prompt(text: str) -> str | None:
    if len(text) > _PROMPT_CHARACTERS:
        raise InvalidValueError(
            f"prompt: expected at most {_PROMPT_CHARACTERS} characters", param="prompt"
        )
    return text.strip() or None


def _temperature(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise InvalidValueError(
            "temperature: expected a number from 0 to 1", param="temperature"
        )
    return value
