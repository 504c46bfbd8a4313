"""Load the image of a medium into Docker and print what it cost: the measured half.

Runs as a process of its own, so that its memory and reads are those of a load alone:
``python -m tests.benchmarks.load_medium MEDIUM ANCHOR single|double``.
``single`` checks while it feeds, ``double`` verifies the whole medium first.
"""

import json
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import docker
import psutil
from docker.errors import ImageNotFound

from bundles.load import CHECKPOINT_REPOSITORY, layer_archives
from bundles.medium import check_layout, open_medium, verify_payload
from bundles.trust.anchor import TrustAnchor
from tests.support.images import known_layers


def main(medium_path: Path, anchor_path: Path, mode: str) -> None:
    """Load every image of the medium and print a JSON object."""
    client = docker.from_env()
    client.ping()
    process = psutil.Process()
    read_before = process.io_counters().read_chars
    began, cpu_began = time.perf_counter(), time.process_time()
    medium = open_medium(
        medium_path, anchor=TrustAnchor.read(anchor_path), now=datetime.now(UTC)
    )
    check = verify_payload if mode == "double" else check_layout
    if problems := check(medium):
        raise SystemExit(problems[0].evidence)
    for image in medium.release.images:
        for archive in layer_archives(medium, image, known_layers(client)):
            # The stub knows bytes and files; requests also streams a generator.
            client.images.load(archive.chunks)  # type: ignore[arg-type]
        for position in range(1, len(image.layers)):
            name = f"{CHECKPOINT_REPOSITORY}:{image.name}-{position}"
            with suppress(ImageNotFound):
                client.images.remove(name, noprune=True)
    cost = {
        "wall_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu_began,
        "read_bytes": process.io_counters().read_chars - read_before,
        "peak_kib": _peak_kib(),
    }
    print(json.dumps(cost))


def _peak_kib() -> int:
    """Return our own peak; ``ru_maxrss`` would count the parent before ``exec``."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
