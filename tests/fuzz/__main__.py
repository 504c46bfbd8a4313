"""Fuzz every reader of licensing for a bounded time: `make fuzz`.

    python -m tests.fuzz [SECONDS [TARGET ...]]

Each target runs in a process of its own. Afterwards every input that found something
new is read once more without the fuzzer and held to 50 ms of CPU and 20 MB of memory.
What was found is kept in build/fuzz/corpus, so that the next run begins there; an input
that breaks a promise is written into build/fuzz/crashes, and the run fails.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.fuzz.runner import Outcome, fuzz
from tests.support.license_readers import READERS

_SECONDS = 60


def main(arguments: list[str]) -> int:
    """Fuzz the named targets, or all; the exit status is 1 when one failed."""
    seconds = int(arguments[0]) if arguments else _SECONDS
    names = tuple(arguments[1:]) or tuple(READERS)
    unknown = sorted(set(names) - set(READERS))
    if unknown:
        print(f"no such target: {unknown[0]} (there are: {', '.join(READERS)})")
        return 2
    outcomes = list(map(_show, fuzz(names, seconds=seconds, folder=Path("build/fuzz"))))
    failed = [outcome.name for outcome in outcomes if outcome.problems]
    runs = sum(outcome.runs for outcome in outcomes)
    print(f"{runs} inputs, {len(failed)} of {len(outcomes)} targets failed")
    return 1 if failed else 0


def _show(outcome: Outcome) -> Outcome:
    print(
        f"{outcome.name:<20} {outcome.runs:>9} inputs {outcome.features:>6} features "
        f"{outcome.kept:>5} kept  {'FAILED' if outcome.problems else 'ok'}",
        flush=True,
    )
    for problem in outcome.problems:
        print(f"    {problem}", flush=True)
    return outcome


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
