"""The journal: durable lines, and a reader that believes whole lines only."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from installer.engine.durable import exclusive
from installer.engine.journal import (
    Journal,
    Record,
    RecordKind,
    journals,
    read_journal,
)
from installer.errors import InstallerError
from installer.protocol import OperationState

BEGIN: dict[str, JsonValue] = {
    "operation": "20261122T1",
    "kind": "install",
    "key": "k",
    "request": {"kind": "install"},
    "at": "2026-11-22T12:00:00+00:00",
    "plan": [["a", "A", 0], ["b", "B", 5]],
}
DONE: dict[str, JsonValue] = {
    "step": "a",
    "detail": "fine",
    "began": BEGIN["at"],
    "at": BEGIN["at"],
}


def _written(path: Path) -> bytes:
    with Journal(path) as journal:
        journal.write("begin", **BEGIN)
        journal.record("a", Record(RecordKind.NETWORK, "core"))
        journal.write("step-done", **DONE)
        journal.write("end", state="succeeded", at=str(BEGIN["at"]), finding=None)
    return path.read_bytes()


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    _written(tmp_path / "one.jsonl")

    past = read_journal(tmp_path / "one.jsonl")

    assert past is not None
    assert past.done == {"a": "fine"}
    assert past.records == [Record(RecordKind.NETWORK, "core")]
    assert past.end is OperationState.SUCCEEDED


def test_a_journal_cut_anywhere_tells_a_shorter_story(tmp_path: Path) -> None:
    data = _written(tmp_path / "one.jsonl")
    path = tmp_path / "cut.jsonl"

    for length in (*range(0, len(data), 9), len(data) - 1):
        path.write_bytes(data[:length])
        past = read_journal(path)
        lines = data[:length].count(b"\n")
        assert (past is None) == (lines == 0)
        assert past is None or bool(past.done) == (lines >= 3)
        assert past is None or past.end is None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "any.jsonl"
    path.write_bytes(data)

    assert read_journal(path) is None


def test_a_torn_line_is_dropped_before_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    data = _written(path)
    path.write_bytes(data[:-5])

    with Journal(path) as journal:
        journal.write("resume", at=str(BEGIN["at"]))

    past = read_journal(path)
    assert past is not None
    assert past.end is None
    assert past.done == {"a": "fine"}


def test_journals_come_newest_first(tmp_path: Path) -> None:
    for name in ("20261122T1", "20261122T3", "20261122T2"):
        with Journal(tmp_path / f"{name}.jsonl") as journal:
            journal.write("begin", **{**BEGIN, "operation": name})

    found = [past.operation_id[-1] for past in journals(tmp_path)]

    assert found == ["3", "2", "1"]
    assert journals(tmp_path / "absent") == ()


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "lock"),
        pytest.raises(InstallerError) as refused,
        exclusive(tmp_path / "lock"),
    ):
        pass

    assert refused.value.code == "ANX-OP-04"
    with exclusive(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()
