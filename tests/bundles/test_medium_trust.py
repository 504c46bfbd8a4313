"""Who is believed: every refusal below happens before release.json is parsed."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner

from bundles.errors import (
    ClockBehindError,
    ExpiredError,
    ForbiddenTypeError,
    ForeignVendorError,
    MediumError,
    MetadataError,
    NotAMediumError,
    ReleaseTooNewError,
    RollbackError,
    SignatureError,
    UnreadableError,
)
from bundles.keys import ROOT_KEYS, ReleaseKeys, load_signers
from bundles.medium import open_medium, pin_trust, verify_payload
from bundles.trust.roles import make_root
from bundles.trust.state import TrustFloor
from tests.support.media import FAR_AWAY, PASSPHRASE, MediumFactory

DAY = timedelta(days=1)


def test_a_good_medium_tells_who_signed_it_and_until_when(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    medium = open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)

    roles = [signer.role for signer in medium.signers]
    assert roles == ["root"] * 3 + ["timestamp", "snapshot", "targets", "licensing"]
    assert medium.install_by == vendor.created + FAR_AWAY
    assert medium.keyset_bytes == vendor.keyset
    assert medium.release.product_version == "1.0.0"


def test_a_revocation_list_travels_beside_the_keyset(
    factory: MediumFactory,
) -> None:
    factory.revocations = b"revocation list of the tests"
    built = factory.build()

    medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)

    assert medium.revocations_bytes == factory.revocations
    assert verify_payload(medium) == ()


def test_a_medium_without_a_revocation_list_is_a_good_one(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    medium = open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)

    assert medium.revocations_bytes is None


def test_a_changed_revocation_list_is_refused(factory: MediumFactory) -> None:
    factory.revocations = b"revocation list of the tests"
    built = factory.build()
    (file,) = built.path.glob("release/licensing/*.revocations.cbor")
    file.write_bytes(b"revocation list of an enemy!")

    with pytest.raises(MediumError):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def test_opening_changes_nothing_on_the_host(
    vendor: MediumFactory, medium_dir: Path, tmp_path: Path
) -> None:
    trust_dir = tmp_path / "trust"

    open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now, trust_dir=trust_dir)

    assert not trust_dir.exists()


def test_a_medium_on_a_read_only_folder_is_opened(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    before = sorted(medium_dir.rglob("*"))

    verify_payload(open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now))

    assert sorted(medium_dir.rglob("*")) == before


@pytest.mark.parametrize("name", ["nothing", "empty", "file"])
def test_a_folder_that_is_no_medium_is_called_so(
    vendor: MediumFactory, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises((NotAMediumError, UnreadableError)):
        open_medium(tmp_path / name, anchor=vendor.anchor, now=vendor.now)


def test_a_loop_of_links_is_unreadable(vendor: MediumFactory, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")

    with pytest.raises(UnreadableError):
        open_medium(tmp_path / "loop", anchor=vendor.anchor, now=vendor.now)


def test_a_medium_without_a_signed_release_is_refused(factory: MediumFactory) -> None:
    built = factory.build()
    signed = next((built.path / "release").glob("*.release.json"))
    signed.rename(signed.with_name(f"{'0' * 64}.1.release.json"))

    with pytest.raises(MetadataError, match="release with a signature, found none"):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def test_a_keyset_of_giant_length_is_not_read(factory: MediumFactory) -> None:
    factory.keyset = bytes(70_000)
    built = factory.build()

    with pytest.raises(MetadataError, match="at most 65536 bytes, found 70000"):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def test_a_link_in_place_of_a_root_that_nobody_needs_is_named(
    factory: MediumFactory, tmp_path: Path
) -> None:
    factory.keys = rotated(factory, old_root_keys(factory))
    built = factory.build()
    old_root = built.path / "tuf/1.root.json"
    old_root.rename(tmp_path / "moved")
    old_root.symlink_to(tmp_path / "moved")

    medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)

    codes = {problem.path: problem.code for problem in verify_payload(medium)}
    assert codes["tuf/1.root.json"] == "ANX-MED-13"


def test_a_medium_of_another_vendor_is_refused_as_foreign(
    vendor: MediumFactory, factory: MediumFactory
) -> None:
    built = factory.build()

    with pytest.raises(ForeignVendorError) as caught:
        open_medium(built.path, anchor=vendor.anchor, now=vendor.now)

    assert vendor.anchor.fingerprint in caught.value.evidence


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_a_role_signed_with_a_wrong_key_is_refused(
    factory: MediumFactory, role: str
) -> None:
    stranger = CryptoSigner.generate_ed25519()
    signers = {**factory.keys.signers, role: stranger}
    built = factory.build(keys=ReleaseKeys(signers, factory.keys.root_chain))

    with pytest.raises(SignatureError) as caught:
        open_medium(built.path, anchor=factory.anchor, now=factory.now)

    assert caught.value.code == "ANX-MED-02"


def test_a_licensing_role_of_a_stranger_is_refused(factory: MediumFactory) -> None:
    built = factory.build()
    path = built.path / "tuf/1.licensing.json"
    document = json.loads(path.read_bytes())
    document["signatures"][0]["sig"] = "00" * 64
    path.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True))

    with pytest.raises(MetadataError):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def rotated(factory: MediumFactory, also_signed_by: list[CryptoSigner]) -> ReleaseKeys:
    """Return keys whose second root has new root keys, agreed to by the given old."""
    root = make_root(
        version=2,
        expires=factory.created + FAR_AWAY,
        root_signers=[CryptoSigner.generate_ed25519() for _ in range(3)],
        online_keys={r: s.public_key for r, s in factory.keys.signers.items()},
        also_signed_by=also_signed_by,
    )
    return ReleaseKeys(factory.keys.signers, (*factory.keys.root_chain, root))


def old_root_keys(factory: MediumFactory) -> list[CryptoSigner]:
    return list(load_signers(factory.keys_dir, ROOT_KEYS, PASSPHRASE).values())


def test_a_root_rotation_with_two_old_signatures_is_followed(
    factory: MediumFactory,
) -> None:
    keys = rotated(factory, old_root_keys(factory)[:2])
    built = factory.build(keys=keys)

    medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)

    assert "root_history/2.root.json" in medium.trust_state.files
    assert verify_payload(medium) == ()


def test_a_root_rotation_with_one_old_signature_is_refused(
    factory: MediumFactory,
) -> None:
    built = factory.build(keys=rotated(factory, old_root_keys(factory)[:1]))

    with pytest.raises(SignatureError):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def test_an_anchor_with_the_new_root_accepts_the_medium(factory: MediumFactory) -> None:
    factory.keys = rotated(factory, old_root_keys(factory))
    built = factory.build()

    medium = open_medium(built.path, anchor=factory.anchor, now=factory.now)

    assert medium.anchor.root_version == 2
    assert verify_payload(medium) == ()


def test_an_older_medium_is_refused_once_a_newer_one_is_pinned(
    factory: MediumFactory, tmp_path: Path
) -> None:
    old, new = factory.build("old"), factory.build("new", release_seq=2)
    trust_dir = tmp_path / "trust"
    medium = open_medium(
        new.path, anchor=factory.anchor, now=factory.now, trust_dir=trust_dir
    )

    pin_trust(medium, trust_dir)

    with pytest.raises(RollbackError, match=r"version 2 or newer, found version 1"):
        open_medium(
            old.path, anchor=factory.anchor, now=factory.now, trust_dir=trust_dir
        )


def test_the_pinned_medium_itself_is_opened_again(
    factory: MediumFactory, tmp_path: Path
) -> None:
    built = factory.build()
    anchor, now, trust_dir = factory.anchor, factory.now, tmp_path / "trust"
    first = open_medium(built.path, anchor=anchor, now=now, trust_dir=trust_dir)
    pin_trust(first, trust_dir)

    again = open_medium(built.path, anchor=anchor, now=now, trust_dir=trust_dir)

    assert again == first
    assert verify_payload(again) == ()


def test_a_rollback_is_refused_on_a_host_that_lost_its_trust_records(
    factory: MediumFactory,
) -> None:
    built = factory.build(release_seq=3)
    floor = TrustFloor(factory.created, release_seq=4)

    with pytest.raises(RollbackError, match="release number 4 or more, found 3"):
        open_medium(built.path, anchor=factory.anchor, now=factory.now, floor=floor)


def test_files_of_two_releases_do_not_mix(factory: MediumFactory) -> None:
    old, new = factory.build("old"), factory.build("new", release_seq=2)
    shutil.copy(old.path / "tuf/timestamp.json", new.path / "tuf/timestamp.json")

    with pytest.raises(MetadataError):
        open_medium(new.path, anchor=factory.anchor, now=factory.now)


def test_the_install_by_date_is_judged_by_the_given_time(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    last = vendor.created + FAR_AWAY

    open_medium(medium_dir, anchor=vendor.anchor, now=last - timedelta(seconds=1))

    with pytest.raises(ExpiredError, match="was valid until 2035-12-31"):
        open_medium(medium_dir, anchor=vendor.anchor, now=last)


def test_the_library_refuses_what_the_wall_clock_calls_expired(
    factory: MediumFactory,
) -> None:
    factory.created = datetime(2020, 1, 1, tzinfo=UTC)
    built = factory.build(expires=factory.created + DAY)

    with pytest.raises(ExpiredError):
        open_medium(built.path, anchor=factory.anchor, now=factory.created)


def test_a_clock_ten_years_ahead_is_told_the_date(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    with pytest.raises(ExpiredError, match="the clock says 2036"):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now + FAR_AWAY)


@pytest.mark.parametrize("year", [1970, 2016])
def test_a_clock_before_the_anchor_is_refused_in_plain_words(
    vendor: MediumFactory, medium_dir: Path, year: int
) -> None:
    now = datetime(year, 1, 1, tzinfo=UTC)

    with pytest.raises(ClockBehindError, match="newest trusted signature") as caught:
        open_medium(medium_dir, anchor=vendor.anchor, now=now)

    assert "Set the clock" in caught.value.remedy


def test_a_clock_before_the_release_is_refused(factory: MediumFactory) -> None:
    built = factory.build(created=factory.created + 30 * DAY)

    with pytest.raises(ClockBehindError, match="this release"):
        open_medium(built.path, anchor=factory.anchor, now=factory.created)


def test_a_clock_some_hours_behind_the_vendor_is_fine(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    now = vendor.created - timedelta(hours=23)

    assert open_medium(medium_dir, anchor=vendor.anchor, now=now).release


def test_a_pinned_time_is_a_floor_for_the_clock(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    floor = TrustFloor(vendor.created + 100 * DAY)

    with pytest.raises(ClockBehindError):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now, floor=floor)


def test_metadata_without_end_is_cut_off(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    (medium_dir / "tuf/timestamp.json").write_bytes(b"[" * 20_000)

    with pytest.raises(MetadataError, match="maximum allowed length"):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)


@pytest.mark.parametrize("place", ["tuf", "tuf/timestamp.json", "release"])
def test_a_link_in_the_way_of_the_metadata_is_refused(
    vendor: MediumFactory, medium_dir: Path, tmp_path: Path, place: str
) -> None:
    moved = tmp_path / "elsewhere"
    (medium_dir / place).rename(moved)
    (medium_dir / place).symlink_to(moved)

    with pytest.raises(ForbiddenTypeError):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)


@pytest.mark.parametrize(
    "pattern",
    ["tuf/timestamp.json", "tuf/1.snapshot.json", "tuf/1.targets.json",
     "tuf/1.licensing.json", "release/*.release.json", "release/licensing/*"],
)  # fmt: skip
def test_missing_metadata_is_refused(
    vendor: MediumFactory, medium_dir: Path, pattern: str
) -> None:
    next(medium_dir.glob(pattern)).unlink()

    with pytest.raises(MediumError):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)


@pytest.mark.parametrize(
    "pattern",
    ["tuf/timestamp.json", "tuf/1.snapshot.json", "tuf/1.targets.json",
     "tuf/1.licensing.json", "release/*.release.json", "release/licensing/*"],
)  # fmt: skip
def test_truncated_metadata_is_refused(
    vendor: MediumFactory, medium_dir: Path, pattern: str
) -> None:
    path = next(medium_dir.glob(pattern))
    path.write_bytes(path.read_bytes()[:-5])

    with pytest.raises(MediumError):
        open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)


def test_a_release_of_a_later_format_asks_for_a_newer_program(
    factory: MediumFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = factory.build().release.to_json().replace(b'"format":1', b'"format":2')
    monkeypatch.setattr("bundles.release.Release.to_json", lambda _self: text)
    built = factory.build("later")

    with pytest.raises(ReleaseTooNewError):
        open_medium(built.path, anchor=factory.anchor, now=factory.now)


def test_any_flipped_bit_in_the_metadata_is_refused_or_reported(
    vendor: MediumFactory, medium_dir: Path, flip: Callable[[Path, int], None]
) -> None:
    """TUF accepts some changes (a hex digit in capitals); the medium does not."""
    for path in [*medium_dir.glob("tuf/*"), *medium_dir.glob("release/*.json")]:
        good = path.read_bytes()
        for position in range(0, len(good), max(1, len(good) // 12)):
            flip(path, position)
            assert is_noticed(vendor, medium_dir), f"{path.name} at {position}"
            path.write_bytes(good)


def is_noticed(vendor: MediumFactory, medium_dir: Path) -> bool:
    try:
        medium = open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)
    except MediumError as error:
        return bool(error.code)
    return bool(verify_payload(medium))


def test_a_signature_in_capitals_is_noticed_although_it_verifies(
    vendor: MediumFactory, medium_dir: Path
) -> None:
    path = medium_dir / "tuf/timestamp.json"
    document = json.loads(path.read_bytes())
    document["signatures"][0]["sig"] = document["signatures"][0]["sig"].upper()
    path.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True))

    medium = open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now)
    problems = verify_payload(medium)

    assert [problem.path for problem in problems] == ["SHA256SUMS"]
