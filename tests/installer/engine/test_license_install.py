"""Everything that can be carried in, in every state of a site."""

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typing_extensions import override

from installer.engine.durable import PUBLIC_FILE, Access, HostFiles
from installer.engine.licensing import HostLicenses
from installer.errors import InstallerError
from installer.protocol import LicenseSummary
from offline_license.errors import LicenseError, NotForThisInstallError
from offline_license.extension import make_chain
from offline_license.fingerprint import Enrolled
from offline_license.frames import split, whole
from offline_license.model import UNLIMITED, Capacity, Kind
from offline_license.scanner import scanner_text
from offline_license.tolerances import DAY_S
from tests.support.license_host import LicenseHost
from tests.support.licensing import EXP, IAT, TERM

pytestmark = pytest.mark.long

CHAIN = make_chain(bytes(16), bytes(range(13)), count=3, days=14)


@pytest.fixture
def host(tmp_path: Path) -> LicenseHost:
    return LicenseHost(tmp_path).prepare()


def _install(host: LicenseHost, data: bytes, *, accept: bool = False) -> LicenseSummary:
    return host.licenses.install_bytes(data, None, accept_loss=accept)


def _forms(data: bytes) -> Iterator[bytes]:
    yield data
    yield whole(data).encode()
    yield "\n".join(split(data, 300)).encode()
    yield scanner_text(data).encode()


@pytest.mark.parametrize("form", range(4))
def test_every_form_of_a_license_is_taken(host: LicenseHost, form: int) -> None:
    data = list(_forms(host.license_bytes()))[form]

    assert _install(host, data).outcome == "installed"
    assert host.installed == {"license.alic": 1}


def test_a_text_is_taken_as_mail_delivers_it(host: LicenseHost) -> None:
    text = "\ufeff" + host.license_text().replace("\n", "\r\n")

    assert _install(host, text.encode()).outcome == "installed"


@pytest.mark.parametrize("lines", [(0,), (0, 2)])
def test_missing_frames_are_named(host: LicenseHost, lines: tuple[int, ...]) -> None:
    frames = split(host.license_bytes(), 150)

    with pytest.raises(InstallerError) as refused:
        _install(host, "\n".join(frames[at] for at in lines).encode())

    missing = ", ".join(str(n + 1) for n in range(3) if n not in lines)
    assert refused.value.code == "ANX-OP-27"
    assert refused.value.evidence.endswith(f"missing: {missing}")


# In every state


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (1, "VALID"),
        (340, "EXPIRING"),
        (370, "GRACE"),
        (500, "RESTRICTED"),
    ],
)
def test_a_renewal_is_taken_in_every_state(
    host: LicenseHost, day: int, state: str
) -> None:
    _install(host, host.license_bytes())
    with host.container() as keeper:
        keeper.refresh()
        while keeper.refresh().decision.state.name != state:
            host.clocks.run(
                min(9 * DAY_S, max(3600, IAT + day * DAY_S - host.clocks.wall_s))
            )
        exp = host.clocks.wall_s + 300 * DAY_S
        renewal = host.license_bytes(
            seq=2, iat=IAT + 2, nbf=IAT + 2, exp=exp, term=exp + 30 * DAY_S
        )

        summary = _install(host, renewal, accept=True)

        assert summary.outcome == "installed"
        assert keeper.refresh().decision.state.name == "VALID"


def test_a_renewal_is_taken_while_revoked(host: LicenseHost) -> None:
    entry = host.issuer.revocation(lid=host.issuer.terms().lid, max_seq=1)
    listed = host.issuer.revocations_bytes(entries=(entry,))
    _install(host, host.response_bytes(revocations=listed))
    host.clocks.run(20 * DAY_S)
    with host.container() as keeper:
        assert keeper.refresh().decision.state.name == "REVOKED"

        _install(host, host.license_bytes(seq=2))

        assert keeper.refresh().decision.state.name == "VALID"


