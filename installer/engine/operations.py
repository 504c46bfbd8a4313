"""One operation at a time: start, watch, cancel, carry on after a crash."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from installer.engine.board import Board, pending
from installer.engine.durable import exclusive
from installer.engine.install import install_steps, load_steps
from installer.engine.job import Job
from installer.engine.journal import Journal, Past, journals
from installer.engine.picture import picture
from installer.engine.planning import open_medium, plan_install
from installer.engine.runner import Runner
from installer.engine.uninstall import (
    Uninstall,
    anything_to_remove,
    forget_journals,
)
from installer.errors import (
    BUSY,
    INTERRUPTED,
    NO_MEDIUM,
    NO_OPERATION,
    NOT_INSTALLED,
    InstallerError,
)
from installer.findings import Finding
from installer.protocol import (
    Operation,
    OperationRequest,
    OperationState,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.engine.site import Site
    from installer.engine.steps import Step
    from installer.protocol import Plan
    from installer.settings import Settings

__all__ = ["Operations"]

_LOG = logging.getLogger("anechoicd")
_LEAVE_S = 20.0


@dataclass(frozen=True, slots=True)
class _Work:
    """What a request asks for, with the identity that tells it from other work."""

    request: OperationRequest
    key: str
    steps: Callable[[str], tuple[Step, ...]]


class Operations:
    """The operations of one host."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._board: Board | None = None
        self._thread: threading.Thread | None = None
        self._key = ""
        self._removed = False
        self._canceled = threading.Event()
        self._leaving = threading.Event()

    @property
    def running(self) -> bool:
        """Tell whether an operation runs in this engine."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def removed(self) -> bool:
        """Tell whether the last request was a removal, and nothing is left to remove."""
        return self._removed

    def current(self) -> Operation | None:
        """Return the running operation, or the last one."""
        if self._board is not None:
            return self._board.read()[1]
        past = next(iter(journals(self._site.paths.journal)), None)
        return None if past is None else picture(past)

    def watch(self, operation_id: str) -> Board:
        """Return the board of an operation.

        Raises:
            InstallerError: there is none with this id.
        """
        operation = self.current()
        if operation is None or operation.id != operation_id:
            raise InstallerError(NO_OPERATION, f"expected a known id: {operation_id}")
        return self._board or Board(operation)

    def plan(self, settings: Settings) -> Plan:
        """Show what an install would do and what speaks against it."""
        return plan_install(self._site, settings)

    def start(self, request: OperationRequest) -> Operation:
        """Start an operation, join the same one, or carry on with an unfinished one.

        Raises:
            InstallerError: another one runs, or the request makes no sense here.
            BundleError: the medium is refused; nothing was changed.
        """
        with self._lock:
            if self.running and request.kind == "uninstall":
                raise InstallerError(BUSY, f"found {self._describe()}")
            work = self._prepare(request)
            if not self.running:
                return self._launch(work, _unfinished(self._site, work.key))
            if self._board is None or work.key != self._key:
                raise InstallerError(BUSY, f"found {self._describe()}")
            return self._board.read()[1]

    @property
    def unfinished(self) -> bool:
        """Tell whether an operation was running when the last engine died."""
        past = next(iter(journals(self._site.paths.journal)), None)
        return past is not None and past.end is None and not self.running

    def carry_on(self) -> None:
        """Take up an operation that was running when the last engine died."""
        past = next(iter(journals(self._site.paths.journal)), None)
        if past is None or not self.unfinished:
            return
        with self._lock:
            try:
                work = self._prepare(OperationRequest.model_validate(past.request))
                _require_same(work, past)
            except Exception as error:  # noqa: BLE001  the medium may be gone
                _LOG.warning("cannot carry on: %s", type(error).__name__)
                self._close(past, error)
                return
            self._launch(work, past)

    def _close(self, past: Past, error: Exception) -> None:
        cause = Finding.from_error(error)
        evidence = f"carrying on failed: {cause.title}: {cause.evidence}"
        finding = Finding.of(INTERRUPTED, evidence=evidence)
        with Journal(_journal_path(self._site, past.operation_id)) as journal:
            journal.write(
                "end",
                state=OperationState.INTERRUPTED,
                at=self._site.now().isoformat(),
                finding=dict(finding.to_json()),
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep operations from starting for a moment, for a change outside of them.

        Raises:
            InstallerError: one runs.
        """
        with self._lock:
            if self.running:
                raise InstallerError(BUSY, f"found {self._describe()}")
            yield

    def cancel(self) -> Operation:
        """Ask the running operation to stop at the next safe point.

        Raises:
            InstallerError: none runs.
        """
        if not self.running or self._board is None:
            raise InstallerError(NO_OPERATION, "expected a running operation")
        self._canceled.set()
        return self._board.read()[1]

    def leave(self) -> None:
        """Stop at the next safe point and keep the journal open for the next engine."""
        self._leaving.set()
        self.join(_LEAVE_S)

    def join(self, timeout_s: float) -> None:
        """Wait until the running operation has ended, at most this long."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _describe(self) -> str:
        operation = self.current()
        return "an operation" if operation is None else f"{operation.kind} running"

    def _prepare(self, request: OperationRequest) -> _Work:
        if request.kind == "uninstall":
            if not anything_to_remove(self._site, keep_license=request.keep_license):
                self._removed = True
                raise InstallerError(NOT_INSTALLED, "nothing of ours was found")
            removal = Uninstall.of(self._site, keep_license=request.keep_license)
            return _Work(request, _key(request, ""), lambda _id: removal.steps())
        settings = request.settings
        if settings is None:
            raise InstallerError(NO_MEDIUM, f"{request.kind} needs settings")
        medium = open_medium(self._site, settings)
        identity = medium.summary.model_dump_json(exclude={"path"})
        steps = load_steps if request.kind == "load" else install_steps
        return _Work(
            request,
            _key(request, identity),
            lambda operation_id: steps(Job(self._site, settings, medium, operation_id)),
        )

    def _launch(self, work: _Work, past: Past | None) -> Operation:
        now = self._site.now()
        operation_id = past.operation_id if past else now.strftime("%Y%m%dT%H%M%S%fZ")
        steps = work.steps(operation_id)
        operation = Operation(
            id=operation_id,
            kind=work.request.kind,
            state=OperationState.RUNNING,
            steps=tuple(pending(s.name, s.title, s.size_bytes) for s in steps),
            started=datetime.fromisoformat(past.started) if past else now,
            settings=work.request.settings,
        )
        self._board = Board(operation)
        self._key = work.key
        self._removed = False
        self._canceled.clear()
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run,
            args=(work, past, steps, self._board, ready),
            name="operation",
            daemon=True,
        )
        self._thread.start()
        ready.wait()
        return self._board.read()[1]

    def _run(
        self,
        work: _Work,
        past: Past | None,
        steps: tuple[Step, ...],
        board: Board,
        ready: threading.Event,
    ) -> None:
        operation = board.read()[1]
        try:
            self._site.files.directory(self._site.paths.journal)
            with (
                exclusive(self._site.paths.journal / "lock"),
                Journal(_journal_path(self._site, operation.id)) as journal,
            ):
                _announce(journal, work, operation, steps, resumed=past is not None)
                ready.set()
                runner = Runner(
                    journal,
                    board,
                    frozenset(past.done if past else ()),
                    self._canceled,
                    self._leaving,
                    self._site.now,
                )
                state = runner.run(steps)
            if (operation.kind, state) == ("uninstall", OperationState.SUCCEEDED):
                forget_journals(self._site)
                self._removed = True
        except Exception as error:  # noqa: BLE001  viewers must see the end
            _LOG.exception("the operation could not be journaled")
            board.end(
                OperationState.FAILED, self._site.now(), Finding.from_error(error)
            )
        finally:
            ready.set()


def _announce(
    journal: Journal,
    work: _Work,
    operation: Operation,
    steps: tuple[Step, ...],
    *,
    resumed: bool,
) -> None:
    if resumed:
        journal.write("resume", at=datetime.now(operation.started.tzinfo).isoformat())
        return
    journal.write(
        "begin",
        operation=operation.id,
        kind=operation.kind,
        key=work.key,
        request=work.request.model_dump(mode="json"),
        at=operation.started.isoformat(),
        plan=[[s.name, s.title, s.size_bytes] for s in steps],
    )


def _require_same(work: _Work, past: Past) -> None:
    """Refuse to carry on with another medium than the one it began with."""
    if work.key != past.key:
        raise InstallerError(
            INTERRUPTED, "expected the medium it began with, found another one"
        )


def _key(request: OperationRequest, identity: str) -> str:
    text = json.dumps([request.model_dump(mode="json"), identity], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _unfinished(site: Site, key: str) -> Past | None:
    """Return the newest operation when it is this work and did not succeed."""
    past = next(iter(journals(site.paths.journal)), None)
    if past is None or past.key != key or past.end is OperationState.SUCCEEDED:
        return None
    return past


def _journal_path(site: Site, operation_id: str) -> Path:
    return site.paths.journal / f"{operation_id}.jsonl"
