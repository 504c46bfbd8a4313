"""Run the benchmark areas: `python -m tests.benchmarks [AREA]`."""

import importlib
import sys
from pathlib import Path

from tests.benchmarks.harness import report


def main(arguments: list[str]) -> int:
    """Run one area or all of them; an unknown one is an error."""
    here = Path(__file__).parent
    areas = sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    unknown = [area for area in arguments if area not in areas]
    if unknown:
        print(f"no such area: {unknown[0]} (there are: {', '.join(areas)})")
        return 2
    for area in arguments or areas:
        print(f"== {area}", flush=True)
        module = importlib.import_module(f"tests.benchmarks.bench_{area}")
        report(area, module.figures())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