def test_a_renewal_is_taken_while_the_host_is_not_recognized(
    host: LicenseHost,
) -> None:
    other = host.issuer.host(
        product_uuid=("0" * 31 + "1",), board_serial=("X1",), machine_id=("f" * 32,)
    )
    _install(host, host.license_bytes(enrolled=Enrolled(other)))
    with host.container() as keeper:
        assert "BIND_MISMATCH" in {f.name for f in keeper.refresh().decision.flags}
        answer = host.license_bytes(seq=2, enrolled=Enrolled(host.issuer.host()))

        _install(host, answer)

        assert keeper.refresh().decision.flags == frozenset()


def test_a_license_is_taken_before_anything_is_installed(tmp_path: Path) -> None:
    host = LicenseHost(tmp_path)
    host.licenses.request()

    host.licenses.install_bytes(host.license_bytes(), host.medium)

    assert host.installed == {"license.alic": 1}


def test_a_response_brings_its_key_set_to_a_bare_host(tmp_path: Path) -> None:
    host = LicenseHost(tmp_path).prepare()
    (host.paths.license_public / "keyset.cbor").unlink()

    summary = _install(host, host.response_bytes())

    assert "key set 1" in summary.updates
    assert host.licenses.shelf.keyset() == host.issuer.keyset_bytes()


def test_without_any_trust_the_way_is_named(tmp_path: Path) -> None:
    host = LicenseHost(tmp_path)
    host.licenses.request()

    with pytest.raises(InstallerError) as refused:
        _install(host, host.license_bytes())

    assert refused.value.code == "ANX-OP-17"


# Again, older, other


def test_the_same_license_again_is_a_success_that_writes_nothing(
    host: LicenseHost,
) -> None:
    _install(host, host.license_bytes())
    file = host.paths.license_public / "license.alic"
    before = file.stat()

    again = _install(host, host.license_text().encode())

    after = file.stat()
    assert again.outcome == "same"
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_only_the_container_remembers_is_told(host: LicenseHost) -> None:
    """The newer license was deleted by hand; the container keeps it in force."""
    _install(host, host.license_bytes(seq=3))
    with host.container() as keeper:
        keeper.refresh()
        (host.paths.license_public / "license.alic").unlink()

        summary = _install(host, host.license_bytes(seq=2))
        active = keeper.refresh().active

    assert [one.code for one in summary.findings] == ["ANX-LIC-16"]
    assert active is not None
    assert active.license.seq == 3


def test_a_gap_in_the_sequence_is_fine(host: LicenseHost) -> None:
    _install(host, host.license_bytes())

    assert _install(host, host.license_bytes(seq=8)).replaces is not None
    assert host.installed == {"license.alic": 8}


def test_a_license_of_another_lineage_names_both(host: LicenseHost) -> None:
    _install(host, host.license_bytes())

    with pytest.raises(LicenseError) as refused:
        _install(host, host.license_bytes(lid=bytes(16)))

    assert refused.value.code == "ANX-LIC-29"
    assert "0000-0000" in refused.value.evidence
    assert host.issuer.terms().serial[:9] in refused.value.evidence


def test_a_response_for_another_installation_names_both(host: LicenseHost) -> None:
    with pytest.raises(NotForThisInstallError) as refused:
        _install(host, host.issuer.response_bytes())

    assert refused.value.evidence.count("-") >= 2
    assert host.installed == {}


def test_a_lineage_that_has_ended_does_not_stand_in_the_way(
    host: LicenseHost,
) -> None:
    """The vendor forgot to name what it replaces; the site must not suffer from it."""
    _install(host, host.license_bytes())
    host.clocks.run(380 * DAY_S)
    now = host.clocks.wall_s
    fresh = host.license_bytes(
        lid=bytes(16), iat=IAT + 1, nbf=IAT + 1, exp=now + DAY_S, term=now + 30 * DAY_S
    )

    assert _install(host, fresh).outcome == "installed"


# Losses


