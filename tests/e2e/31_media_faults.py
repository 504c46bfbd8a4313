"""Faults of drives, disks and processes, with the real ones of this machine."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound

from bundles.errors import TargetWriteError
from bundles.load import CHECKPOINT_REPOSITORY, present_layers
from bundles.medium import VerifiedMedium, open_medium, pin_trust, verify_payload
from bundles.oci import MemoryLayer
from bundles.store import copy_model
from tests.support.images import known_layers
from tests.support.media import MediumFactory

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]


@pytest.fixture
def factory(tmp_path: Path) -> MediumFactory:
    return MediumFactory(
        tmp_path / "vendor", created=datetime.now(UTC).replace(microsecond=0)
    )


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """Return a mount point that is unmounted afterwards."""
    point = tmp_path / "mounted"
    point.mkdir()
    yield point
    subprocess.run(["umount", str(point)], check=True)


def opened(factory: MediumFactory, path: Path) -> VerifiedMedium:
    return open_medium(path, anchor=factory.anchor, now=factory.now)


def test_a_medium_on_a_read_only_mount_is_verified_and_copied(
    factory: MediumFactory, mounted: Path, tmp_path: Path
) -> None:
    built = factory.build()
    for command in (["--bind", str(built.path)], ["-o", "remount,bind,ro"]):
        subprocess.run(["mount", *command, str(mounted)], check=True)

    medium = opened(factory, mounted)
    pin_trust(medium, tmp_path / "trust")

    assert verify_payload(medium) == ()
    record = copy_model(medium, medium.release.models[0], tmp_path / "model")
    assert record.copied_bytes == medium.release.models[0].size_bytes


def test_a_full_disk_leaves_no_half_model_and_the_next_try_succeeds(
    factory: MediumFactory, mounted: Path
) -> None:
    size = ["-t", "tmpfs", "-o", "size=300k"]
    subprocess.run(["mount", *size, "tmpfs", str(mounted)], check=True)
    (mounted / "other").write_bytes(bytes(200_000))
    model = factory.model({"model.bin": random.Random(1).randbytes(150_000)})
    medium = opened(factory, factory.build(models=(model,)).path)

    with pytest.raises(TargetWriteError, match="No space left"):
        copy_model(medium, medium.release.models[0], mounted / "models/demo")
    assert list((mounted / "models").iterdir()) == []

    (mounted / "other").unlink()
    copy_model(medium, medium.release.models[0], mounted / "models/demo")
    assert (mounted / "models/demo/model.bin").stat().st_size == 150_000


def test_a_load_killed_at_any_point_goes_on_with_what_is_there(
    factory: MediumFactory, tmp_path: Path
) -> None:
    """Each round kills the loader a little later; no round loses a finished layer."""
    sources = [
        MemoryLayer({f"noise{n}": random.Random(n).randbytes(12_000_000)}, f"layer {n}")
        for n in range(4)
    ]
    image = factory.image("killed", *sources)
    medium = factory.build(images=(image,), models=()).path
    (tmp_path / "anchor.json").write_bytes(factory.anchor.to_json())
    wanted = opened(factory, medium).release.images[0]
    client = docker.from_env()
    loader = [sys.executable, "-m", "tests.benchmarks.load_medium"]
    command = [*loader, str(medium), str(tmp_path / "anchor.json"), "single"]
    present = 0
    try:
        for delay_s in (0.5, 0.9, 1.1, 1.3, 1.5, 1.7):
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                time.sleep(delay_s)
                process.send_signal(signal.SIGKILL)
            found = present_layers(wanted, known_layers(client))
            assert found >= present
            present = found
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert client.images.get(wanted.reference).id == wanted.config_digest
    finally:
        _remove(client, [wanted.reference, *_checkpoints("killed")])
        client.close()


def _checkpoints(name: str) -> list[str]:
    return [f"{CHECKPOINT_REPOSITORY}:{name}-{position}" for position in range(1, 5)]


def _remove(client: docker.DockerClient, names: list[str]) -> None:
    for name in names:
        try:
            client.images.remove(name, force=True)
        except ImageNotFound:
            continue
