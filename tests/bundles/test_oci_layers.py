import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from bundles.errors import BuildError
from bundles.oci import (
    Entry,
    Layer,
    MemoryFile,
    MemoryLayer,
    RootfsLayer,
    TreeLayer,
    write_layer,
)
from bundles.oci.entries import EntryKind
from bundles.oci.layer import blob_path


@dataclass(frozen=True)
class FixedLayer:
    """Entries as they are given."""

    given: tuple[Entry, ...]
    created_by: str = "fixed"

    @contextmanager
    def entries(self) -> Iterator[Iterator[Entry]]:
        yield iter(self.given)


def make_tree(root: Path, *, umask: int, reverse: bool) -> Path:
    """Make one content in another order, with other times, modes and owners' bits."""
    old = os.umask(umask)
    files = {"b/tool": b"#!", "b/data": b"x" * 5000, "a.txt": b"a", "ü/ö": b"u"}
    for name in sorted(files, reverse=reverse):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
        os.utime(path, (reverse * 1000, reverse * 1000))
    (root / "b/tool").chmod(0o700 if reverse else 0o4775)
    (root / "b/link").symlink_to("tool")
    os.umask(old)
    return root


def unpacked(layout: Path, layer: Layer) -> tarfile.TarFile:
    blob = blob_path(layout, layer.digest).read_bytes()
    raw = zstandard.ZstdDecompressor().decompressobj().decompress(blob)
    assert hashlib.sha256(raw).hexdigest() == layer.diff_id.removeprefix("sha256:")
    assert len(raw) == layer.uncompressed_bytes
    return tarfile.open(fileobj=io.BytesIO(raw))


