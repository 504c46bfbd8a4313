"""Why a worker cannot start, and why a job cannot be done."""

from typing import ClassVar

from appliance.errors import ApplianceError


class ModelError(ApplianceError):
    """The model directory cannot be used."""

    code: ClassVar[str] = "ANX-API-70"
    title: ClassVar[str] = "The speech model cannot be loaded"
    meaning: ClassVar[str] = "This worker takes no work."
    remedy: ClassVar[str] = "Install a complete CTranslate2 Whisper directory."


class JobRefusedError(Exception):
    """A job has no transcript for a reason that trying again will not change.

    `code` goes to the gateway, which knows what to tell the caller; the message is a sentence
    without speech in it.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


class JobCanceledError(Exception):
    """Nobody waits for the job any more, or another worker has taken it over."""


class StalledError(Exception):
    """A model call has been going on for longer than any honest one."""


class GatewayError(Exception):
    """The gateway that holds a job did not answer as expected."""
