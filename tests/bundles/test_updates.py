"""Trust updates: real TUF bytes, judged by hosts that remember more or less."""

import contextlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.errors import (
    ClockBehindError,
    ExpiredError,
    ForeignVendorError,
    OlderUpdateError,
    RevokedError,
    RollbackError,
    SignatureError,
    TrustUpdateError,
)
from bundles.keys import ReleaseKeys
from bundles.medium import (
    VerifiedMedium,
    open_medium,
    pin_trust,
    verify_documents,
    verify_payload,
)
from bundles.trust.roles import make_root
from bundles.trust.state import TrustFloor
from bundles.trust.update import UPDATE_LIMIT_BYTES, TrustUpdate
from bundles.updates import (
    VerifiedUpdate,
    open_update,
    pin_update,
    read_update,
    remembered,
)
from tests.support.media import FAR_AWAY, KEYSET, MediumFactory
from tests.support.trust_updates import UpdateDesk

TEN_YEARS = timedelta(days=3653)


@pytest.fixture
def desk(factory: MediumFactory) -> UpdateDesk:
    return UpdateDesk(factory)


@pytest.fixture
def host(tmp_path: Path) -> Path:
    return tmp_path / "tuf"


def _look(desk: UpdateDesk, update: TrustUpdate, host: Path) -> VerifiedUpdate:
    factory = desk.factory
    return open_update(update, anchor=factory.anchor, now=factory.now, trust_dir=host)


def _apply(desk: UpdateDesk, update: TrustUpdate, host: Path) -> None:
    pin_update(_look(desk, update, host), host)


def _open(
    desk: UpdateDesk, medium: Path, host: Path, *, after: timedelta = timedelta()
) -> VerifiedMedium:
    now = desk.factory.now + after
    return open_medium(medium, anchor=desk.factory.anchor, now=now, trust_dir=host)


def test_an_update_is_small_and_reads_back(
    desk: UpdateDesk, host: Path, tmp_path: Path
) -> None:
    update = desk.update(2, [desk.factory.build()])
    (tmp_path / "file").write_bytes(update.to_json())

    found = _look(desk, read_update(tmp_path / "file"), host)

    assert (tmp_path / "file").stat().st_size < 16_000
    assert (found.version, found.root_version, found.known) == (2, 1, None)
    assert found.catalog.good[0].release_seq == 1


def test_looking_at_an_update_changes_nothing(desk: UpdateDesk, host: Path) -> None:
    _look(desk, desk.update(1), host)

    assert not host.exists()


def test_a_host_says_what_it_remembers(desk: UpdateDesk, host: Path) -> None:
    before = remembered(desk.factory.anchor, host)
    _apply(desk, desk.update(7), host)

    after = remembered(desk.factory.anchor, host)

    assert before is None
    assert after is not None
    assert (after.version, after.known) == (7, 7)


def test_an_older_update_is_refused_with_both_numbers(
    desk: UpdateDesk, host: Path
) -> None:
    _apply(desk, desk.update(7), host)

    with pytest.raises(OlderUpdateError, match=r"version 7 or newer, found version 5"):
        _look(desk, desk.update(5), host)


def test_the_same_update_again_changes_nothing(desk: UpdateDesk, host: Path) -> None:
    update = desk.update(7)
    _apply(desk, update, host)
    before = {path: path.read_bytes() for path in host.rglob("*.*") if path.is_file()}

    _apply(desk, update, host)

    assert {p: p.read_bytes() for p in host.rglob("*.*") if p.is_file()} == before


def test_an_update_of_another_vendor_is_refused_as_foreign(
    desk: UpdateDesk, host: Path, tmp_path: Path
) -> None:
    other = UpdateDesk(MediumFactory(tmp_path / "other"))

    with pytest.raises(ForeignVendorError):
        _look(desk, other.update(1), host)


def test_a_root_with_one_signature_is_not_followed(
    desk: UpdateDesk, host: Path
) -> None:
    thief = UpdateDesk(MediumFactory(desk.factory.root / "thief"))
    keys = thief.factory.keys.signers
    root = make_root(
        version=2,
        expires=desk.factory.created + FAR_AWAY,
        root_signers=[keys["targets"], keys["snapshot"]],
        online_keys={role: signer.public_key for role, signer in keys.items()},
        also_signed_by=[desk.factory.keys.signers["targets"]],
    )
    forged = ReleaseKeys(keys, (*desk.factory.keys.root_chain, root))

    with pytest.raises(SignatureError):
        _look(desk, desk.update(9, keys=forged), host)


