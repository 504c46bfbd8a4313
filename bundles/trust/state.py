"""What a host remembers about trust, so that nothing older is accepted later.

The folder holds the newest verified metadata as TUF keeps it (``root_history/N.root.json``
and one file per role) and ``floor.json``.  ``ngclient`` replaces files atomically but
never syncs them, so power loss could erase the memory of a rollback; here every file
is synced, and the timestamp, on which all else hangs, is written after them.  Last comes
``newest.trust``, the same metadata as one file: it vouches for media that are older.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bundles.errors import TrustStateError, TrustUpdateError
from bundles.files import read_beneath, write_durably
from bundles.strict_json import MalformedJsonError, canonical_json, parse_json
from bundles.timestamps import from_rfc3339, to_rfc3339
from bundles.trust.update import UPDATE_LIMIT_BYTES, TrustUpdate

__all__ = [
    "TrustFloor",
    "TrustState",
    "files_from",
    "files_to",
    "load_state",
    "save_state",
]

_FLOOR_FILE: Final = "floor.json"
_NEWEST_FILE: Final = "newest.trust"
_FLOOR_LIMIT_BYTES: Final = 4096
_METADATA_LIMIT_BYTES: Final = 5_000_000
_MAX_FILES: Final = 512
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TrustFloor:
    """The least that may come: no earlier time, no smaller release number."""

    time: datetime = _EPOCH
    release_seq: int = 0

    def raised_to(self, other: "TrustFloor") -> "TrustFloor":
        """Return the higher of both, in each part."""
        return TrustFloor(
            max(self.time, other.time), max(self.release_seq, other.release_seq)
        )


@dataclass(frozen=True, slots=True)
class TrustState:
    """Verified metadata by file name, the floor, and what can vouch for older media."""

    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    floor: TrustFloor = field(default_factory=TrustFloor)
    newest: TrustUpdate | None = None


def load_state(directory: Path | None) -> TrustState:
    """Read what the host remembers; a folder that is not there is an empty memory.

    Raises:
        TrustStateError: files are there but cannot be read or understood.
    """
    if directory is None or not directory.exists():
        return TrustState()
    try:
        files = {
            name: read_beneath(directory, name, limit_bytes=_METADATA_LIMIT_BYTES)
            for name in _names(directory)
        }
        for name, data in files.items():
            _require_json(name, data)
        floor = files.pop(_FLOOR_FILE, None)
        known = TrustFloor() if floor is None else _floor(floor)
        return TrustState(files, known, _newest(directory))
    except (OSError, ValueError, TrustUpdateError) as error:
        raise TrustStateError(f"{directory}: {error}") from error


def save_state(directory: Path, state: TrustState) -> None:
    """Write ``state`` so that power loss at any point leaves a usable memory.

    Raises:
        OSError: the folder cannot be written.
    """
    (directory / "root_history").mkdir(mode=0o700, parents=True, exist_ok=True)
    write_durably(directory / _FLOOR_FILE, _floor_json(state.floor))
    for name in sorted(state.files, key=_write_order):
        path = directory / name
        if not path.exists() or path.read_bytes() != state.files[name]:
            write_durably(path, state.files[name])
    if state.newest is not None:
        write_durably(directory / _NEWEST_FILE, state.newest.to_json())


def files_to(directory: Path, files: Mapping[str, bytes]) -> None:
    """Copy metadata into a scratch folder for ``ngclient``, not synced."""
    (directory / "root_history").mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)


def files_from(directory: Path) -> dict[str, bytes]:
    """Return the metadata that ``ngclient`` left in its scratch folder."""
    return {name: (directory / name).read_bytes() for name in _names(directory)}


def _newest(directory: Path) -> TrustUpdate | None:
    try:
        data = read_beneath(directory, _NEWEST_FILE, limit_bytes=UPDATE_LIMIT_BYTES)
    except FileNotFoundError:
        return None
    return TrustUpdate.from_json(data)


def _require_json(name: str, data: bytes) -> None:
    """Refuse damage that ``ngclient`` would take for a host without a memory."""
    try:
        parse_json(data, limit_bytes=_METADATA_LIMIT_BYTES)
    except MalformedJsonError as error:
        raise ValueError(f"{name}: {error}") from error


def _names(directory: Path) -> list[str]:
    found = [*directory.glob("*.json"), *directory.glob("root_history/*.root.json")]
    # root.json is a link that ngclient makes anew from the anchor.
    names = [str(path.relative_to(directory)) for path in found]
    if len(names) > _MAX_FILES:
        raise ValueError(f"expected at most {_MAX_FILES} files, found {len(names)}")
    return sorted(name for name in names if name != "root.json")


def _write_order(name: str) -> tuple[bool, bool, str]:
    return (name == "timestamp.json", not name.startswith("root_history/"), name)


def _floor(data: bytes) -> TrustFloor:
    match parse_json(data, limit_bytes=_FLOOR_LIMIT_BYTES):
        case {"version": 1, "time": str(time), "release_seq": int(release_seq)}:
            return TrustFloor(from_rfc3339(time), release_seq)
        case _:
            pass
    raise MalformedJsonError("expected a floor of version 1")


def _floor_json(floor: TrustFloor) -> bytes:
    return canonical_json(
        {
            "version": 1,
            "time": to_rfc3339(floor.time),
            "release_seq": floor.release_seq,
        }
    )
