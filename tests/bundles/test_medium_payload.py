"""What is on the medium: every file class, every kind of damage."""

import errno
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from bundles.files import open_beneath
from bundles.medium import (
    MediumProblem,
    Severity,
    VerifiedMedium,
    check_layout,
    verify_documents,
    verify_payload,
)

FILE_CLASSES = [
    "README.txt",
    "SHA256SUMS",
    "models/blobs/sha256/*",
    "oci/blobs/sha256/*",
    "oci/index.json",
    "oci/oci-layout",
    "release/*.release.json",
    "release/licensing/*.keyset.cbor",
    "tuf/1.licensing.json",
    "tuf/1.root.json",
    "tuf/1.snapshot.json",
    "tuf/1.targets.json",
    "tuf/timestamp.json",
]


def first(medium: VerifiedMedium, pattern: str) -> Path:
    return min(medium.path.glob(pattern))


def only(problems: tuple[MediumProblem, ...]) -> MediumProblem:
    assert len(problems) == 1, [problem.evidence for problem in problems]
    return problems[0]


def test_a_good_medium_has_no_problems(opened: VerifiedMedium) -> None:
    assert verify_payload(opened) == ()


def test_documents_are_checked_whole_and_blobs_by_size_only(
    opened: VerifiedMedium, flip: Callable[[Path, int], None]
) -> None:
    """The content of a blob is judged when it is fed; nothing is read twice."""
    blob, cut = sorted(opened.path.glob("oci/blobs/sha256/*"))[:2]
    flip(blob, 1)
    os.truncate(cut, cut.stat().st_size - 1)
    flip(opened.path / "README.txt", 3)

    codes = {problem.path: problem.code for problem in verify_documents(opened)}

    assert codes == {
        str(cut.relative_to(opened.path)): "ANX-MED-12",
        "README.txt": "ANX-MED-10",
    }


def test_the_list_of_file_classes_is_complete(opened: VerifiedMedium) -> None:
    files = {path for path in opened.path.rglob("*") if path.is_file()}

    assert files == {path for name in FILE_CLASSES for path in opened.path.glob(name)}


@pytest.mark.parametrize("pattern", FILE_CLASSES)
def test_a_flipped_bit_is_named_with_its_file(
    opened: VerifiedMedium, flip: Callable[[Path, int], None], pattern: str
) -> None:
    """The bit flips after opening, so that the payload check alone must see it."""
    path = first(opened, pattern)
    flip(path, path.stat().st_size // 2)

    problem = only(verify_payload(opened))

    assert problem.path == str(path.relative_to(opened.path))
    assert problem.code == ("ANX-MED-16" if path.name == "SHA256SUMS" else "ANX-MED-10")
    assert problem.severity is Severity.ERROR
    assert problem.expected.startswith("sha256:")
    assert problem.found != problem.expected


@pytest.mark.parametrize("pattern", FILE_CLASSES)
def test_a_truncated_file_is_named_without_reading_it(
    opened: VerifiedMedium, pattern: str
) -> None:
    path = first(opened, pattern)
    size_bytes = path.stat().st_size
    os.truncate(path, size_bytes - 1)

    problem = only(check_layout(opened))

    assert problem.path == str(path.relative_to(opened.path))
    assert problem.expected == f"{size_bytes} bytes"
    assert problem.found == f"{size_bytes - 1} bytes"


@pytest.mark.parametrize("pattern", FILE_CLASSES)
def test_a_missing_file_is_named(opened: VerifiedMedium, pattern: str) -> None:
    path = first(opened, pattern)
    path.unlink()

    problem = only(verify_payload(opened))

    assert (problem.code, problem.found) == ("ANX-MED-11", "nothing")
    assert problem.path == str(path.relative_to(opened.path))


@pytest.mark.parametrize("pattern", FILE_CLASSES)
def test_a_link_in_place_of_a_file_is_refused(
    opened: VerifiedMedium, tmp_path: Path, pattern: str
) -> None:
    path = first(opened, pattern)
    path.rename(tmp_path / "same content")
    path.symlink_to(tmp_path / "same content")

    problem = only(verify_payload(opened))

    assert (problem.code, problem.found) == ("ANX-MED-13", "a symbolic link")


def test_a_link_in_place_of_a_folder_is_refused(
    opened: VerifiedMedium, tmp_path: Path
) -> None:
    (opened.path / "models").rename(tmp_path / "models")
    (opened.path / "models").symlink_to(tmp_path / "models")

    codes = {problem.path: problem.code for problem in verify_payload(opened)}

    assert codes.pop("models") == "ANX-MED-13"
    assert set(codes.values()) == {"ANX-MED-11"}


def test_pipes_and_sockets_are_named_and_never_opened(opened: VerifiedMedium) -> None:
    os.mkfifo(opened.path / "models/pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(opened.path / "oci/socket"))

        found = {problem.path: problem.found for problem in verify_payload(opened)}

    assert found == {"models/pipe": "a pipe", "oci/socket": "a socket"}


def test_a_device_in_place_of_a_blob_is_named(opened: VerifiedMedium) -> None:
    path = first(opened, "oci/blobs/sha256/*")
    path.unlink()
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))

    problem = only(verify_payload(opened))

    assert (problem.code, problem.found) == ("ANX-MED-13", "a device")


