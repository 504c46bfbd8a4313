"""Verified loading of a synthetic image, against what Docker does without us.

The image has four layers of half-compressible bytes. The ways to load it take turns, and each
ratio is the median of those of the rounds, because a busy machine slows all of them alike.
"""

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import IO, Final

import psutil

from bundles.build_delta import DeltaBasis, build_delta
from bundles.load import CHECKPOINT_REPOSITORY
from bundles.medium import open_medium, verify_payload
from bundles.oci import BuiltImage, Entry, MemoryLayer
from bundles.oci.entries import EntryKind
from tests.benchmarks.harness import Figure
from tests.support.media import MediumFactory

LAYERS: Final = 4
LAYER_MIB: Final = 128
ROUNDS: Final = 3
_FILE_MIB: Final = 8
_MIB: Final = 1 << 20
_DOCKER_TEMPORARY: Final = Path("/var/lib/docker/tmp")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one load took, in our process or the command line, and in the engine."""

    wall_s: float
    cpu_s: float
    temporary_bytes: int
    read_bytes: int = 0
    peak_kib: int = 0


@dataclass(frozen=True, slots=True)
class _Round:
    """The four ways, once each."""

    single: Cost
    double: Cost
    bare: Cost
    summed: Cost


def figures() -> Iterator[Figure]:
    """Build two media, load them in turns, and yield the figures."""
    with tempfile.TemporaryDirectory(prefix="anechoic-bench-") as folder:
        bench = _Bench(Path(folder))
        try:
            yield from bench.figures()
        finally:
            bench.remove_images()


class _Bench:
    """Media of one vendor, and the ways to load them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        now = datetime.now(UTC).replace(microsecond=0)
        self._factory = MediumFactory(folder / "vendor", created=now)
        self._anchor = folder / "anchor.json"
        self._anchor.write_bytes(self._factory.anchor.to_json())
        base = [_Noise(number) for number in range(LAYERS - 1)]
        self._image = self._factory.image("bench", *base, _Noise(100))
        self._small = self._factory.image(
            "bench", *base, _Noise(100), MemoryLayer({"app/x": b"new" * 99_999}, "app")
        )
        self._medium = self._build("full", self._image, 1)
        self._upgrade = self._build("upgrade", self._small, 2)

    def figures(self) -> Iterator[Figure]:
        yield from self._verification()
        rounds = self._rounds(self._save())
        yield from _ratios(rounds)
        yield from self._sizes(rounds[-1])
        full_s = min(turn.single.wall_s for turn in rounds)
        yield from self._upgrades(full_s)
        yield from self.deltas(full_s)

    def _sizes(self, turn: _Round) -> Iterator[Figure]:
        layers = self._image.layers
        blobs_bytes = sum(layer.size_bytes for layer in layers)
        largest_mib = max(layer.uncompressed_bytes for layer in layers) / _MIB
        temporary_mib = turn.single.temporary_bytes / _MIB
        yield Figure(
            "medium_read_to_loaded",
            turn.single.read_bytes / blobs_bytes,
            "x",
            "<= 1.01",
        )
        yield Figure(
            "verify_then_load_read_to_loaded", turn.double.read_bytes / blobs_bytes, "x"
        )
        yield Figure(
            "temporary_space_peak", temporary_mib, "MiB", f"<= {largest_mib + 64:.0f}"
        )
        yield Figure(
            "bare_load_temporary_peak", turn.bare.temporary_bytes / _MIB, "MiB"
        )
        yield Figure("our_memory_peak", turn.single.peak_kib / 1024, "MiB", "<= 150")
        total_mib = sum(layer.uncompressed_bytes for layer in layers) / _MIB
        yield Figure("verified_load_rate", total_mib / turn.single.wall_s, "MiB/s")

    def _verification(self) -> Iterator[Figure]:
        anchor, now = self._factory.anchor, datetime.now(UTC)
        medium = open_medium(self._medium, anchor=anchor, now=now)
        began = time.perf_counter()
        assert verify_payload(medium) == ()
        seconds = time.perf_counter() - began
        size_bytes = medium.release.payload_bytes
        yield Figure("verify_payload_rate", size_bytes / _MIB / seconds, "MiB/s")

    def _rounds(self, saved: Path) -> list[_Round]:
        """Load in all ways, in turns."""
        plain = f"docker load -q -i {saved}"
        return [
            _Round(
                single=self._bare_of(lambda: self._ours(self._medium, "single")),
                double=self._bare_of(lambda: self._ours(self._medium, "double")),
                bare=self._bare_of(lambda: _command(plain)),
                summed=self._bare_of(
                    lambda: _command(f"sha256sum -c {saved}.sum && {plain}")
                ),
            )
            for _ in range(ROUNDS)
        ]

    def _bare_of(self, way: Callable[[], Cost]) -> Cost:
        """Load in one way into an engine that has nothing of the image."""
        self.remove_images()
        return way()

    def _upgrades(self, full_s: float) -> Iterator[Figure]:
        self.remove_images()
        self._ours(self._medium, "single")
        upgrade = self._ours(self._upgrade, "single")
        yield Figure(
            "application_upgrade_to_full_load",
            upgrade.wall_s / full_s,
            "x",
            "<= 0.05",
        )
        again = self._ours(self._upgrade, "single")
        yield Figure("load_of_what_is_there", again.wall_s, "s")

    def deltas(self, full_s: float) -> Iterator[Figure]:
        """Load a delta medium into an engine that has the release before."""
        delta, full_bytes = self._delta()
        yield Figure(
            "delta_medium_to_full_medium",
            _size_of(delta) / full_bytes,
            "x",
            "<= 0.05",
        )
        self.remove_images()
        self._ours(self._medium, "single")
        upgrade = self._ours(delta, "single")
        yield Figure("delta_load_to_full_load", upgrade.wall_s / full_s, "x", "<= 0.05")
        yield Figure("delta_load_read", upgrade.read_bytes / _MIB, "MiB")

    def _delta(self) -> tuple[Path, int]:
        """Build a delta of the upgrade; return it, and the size of the full medium."""
        anchor, now = self._factory.anchor, datetime.now(UTC)
        one, two = (
            open_medium(path, anchor=anchor, now=now).release_json
            for path in (self._medium, self._upgrade)
        )
        made = build_delta(
            self._folder / "delta",
            full=self._upgrade,
            release_json=two,
            basis=DeltaBasis.of_release(one),
            release_keys=self._factory.keys,
        )
        return made.path, _size_of(self._upgrade)

    def _ours(self, medium: Path, mode: str) -> Cost:
        command = [sys.executable, "-m", "tests.benchmarks.load_medium"]
        arguments = [str(medium), str(self._anchor), mode]
        with _watch() as engine:
            done = subprocess.run(
                command + arguments, check=True, capture_output=True, text=True
            )
        cost = json.loads(done.stdout)
        return Cost(
            cost["wall_s"],
            cost["cpu_s"] + engine.cpu_s,
            engine.temporary_bytes,
            cost["read_bytes"],
            cost["peak_kib"],
        )

    def _save(self) -> Path:
        """Return what ``docker save`` writes of the image, and its digest beside it."""
        self.remove_images()
        self._ours(self._medium, "single")
        path = self._folder / "saved.tar"
        _run("docker", "save", "-o", str(path), self._image.reference)
        digest = _run("sha256sum", str(path))
        Path(f"{path}.sum").write_text(digest)
        return path

    def _build(self, folder: str, image: BuiltImage, number: int) -> Path:
        built = self._factory.build(
            folder, release_seq=number, images=(image,), models=()
        )
        return built.path

    def remove_images(self) -> None:
        """Remove what this benchmark loaded, and nothing else."""
        images = (self._image, self._small)
        names = {name for i in images for name in (i.reference, i.config_digest)}
        names |= {f"{CHECKPOINT_REPOSITORY}:bench-{k}" for k in range(1, LAYERS + 2)}
        for name in sorted(names):
            command = ["docker", "image", "rm", "-f", name]
            subprocess.run(command, check=False, capture_output=True)


