"""The journal of one operation: append-only JSON lines, each synced.

A step is announced before it runs and confirmed after it, and what it is about
to write is named before it is written. After ``kill -9`` or power loss the file
says which steps are finished and what may exist on the host. A torn last line
is no line.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self, get_args

from installer.engine.durable import sync_directory
from installer.protocol import OperationState
from installer.wire import OperationKind

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from pydantic import JsonValue

__all__ = ["Journal", "Past", "Record", "RecordKind", "journals", "read_journal"]

_KINDS = get_args(OperationKind)


class RecordKind(StrEnum):
    """What a step may leave on the host."""

    CONTAINER = "container"
    NETWORK = "network"
    IMAGE = "image"
    FIREWALL = "firewall"
    FILE = "file"
    DIRECTORY = "directory"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing on the host; the uninstall list is made of these."""

    kind: RecordKind
    target: str


@dataclass(slots=True)
class Past:
    """What a journal says happened.

    Attributes:
        key: identity of the work; another key means other work.
        request: what was asked, to build the same steps again.
        plan: name, title and size of every step.
        done: finished steps with what they reported.
        end: how it ended, or None when it was running at the crash.
    """

    operation_id: str
    kind: OperationKind
    key: str
    request: dict[str, JsonValue]
    started: str
    plan: list[tuple[str, str, int]]
    done: dict[str, str] = field(default_factory=dict)
    times: dict[str, tuple[str, str]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    end: OperationState | None = None
    ended: str = ""
    finding: dict[str, str] | None = None


class Journal:
    """The open journal of one operation."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._drop_torn_line()
        sync_directory(path.parent)

    def _drop_torn_line(self) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            os.ftruncate(self._handle, whole)

    def write(self, event: str, **fields: JsonValue) -> None:
        """Append one line and wait until it is durable."""
        line = json.dumps({"event": event, **fields}, separators=(",", ":"))
        os.write(self._handle, line.encode() + b"\n")
        os.fsync(self._handle)

    def record(self, step: str, record: Record) -> None:
        """Name a thing that is about to be written."""
        self.write("record", step=step, kind=record.kind, target=record.target)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_journal(path: Path) -> Past | None:
    """Read what happened; None when not even the first line is whole.

    Reading stops at the first damaged line: what follows it is unknown, so its
    steps count as not finished.
    """
    past: Past | None = None
    for raw in path.read_bytes().split(b"\n")[:-1]:
        try:
            line = json.loads(raw)
            past = _begin(line) if past is None else past
            _apply(past, line)
        except (ValueError, KeyError, TypeError):
            break
    return past


def _begin(line: dict[str, Any]) -> Past:
    if line["event"] != "begin" or line["kind"] not in _KINDS:
        msg = "the first line is no beginning"
        raise ValueError(msg)
    request = line["request"]
    return Past(
        operation_id=str(line["operation"]),
        kind=line["kind"],
        key=str(line["key"]),
        request=request if isinstance(request, dict) else {},
        started=str(line["at"]),
        plan=_plan(line["plan"]),
    )


def _plan(value: Any) -> list[tuple[str, str, int]]:  # noqa: ANN401  it is parsed here
    return [(str(name), str(title), int(size)) for name, title, size in value]


def _apply(past: Past, line: dict[str, Any]) -> None:
    match line["event"]:
        case "step-done":
            name = str(line["step"])
            past.done[name] = str(line["detail"])
            past.times[name] = (str(line["began"]), str(line["at"]))
        case "step-undone":
            past.done.pop(str(line["step"]), None)
        case "record":
            record = Record(RecordKind(str(line["kind"])), str(line["target"]))
            if record not in past.records:
                past.records.append(record)
        case "end":
            past.end = OperationState(str(line["state"]))
            past.ended = str(line["at"])
            past.finding = line["finding"]
        case "resume":
            past.end, past.finding = None, None
        case _:
            pass


def journals(folder: Path) -> tuple[Past, ...]:
    """Read all journals of a folder, the newest first."""
    if not folder.is_dir():
        return ()
    found = (read_journal(path) for path in folder.glob("*.jsonl"))
    whole = [past for past in found if past is not None]
    return tuple(sorted(whole, key=lambda past: past.operation_id, reverse=True))
