"""How long an operator waits for preflight, and for the programs to start."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from installer.preflight import Needs, collect_facts, run_checks
from installer.settings import Settings
from tests.benchmarks.harness import Figure, seconds_per_call
from tests.support.machines import machine

ROUNDS = 5


def figures() -> Iterator[Figure]:
    """Measure preflight on this machine, and start-up without the terminal."""
    yield from _preflight()
    yield from _starting()


def _preflight() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        worst_s = max(_collect_s(Path(folder)) for _ in range(ROUNDS))
    yield Figure(f"preflight of this host, slowest of {ROUNDS}", worst_s, "s", "<= 3")
    needs, facts = Needs.of(Settings()), machine()
    checks_s = seconds_per_call(lambda: run_checks(needs, facts))
    yield Figure("all checks over known facts", checks_s * 1000, "ms CPU", "<= 5")


def _collect_s(folder: Path) -> float:
    before = time.perf_counter()
    facts = collect_facts(None, state_dir=folder)
    run_checks(Needs.of(Settings()), facts)
    return time.perf_counter() - before


def _starting() -> Iterator[Figure]:
    for name in ("installer.preflight", "installer.dashboard"):
        command = [sys.executable, "-c", f"import {name}"]
        subprocess.run(command, check=True)  # writes byte code, warms the disk
        fastest_s = min(_run_s(command) for _ in range(ROUNDS))
        yield Figure(f"import {name}", fastest_s, "s", "<= 1")


def _run_s(command: list[str]) -> float:
    before = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - before