def _ratios(rounds: list[_Round]) -> Iterator[Figure]:
    """Yield the medians: within a round a busy machine slows all ways alike."""

    def ratio(of: Callable[[_Round], tuple[float, float]]) -> float:
        return median(ours / theirs for ours, theirs in map(of, rounds))

    yield Figure(
        "verified_load_wall_to_bare_load",
        ratio(lambda turn: (turn.single.wall_s, turn.bare.wall_s)),
        "x",
        "<= 1.10",
    )
    yield Figure(
        "verified_load_cpu_to_bare_load",
        ratio(lambda turn: (turn.single.cpu_s, turn.bare.cpu_s)),
        "x",
        "<= 1.10",
    )
    yield Figure(
        "verified_load_wall_to_sha256sum_and_load",
        ratio(lambda turn: (turn.single.wall_s, turn.summed.wall_s)),
        "x",
        "<= 0.85",
    )
    yield Figure(
        "verify_then_load_wall_to_bare_load",
        ratio(lambda turn: (turn.double.wall_s, turn.bare.wall_s)),
        "x",
    )


def _command(command: str) -> Cost:
    own = psutil.Process()
    before, began = own.cpu_times(), time.perf_counter()
    with _watch() as engine:
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    wall_s, after = time.perf_counter() - began, own.cpu_times()
    cpu_s = after.children_user + after.children_system
    cpu_s -= before.children_user + before.children_system
    return Cost(wall_s, cpu_s + engine.cpu_s, engine.temporary_bytes)


@dataclass(slots=True)
class _Watched:
    cpu_s: float = 0.0
    temporary_bytes: int = 0


@contextmanager
def _watch() -> Iterator[_Watched]:
    """Measure the processor time of the engine, and its temporary space every 50 ms."""
    watched, stop = _Watched(), threading.Event()
    engine = next(p for p in psutil.process_iter() if p.name() == "dockerd")
    before = sum(engine.cpu_times()[:4])

    def sample() -> None:
        while not stop.wait(0.05):
            used = _size_of(_DOCKER_TEMPORARY)
            watched.temporary_bytes = max(watched.temporary_bytes, used)

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield watched
    finally:
        stop.set()
        sampler.join()
        watched.cpu_s = sum(engine.cpu_times()[:4]) - before


def _size_of(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            # The engine removes files while we look.
            with suppress(OSError):
                total += os.lstat(f"{parent}/{name}").st_blocks * 512
    return total


@dataclass(frozen=True, slots=True)
class _Noise:
    """A layer of files of 8 MiB, half noise and half text, the same each time."""

    seed: int
    created_by: str = "synthetic"

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        yield (self._file(number) for number in range(LAYER_MIB // _FILE_MIB))

    def _file(self, number: int) -> Entry:
        return Entry(
            f"layer{self.seed}-{number:03d}",
            EntryKind.FILE,
            size_bytes=_FILE_MIB * _MIB,
            open=partial(_half_noise, self.seed * 1000 + number),
        )


def _half_noise(seed: int) -> IO[bytes]:
    source, half = random.Random(seed), _MIB // 2
    text = (b"speech " * half)[:half]
    pieces = (source.randbytes(half) + text for _ in range(_FILE_MIB))
    return io.BytesIO(b"".join(pieces))


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
