import collections
import errno
import io
import json
import random
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from typing_extensions import override

from bundles.digests import sha256_digest
from bundles.errors import BlobError, MediumError, ReleaseError, UnreadableError
from bundles.layers import checked_layer
from bundles.load import LayerArchive, layer_archives, present_layers
from bundles.medium import VerifiedMedium, open_medium
from bundles.oci import MemoryLayer
from bundles.oci.layer import blob_path
from bundles.release import ReleaseImage
from tests.support.media import MediumFactory


@pytest.fixture
def image(opened: VerifiedMedium) -> ReleaseImage:
    return opened.release.images[0]


def fed(archive: LayerArchive) -> tuple[tarfile.TarFile, bytes]:
    data = b"".join(archive.chunks)
    return tarfile.open(fileobj=io.BytesIO(data)), data


def member(archive: tarfile.TarFile, name: str) -> bytes:
    content = archive.extractfile(name)
    assert content is not None
    return content.read()


def layer_file(medium: VerifiedMedium, position: int) -> Path:
    layer = medium.release.images[0].layers[position]
    return blob_path(medium.path / "oci", layer.digest)


def forged_blob(medium: VerifiedMedium, blob: bytes) -> ReleaseImage:
    """Replace the first blob; return the image with its size, not its digest."""
    image = medium.release.images[0]
    layer_file(medium, 0).write_bytes(blob)
    layer = image.layers[0].model_copy(update={"size_bytes": len(blob)})
    return image.model_copy(update={"layers": (layer, *image.layers[1:])})


