import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bundles.errors import BuildError
from bundles.oci import (
    BuiltImage,
    ImageConfig,
    ImageSpec,
    MemoryLayer,
    write_image,
    write_index,
    write_layer,
)
from bundles.oci.layer import blob_path

CREATED = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
CONFIG = ImageConfig(
    user="10001:10001",
    env={"LANG": "C.UTF-8", "A": "1"},
    entrypoint=("/usr/bin/python3.11", "-m", "appliance.api"),
    exposed_ports=("8080/tcp",),
    labels={"dev.anechoic.component": "api"},
)


def build(layout: Path, created: datetime = CREATED) -> BuiltImage:
    layers = [
        write_layer(layout, MemoryLayer({"base": b"1"}, "base")),
        write_layer(layout, MemoryLayer({"app": b"2"}, "app")),
    ]
    spec = ImageSpec("api", "anechoic.invalid/anechoic/api:1.2.3", CONFIG)
    return write_image(layout, spec, layers, created=created)


def test_two_builds_give_one_image_id(tmp_path: Path) -> None:
    assert build(tmp_path / "one") == build(tmp_path / "two")


def test_the_time_zone_of_the_builder_does_not_matter(tmp_path: Path) -> None:
    elsewhere = CREATED.astimezone(timezone(timedelta(hours=9)))

    assert build(tmp_path / "one") == build(tmp_path / "two", created=elsewhere)


def test_the_config_says_how_a_container_starts(tmp_path: Path) -> None:
    image = build(tmp_path)

    config = json.loads(blob_path(tmp_path, image.config_digest).read_bytes())
    assert config["config"] == {
        "User": "10001:10001",
        "Env": ["A=1", "LANG=C.UTF-8"],
        "Entrypoint": ["/usr/bin/python3.11", "-m", "appliance.api"],
        "WorkingDir": "/",
        "ExposedPorts": {"8080/tcp": {}},
        "Labels": {"dev.anechoic.component": "api"},
    }
    assert config["created"] == "2026-01-02T03:04:05Z"
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in image.layers]


def test_every_layer_has_its_own_line_of_history(tmp_path: Path) -> None:
    image = build(tmp_path)

    config = json.loads(blob_path(tmp_path, image.config_digest).read_bytes())
    assert [line["created_by"] for line in config["history"]] == ["base", "app"]


def test_the_manifest_names_zstd_layers_and_their_sizes(tmp_path: Path) -> None:
    image = build(tmp_path)

    manifest = json.loads(blob_path(tmp_path, image.manifest_digest).read_bytes())
    for entry in [manifest["config"], *manifest["layers"]]:
        blob = blob_path(tmp_path, entry["digest"])
        assert blob.stat().st_size == entry["size"]
    kinds = {entry["mediaType"] for entry in manifest["layers"]}
    assert kinds == {"application/vnd.oci.image.layer.v1.tar+zstd"}


def test_the_index_gives_engines_the_full_name(tmp_path: Path) -> None:
    image = build(tmp_path)

    write_index(tmp_path, [image])

    index = json.loads((tmp_path / "index.json").read_bytes())
    assert index["manifests"][0]["annotations"] == {
        "io.containerd.image.name": "anechoic.invalid/anechoic/api:1.2.3",
        "org.opencontainers.image.ref.name": "anechoic.invalid/anechoic/api:1.2.3",
    }
    assert (tmp_path / "oci-layout").read_bytes() == b'{"imageLayoutVersion":"1.0.0"}'


@pytest.mark.parametrize(
    "name", ["api:1", "anechoic/api:1", "a.b/api", "a.b/api@sha:1"]
)
def test_a_name_that_an_engine_would_rewrite_is_refused(name: str) -> None:
    with pytest.raises(BuildError, match=r"host\.name/path:tag"):
        ImageSpec("api", name, CONFIG)


def test_an_image_without_layers_is_wrong_use(tmp_path: Path) -> None:
    spec = ImageSpec("api", "anechoic.invalid/api:1", CONFIG)

    with pytest.raises(ValueError, match="at least one layer"):
        write_image(tmp_path, spec, [], created=CREATED)


def test_a_time_without_a_zone_is_wrong_use(tmp_path: Path) -> None:
    naive = CREATED.replace(tzinfo=None)

    with pytest.raises(ValueError, match="time zone"):
        build(tmp_path, created=naive)
