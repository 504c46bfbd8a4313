"""The harness that every benchmark area shares: figures, targets, one line each, one file.

A figure is measured in this run or it is absent. Speed is compared as a ratio of two things
measured on the same machine in the same run; memory is the peak resident set of a process.
"""

import json
import operator
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

RESULTS: Final = Path("build/bench")
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        target: such as `"<= 1.10"` or `">= 1.8"`; empty when the figure is only reported.
    """

    name: str
    value: float
    unit: str
    target: str = ""

    @property
    def ok(self) -> bool:
        """Whether the value meets the target; true when there is none."""
        if not self.target:
            return True
        comparison, bound = self.target.split()
        return _COMPARE[comparison](self.value, float(bound))


def report(area: str, figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Print each figure as it comes and write `build/bench/AREA.json`."""
    measured = tuple(_print_each(figures))
    RESULTS.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(figure), "ok": figure.ok} for figure in measured]
    (RESULTS / f"{area}.json").write_text(json.dumps(rows, indent=1) + "\n")
    return measured


def seconds_per_call(call: Callable[[], object], *, at_least_s: float = 0.5) -> float:
    """Return the fastest of several timed batches, in CPU seconds a call."""
    calls, best, until = 1, float("inf"), time.perf_counter() + at_least_s
    while time.perf_counter() < until:
        began = time.process_time()
        for _ in range(calls):
            call()
        spent = time.process_time() - began
        if spent < at_least_s / 20:
            calls *= 2
            continue
        best = min(best, spent / calls)
    return best


def _print_each(figures: Iterable[Figure]) -> Iterator[Figure]:
    for figure in figures:
        verdict = "ok" if figure.ok else "short"
        print(
            f"{figure.name:<44} {figure.value:>12.4g} {figure.unit:<14}"
            f" {figure.target or '-':<10} {verdict}",
            flush=True,
        )
        yield figure
