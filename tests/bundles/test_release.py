import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.errors import BundleError, ReleaseError, ReleaseTooNewError
from bundles.medium import VerifiedMedium
from bundles.release import Release, ReleaseFile, parse_release

DIGEST = "sha256:" + "a" * 64
LAYER = {
    "digest": DIGEST,
    "size_bytes": 10,
    "diff_id": DIGEST,
    "uncompressed_bytes": 20,
}
IMAGE = {
    "name": "api",
    "reference": "anechoic.invalid/anechoic/api:1.0.0",
    "architecture": "amd64",
    "os": "linux",
    "config_digest": DIGEST,
    "config_size_bytes": 1,
    "manifest_digest": DIGEST,
    "manifest_size_bytes": 1,
    "layers": [LAYER],
}
FILE = {"path": "model.bin", "digest": DIGEST, "size_bytes": 3}
MODEL = {"name": "demo", "manifest": {"languages": ["en"]}, "files": [FILE]}
RELEASE = {
    "product": "anechoic",
    "format": 1,
    "product_version": "1.0.0",
    "release_seq": 1,
    "created": "2026-01-02T03:04:05Z",
    "images": [IMAGE],
    "models": [MODEL],
    "documents": [],
}


def changed(path: str, value: object) -> bytes:
    """Return the good release with one value replaced; ``path`` is dotted."""
    document = json.loads(json.dumps(RELEASE))
    *parents, last = path.split(".")
    place: Any = document
    for part in parents:
        place = place[int(part) if part.isdigit() else part]
    place[int(last) if last.isdigit() else last] = value
    return json.dumps(document).encode()


def test_a_release_is_read_and_written_unchanged() -> None:
    release = parse_release(json.dumps(RELEASE).encode())

    assert json.loads(release.to_json()) == RELEASE
    assert release.created == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert parse_release(release.to_json()) == release


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("product", "other"),
        ("format", 0),
        ("format", "1"),
        ("surprise", 1),
        ("product_version", ""),
        ("product_version", "1.0\n"),
        ("release_seq", 0),
        ("release_seq", 1.5),
        ("release_seq", True),
        ("release_seq", 10**30),
        ("models.0.manifest", {"x": float("1e999")}),
        ("created", "2026-1-02T03:04:05Z"),
        ("created", "2026-01-02 03:04:05"),
        ("created", "2026-01-02T03:04:05+01:00"),
        ("created", 1767323045),
        ("images.0.name", "../x"),
        ("images.0.name", "a" * 65),
        ("images.0.reference", "api:1"),
        ("images.0.reference", "a.b/api:1\n"),
        ("images.0.architecture", "riscv"),
        ("images.0.config_digest", "sha256:" + "A" * 64),
        ("images.0.config_digest", "sha512:" + "a" * 64),
        ("images.0.config_digest", "sha256:" + "a" * 64 + "\n"),
        ("images.0.config_size_bytes", 1 << 40),
        ("images.0.layers", []),
        ("images.0.layers", [LAYER] * 128),
        ("images.0.layers.0.size_bytes", -1),
        ("images.0.layers.0.size_bytes", (1 << 40) + 1),
        ("images", [IMAGE, IMAGE]),
        ("models.0.files", []),
        ("models.0.files.0.path", "../etc/passwd"),
        ("models.0.files.0.path", "/etc/passwd"),
        ("models.0.files.0.path", "a/./b"),
        ("models.0.files.0.path", ""),
        ("models.0.files", [FILE, {**FILE, "path": "MODEL.bin"}]),
        ("models", [MODEL, MODEL]),
        ("documents", [{**FILE, "path": "a/../b"}]),
    ],
)
def test_a_release_that_contradicts_itself_is_refused(path: str, value: object) -> None:
    with pytest.raises(ReleaseError) as caught:
        parse_release(changed(path, value))

    assert caught.value.code == "ANX-MED-08"


def test_a_refusal_names_the_place() -> None:
    with pytest.raises(ReleaseError, match=r"images\.0\.layers\.0\.size_bytes"):
        parse_release(changed("images.0.layers.0.size_bytes", -1))


def test_a_later_format_asks_for_a_newer_program() -> None:
    with pytest.raises(ReleaseTooNewError, match="at most format 1, found 2"):
        parse_release(changed("format", 2))


def test_a_number_beyond_json_is_refused() -> None:
    data = json.dumps(RELEASE).replace('"release_seq": 1', '"release_seq": 1e999')

    with pytest.raises(ReleaseError):
        parse_release(data.encode())


def test_a_duplicate_key_is_refused() -> None:
    data = json.dumps(RELEASE).replace('"format": 1', '"format": 1, "format": 1')

    with pytest.raises(ReleaseError, match="twice"):
        parse_release(data.encode())


@given(st.binary(max_size=400))
def test_any_bytes_are_a_release_or_refused(data: bytes) -> None:
    with pytest.raises(BundleError):
        parse_release(data)


@given(
    st.sampled_from(["images.0.layers.0.digest", "models.0.files.0.path", "created"]),
    st.none() | st.integers() | st.text() | st.lists(st.integers()) | st.floats(),
)
def test_any_value_in_any_field_is_accepted_or_refused(
    path: str, value: object
) -> None:
    try:
        release = parse_release(changed(path, value))
    except BundleError:
        return
    assert parse_release(release.to_json()) == release


def test_equal_content_is_an_equal_model_whatever_it_is_called() -> None:
    one = parse_release(json.dumps(RELEASE).encode()).models[0]
    other = one.model_copy(update={"name": "other"})
    changed_file = ReleaseFile(path="model.bin", digest=DIGEST, size_bytes=4)

    assert one.digest == other.digest
    assert one.digest != one.model_copy(update={"files": (changed_file,)}).digest


def test_a_name_that_is_not_in_the_release_is_a_key_error(
    opened: VerifiedMedium,
) -> None:
    assert opened.release.image("api").name == "api"
    assert opened.release.model("demo").name == "demo"
    with pytest.raises(KeyError):
        opened.release.image("none")
    with pytest.raises(KeyError):
        opened.release.model("none")


def test_an_image_knows_its_size_in_the_engine(opened: VerifiedMedium) -> None:
    image = opened.release.images[0]

    assert image.uncompressed_bytes == 2 * 2560
    assert image.size_bytes < image.uncompressed_bytes


def test_the_size_of_a_release_is_the_size_of_its_blobs(opened: VerifiedMedium) -> None:
    blobs = [
        p for f in ("oci", "models") for p in Path(opened.path, f).rglob("*/sha256/*")
    ]

    assert opened.release.payload_bytes == sum(p.stat().st_size for p in blobs)


def test_the_schema_of_a_release_can_be_published() -> None:
    schema = Release.model_json_schema()

    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(RELEASE)
