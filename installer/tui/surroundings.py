"""What the screens take from the machine: its name, its time, its mounts."""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from installer.carried import places


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Facts of the machine, passed in so that tests can set them.

    Attributes:
        log_path: where the engine writes its log.
        zone: time zone of the host; None is the one the host is set to.
        places: folders where something carried in may lie; blocks.
        poll_s: pause between two questions about an operation, in seconds.
        answers: answers of an earlier run, by name of the setting.
        kept: folder where files are written unless the operator names another.
    """

    log_path: str
    host: str = field(default_factory=socket.gethostname)
    now: Callable[[], datetime] = _utc_now
    zone: tzinfo | None = None
    places: Callable[[], tuple[Path, ...]] = places
    poll_s: float = 0.5
    answers: Mapping[str, str] = field(default_factory=dict)
    kept: Path = Path("/root")