def test_what_would_be_lost_has_to_be_accepted(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    smaller = host.license_bytes(seq=2, features=(1,), capacity=Capacity(streams=4))

    with pytest.raises(InstallerError) as refused:
        _install(host, smaller)
    checked = host.licenses.check_bytes(smaller, None)
    kept = dict(host.installed)
    taken = _install(host, smaller, accept=True)

    assert refused.value.code == "ANX-OP-21"
    assert all(line in refused.value.evidence for line in checked.losses)
    assert any("8" in line and "4" in line for line in checked.losses)
    assert kept == {"license.alic": 1}
    assert (taken.outcome, host.installed) == ("installed", {"license.alic": 2})


def test_what_is_won_needs_no_word(host: LicenseHost) -> None:
    _install(host, host.license_bytes())

    summary = _install(host, host.license_bytes(seq=2, capacity=UNLIMITED))

    assert summary.losses == ()
    assert summary.gains


# Two places


def test_a_license_for_later_waits_beside_the_one_in_force(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    later = _later(host, seq=2)

    summary = _install(host, later)

    assert (summary.outcome, summary.slot) == ("waiting", "next")
    assert host.installed == {"license.alic": 1, "next.alic": 2}


def test_no_moment_is_without_a_license_when_the_next_one_waits(
    host: LicenseHost,
) -> None:
    _install(host, host.license_bytes())
    _install(host, _later(host, seq=2))
    with host.container() as keeper:
        seen = set()
        for _ in range(20):
            view = keeper.refresh()
            assert view.active is not None
            seen.add((view.decision.state.name, view.active.license.seq))
            host.clocks.run(DAY_S)

    assert seen == {("VALID", 1), ("VALID", 2)}


def test_the_waiting_license_takes_its_place_at_the_next_installation(
    host: LicenseHost,
) -> None:
    _install(host, host.license_bytes())
    _install(host, _later(host, seq=2))
    with host.container() as keeper:
        for _ in range(12):
            host.clocks.run(DAY_S)
            keeper.refresh()

        _install(host, _later(host, seq=3, start=40))

    assert host.installed == {"license.alic": 2, "next.alic": 3}


def test_a_clock_of_2099_does_not_let_the_license_in_force_go(
    host: LicenseHost,
) -> None:
    """When the clock is right again, the old license is still there."""
    _install(host, host.license_bytes())
    host.clocks.wall_s = IAT + 70 * 365 * DAY_S

    _install(host, _later(host, seq=2, start=100))

    assert host.installed == {"license.alic": 1, "next.alic": 2}


def test_two_licenses_may_wait_one_behind_the_other(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    _install(host, _later(host, seq=2, start=100))

    _install(host, _later(host, seq=3, start=300))

    assert host.installed == {"license.alic": 1, "next.alic": 2, "next-3.alic": 3}


def test_a_license_that_begins_at_once_sweeps_what_waited(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    _install(host, _later(host, seq=2))

    _install(
        host, host.license_bytes(seq=3, exp=EXP + 999 * DAY_S, term=TERM + 999 * DAY_S)
    )

    assert host.installed == {"license.alic": 3}


def test_an_add_on_is_kept_beside(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    add_on = host.license_bytes(
        lid=b"\xab\xcd\xef\x01" + bytes(12), parent=host.issuer.terms().lid
    )

    summary = _install(host, add_on)

    assert summary.slot == "addon"
    assert host.installed == {"license.alic": 1, "addon-abcd-ef01.alic": 1}


def test_a_clock_of_2099_does_not_refuse_an_add_on(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    host.clocks.wall_s = IAT + 70 * 365 * DAY_S
    add_on = host.license_bytes(
        lid=bytes(16), parent=host.issuer.terms().lid, iat=IAT + 9, nbf=IAT + 9
    )

    assert _install(host, add_on).slot == "addon"


def test_an_emergency_license_leaves_the_one_in_force_alone(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    emergency = host.license_bytes(
        lid=bytes(16), kind=Kind.EMERGENCY, exp=IAT + 9 * DAY_S, term=IAT + 9 * DAY_S
    )

    summary = _install(host, emergency)

    assert summary.losses == ()
    assert host.installed == {"license.alic": 1, "emergency-0000-0000.alic": 1}


# Responses


def test_a_response_updates_key_set_and_revocations(host: LicenseHost) -> None:
    newer = host.issuer.keyset_bytes(version=2)
    data = host.response_bytes(keyset=newer)

    summary = _install(host, data)

    shelf = host.licenses.shelf
    assert (summary.form, summary.updates) == (
        "response",
        ("key set 2", "revocation list 1"),
    )
    assert shelf.keyset() == newer
    assert shelf.revocations() is not None
    assert shelf.response() == data
    assert host.licenses.is_installed(_file(host, data))


def test_a_response_heals_a_damaged_key_set(host: LicenseHost) -> None:
    host.licenses.shelf.put_keyset(b"damaged")
    host.licenses.shelf.put_revocations(b"damaged")

    summary = _install(host, host.response_bytes())

    assert summary.updates == ("key set 1", "revocation list 1")


def test_a_damaged_revocation_list_counts_as_none(host: LicenseHost) -> None:
    host.licenses.shelf.put_revocations(b"damaged")

    assert _install(host, host.license_bytes()).outcome == "installed"


def test_a_foreign_file_among_the_licenses_is_passed_over(host: LicenseHost) -> None:
    stray = host.paths.license_public / "stray.alic"
    stray.write_text(host.issuer.license_text(seq=9))

    assert _install(host, host.license_bytes()).outcome == "installed"


def test_a_code_is_never_what_is_installed(host: LicenseHost) -> None:
    assert not host.licenses.is_installed(_file(host, CHAIN.codes[0].encode()))


def test_an_older_medium_does_not_take_the_key_set_back(host: LicenseHost) -> None:
    newer = host.issuer.keyset_bytes(version=2)
    _install(host, host.response_bytes(keyset=newer))

    host.licenses.prepare(host.medium)

    assert host.licenses.shelf.keyset() == newer


@pytest.mark.parametrize("kind", ["revocations", "keyset"])
def test_a_list_or_a_key_set_may_come_alone(host: LicenseHost, kind: str) -> None:
    _install(host, host.license_bytes())
    data = {
        "revocations": host.issuer.revocations_bytes(entries=()),
        "keyset": host.issuer.keyset_bytes(version=2),
    }[kind]

    first, again = _install(host, data), _install(host, data)

    word = {"revocations": "revocation list 1", "keyset": "key set 2"}[kind]
    assert (first.outcome, first.updates) == ("same", (word,))
    assert again.updates == ()
    assert host.installed == {"license.alic": 1}


def test_a_medium_brings_its_revocation_list(host: LicenseHost) -> None:
    medium = host.medium
    medium.revocations_bytes = host.issuer.revocations_bytes(entries=())

    host.licenses.prepare(medium)
    medium.revocations_bytes = b"damaged"
    host.licenses.prepare(medium)

    kept = host.licenses.shelf.revocations()
    assert kept == host.issuer.revocations_bytes(entries=())


def test_a_request_is_no_license(host: LicenseHost) -> None:
    with pytest.raises(LicenseError) as refused:
        _install(host, host.issuer.request_bytes())

    assert refused.value.code == "ANX-LIC-06"


# Codes


def test_a_code_goes_to_the_license_container(host: LicenseHost) -> None:
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=3, days=14)
    _install(host, host.license_bytes(extension=chain.anchor))
    with host.container() as keeper:
        summary = _install(host, chain.codes[1].lower().encode())

        view = keeper.refresh()

    assert (summary.form, summary.outcome) == ("code", "installed")
    assert summary.gains == ("full service: up to 28 more days",)
    standing = view.decision.standing
    assert standing is not None
    assert standing.redeemed == 2


def test_a_code_of_another_license_is_refused(host: LicenseHost) -> None:
    _install(host, host.license_bytes(extension=CHAIN.anchor))

    with pytest.raises(LicenseError) as refused:
        host.licenses.check_bytes(CHAIN.codes[0].encode(), None)

    assert refused.value.code == "ANX-LIC-22"


def test_a_code_without_a_license_says_so(host: LicenseHost) -> None:
    with pytest.raises(InstallerError) as refused:
        host.licenses.check_bytes(CHAIN.codes[0].encode(), None)

    assert refused.value.code == "ANX-LIC-31"


def test_a_code_needs_the_license_service(host: LicenseHost) -> None:
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=1, days=14)
    _install(host, host.license_bytes(extension=chain.anchor))

    with pytest.raises(InstallerError) as refused:
        _install(host, chain.codes[0].encode())

    assert refused.value.code == "ANX-OP-22"


# Disks


class _FullDisk(HostFiles):
    """A disk without room for anything while the reserve is there."""

    reserve: Path

    @override
    def write(self, path: Path, data: bytes, access: Access = PUBLIC_FILE) -> None:
        if self.reserve.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(path, data, access)


def _on_full_disk(host: LicenseHost) -> HostLicenses:
    files = _FullDisk(chown=lambda _path, _user, _group: None)
    _FullDisk.reserve = host.paths.license / ".reserve"
    return replace(host.licenses, files=files)


def test_a_full_disk_gives_the_reserve_for_a_license(host: LicenseHost) -> None:
    _install(host, host.license_bytes())
    renewal = host.license_bytes(seq=2)

    summary = _on_full_disk(host).install_bytes(renewal, None)

    assert summary.outcome == "installed"
    assert host.installed == {"license.alic": 2}


def test_a_broken_disk_is_named(host: LicenseHost) -> None:
    class Broken(HostFiles):
        @override
        def write(self, path: Path, data: bytes, access: Access = PUBLIC_FILE) -> None:
            raise OSError(errno.EIO, "Input/output error")

    licenses = replace(host.licenses, files=Broken(chown=lambda _p, _u, _g: None))

    with pytest.raises(InstallerError, match="Input/output") as refused:
        licenses.install_bytes(host.license_bytes(), None)

    assert refused.value.code == "ANX-OP-24"


def test_a_disk_without_any_room_is_named_and_the_old_license_stays(
    host: LicenseHost,
) -> None:
    _install(host, host.license_bytes())
    licenses = _on_full_disk(host)
    _FullDisk.reserve = host.root

    with pytest.raises(InstallerError) as refused:
        licenses.install_bytes(host.license_bytes(seq=2), None)

    assert refused.value.code == "ANX-OP-24"
    assert "No space left" in refused.value.evidence
    assert host.installed == {"license.alic": 1}


def _later(host: LicenseHost, *, seq: int, start: int = 10) -> bytes:
    begin = IAT + start * DAY_S
    return host.license_bytes(
        seq=seq,
        nbf=begin,
        exp=begin + 365 * DAY_S,
        term=begin + 395 * DAY_S,
    )


def _file(host: LicenseHost, data: bytes) -> Path:
    path = host.root / "answer.arsp"
    path.write_bytes(data)
    return path


def test_a_trust_update_brings_key_set_and_revocations_at_once(
    host: LicenseHost,
) -> None:
    medium = host.medium
    medium.revocations_bytes = host.issuer.revocations_bytes(entries=())

    host.licenses.take_trust(medium)

    with host.container() as container:
        assert container.refresh().site.revocations is not None


def test_a_key_set_that_is_not_genuine_changes_nothing(host: LicenseHost) -> None:
    medium, before = (
        host.medium,
        (host.paths.license_public / "keyset.cbor").read_bytes(),
    )
    medium.keyset_bytes = b"damaged"

    with pytest.raises(LicenseError):
        host.licenses.take_trust(medium)

    assert (host.paths.license_public / "keyset.cbor").read_bytes() == before
