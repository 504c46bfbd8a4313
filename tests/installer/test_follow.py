"""An operation as lines: each thing said once, nothing but text."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from typing_extensions import override

from installer.cli.follow import Lines, follow
from installer.client import EngineClient
from installer.exit_codes import ExitCode
from installer.findings import Finding, Severity
from installer.protocol import Operation, OperationState, StepState, StepStatus
from tests.support.fake_site import T0

MIB = 2**20


def _finding(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, "Title", severity, "evidence", "meaning", "remedy")


def _operation(*steps: StepStatus, **changes: object) -> Operation:
    values: dict[str, object] = {
        "id": "1",
        "kind": "install",
        "state": OperationState.RUNNING,
        "steps": steps,
        "started": T0,
    }
    return Operation.model_validate(values | changes)


def _step(state: StepState, **changes: object) -> StepStatus:
    values: dict[str, object] = {"name": "load", "title": "Load", "state": state}
    return StepStatus.model_validate(values | changes)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_step_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    done = _step(
        StepState.DONE, started=T0, ended=T0 + timedelta(seconds=2), detail="2 layers"
    )

    for step in (_step(StepState.RUNNING), _step(StepState.RUNNING), done, done):
        lines.show(_operation(step))

    assert capsys.readouterr().out == "[ 1/1] Load: ok 2.0 s, 2 layers\n"


def test_a_long_step_moves_every_few_seconds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    lines = Lines(clock)

    for clock.now in (1.0, 6.0, 7.0, 12.0):
        step = _step(
            StepState.RUNNING, done_bytes=int(clock.now) * MIB, total_bytes=20 * MIB
        )
        lines.show(_operation(step))

    assert capsys.readouterr().out.splitlines() == [
        "[ 1/1] Load: 30 % (6 MiB of 20 MiB)",
        "[ 1/1] Load: 60 % (12 MiB of 20 MiB)",
    ]


def test_a_warning_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    warned = _operation(warnings=(_finding("ANX-GPU-01", Severity.WARNING),))

    lines.show(warned)
    lines.show(warned)

    assert capsys.readouterr().out.count("WARNING ANX-GPU-01: Title") == 1


class Replay(EngineClient):
    """Plays pictures as if they came from an engine."""

    def __init__(self, *pictures: Operation, stop: bool = False) -> None:
        super().__init__(autostart=False)
        self._pictures, self._stop = pictures, stop

    @override
    def events(self, operation_id: str) -> Iterator[Operation]:
        assert operation_id == "1"
        yield from self._pictures
        if self._stop:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("state", "code", "expected"),
    [
        (OperationState.SUCCEEDED, None, ExitCode.OK),
        (OperationState.FAILED, "ANX-HOST-09", ExitCode.PREFLIGHT),
        (OperationState.FAILED, "ANX-MED-01", ExitCode.MEDIUM),
        (OperationState.FAILED, "ANX-LIC-02", ExitCode.LICENSE),
        (OperationState.FAILED, "ANX-ENG-07", ExitCode.CONTAINER_ENGINE),
        (OperationState.FAILED, "ANX-OP-07", ExitCode.OPERATION),
        (OperationState.INTERRUPTED, "ANX-OP-06", ExitCode.OPERATION),
    ],
)
def test_the_end_decides_the_exit_code(
    state: OperationState, code: str | None, expected: ExitCode
) -> None:
    end = _operation(state=state, finding=_finding(code) if code else None)

    assert follow(Replay(end), end, as_json=False) is expected


def test_leaving_says_that_the_engine_goes_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    picture = _operation(_step(StepState.RUNNING))

    code = follow(Replay(picture, stop=True), picture, as_json=False)

    assert code is ExitCode.DETACHED
    assert "the engine goes on" in capsys.readouterr().err


def test_json_lines_are_whole_operations(capsys: pytest.CaptureFixture[str]) -> None:
    end = _operation(state=OperationState.SUCCEEDED)

    follow(Replay(end), end, as_json=True)

    assert Operation.model_validate_json(capsys.readouterr().out) == end
