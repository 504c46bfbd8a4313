"""Turn what a worker reports as a failure into what the caller is told."""

from typing import Final

from appliance.api.errors import ApiError, AudioError, LanguageError, WorkerFailedError
from appliance.queue import Failure

_CALLERS_FAULT: Final[dict[str, tuple[type[ApiError], str]]] = {
    "invalid_audio": (AudioError, "file"),
    "audio_too_long": (AudioError, "file"),
    "unsupported_language": (LanguageError, "language"),
    "language_not_detected": (LanguageError, "language"),
}


def error_from(failure: Failure) -> ApiError:
    """Choose the error; the caller's own faults are explained, ours only named."""
    kind = _CALLERS_FAULT.get(failure.code)
    if kind is None:
        return WorkerFailedError(
            "the workers could not transcribe this audio", name=failure.code
        )
    error, param = kind
    return error(failure.message, param=param, name=failure.code)