def rootfs_tar(path: Path) -> Path:
    """Write what a bootstrap program writes: owners, devices, hard links, times."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, mode in (
            ("./", tarfile.DIRTYPE, 0o755),
            ("./dev", tarfile.DIRTYPE, 0o700),
            ("./dev/null", tarfile.CHRTYPE, 0o666),
            ("./run/pipe", tarfile.FIFOTYPE, 0o666),
            ("./usr/bin/su", tarfile.REGTYPE, 0o4755),
            ("./usr/bin/su2", tarfile.LNKTYPE, 0),
            ("./bin", tarfile.SYMTYPE, 0o777),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.uid, info.uname = kind, mode, 42, "someone"
            info.mtime = 1234.5  # PAX knows fractions
            if kind == tarfile.LNKTYPE:
                info.linkname = "./usr/bin/su"
            if kind == tarfile.SYMTYPE:
                info.linkname = "usr/bin"
            content = b"ELF" if kind == tarfile.REGTYPE else b""
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_two_independent_trees_give_one_layer(tmp_path: Path) -> None:
    one = make_tree(tmp_path / "one", umask=0o022, reverse=False)
    two = make_tree(tmp_path / "two", umask=0o077, reverse=True)

    layers = [write_layer(tmp_path / "l", TreeLayer(t, "app")) for t in (one, two)]

    assert layers[0] == layers[1]


def test_members_are_sorted_owned_by_root_and_carry_the_fixed_time(
    tmp_path: Path,
) -> None:
    tree = make_tree(tmp_path / "tree", umask=0o022, reverse=True)

    layer = write_layer(tmp_path / "l", TreeLayer(tree, "app", prefix="opt/app"))

    members = unpacked(tmp_path / "l", layer).getmembers()
    names = [member.name for member in members]
    assert names == sorted(names, key=str.encode)
    assert names[:3] == ["opt", "opt/app", "opt/app/a.txt"]
    facts = {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members}
    assert facts == {(0, 0, "", "", 1_577_836_800)}
    assert {m.mode for m in members} == {0o755, 0o644, 0o777}


def test_a_rootfs_loses_devices_owners_and_special_bits(tmp_path: Path) -> None:
    tar = rootfs_tar(tmp_path / "rootfs.tar")

    layer = write_layer(tmp_path / "l", RootfsLayer(tar, "rootfs"))

    found = {m.name: m for m in unpacked(tmp_path / "l", layer).getmembers()}
    assert sorted(found) == ["bin", "dev", "usr/bin/su", "usr/bin/su2"]
    assert found["usr/bin/su"].mode == 0o755
    assert found["dev"].mode == 0o755
    assert found["bin"].linkname == "usr/bin"
    assert {member.uid for member in found.values()} == {0}


def test_a_hard_link_becomes_a_plain_file_with_the_same_content(tmp_path: Path) -> None:
    tar = rootfs_tar(tmp_path / "rootfs.tar")

    layer = write_layer(tmp_path / "l", RootfsLayer(tar, "rootfs"))

    archive = unpacked(tmp_path / "l", layer)
    link = archive.getmember("usr/bin/su2")
    content = archive.extractfile(link)
    assert link.isreg()
    assert content is not None
    assert content.read() == b"ELF"


def test_what_the_caller_does_not_keep_is_left_out(tmp_path: Path) -> None:
    tar = rootfs_tar(tmp_path / "rootfs.tar")
    source = RootfsLayer(tar, "rootfs", keep=lambda path: not path.startswith("usr"))

    layer = write_layer(tmp_path / "l", source)

    assert unpacked(tmp_path / "l", layer).getnames() == ["bin", "dev"]


def test_a_compressed_or_broken_rootfs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rootfs.tar").write_bytes(b"\x28\xb5\x2f\xfd" + bytes(600))

    with pytest.raises(BuildError, match="cannot read"):
        write_layer(tmp_path / "l", RootfsLayer(tmp_path / "rootfs.tar", "rootfs"))


def test_a_rootfs_that_ends_early_is_refused(tmp_path: Path) -> None:
    tar = rootfs_tar(tmp_path / "rootfs.tar")
    with tarfile.open(tar, "a") as archive:
        info = tarfile.TarInfo("./zzz")
        info.size = 50_000
        archive.addfile(info, io.BytesIO(bytes(50_000)))
    os.truncate(tar, 30_000)

    with pytest.raises(BuildError):
        write_layer(tmp_path / "l", RootfsLayer(tar, "rootfs"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="expected a folder"):
        write_layer(tmp_path / "l", TreeLayer(tmp_path / "none", "app"))


def test_a_folder_that_is_not_kept_is_not_entered(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree", umask=0o022, reverse=False)
    source = TreeLayer(tree, "app", keep=lambda path: path != "b")

    layer = write_layer(tmp_path / "l", source)

    assert unpacked(tmp_path / "l", layer).getnames() == ["a.txt", "ü", "ü/ö"]


def test_a_pipe_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    os.mkfifo(tmp_path / "tree/pipe")

    with pytest.raises(BuildError, match="files, folders and links"):
        write_layer(tmp_path / "l", TreeLayer(tmp_path / "tree", "app"))


def test_a_hard_link_to_nothing_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "rootfs.tar", "w") as archive:
        info = tarfile.TarInfo("./a")
        info.type, info.linkname = tarfile.LNKTYPE, "./none"
        archive.addfile(info)

    with pytest.raises(BuildError, match="none"):
        write_layer(tmp_path / "l", RootfsLayer(tmp_path / "rootfs.tar", "rootfs"))


def test_progress_of_a_layer_ends_at_its_content(tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    source = MemoryLayer({"a": bytes(3_000_000), "b": b"1"}, "files")

    write_layer(tmp_path, source, on_progress=lambda *step: steps.append(step))

    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1] == (3_000_001, 3_000_001)


def test_files_in_memory_get_their_folders(tmp_path: Path) -> None:
    source = MemoryLayer(
        {"etc/x/conf": b"1", "bin/run": MemoryFile(b"2", executable=True)},
        "config",
        links={"bin/alias": "run"},
    )

    layer = write_layer(tmp_path / "l", source)

    archive = unpacked(tmp_path / "l", layer)
    modes = {member.name: member.mode for member in archive.getmembers()}
    assert modes == {
        "bin": 0o755,
        "bin/alias": 0o777,
        "bin/run": 0o755,
        "etc": 0o755,
        "etc/x": 0o755,
        "etc/x/conf": 0o644,
    }


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/.wh.b", ".wh..wh..opq", ""])
def test_paths_that_could_harm_a_host_never_enter_a_layer(path: str) -> None:
    with pytest.raises(BuildError, match="plain path"):
        Entry(path, EntryKind.FILE)


def test_one_path_with_two_contents_is_refused(tmp_path: Path) -> None:
    source = MemoryLayer({"a": b"1"}, "twice", links={"a": "b"})

    with pytest.raises(BuildError, match="found two"):
        write_layer(tmp_path, source)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    entry = Entry("a", EntryKind.FILE, size_bytes=1, open=lambda: io.BytesIO(b"22"))
    source = FixedLayer((entry,))

    with pytest.raises(BuildError, match="expected 1 bytes, found 2"):
        write_layer(tmp_path, source)
    assert list((tmp_path / "blobs/sha256").iterdir()) == []


def test_the_record_of_a_layer_is_read_back(tmp_path: Path) -> None:
    layer = write_layer(tmp_path, MemoryLayer({"a": b"1"}, "one"))

    assert Layer.from_json(layer.to_json()) == layer


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"digest":"x"}', b"null"])
def test_another_json_is_no_layer_record(data: bytes) -> None:
    with pytest.raises(ValueError, match="the record of a layer"):
        Layer.from_json(data)


@given(st.binary(max_size=300))
def test_a_foreign_layer_record_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"expected|found"):
        Layer.from_json(data)


names = st.text(st.characters(codec="utf-8", exclude_characters="/\\"), min_size=1)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(names, st.binary(max_size=2000), max_size=6))
def test_any_content_survives_the_way_into_a_layer(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    layout = tmp_path_factory.mktemp("layout")
    wanted = {f"d/{k}": v for k, v in files.items() if _is_fine(f"d/{k}")}

    layer = write_layer(layout, MemoryLayer(wanted, "any"), level=1)

    archive = unpacked(layout, layer)
    found = {m.name: archive.extractfile(m) for m in archive.getmembers() if m.isreg()}
    assert {name: file.read() for name, file in found.items() if file} == wanted


def _is_fine(path: str) -> bool:
    try:
        Entry(path, EntryKind.FILE)
    except BuildError:
        return False
    return True
