"""Crash anywhere: the next run repeats no finished step and ends the same."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from typing_extensions import override

from installer.engine.board import Board, pending
from installer.engine.journal import Journal, Record, RecordKind, read_journal
from installer.engine.runner import Runner
from installer.engine.steps import Step, StepContext
from installer.protocol import Operation, OperationState
from tests.support.fake_site import T0


class Killed(BaseException):
    """The process is gone: nothing after this point happens."""


class MortalJournal(Journal):
    """A journal whose process dies before or after its n-th line."""

    def __init__(self, path: Path, lives: int, *, torn: bool) -> None:
        super().__init__(path)
        self._lives = lives
        self._torn = torn

    @override
    def write(self, event: str, **fields: JsonValue) -> None:
        self._lives -= 1
        if self._lives == 0 and self._torn:
            with self.path.open("ab") as file:
                file.write(b'{"event":"step-do')
            raise Killed
        super().write(event, **fields)
        if self._lives == 0:
            raise Killed


@dataclass
class World:
    """What steps change: a list of effects, in order."""

    effects: list[str] = field(default_factory=list)

    def step(self, name: str) -> Step:
        def run(context: StepContext) -> str:
            context.record(Record(RecordKind.FILE, f"/{name}"))
            self.effects.append(name)
            return name

        return Step(name, name.upper(), run, holds=lambda: name in self.effects)


def _run(path: Path, world: World, names: list[str], lives: int, *, torn: bool) -> str:
    past = read_journal(path) if path.exists() else None
    steps = tuple(world.step(name) for name in names)
    journal = MortalJournal(path, lives, torn=torn)
    operation = Operation(
        id="1",
        kind="install",
        state=OperationState.RUNNING,
        steps=tuple(pending(n, n, 0) for n in names),
        started=T0,
    )
    try:
        if past is None:
            journal.write(
                "begin", operation="1", kind="install", key="k", request={},
                at=T0.isoformat(), plan=[[n, n, 0] for n in names],
            )  # fmt: skip
        done = frozenset(past.done if past else ())
        board = Board(operation)
        events = threading.Event(), threading.Event()
        return Runner(journal, board, done, *events, lambda: T0).run(steps)
    except Killed:
        return "killed"
    finally:
        journal.close()


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 5),
    deaths=st.lists(st.tuples(st.integers(1, 8), st.booleans()), max_size=4),
)
def test_a_finished_step_is_never_repeated(
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    deaths: list[tuple[int, bool]],
) -> None:
    path = tmp_path_factory.mktemp("crash") / "1.jsonl"
    world, names = World(), [f"step{number}" for number in range(count)]

    for lives, torn in deaths:
        past = read_journal(path) if path.exists() else None
        before, finished = list(world.effects), set(past.done if past else ())
        _run(path, world, names, lives, torn=torn)
        again = world.effects[len(before) :]
        assert not finished & set(again)

    assert _run(path, world, names, 10_000, torn=False) == OperationState.SUCCEEDED
    end = read_journal(path)
    assert end is not None
    assert set(end.done) == set(names)
    assert {record.target for record in end.records} == {f"/{name}" for name in names}
    assert list(dict.fromkeys(world.effects)) == names


def test_a_finished_step_whose_result_is_gone_runs_again(tmp_path: Path) -> None:
    path, world = tmp_path / "1.jsonl", World()
    _run(path, world, ["a", "b"], 8, torn=False)
    world.effects.remove("a")

    _run(path, world, ["a", "b"], 10_000, torn=False)

    assert world.effects == ["b", "a"]


def test_a_failing_step_ends_the_operation_with_its_finding(tmp_path: Path) -> None:
    def fail(_context: StepContext) -> str:
        raise OSError(28, "No space left on device")

    board = Board(
        Operation(
            id="1",
            kind="install",
            state=OperationState.RUNNING,
            steps=(pending("a", "A", 0),),
            started=T0,
        )
    )
    with Journal(tmp_path / "1.jsonl") as journal:
        runner = Runner(
            journal, board, frozenset(), threading.Event(), threading.Event(), _now
        )
        state = runner.run((Step("a", "A", fail),))

    operation = board.read()[1]
    assert state is OperationState.FAILED
    assert operation.finding is not None
    assert operation.steps[0].state == "failed"


def _now() -> datetime:
    return T0