@pytest.mark.parametrize(
    "name", ["timestamp.json", "3.targets.json", "3.licensing.json"]
)
def test_a_changed_byte_is_refused(desk: UpdateDesk, host: Path, name: str) -> None:
    update = desk.update(3)
    metadata = dict(update.metadata)
    metadata[name] = metadata[name].replace(b'"expires":"20', b'"expires":"21', 1)

    with pytest.raises((SignatureError, TrustUpdateError)):
        _look(desk, TrustUpdate(metadata, update.licensing), host)


def test_every_truncation_is_refused(desk: UpdateDesk) -> None:
    data = desk.update(3).to_json()

    for size in range(0, len(data) - 1, 97):
        with pytest.raises(TrustUpdateError):
            TrustUpdate.from_json(data[:size])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"kind":"anechoic trust update","version":2,"metadata":{},"licensing":{}}',
        b'{"kind":"anechoic trust update","version":1,"metadata":{"../x":""},"licensing":{}}',
        b'{"kind":"anechoic trust update","version":1,"metadata":{},"licensing":{"a":""}}',
        b'{"kind":"anechoic trust update","version":1,"metadata":{"timestamp.json":1}}',
        b'{"kind":"anechoic trust update","kind":"x"}',
        b" " * (UPDATE_LIMIT_BYTES + 1),
    ],
)
def test_anything_else_is_no_update(data: bytes) -> None:
    with pytest.raises(TrustUpdateError):
        TrustUpdate.from_json(data)


@pytest.mark.parametrize("kind", ["nothing", "folder", "link", "giant"])
def test_only_a_plain_file_of_bounded_size_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "update"
    match kind:
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to("/dev/zero")
        case "giant":
            path.write_bytes(bytes(UPDATE_LIMIT_BYTES + 1))
        case _:
            pass

    with pytest.raises(TrustUpdateError):
        read_update(path)


def test_an_update_without_its_licensing_file_is_refused(
    desk: UpdateDesk, host: Path
) -> None:
    with pytest.raises(TrustUpdateError):
        _look(desk, TrustUpdate(desk.update(3).metadata, {}), host)


@pytest.mark.parametrize(
    ("off", "refusal"), [(-TEN_YEARS, ClockBehindError), (TEN_YEARS, ExpiredError)]
)
def test_a_clock_ten_years_off_is_named(
    desk: UpdateDesk, off: timedelta, refusal: type[Exception]
) -> None:
    factory = desk.factory
    update = desk.update(2, install_by=factory.created + timedelta(days=400))

    with pytest.raises(refusal):
        open_update(update, anchor=factory.anchor, now=factory.now + off)


def test_an_update_from_the_future_asks_for_the_clock(desk: UpdateDesk) -> None:
    factory = desk.factory
    update = desk.update(2, created=factory.now + timedelta(days=3))

    with pytest.raises(ClockBehindError, match="this trust update"):
        open_update(update, anchor=factory.anchor, now=factory.now)


def test_a_medium_older_than_the_update_opens_when_vouched_for(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7, [built]), host)

    medium = _open(desk, built.path, host)

    assert not medium.own_metadata
    assert medium.release.release_seq == 1
    assert verify_payload(medium) == ()


def test_a_medium_newer_than_the_update_speaks_for_itself(
    desk: UpdateDesk, host: Path
) -> None:
    _apply(desk, desk.update(7), host)
    built = desk.factory.build(release_seq=2, metadata_version=8)

    medium = _open(desk, built.path, host)

    assert medium.own_metadata
    assert verify_payload(medium) == ()


def test_a_medium_that_the_update_does_not_name_is_refused(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7), host)

    with pytest.raises(RollbackError, match="version 7 or newer, found version 1"):
        _open(desk, built.path, host)


def test_a_revoked_medium_is_refused_by_name(desk: UpdateDesk, host: Path) -> None:
    built = desk.factory.build(version="1.4.0")
    _apply(desk, desk.update(7, revoked=[built]), host)

    with pytest.raises(
        RevokedError, match=r"release 1\.4\.0 \(number 1\).*2026-01-02.*version 7"
    ):
        _open(desk, built.path, host)


def test_a_newer_medium_opens_after_a_revocation(desk: UpdateDesk, host: Path) -> None:
    bad = desk.factory.build()
    good = desk.factory.build("good", release_seq=2)
    _apply(desk, desk.update(7, [good], revoked=[bad]), host)

    assert _open(desk, good.path, host).release.release_seq == 2


def test_an_update_brings_no_release_back_that_is_older_than_the_installed_one(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7, [built]), host)

    with pytest.raises(RollbackError, match="release number 2 or more, found 1"):
        open_medium(
            built.path,
            anchor=desk.factory.anchor,
            now=desk.factory.now,
            trust_dir=host,
            floor=TrustFloor(desk.factory.created, 2),
        )