def test_each_layer_comes_in_an_archive_of_its_own(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    archives = list(layer_archives(opened, image))

    assert [archive.diff_id for archive in archives] == list(image.diff_ids)
    assert [archive.final for archive in archives] == [False, True]
    assert archives[-1].reference == image.reference
    assert archives[-1].image_id == image.config_digest


def test_an_archive_has_exactly_the_size_it_claims(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    for archive in layer_archives(opened, image):
        assert len(fed(archive)[1]) == archive.size_bytes


def test_an_archive_lists_all_layers_and_holds_one(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    tar, _ = fed(list(layer_archives(opened, image))[1])

    manifest = json.loads(member(tar, "manifest.json"))[0]
    paths = [f"blobs/sha256/{diff_id[7:]}" for diff_id in image.diff_ids]
    assert manifest["Layers"] == paths
    assert [path for path in paths if path in tar.getnames()] == paths[1:]
    assert sha256_digest(member(tar, paths[1])) == image.diff_ids[1]


def test_a_streaming_reader_meets_the_layer_last(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    for archive in layer_archives(opened, image):
        names = fed(archive)[0].getnames()
        assert names[:5] == [
            "blobs",
            "blobs/sha256",
            "index.json",
            "manifest.json",
            "oci-layout",
        ]
        assert names[-1] == f"blobs/sha256/{archive.diff_id[7:]}"


def test_both_manifests_of_an_archive_agree(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    for archive in layer_archives(opened, image):
        tar, _ = fed(archive)
        docker = json.loads(member(tar, "manifest.json"))[0]
        index = json.loads(member(tar, "index.json"))["manifests"][0]
        oci = json.loads(member(tar, f"blobs/sha256/{index['digest'][7:]}"))
        config = member(tar, docker["Config"])

        assert oci["config"]["digest"] == sha256_digest(config) == archive.image_id
        digests = [entry["digest"][7:] for entry in oci["layers"]]
        assert [path.split("/")[-1] for path in docker["Layers"]] == digests
        assert docker["RepoTags"] == [archive.reference]
        assert index["annotations"] == {
            "io.containerd.image.name": archive.reference,
            "org.opencontainers.image.ref.name": archive.reference.split(":")[-1],
        }


def test_a_checkpoint_is_the_image_cut_to_its_first_layers(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    tar, _ = fed(next(layer_archives(opened, image)))

    docker = json.loads(member(tar, "manifest.json"))[0]
    config = json.loads(member(tar, docker["Config"]))
    assert config["rootfs"]["diff_ids"] == list(image.diff_ids[:1])
    assert len(config["history"]) == 1
    assert config["config"]["User"] == "10001:10001"


def test_layers_that_are_there_are_not_read_again(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    layer_file(opened, 0).unlink()

    archives = list(layer_archives(opened, image, [image.diff_ids[:1]]))

    assert [archive.position for archive in archives] == [2]
    assert fed(archives[0])[1]


def test_an_image_whose_layers_are_all_there_costs_no_layer(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    archives = list(layer_archives(opened, image, [(*image.diff_ids, "sha256:more")]))

    assert [archive.final for archive in archives] == [True]
    assert len(fed(archives[0])[1]) == archives[0].size_bytes < 10_000


def test_no_piece_is_empty(opened: VerifiedMedium, image: ReleaseImage) -> None:
    """An empty piece would end a chunked request before its time."""
    for archive in layer_archives(opened, image):
        assert all(archive.chunks)


@pytest.mark.parametrize(
    ("chains", "present"),
    [
        ([], 0),
        ([["b"]], 0),
        ([["b", "a"]], 0),
        ([["a", "x", "b"]], 1),
        ([["a"], ["a", "b"], []], 2),
        ([["a", "b", "c", "d"]], 3),
    ],
)
def test_a_layer_is_present_only_on_top_of_the_same_layers(
    image: ReleaseImage, chains: list[list[str]], present: int
) -> None:
    layers = [image.layers[0].model_copy(update={"diff_id": d}) for d in "abc"]
    wanted = image.model_copy(update={"layers": tuple(layers)})

    assert present_layers(wanted, chains) == present


def test_a_flipped_bit_in_a_layer_stops_the_feed_before_its_end(
    opened: VerifiedMedium, image: ReleaseImage, flip: Callable[[Path, int], None]
) -> None:
    flip(layer_file(opened, 1), -1)
    archive = list(layer_archives(opened, image))[1]
    sent: list[bytes] = []

    with pytest.raises(BlobError) as caught:
        collections.deque(map(sent.append, archive.chunks))

    assert len(b"".join(sent)) < archive.size_bytes - image.layers[1].uncompressed_bytes
    assert caught.value.code == "ANX-MED-17"
    assert layer_file(opened, 1).name in caught.value.evidence


def test_equal_content_in_another_compression_is_refused(
    opened: VerifiedMedium,
) -> None:
    raw = zstandard.ZstdDecompressor().decompressobj()
    content = raw.decompress(layer_file(opened, 0).read_bytes())
    other = zstandard.ZstdCompressor(level=1).compress(content)

    with pytest.raises(BlobError, match="expected sha256:"):
        fed(next(layer_archives(opened, forged_blob(opened, other))))


def test_a_blob_with_megabytes_behind_its_frame_is_refused(
    opened: VerifiedMedium,
) -> None:
    blob = layer_file(opened, 0).read_bytes() + bytes(3_000_000)

    with pytest.raises(BlobError, match="expected"):
        fed(next(layer_archives(opened, forged_blob(opened, blob))))


def test_a_large_layer_arrives_in_pieces_and_whole(factory: MediumFactory) -> None:
    noise = random.Random(1).randbytes(5_000_000)
    big = factory.image("big", MemoryLayer({"noise": noise}, "noise"))
    built = factory.build(images=(big,))
    medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)

    pieces = list(checked_layer(medium, medium.release.images[0].layers[0]))

    assert max(len(piece) for piece in pieces) <= 1 << 20
    assert sha256_digest(b"".join(pieces)) == big.layers[0].diff_id


def test_a_drive_that_fails_while_it_is_fed_is_named_unreadable(
    opened: VerifiedMedium, image: ReleaseImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FailingDrive(io.FileIO):
        @override
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    archive = next(layer_archives(opened, image))
    monkeypatch.setattr(
        "bundles.layers.open_beneath", lambda root, path: FailingDrive(root / path)
    )

    with pytest.raises(UnreadableError, match="Input/output error") as caught:
        fed(archive)

    assert layer_file(opened, 0).name in caught.value.evidence


@pytest.mark.parametrize("cut", [1, 20])
def test_a_truncated_layer_stops_the_feed(
    opened: VerifiedMedium, image: ReleaseImage, cut: int
) -> None:
    path = layer_file(opened, 0)
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(BlobError):
        fed(next(layer_archives(opened, image)))


def test_bytes_behind_a_layer_stop_the_feed(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    path = layer_file(opened, 0)
    path.write_bytes(path.read_bytes() + b"x")

    with pytest.raises(BlobError, match="bytes, found"):
        fed(next(layer_archives(opened, image)))


def test_a_layer_that_unpacks_to_more_than_signed_is_cut_off(
    opened: VerifiedMedium,
) -> None:
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(200_000_000))

    with pytest.raises(BlobError, match=r"expected 2560 bytes unpacked"):
        fed(next(layer_archives(opened, forged_blob(opened, bomb))))


def test_a_layer_that_wants_a_huge_window_is_refused(opened: VerifiedMedium) -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    blob = compressor.compress(b"x") + compressor.flush()

    with pytest.raises(BlobError, match="zstd"):
        fed(next(layer_archives(opened, forged_blob(opened, blob))))


@pytest.mark.parametrize("which", ["config_digest", "manifest_digest"])
def test_a_changed_config_or_manifest_is_refused_before_anything_is_fed(
    opened: VerifiedMedium,
    image: ReleaseImage,
    flip: Callable[[Path, int], None],
    which: str,
) -> None:
    """No engine checks the config: a changed user would load under our name."""
    flip(blob_path(opened.path / "oci", getattr(image, which)), 10)

    with pytest.raises(BlobError):
        next(layer_archives(opened, image))


def test_a_config_that_names_other_layers_is_refused(
    opened: VerifiedMedium, image: ReleaseImage
) -> None:
    forged = image.model_copy(update={"layers": image.layers[:1]})

    with pytest.raises(ReleaseError, match="contradicts"):
        next(layer_archives(opened, forged))


def test_a_link_in_place_of_a_layer_is_refused_while_feeding(
    opened: VerifiedMedium, image: ReleaseImage, tmp_path: Path
) -> None:
    path = layer_file(opened, 0)
    path.rename(tmp_path / "same")
    path.symlink_to(tmp_path / "same")

    with pytest.raises(MediumError) as caught:
        fed(next(layer_archives(opened, image)))

    assert caught.value.code == "ANX-MED-13"


def test_a_medium_that_is_gone_is_named_unreadable(
    opened: VerifiedMedium, image: ReleaseImage, tmp_path: Path
) -> None:
    gone = replace(opened, path=tmp_path / "unmounted")

    with pytest.raises(MediumError) as caught:
        next(layer_archives(gone, image))

    assert caught.value.code == "ANX-MED-15"
