"""What the bill of materials of an image lists."""

import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.images.packages import DebianPackage, surviving
from appliance.images.rootfs import RootfsTar
from appliance.images.sbom import Contents, image_sbom

CREATED = datetime(2026, 11, 1, tzinfo=UTC)
IMAGE_ID = "sha256:" + "ab" * 32
PACKAGES = [
    {
        "name": "redis-server",
        "version": "5:7.0",
        "architecture": "amd64",
        "files": ["usr/bin/redis-server", "usr/share/doc/redis-server/copyright"],
    },
    {
        "name": "bash",
        "version": "5.2",
        "architecture": "amd64",
        "files": ["bin/bash", "usr/share/doc/bash/copyright"],
    },
]
COPYRIGHT = "Format: dep5\n\nFiles: *\nLicense: BSD-3-clause\n words of it\n"


@pytest.fixture
def contents(tmp_path: Path) -> Contents:
    """One package that survived, one of which only a document did, and one wheel."""
    record = tmp_path / "packages.json"
    record.write_text(json.dumps(PACKAGES))
    files = {
        "./usr/bin/redis-server": "program",
        "./usr/share/doc/redis-server/copyright": COPYRIGHT,
        "./usr/share/doc/bash/copyright": COPYRIGHT,
    }
    with tarfile.open(tmp_path / "rootfs.tar", "w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    info = tmp_path / "site/redis-8.1.dist-info"
    info.mkdir(parents=True)
    lines = ["Metadata-Version: 2.4", "Name: redis", "Version: 8.1"]
    (info / "METADATA").write_text("\n".join([*lines, "License-Expression: MIT", ""]))
    rootfs = RootfsTar(tmp_path / "rootfs.tar", record)
    return Contents(rootfs, [tmp_path / "site"])


def _listed(contents: Contents) -> dict[str, Any]:
    data = image_sbom("redis", IMAGE_ID, contents, version="1.2.3", created=CREATED)
    return {one["name"]: one for one in json.loads(data)["components"]}


def test_only_what_is_inside_is_listed(contents: Contents) -> None:
    assert set(_listed(contents)) == {"anechoic", "redis", "redis-server"}


def test_each_part_has_version_address_and_license(contents: Contents) -> None:
    listed = _listed(contents)

    package, wheel = listed["redis-server"], listed["redis"]
    assert package["purl"].startswith("pkg:deb/debian/redis-server@5:7.0?arch=amd64")
    assert package["licenses"] == [{"license": {"id": "BSD-3-Clause"}}]
    assert (wheel["version"], wheel["purl"]) == ("8.1", "pkg:pypi/redis@8.1")
    assert wheel["licenses"] == [{"license": {"id": "MIT"}}]


def test_the_same_image_gives_the_same_bytes(contents: Contents) -> None:
    one, two = (
        image_sbom("redis", IMAGE_ID, contents, version="1.2.3", created=CREATED)
        for _ in range(2)
    )

    assert one == two
    assert json.loads(one)["specVersion"] == "1.6"


def test_lib_and_usr_lib_are_one_folder() -> None:
    package = DebianPackage("libc6", "2.36", "amd64", ("lib/x86_64-linux-gnu/libc.so",))

    assert surviving((package,), ["usr/lib/x86_64-linux-gnu/libc.so"]) == (package,)