def test_a_date_is_extended_after_it_has_passed(desk: UpdateDesk, host: Path) -> None:
    factory = desk.factory
    built = factory.build(expires=factory.created + timedelta(days=400))
    late = timedelta(days=500)
    with pytest.raises(ExpiredError):
        _open(desk, built.path, host, after=late)

    until = factory.created + timedelta(days=800)
    _apply(desk, desk.update(7, [built], install_by=until), host)

    medium = _open(desk, built.path, host, after=late)
    assert medium.install_by == until
    assert verify_documents(medium) == ()


def test_a_date_extended_ends_too(desk: UpdateDesk, host: Path) -> None:
    built = desk.factory.build()
    until = desk.factory.created + timedelta(days=400)
    _apply(desk, desk.update(7, [built], install_by=until), host)

    with pytest.raises(ExpiredError, match="release was valid until 2027-02-06"):
        _open(desk, built.path, host, after=timedelta(days=400))


def test_an_extension_counts_where_the_wall_clock_has_passed_the_date(
    desk: UpdateDesk, host: Path
) -> None:
    """ngclient judges by the wall clock: the medium's own metadata are over."""
    factory = desk.factory
    built = factory.build(expires=factory.created + timedelta(hours=30))
    with pytest.raises(ExpiredError):
        _open(desk, built.path, host)

    _apply(desk, desk.update(7, [built]), host)

    assert _open(desk, built.path, host).release.release_seq == 1


def test_after_a_key_rotation_an_old_medium_opens_when_vouched_for(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7, [built], keys=desk.rotated()), host)

    medium = _open(desk, built.path, host)

    assert "root_history/2.root.json" in medium.trust_state.files
    assert verify_payload(medium) == ()


def test_after_a_key_rotation_an_old_medium_is_refused_when_not_vouched_for(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7, keys=desk.rotated()), host)

    with pytest.raises(SignatureError):
        _open(desk, built.path, host)


def test_stolen_old_keys_sign_nothing_after_a_rotation(
    desk: UpdateDesk, host: Path
) -> None:
    stolen = desk.factory.keys
    _apply(desk, desk.update(7, keys=desk.rotated()), host)
    forged = desk.factory.build(release_seq=9, metadata_version=99, keys=stolen)

    with pytest.raises(SignatureError):
        _open(desk, forged.path, host)
    with pytest.raises(SignatureError):
        _look(desk, desk.update(99, keys=stolen), host)


def test_a_rotation_recovers_from_a_version_that_a_thief_drove_up(
    desk: UpdateDesk, host: Path
) -> None:
    _apply(desk, desk.update(999_999), host)

    _apply(desk, desk.update(8, keys=desk.rotated()), host)

    known = remembered(desk.factory.anchor, host)
    assert known is not None
    assert known.version == 8


def test_media_of_the_new_keys_open_on_hosts_that_had_no_update(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build(keys=desk.rotated())

    assert verify_payload(_open(desk, built.path, host)) == ()


def test_a_newer_keyset_comes_with_the_update(desk: UpdateDesk, host: Path) -> None:
    built = desk.factory.build()
    desk.factory.keyset = b"a newer key set"
    _apply(desk, desk.update(7, [built]), host)

    medium = _open(desk, built.path, host)

    assert medium.keyset_bytes == b"a newer key set" != KEYSET
    assert verify_payload(medium) == ()


def test_a_changed_byte_of_a_vouched_medium_is_still_named(
    desk: UpdateDesk, host: Path
) -> None:
    built = desk.factory.build()
    _apply(desk, desk.update(7, [built]), host)
    (built.path / "README.txt").write_bytes(b"x" * 10)
    (built.path / "tuf/timestamp.json").write_bytes(b"{}")

    problems = {one.path for one in verify_payload(_open(desk, built.path, host))}

    assert problems == {"README.txt", "SHA256SUMS"}


def test_a_newer_medium_tells_of_revocations_too(desk: UpdateDesk, host: Path) -> None:
    """A site that never gets the update learns it with the next medium."""
    bad = desk.factory.build(version="1.4.0")
    known = _look(desk, desk.update(7, revoked=[bad]), host).catalog
    newer = desk.factory.build("newer", release_seq=2, metadata_version=8, others=known)
    pin_trust(_open(desk, newer.path, host), host)

    with pytest.raises(RevokedError, match="by trust version 7"):
        _open(desk, bad.path, host)


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: st.dictionaries(
            st.sampled_from(
                ["kind", "version", "metadata", "licensing", "1.root.json"]
            ),
            inner | st.just("anechoic trust update"),
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_bytes_are_more_than_an_update_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(TrustUpdateError):
        assert TrustUpdate.from_json(data).files().keys() >= set()
