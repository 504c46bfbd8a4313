"""One place that maps what the Docker SDK raises to our errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import requests
from docker.errors import APIError, DockerException

from appliance.engines.errors import (
    EngineDiskFullError,
    EngineError,
    EngineRefusedError,
    EngineTimeoutError,
    EngineUnreachableError,
    GpuRuntimeMissingError,
    ImageMissingError,
    NameTakenError,
    PortTakenError,
    SubnetTakenError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["refusal", "translated"]

_BY_WORDS: Final[tuple[tuple[str, type[EngineError]], ...]] = (
    ("no space left on device", EngineDiskFullError),
    ("port is already allocated", PortTakenError),
    ("address already in use", PortTakenError),
    ("pool overlaps", SubnetTakenError),
    ("overlapping ipv4", SubnetTakenError),
    ("conflicts with network", SubnetTakenError),
    ("could not select device driver", GpuRuntimeMissingError),
    ("nvidia-container-cli", GpuRuntimeMissingError),
    ("unresolvable cdi devices", GpuRuntimeMissingError),
    ("no such image", ImageMissingError),
    ("is already in use by container", NameTakenError),
)
"""Parts of the engine's messages, in lower case (moby, libnetwork, runc)."""


def refusal(
    words: str, *, default: type[EngineError] = EngineRefusedError
) -> EngineError:
    """Make the error that fits the engine's words."""
    lowered = words.lower()
    kind = next((kind for part, kind in _BY_WORDS if part in lowered), default)
    return kind("the engine refused the request", evidence=words.strip()[-1000:])


@contextmanager
def translated() -> Iterator[None]:
    """Turn exceptions of the SDK and of its transport into ``EngineError``."""
    try:
        yield
    except APIError as error:
        raise refusal(str(error.explanation or error)) from error
    except requests.exceptions.Timeout as error:
        raise EngineTimeoutError("the engine gave no answer in time") from error
    except (requests.exceptions.RequestException, DockerException) as error:
        raise EngineUnreachableError(
            "expected an engine on its socket, found none", evidence=_cause(error)
        ) from error


def _cause(error: BaseException) -> str:
    while error.__context__ is not None:
        error = error.__context__
    return str(error)
