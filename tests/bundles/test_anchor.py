import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.errors import AnchorError
from bundles.trust.anchor import TrustAnchor
from tests.support.media import MediumFactory


def test_an_anchor_is_read_back_from_its_file(
    vendor: MediumFactory, tmp_path: Path
) -> None:
    (tmp_path / "anchor.json").write_bytes(vendor.anchor.to_json())

    assert TrustAnchor.read(tmp_path / "anchor.json") == vendor.anchor


def test_the_fingerprint_is_six_groups_that_can_be_read_aloud(
    vendor: MediumFactory,
) -> None:
    groups = vendor.anchor.fingerprint.split(" ")

    assert [len(group) for group in groups] == [4] * 6
    assert not set("".join(groups)) & set("ILOU")


def test_the_fingerprint_changes_with_each_part(vendor: MediumFactory) -> None:
    anchor = vendor.anchor
    others = [
        replace(anchor, license_anchor=b"other"),
        replace(anchor, created=anchor.created + timedelta(seconds=1)),
    ]

    prints = {anchor.fingerprint, *(other.fingerprint for other in others)}

    assert len(prints) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "something else"),
        ("version", 2),
        ("created", "yesterday"),
        ("fingerprint", "0000 0000 0000 0000 0000 0000"),
        ("license_anchor", "zz"),
        ("license_anchor", ""),
        ("license_anchor", "00" * 20_000),
        ("root", {}),
        ("root", {"signed": {"_type": "targets"}, "signatures": []}),
        ("extra", 1),
    ],
)
def test_an_anchor_with_a_wrong_field_is_refused(
    vendor: MediumFactory, field: str, value: object
) -> None:
    document = json.loads(vendor.anchor.to_json())
    document[field] = value

    with pytest.raises(AnchorError) as caught:
        TrustAnchor.from_json(json.dumps(document).encode())

    assert caught.value.code == "ANX-MED-18"


def test_metadata_of_another_role_is_no_root(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    targets = (medium_dir / "tuf/1.targets.json").read_bytes()

    with pytest.raises(AnchorError):
        TrustAnchor(targets, b"x", vendor.created)


def test_a_root_with_too_few_signatures_is_no_anchor(vendor: MediumFactory) -> None:
    root = json.loads(vendor.keys.newest_root)
    root["signatures"] = root["signatures"][:1]

    with pytest.raises(AnchorError, match="1/2"):
        TrustAnchor(json.dumps(root).encode(), b"x", vendor.created)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_anchor_or_refused(data: bytes) -> None:
    with pytest.raises(AnchorError):
        TrustAnchor.from_json(data)


def test_an_anchor_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AnchorError, match=r"none\.json: No such file"):
        TrustAnchor.read(tmp_path / "none.json")


def test_a_flipped_bit_in_the_file_is_noticed(vendor: MediumFactory) -> None:
    data = vendor.anchor.to_json()

    for position in range(0, len(data) - 1, 37):
        damaged = bytearray(data)
        damaged[position] ^= 1
        with pytest.raises(AnchorError):
            TrustAnchor.from_json(bytes(damaged))
