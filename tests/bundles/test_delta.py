"""Delta media: built, opened, verified and loaded, on really signed bytes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bundles.build import MediumSummary
from bundles.build_delta import DeltaBasis
from bundles.delta import DELTA_FILE, DELTA_README, DELTA_SIGNATURE_FILE, SignedDelta
from bundles.errors import BuildError, DeltaBaseError, DeltaListError, PassportError
from bundles.lacking import lacking
from bundles.load import layer_archives
from bundles.medium import VerifiedMedium, open_medium, pin_trust, verify_payload
from bundles.release import model_blob, oci_blob
from bundles.store import copy_model
from bundles.strict_json import canonical_json
from bundles.trust.delta_list import sign_delta
from bundles.updates import open_update, pin_update
from tests.support.deltas import DeltaVendor
from tests.support.media import MediumFactory
from tests.support.trust_updates import UpdateDesk


@pytest.fixture
def vendor(factory: MediumFactory) -> DeltaVendor:
    return DeltaVendor(factory)


@pytest.fixture
def built(vendor: DeltaVendor) -> tuple[MediumSummary, MediumSummary, MediumSummary]:
    return vendor.upgrade()


@pytest.fixture
def one(built: tuple[MediumSummary, ...]) -> MediumSummary:
    return built[0]


@pytest.fixture
def two(built: tuple[MediumSummary, ...]) -> MediumSummary:
    return built[1]


@pytest.fixture
def delta(vendor: DeltaVendor, built: tuple[MediumSummary, ...]) -> VerifiedMedium:
    return vendor.open(built[2].path)


def listed(medium: VerifiedMedium) -> SignedDelta:
    assert medium.delta is not None
    return medium.delta


def test_a_delta_leaves_out_what_the_older_release_has(
    delta: VerifiedMedium,
) -> None:
    base = delta.release.image("api").layers[0]
    weights = next(f for f in delta.release.models[0].files if f.path == "model.bin")

    assert listed(delta).delta.paths == {
        oci_blob(base.digest),
        model_blob(weights.digest),
    }
    assert not (delta.path / oci_blob(base.digest)).exists()


def test_delta_and_full_medium_carry_the_same_release(
    delta: VerifiedMedium, two: MediumSummary
) -> None:
    for folder in ("tuf", "release"):
        for path in (two.path / folder).rglob("*"):
            if path.is_file():
                same = delta.path / path.relative_to(two.path)
                assert same.read_bytes() == path.read_bytes()


def test_the_same_delta_is_built_byte_for_byte(
    vendor: DeltaVendor, built: tuple[MediumSummary, ...]
) -> None:
    one, two, delta = built
    basis = DeltaBasis.of_release(one.release.to_json())

    assert vendor.delta(two, basis, "again").digest == delta.digest


def test_an_intact_delta_has_no_problem(delta: VerifiedMedium) -> None:
    assert verify_payload(delta) == ()


def test_a_delta_says_in_plain_words_what_it_is(delta: VerifiedMedium) -> None:
    text = (delta.path / DELTA_README).read_text("ascii")

    assert "DELTA medium" in text
    assert "release 1.0.0 (number 1)" in text
    for path in listed(delta).delta.paths:
        assert path in text
    assert max(map(len, text.splitlines())) < 90


def test_a_host_may_go_from_the_delta_to_the_full_medium_and_back(
    vendor: DeltaVendor, delta: VerifiedMedium, two: MediumSummary, tmp_path: Path
) -> None:
    anchor, now, memory = vendor.factory.anchor, vendor.factory.now, tmp_path / "tuf"
    memory.mkdir()
    pin_trust(delta, memory)

    full = open_medium(two.path, anchor=anchor, now=now, trust_dir=memory)
    again = open_medium(delta.path, anchor=anchor, now=now, trust_dir=memory)

    assert full.delta is None
    assert verify_payload(full) == ()
    assert verify_payload(again) == ()


def test_a_blob_that_is_carried_may_not_be_absent(
    vendor: DeltaVendor, delta: VerifiedMedium
) -> None:
    carried = oci_blob(delta.release.image("api").layers[1].digest)
    (delta.path / carried).unlink()

    problems = verify_payload(vendor.open(delta.path))

    assert [(one.code, one.path) for one in problems] == [("ANX-MED-11", carried)]


def test_a_blob_that_is_left_out_may_not_be_there(
    vendor: DeltaVendor, delta: VerifiedMedium, two: MediumSummary
) -> None:
    absent = min(listed(delta).delta.paths)
    target = delta.path / absent
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(two.path / absent, target)

    problems = verify_payload(vendor.open(delta.path))

    assert [(one.code, one.path) for one in problems] == [("ANX-MED-14", absent)]


def test_deleting_blobs_does_not_make_a_delta(
    vendor: DeltaVendor, two: MediumSummary
) -> None:
    blob = oci_blob(two.release.image("api").layers[0].digest)
    (two.path / blob).unlink()

    problems = verify_payload(vendor.open(two.path))

    assert [(one.code, one.path) for one in problems] == [("ANX-MED-11", blob)]


@pytest.mark.parametrize("name", [DELTA_FILE, DELTA_SIGNATURE_FILE])
def test_a_changed_or_missing_half_of_the_list_is_refused(
    vendor: DeltaVendor,
    delta: VerifiedMedium,
    flip: Callable[[Path, int], None],
    name: str,
) -> None:
    flip(delta.path / name, 60)
    with pytest.raises(DeltaListError):
        vendor.open(delta.path)

    (delta.path / name).unlink()
    with pytest.raises(DeltaListError, match="found no"):
        vendor.open(delta.path)


@pytest.mark.parametrize("name", [DELTA_FILE, DELTA_SIGNATURE_FILE])
def test_a_list_behind_a_link_or_of_a_giant_size_is_not_read(
    vendor: DeltaVendor, delta: VerifiedMedium, tmp_path: Path, name: str
) -> None:
    path = delta.path / name
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeltaListError, match="plain files"):
        vendor.open(delta.path)

    path.unlink()
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(DeltaListError, match="expected at most"):
        vendor.open(delta.path)


def test_a_trust_update_lets_a_delta_stand(
    vendor: DeltaVendor, built: tuple[MediumSummary, ...], tmp_path: Path
) -> None:
    factory, host = vendor.factory, tmp_path / "tuf"
    update = UpdateDesk(factory).update(7, [built[1]])
    seen = open_update(update, anchor=factory.anchor, now=factory.now, trust_dir=host)
    pin_update(seen, host)

    found = open_medium(
        built[2].path, anchor=factory.anchor, now=factory.now, trust_dir=host
    )

    assert not found.own_metadata
    assert found.delta is not None
    assert verify_payload(found) == ()


def test_after_a_rotation_the_list_of_the_old_key_is_refused(
    vendor: DeltaVendor, built: tuple[MediumSummary, ...], tmp_path: Path
) -> None:
    factory, desk, host = vendor.factory, UpdateDesk(vendor.factory), tmp_path / "tuf"
    update = desk.update(7, [built[1]], keys=desk.rotated())
    seen = open_update(update, anchor=factory.anchor, now=factory.now, trust_dir=host)
    pin_update(seen, host)
    known = {"anchor": factory.anchor, "now": factory.now, "trust_dir": host}

    with pytest.raises(DeltaListError, match="found 0"):
        open_medium(built[2].path, **known)  # type: ignore[arg-type]
    assert open_medium(built[1].path, **known)  # type: ignore[arg-type]


def test_another_key_cannot_sign_a_list(
    vendor: DeltaVendor, delta: VerifiedMedium
) -> None:
    other = vendor.factory.keys.signers["snapshot"]
    forged = sign_delta(listed(delta).delta, other)
    (delta.path / DELTA_SIGNATURE_FILE).write_bytes(forged.signature)

    with pytest.raises(DeltaListError, match="expected 1 good signatures, found 0"):
        vendor.open(delta.path)


def test_trust_metadata_cannot_be_taken_for_a_list(
    vendor: DeltaVendor, delta: VerifiedMedium
) -> None:
    signer = vendor.factory.keys.signers["targets"]
    document = listed(delta).document
    bare = signer.sign(document)
    envelope = {"signatures": {bare.keyid: bare.signature}}
    (delta.path / DELTA_SIGNATURE_FILE).write_bytes(canonical_json(envelope))

    with pytest.raises(DeltaListError, match="found 0"):
        vendor.open(delta.path)


def test_the_list_of_another_release_is_refused(
    vendor: DeltaVendor, delta: VerifiedMedium
) -> None:
    three = vendor.full(3)
    for name in (DELTA_FILE, DELTA_SIGNATURE_FILE):
        shutil.copy(delta.path / name, three.path / name)

    with pytest.raises(DeltaListError, match="expected the list of the release"):
        vendor.open(three.path)


def test_a_signed_list_may_leave_out_nothing_but_payload(
    vendor: DeltaVendor, delta: VerifiedMedium
) -> None:
    config = delta.release.image("api").config_digest
    wrong = (
        listed(delta).delta.left_out[0].model_copy(update={"path": oci_blob(config)})
    )
    forged = listed(delta).delta.model_copy(update={"left_out": (wrong,)})
    signed = sign_delta(forged, vendor.factory.keys.signers["targets"])
    for path, data in signed.files.items():
        (delta.path / path).write_bytes(data)

    with pytest.raises(DeltaListError, match="only layers and model files"):
        vendor.open(delta.path)


def test_a_host_with_the_older_release_lacks_nothing(
    delta: VerifiedMedium, one: MediumSummary
) -> None:
    chains = [one.release.image("api").diff_ids]
    files = {file.digest for file in one.release.models[0].files}

    assert lacking(listed(delta).delta, delta.release, chains, (), files) == ()


def test_an_empty_host_is_told_each_thing_that_is_missing(
    delta: VerifiedMedium,
) -> None:
    found = lacking(listed(delta).delta, delta.release, ())

    assert [text.split(" (")[0] for text in found] == [
        "layer 1 of the image api",
        "model.bin of the model demo",
    ]


def test_a_layer_upon_other_layers_does_not_count(
    delta: VerifiedMedium, one: MediumSummary
) -> None:
    upside_down = [tuple(reversed(one.release.image("api").diff_ids))]

    found = lacking(listed(delta).delta, delta.release, upside_down)

    assert found[0].startswith("layer 1 of the image api")


def test_a_layer_that_went_away_is_named_when_it_is_time_to_load(
    delta: VerifiedMedium,
) -> None:
    with pytest.raises(DeltaBaseError, match="layer 1 of the image api") as refused:
        next(iter(layer_archives(delta, delta.release.images[0], ())))

    assert "anechoic passport" in refused.value.remedy


def test_only_the_changed_layer_is_fed(
    delta: VerifiedMedium, one: MediumSummary
) -> None:
    chains = [one.release.image("api").diff_ids]

    archives = list(layer_archives(delta, delta.release.images[0], chains))

    assert [archive.position for archive in archives] == [2]
    assert all(b"".join(archive.chunks) for archive in archives)


def test_a_model_takes_from_the_host_what_the_delta_leaves_out(
    vendor: DeltaVendor, delta: VerifiedMedium, one: MediumSummary, tmp_path: Path
) -> None:
    first = vendor.open(one.path)
    copy_model(first, first.release.models[0], tmp_path / "old")
    here = {f.digest: tmp_path / "old" / f.path for f in first.release.models[0].files}

    copy_model(delta, delta.release.models[0], tmp_path / "new", host_files=here)

    assert (tmp_path / "new/model.bin").samefile(tmp_path / "old/model.bin") is False
    assert (tmp_path / "new/model.bin").read_bytes() == b"weights " * 4096
    assert (tmp_path / "new/config.json").read_bytes() == b"words of release 2"


def test_a_damaged_file_of_the_host_is_not_taken(
    delta: VerifiedMedium, tmp_path: Path
) -> None:
    model = delta.release.models[0]
    weights = next(file for file in model.files if file.path == "model.bin")
    (tmp_path / "bad").write_bytes(b"weighty " * 4096)

    with pytest.raises(DeltaBaseError, match=r"model\.bin"):
        copy_model(
            delta,
            model,
            tmp_path / "new",
            host_files={weights.digest: tmp_path / "bad"},
        )

    assert not (tmp_path / "new").exists()


def test_a_damaged_file_of_the_host_is_replaced_by_that_of_a_full_medium(
    vendor: DeltaVendor, two: MediumSummary, tmp_path: Path
) -> None:
    medium = vendor.open(two.path)
    here = {file.digest: tmp_path / "bad" for file in medium.release.models[0].files}
    (tmp_path / "bad").write_bytes(b"something else")

    copy_model(medium, medium.release.models[0], tmp_path / "new", host_files=here)

    assert (tmp_path / "new/model.bin").read_bytes() == b"weights " * 4096


def test_a_delta_is_never_made_of_a_delta(
    vendor: DeltaVendor, built: tuple[MediumSummary, ...]
) -> None:
    one, _, delta = built
    basis = DeltaBasis.of_release(one.release.to_json())

    with pytest.raises(BuildError, match="found a delta medium"):
        vendor.delta(delta, basis, "again")


def test_a_damaged_full_medium_gives_no_delta(
    vendor: DeltaVendor,
    built: tuple[MediumSummary, ...],
    flip: Callable[[Path, int], None],
) -> None:
    one, two, _ = built
    flip(two.path / oci_blob(two.release.images[0].layers[1].digest), -1)
    basis = DeltaBasis.of_release(one.release.to_json())

    with pytest.raises(BuildError, match="expected sha256:"):
        vendor.delta(two, basis, "again")

    assert not (vendor.factory.root / "again").exists()


def test_a_newer_host_is_not_offered_an_older_release(
    vendor: DeltaVendor, one: MediumSummary, two: MediumSummary
) -> None:
    basis = DeltaBasis.of_release(two.release.to_json())

    with pytest.raises(PassportError, match="from number 2 on"):
        vendor.delta(one, basis, "back")
