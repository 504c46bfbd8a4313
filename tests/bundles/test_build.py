import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bundles.build import ModelSource, build_medium
from bundles.documents import ProgramSource
from bundles.errors import BuildError
from bundles.oci.layer import blob_path
from tests.support.media import MediumFactory


def tree(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_two_builds_give_the_same_bytes(factory: MediumFactory) -> None:
    one, two = factory.build("one"), factory.build("two")

    assert tree(one.path) == tree(two.path)
    assert one.digest == two.digest


def test_sha256sum_accepts_the_list_and_it_names_every_file(
    factory: MediumFactory,
) -> None:
    built = factory.build()

    result = subprocess.run(
        ["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"],
        cwd=built.path,
        check=False,
        capture_output=True,
    )

    lines = (built.path / "SHA256SUMS").read_text().splitlines()
    named = {line.split("  ", 1)[1] for line in lines}
    assert (result.returncode, result.stdout, result.stderr) == (0, b"", b"")
    assert named == set(tree(built.path)) - {"SHA256SUMS"}


def test_the_readme_tells_people_what_they_hold(factory: MediumFactory) -> None:
    text = (factory.build(version="2.3.4").path / "README.txt").read_text()

    assert "Anechoic 2.3.4: release medium" in text
    assert "Install by       2035-12-31T03:04:05Z" in text
    assert max(len(line) for line in text.splitlines()) < 80
    assert text.isascii()


def test_the_program_travels_signed_and_can_be_run(
    factory: MediumFactory, tmp_path: Path
) -> None:
    program = tmp_path / "program"
    (program / "_internal").mkdir(parents=True)
    (program / "anechoic").write_text("#!/bin/sh\n")
    (program / "anechoic").chmod(0o755)
    (program / "_internal/lib.so").write_text("library")

    built = factory.build(program=ProgramSource(program, "2.34"))

    signed = {document.path for document in built.release.documents}
    assert {"program/anechoic", "program/_internal/lib.so"} <= signed
    assert (built.path / "program/anechoic").stat().st_mode & 0o777 == 0o755
    readme = (built.path / "README.txt").read_text()
    assert "glibc 2.34 or newer" in readme
    assert "FOLDER/program/anechoic setup" in readme


def test_equal_layers_and_files_are_stored_once(factory: MediumFactory) -> None:
    images = (factory.image("api"), factory.image("asr"))
    model = factory.model({"a.bin": b"same", "b.bin": b"same"})

    built = factory.build(images=images, models=(model,))

    assert len(list(built.path.glob("oci/blobs/sha256/*"))) == 3 + 2 * 2
    assert len(list(built.path.glob("models/blobs/sha256/*"))) == 1
    assert len(built.release.models[0].files) == 2


def test_a_model_of_links_and_folders_ships_the_files_behind(
    factory: MediumFactory, tmp_path: Path
) -> None:
    source = factory.model({"sub/vocabulary.json": b"[]", ".cache/x": b"no"})
    (tmp_path / "weights").write_bytes(b"weights")
    (source.directory / "model.bin").symlink_to(tmp_path / "weights")

    built = factory.build(models=(source,))

    paths = [file.path for file in built.release.models[0].files]
    assert paths == ["model.bin", "sub/vocabulary.json"]


def test_the_manifest_of_a_model_is_part_of_the_release(factory: MediumFactory) -> None:
    assert factory.build().release.models[0].manifest == {
        "name": "demo",
        "version": "1",
    }


def test_a_damaged_layer_is_not_signed(
    factory: MediumFactory, flip: Callable[[Path, int], None]
) -> None:
    image = factory.image("api")
    flip(blob_path(factory.layout, image.layers[0].digest), 3)

    with pytest.raises(BuildError, match=r"expected sha256:"):
        factory.build(images=(image,))

    assert not (factory.root / "medium").exists()
    assert not (factory.root / ".medium.partial").exists()


def test_a_medium_is_never_overwritten(factory: MediumFactory) -> None:
    factory.build()

    with pytest.raises(BuildError, match="exists"):
        factory.build()


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({".hidden": b""}, "found none"),
        ({"manifest.json": b"{"}, "expected JSON"),
        ({"manifest.json": b"[]"}, "expected a JSON object"),
        ({"A.bin": b"", "a.bin": b""}, "each path once"),
    ],
)
def test_a_model_that_cannot_ship_is_named(
    factory: MediumFactory, files: dict[str, bytes], reason: str
) -> None:
    with pytest.raises(BuildError, match=reason):
        factory.build(models=(factory.model(files),))


def test_a_model_folder_that_is_not_there_is_named(factory: MediumFactory) -> None:
    source = ModelSource("none", factory.root / "none")

    with pytest.raises(BuildError, match="expected a folder with a model"):
        factory.build(models=(source,))


def test_two_images_of_one_name_are_refused(factory: MediumFactory) -> None:
    image = factory.image("api")

    with pytest.raises(BuildError, match="image name once"):
        factory.build(images=(image, image))


def test_an_install_by_date_before_the_release_is_refused(
    factory: MediumFactory,
) -> None:
    with pytest.raises(BuildError, match="install-by"):
        factory.build(expires=factory.created - timedelta(days=1))


def test_progress_ends_at_the_total(factory: MediumFactory) -> None:
    steps: list[tuple[int, int]] = []

    build_medium(
        factory.root / "medium",
        version="1",
        release_seq=1,
        images_layout=factory.layout,
        built_images=[factory.image("api")],
        models=[factory.model()],
        release_keys=factory.keys,
        license_keyset=b"keyset",
        created=factory.created,
        expires=factory.created + timedelta(days=1),
        on_progress=lambda *step: steps.append(step),
    )

    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1]