@pytest.mark.parametrize("folder", ["tuf", "release", "oci/blobs/sha256", "models"])
def test_a_file_that_nobody_signed_is_refused_inside_our_folders(
    opened: VerifiedMedium, folder: str
) -> None:
    (opened.path / folder / "extra").write_bytes(b"x")

    problem = only(verify_payload(opened))

    assert (problem.code, problem.severity) == ("ANX-MED-14", Severity.ERROR)
    assert problem.path == f"{folder}/extra"


def test_what_a_drive_adds_beside_our_files_is_only_a_warning(
    opened: VerifiedMedium,
) -> None:
    (opened.path / "System Volume Information").mkdir()
    (opened.path / "System Volume Information/IndexerVolumeGuid").write_bytes(b"x")

    problem = only(verify_payload(opened))

    assert (problem.code, problem.severity) == ("ANX-MED-14", Severity.WARNING)


def test_a_blob_under_the_name_of_another_is_found(opened: VerifiedMedium) -> None:
    one, two = sorted(opened.path.glob("oci/blobs/sha256/*"))[:2]
    content = one.read_bytes(), two.read_bytes()
    one.write_bytes(content[1])
    two.write_bytes(content[0])

    paths = {problem.path for problem in verify_payload(opened)}

    assert paths == {str(path.relative_to(opened.path)) for path in (one, two)}


def test_all_problems_are_told_at_once(
    opened: VerifiedMedium, flip: Callable[[Path, int], None]
) -> None:
    flip(opened.path / "README.txt", 3)
    first(opened, "models/blobs/sha256/*").unlink()
    (opened.path / "oci/extra").write_bytes(b"x")

    codes = sorted(problem.code for problem in verify_payload(opened))

    assert codes == ["ANX-MED-10", "ANX-MED-11", "ANX-MED-14"]


def test_a_drive_that_cannot_read_is_told_apart_from_wrong_content(
    opened: VerifiedMedium, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(root: Path, path: str) -> IO[bytes]:
        if path.startswith("models/"):
            raise OSError(errno.EIO, "Input/output error")
        return open_beneath(root, path)

    monkeypatch.setattr("bundles.verify.open_beneath", failing)

    problems = verify_payload(opened)

    assert {problem.code for problem in problems} == {"ANX-MED-15"}
    assert {problem.found for problem in problems} == {"Input/output error"}


def test_a_file_that_turns_into_a_link_after_the_look_is_not_followed(
    opened: VerifiedMedium, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swapped(root: Path, path: str) -> IO[bytes]:
        if path == "README.txt":
            (root / path).unlink()
            (root / path).symlink_to("/etc/hostname")
        return open_beneath(root, path)

    monkeypatch.setattr("bundles.verify.open_beneath", swapped)

    problem = only(verify_payload(opened))

    assert (problem.code, problem.path) == ("ANX-MED-13", "README.txt")


def test_a_medium_that_is_gone_lacks_every_file(opened: VerifiedMedium) -> None:
    shutil.move(opened.path / "oci", opened.path.parent / "elsewhere")
    (opened.path / "oci").write_bytes(b"a file now")

    codes = {problem.path: problem.code for problem in verify_payload(opened)}

    assert codes["oci/index.json"] == "ANX-MED-11"


def test_a_drive_that_was_pulled_out_lacks_everything(opened: VerifiedMedium) -> None:
    opened.path.rename(opened.path.with_name("unplugged"))

    codes = {problem.code for problem in verify_payload(opened)}

    assert codes == {"ANX-MED-11"}


def test_a_file_that_goes_between_two_looks_is_missing(
    opened: VerifiedMedium, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = os.lstat

    def gone(path: Path) -> os.stat_result:
        if path.name == "README.txt":
            raise FileNotFoundError
        return look(path)

    monkeypatch.setattr("bundles.verify.os.lstat", gone)

    assert only(verify_payload(opened)).code == "ANX-MED-11"


def test_a_problem_explains_itself(opened: VerifiedMedium) -> None:
    (opened.path / "README.txt").unlink()

    problem = only(verify_payload(opened))

    assert problem.title == "A signed file is missing"
    assert "not complete" in problem.meaning
    assert "Copy the medium again" in problem.remedy
    assert problem.evidence == "README.txt: expected a file, found nothing"


def test_progress_grows_to_the_total(opened: VerifiedMedium) -> None:
    steps: list[tuple[int, int]] = []

    verify_payload(opened, lambda done, total: steps.append((done, total)))

    done = [step[0] for step in steps]
    files = [path for path in opened.path.rglob("*") if path.is_file()]
    assert done == sorted(done)
    assert steps[-1] == (sum(path.stat().st_size for path in files),) * 2
