"""Run targets side by side, one process each, and judge what they found."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offline_license.armor import Label
from offline_license.cose import ObjectType
from tests.support import license_readers
from tests.support.bounds import check_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Outcome", "fuzz"]

MAX_INPUT_BYTES: Final = 65_537
"""One more than the largest object."""

_AT_ONCE: Final = 2
_HANG_S: Final = 10
_LARGEST_MIB: Final = 512
_RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)")
_FEATURES = re.compile(r"\bft: (\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one target did.

    Attributes:
        runs: inputs tried.
        features: kinds of behavior told apart, as libFuzzer counts them.
        kept: inputs that showed a new one.
        problems: broken promises, with the file that shows each; empty is good.
    """

    name: str
    runs: int
    features: int
    kept: int
    problems: tuple[str, ...]


def fuzz(names: Sequence[str], *, seconds: int, folder: Path) -> Iterator[Outcome]:
    """Fuzz the targets within about this many seconds in all."""
    each_s = max(1, seconds * _AT_ONCE // len(names))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for name, (log, failed) in zip(
            names, pool.map(lambda n: _run(n, each_s, folder), names), strict=True
        ):
            yield _outcome(name, log, folder, failed=failed)


def _run(name: str, seconds: int, folder: Path) -> tuple[str, bool]:
    """Fuzz one target; return libFuzzer's words and whether it stopped at a fault."""
    corpus, seeds, crashes = (
        folder / kind / name for kind in ("corpus", "seeds", "crashes")
    )
    for place in (corpus, seeds, crashes):
        place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(license_readers.READERS[name].seeds):
        (seeds / f"{number:03}").write_bytes(seed)
    words = folder / "words.dict"
    words.write_text("".join(f"{line}\n" for line in _words()), encoding="ascii")
    command = [
        *(sys.executable, "-m", "tests.fuzz.target", name),
        *(f"{corpus}", f"{seeds}"),
        f"-artifact_prefix={crashes}/",
        f"-dict={words}",
        f"-max_total_time={seconds}",
        f"-max_len={MAX_INPUT_BYTES}",
        f"-timeout={_HANG_S}",
        f"-rss_limit_mb={_LARGEST_MIB}",
        "-print_final_stats=1",
    ]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    return done.stdout, done.returncode != 0


def _words() -> Iterator[str]:
    """Give tokens that a fuzzer would take long to guess."""
    for type_ in ObjectType:
        yield f'"{type_.typ}"'
        yield f'"{type_.external.decode()}"'
    for label in Label:
        yield f'"{label.begin}\\x0a"'
        yield f'"{label.end}\\x0a"'
    for head in (b"\xd2\x84", b"\xd8\x62\x84", b"\xa3\x01\x32\x04\x48", b"\x58\x40"):
        yield '"' + "".join(f"\\x{octet:02x}" for octet in head) + '"'


def _outcome(name: str, log: str, folder: Path, *, failed: bool) -> Outcome:
    kept = sorted((folder / "corpus" / name).iterdir())
    problems = [one for path in kept if (one := _problem(name, path))]
    if failed:
        shown = sorted((folder / "crashes" / name).iterdir())
        files = ", ".join(str(path) for path in shown) or "no file"
        problems.append(f"{_cause(log)} ({files})")
    runs, features = (
        max(map(int, p.findall(log)), default=0) for p in (_RUNS, _FEATURES)
    )
    return Outcome(name, runs, features, len(kept), tuple(problems))


def _problem(name: str, path: Path) -> str:
    """Read a kept input again without the fuzzer; say what it broke, if anything."""
    reader = license_readers.READERS[name]
    data = path.read_bytes()
    try:
        check_bounds(reader, data)
        if reader.sign is not None:
            check_bounds(reader, reader.sign(data))
    except Exception as error:  # noqa: BLE001 - that is the finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{error!r} at {where.filename}:{where.lineno} ({path})"
    return ""


def _cause(log: str) -> str:
    """Return the lines of the fuzzer's log that name the fault."""
    marks = ("Error", "Exception", "ERROR: libFuzzer", "timeout", "out-of-memory")
    lines = [line for line in log.splitlines() if any(one in line for one in marks)]
    return " | ".join(lines[:3]) or log[-500:]
