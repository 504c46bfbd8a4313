"""What the gateway refuses, each with a stable code.

A child of `ApiError` is one row of the error table in docs/api.md. `type` and `name` are what
OpenAI's clients see as `error.type` and `error.code`; `retry_after_s` becomes the header.
"""

from typing import ClassVar

from appliance.errors import ApplianceError


class ClientGoneError(Exception):
    """The caller hung up; there is nobody to answer."""


class ApiError(ApplianceError):
    """A request was not served; the message goes to the caller."""

    code: ClassVar[str] = "ANX-API-00"
    title: ClassVar[str] = "The request was not served"
    meaning: ClassVar[str] = "No transcript was made; the audio is already forgotten."
    remedy: ClassVar[str] = "Read the message, change the request and send it again."
    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    name: ClassVar[str] = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        retry_after_s: int | None = None,
        name: str | None = None,
    ) -> None:
        """Say what happened, which parameter is at fault and when to come back."""
        super().__init__(message)
        self.param = param
        self.retry_after_s = retry_after_s
        self.shown_name = name or self.name


class InvalidRequestError(ApiError):
    """The request cannot be read."""

    code = "ANX-API-01"
    title = "The request is malformed"
    status = 400
    type = "invalid_request_error"
    name = "invalid_request"


class InvalidValueError(InvalidRequestError):
    """A parameter is missing or has a value we do not know."""

    code = "ANX-API-02"
    title = "A parameter is missing or wrong"
    name = "invalid_value"


class UnsupportedOptionError(InvalidRequestError):
    """An option exists in the dialect, but this appliance cannot honor it."""

    code = "ANX-API-03"
    title = "An option is not supported"
    remedy = "Leave the option out; what is supported stands in docs/api.md."
    name = "unsupported_parameter"


class UnauthorizedError(ApiError):
    """No API key, or one that is not known."""

    code = "ANX-API-04"
    title = "The API key is missing or unknown"
    remedy = "Send `Authorization: Bearer KEY` with a key of `anechoic keys create`."
    status = 401
    type = "invalid_request_error"
    name = "invalid_api_key"


class ModelNotFoundError(ApiError):
    """The model asked for is not served here."""

    code = "ANX-API-05"
    title = "The model is not served here"
    remedy = "Use a name that GET /v1/models lists."
    status = 404
    type = "invalid_request_error"
    name = "model_not_found"


class NotFoundError(ApiError):
    """There is no such address or method."""

    code = "ANX-API-06"
    title = "There is no such endpoint"
    remedy = "Check the address against docs/api.md."
    status = 404
    type = "invalid_request_error"
    name = "unknown_url"


class TooLargeError(ApiError):
    """The upload is larger than the limit."""

    code = "ANX-API-07"
    title = "The upload is too large"
    remedy = "Send compressed audio, or cut it into parts."
    status = 413
    type = "invalid_request_error"
    name = "file_too_large"


class SlowUploadError(ApiError):
    """The client stopped sending in the middle of the body."""

    code = "ANX-API-08"
    title = "The upload stalled"
    remedy = "Send the request again."
    status = 408
    type = "invalid_request_error"
    name = "upload_timeout"


class AudioError(ApiError):
    """The bytes are no audio that we can decode, or too much of it."""

    code = "ANX-API-09"
    title = "The audio cannot be used"
    remedy = "Send WAV, FLAC, MP3, OGG, M4A or WebM that plays elsewhere."
    status = 400
    type = "invalid_request_error"
    name = "invalid_audio"


class LanguageError(ApiError):
    """The model does not know the language, or cannot detect one."""

    code = "ANX-API-10"
    title = "The language is not supported by the model"
    remedy = "Use a language that GET /v1/models lists for the model."
    status = 400
    type = "invalid_request_error"
    name = "unsupported_language"


class LicenseRefusedError(ApiError):
    """The license does not permit new work."""

    code = "ANX-API-20"
    title = "The license does not permit new work"
    remedy = "Ask the operator to run `anechoic license status`."
    status = 403
    type = "license_error"
    name = "license_refused"


class LicenseUnknownError(ApiError):
    """No lease could be had yet, so nobody knows what the license permits."""

    code = "ANX-API-21"
    title = "The license has not been checked yet"
    remedy = "Send the request again after the time in Retry-After."
    status = 503
    type = "server_error"
    name = "license_unknown"


class NoWorkersError(ApiError):
    """No worker is alive."""

    code = "ANX-API-30"
    title = "No speech worker is alive"
    remedy = "Send the request again after the time in Retry-After."
    status = 503
    type = "server_error"
    name = "no_workers"


class BusyError(ApiError):
    """The gateway holds as much work as it may."""

    code = "ANX-API-31"
    title = "The appliance is busy"
    remedy = "Send the request again after the time in Retry-After."
    status = 429
    type = "rate_limit_error"
    name = "busy"


class UnavailableError(ApiError):
    """The queue cannot be reached, or the gateway is about to stop."""

    code = "ANX-API-32"
    title = "The appliance cannot take work now"
    remedy = "Send the request again after the time in Retry-After."
    status = 503
    type = "server_error"
    name = "unavailable"


class TimedOutError(ApiError):
    """Accepted work took longer than the limit."""

    code = "ANX-API-33"
    title = "The transcription took too long"
    remedy = "Send shorter audio, or ask the operator for more workers."
    status = 504
    type = "server_error"
    name = "timeout"


class WorkerFailedError(ApiError):
    """The workers tried the audio and gave up."""

    code = "ANX-API-34"
    title = "The transcription failed"
    remedy = "Send the request again; tell the operator the request id if it repeats."
    status = 500
    type = "server_error"
    name = "transcription_failed"


class InternalError(ApiError):
    """A mistake of ours."""

    code = "ANX-API-99"
    title = "The gateway made a mistake"
    remedy = "Tell the operator the request id."
