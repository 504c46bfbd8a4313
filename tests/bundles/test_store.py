import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from bundles.errors import BlobError, TargetWriteError, UnreadableError
from bundles.medium import VerifiedMedium
from bundles.release import ReleaseModel
from bundles.store import copy_model


@pytest.fixture
def model(opened: VerifiedMedium) -> ReleaseModel:
    return opened.release.models[0]


def blob(medium: VerifiedMedium, path: str) -> Path:
    model = medium.release.models[0]
    digest = next(file.digest for file in model.files if file.path == path)
    return medium.path / "models/blobs/sha256" / digest[7:]


def test_a_model_is_copied_whole_under_its_own_names(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    record = copy_model(opened, model, tmp_path / "models/demo")

    copied = {p.name: p.read_bytes() for p in (tmp_path / "models/demo").iterdir()}
    assert sorted(copied) == ["config.json", "manifest.json", "model.bin"]
    assert copied["model.bin"] == blob(opened, "model.bin").read_bytes()
    assert record.copied_bytes == model.size_bytes
    assert record.digest == model.digest


def test_a_container_can_read_the_model_whatever_the_umask_was(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    before = os.umask(0o077)
    try:
        copy_model(opened, model, tmp_path / "model")
    finally:
        os.umask(before)

    paths = [tmp_path / "model", *(tmp_path / "model").rglob("*")]
    assert all(path.stat().st_mode & 0o004 for path in paths)


def test_a_model_that_is_there_is_not_copied_again(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    copy_model(opened, model, tmp_path / "demo")

    record = copy_model(opened, model, tmp_path / "demo")

    assert record.copied_bytes == 0


def test_a_half_model_left_by_a_crash_is_replaced(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/model.bin").write_bytes(b"half")
    (tmp_path / ".demo.partial").mkdir()

    copy_model(opened, model, tmp_path / "demo")

    assert [path.name for path in tmp_path.iterdir() if "demo" in path.name] == ["demo"]
    assert (tmp_path / "demo/model.bin").stat().st_size == 32768


def test_a_flipped_bit_leaves_no_model(
    opened: VerifiedMedium,
    model: ReleaseModel,
    tmp_path: Path,
    flip: Callable[[Path, int], None],
) -> None:
    flip(blob(opened, "model.bin"), 100)

    with pytest.raises(BlobError, match="expected 32768 bytes"):
        copy_model(opened, model, tmp_path / "models/demo")

    assert list((tmp_path / "models").iterdir()) == []


def test_a_blob_that_grew_is_not_copied_to_its_end(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    with blob(opened, "config.json").open("ab") as stream:
        stream.truncate(1 << 30)

    with pytest.raises(BlobError):
        copy_model(opened, model, tmp_path / "models/demo")

    assert list((tmp_path / "models").iterdir()) == []


def test_a_missing_blob_is_named_unreadable(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    blob(opened, "model.bin").unlink()

    with pytest.raises(UnreadableError, match="models/blobs"):
        copy_model(opened, model, tmp_path / "demo")


def test_a_drive_that_fails_in_mid_copy_is_named_unreadable(
    opened: VerifiedMedium,
    model: ReleaseModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failing(stream: IO[bytes]) -> Iterator[bytes]:
        yield stream.read(10)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("bundles.store.chunks_of", failing)

    with pytest.raises(UnreadableError, match="Input/output error"):
        copy_model(opened, model, tmp_path / "models/demo")

    assert list((tmp_path / "models").iterdir()) == []


def test_a_full_disk_is_told_apart_from_a_bad_medium(
    opened: VerifiedMedium,
    model: ReleaseModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("bundles.store.os.fsync", full)

    with pytest.raises(TargetWriteError, match="No space left") as caught:
        copy_model(opened, model, tmp_path / "models/demo")

    assert caught.value.code == "ANX-MED-22"
    assert list((tmp_path / "models").iterdir()) == []


def test_progress_ends_at_the_size_of_the_model(
    opened: VerifiedMedium, model: ReleaseModel, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []

    copy_model(opened, model, tmp_path / "d", lambda *step: steps.append(step))

    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1] == (model.size_bytes, model.size_bytes)
