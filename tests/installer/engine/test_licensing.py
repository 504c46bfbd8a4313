"""Real licenses on a host in a temporary folder."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import JsonValue
from typing_extensions import override

from appliance.paths import HostPaths
from installer.engine.anchors import anchor_file
from installer.engine.durable import HostFiles
from installer.engine.licensing import HostLicenses, LicenseService
from installer.errors import InstallerError
from offline_license.armor import Label, unarmor
from offline_license.dates import iso
from offline_license.errors import LicenseError
from offline_license.fingerprint import Enrolled, Fingerprint, Group
from offline_license.keys import private_key_from_pem, public_bytes
from offline_license.request import verify_request
from offline_license.tolerances import DAY_S
from tests.support.fake_site import FakeMedium, FakeSite
from tests.support.licensing import FACTS, IAT, Issuer
from tests.support.media import MediumFactory

DAY_1 = datetime.fromtimestamp(IAT + DAY_S, UTC)


@dataclass
class Host:
    """A host with the trust of one issuer."""

    licenses: HostLicenses
    medium: FakeMedium
    issuer: Issuer
    root: Path

    @property
    def install_public(self) -> bytes:
        data = (self.licenses.paths.license / "install.key").read_bytes()
        return public_bytes(private_key_from_pem(data))

    def write(self, name: str = "site.alic", **changes: object) -> Path:
        path = self.root / name
        changes = {"install_key": self.install_public, **changes}
        path.write_text(self.issuer.license_text(**changes))
        return path


def _licenses(root: Path, now: datetime) -> HostLicenses:
    return HostLicenses(
        HostPaths(root),
        facts=lambda: FACTS,
        service=LicenseService(lambda: None),
        build="0.1.0",
        now=lambda: now,
        files=HostFiles(chown=lambda _path, _user, _group: None),
    )


@dataclass(frozen=True)
class _Proving(LicenseService):
    """A license container that tells the time that it has proved."""

    proved_s: int | None = None

    @classmethod
    def of(cls, licenses: HostLicenses, proved_s: int | None) -> HostLicenses:
        return replace(licenses, service=cls(lambda: None, proved_s))

    @override
    def status(self) -> dict[str, JsonValue] | None:
        if self.proved_s is None:
            return {"state": "VALID"}
        return {"time": {"proved": iso(self.proved_s)}}


@pytest.fixture
def make(tmp_path: Path) -> Callable[[datetime], Host]:
    def made(now: datetime) -> Host:
        issuer = Issuer()
        medium = FakeSite(tmp_path).world.medium
        medium.keyset_bytes = issuer.keyset_bytes()
        medium.license_anchor = issuer.anchor.to_bytes()
        licenses = _licenses(tmp_path, now)
        licenses.prepare(medium)
        return Host(licenses, medium, issuer, tmp_path)

    return made


@pytest.fixture
def host(make: Callable[[datetime], Host]) -> Host:
    return make(DAY_1)


def test_a_license_for_this_host_is_judged_and_installed(host: Host) -> None:
    path = host.write()

    checked = host.licenses.check(path, host.medium)
    assert not host.licenses.present
    host.licenses.install(path, host.medium)

    assert host.licenses.present
    assert checked.state == "valid"
    assert checked.customer == "Example Hospital"
    assert checked.findings == ()


def test_the_installed_license_is_told_from_another(host: Host) -> None:
    path = host.write()
    host.licenses.install(path, host.medium)

    assert host.licenses.is_installed(path)
    assert not host.licenses.is_installed(host.write("next.alic", seq=2))


def _modes(folder: Path) -> dict[str, int]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: path.stat().st_mode & 0o777 for path in files}


def test_files_are_readable_by_the_container_only(host: Host) -> None:
    host.licenses.install(host.write(), host.medium)

    paths = host.licenses.paths

    assert _modes(paths.license) == dict.fromkeys(
        ("host.json", "install.key", ".reserve"), 0o400
    )
    assert _modes(paths.license_public) == dict.fromkeys(
        ("license.alic", "keyset.cbor", "install.pub"), 0o444
    )
    assert paths.license.stat().st_mode & 0o777 == 0o750
    assert paths.license_public.stat().st_mode & 0o777 == 0o755


def test_a_license_of_another_installation_is_refused(host: Host) -> None:
    with pytest.raises(LicenseError) as refused:
        host.licenses.check(
            host.write(install_key=host.issuer.install_public), host.medium
        )

    assert refused.value.code.startswith("ANX-LIC-")


def test_a_license_of_another_vendor_is_refused(host: Host) -> None:
    path = host.root / "other.alic"
    path.write_text(Issuer("other").license_text(install_key=host.install_public))

    with pytest.raises(LicenseError):
        host.licenses.check(path, host.medium)


def test_an_ended_license_is_refused_with_its_date(
    make: Callable[[datetime], Host],
) -> None:
    host = make(datetime.fromtimestamp(IAT + 396 * DAY_S, UTC))

    with pytest.raises(InstallerError) as refused:
        host.licenses.install(host.write(), host.medium)

    assert refused.value.code == "ANX-LIC-32"
    assert "ended at 2028" in refused.value.evidence
    assert not host.licenses.present


def test_a_license_in_grace_is_installed_with_a_warning(
    make: Callable[[datetime], Host],
) -> None:
    host = make(datetime.fromtimestamp(IAT + 370 * DAY_S, UTC))

    summary = host.licenses.install(host.write(), host.medium)

    assert summary.state == "grace"
    assert [finding.severity for finding in summary.findings] == ["warning"]


def test_a_machine_without_a_battery_clock_installs_its_license(
    make: Callable[[datetime], Host],
) -> None:
    host = make(datetime.fromtimestamp(0, UTC))

    assert host.licenses.install(host.write(), host.medium).state == "valid"


def test_the_enrolled_salt_is_used_to_recognize_the_host(host: Host) -> None:
    enrolled = Enrolled(host.issuer.host())

    summary = host.licenses.install(host.write(enrolled=enrolled), host.medium)

    seen = (host.licenses.paths.license / "host.json").read_text()
    assert summary.state == "valid"
    assert host.issuer.host().salt.hex() in seen


@pytest.mark.parametrize("data", [b"", b"not a license", b"\x00" * 100_000])
def test_a_file_that_is_no_license_is_refused(host: Host, data: bytes) -> None:
    path = host.root / "junk.alic"
    path.write_bytes(data)

    with pytest.raises(LicenseError):
        host.licenses.check(path, host.medium)


def test_a_missing_file_is_named(host: Host) -> None:
    with pytest.raises(InstallerError) as refused:
        host.licenses.check(host.root / "none.alic", host.medium)

    assert refused.value.code == "ANX-OP-19"


def test_without_trust_nothing_is_judged(tmp_path: Path, host: Host) -> None:
    licenses = _licenses(tmp_path / "bare", DAY_1)

    with pytest.raises(InstallerError) as refused:
        licenses.check(host.write(), None)

    assert refused.value.code == "ANX-OP-17"


def test_pinned_trust_judges_a_renewal_without_a_medium(host: Host) -> None:
    vendor = MediumFactory(
        host.root / "vendor", license_anchor=host.medium.license_anchor
    )
    pinned = anchor_file(host.licenses.paths)
    pinned.parent.mkdir(parents=True)
    pinned.write_bytes(vendor.anchor.to_json())

    assert host.licenses.install(host.write(seq=2), None).license_id.endswith("/2")


def test_a_request_is_signed_by_a_key_that_is_made_once(host: Host) -> None:
    first = host.licenses.request()
    second = host.licenses.request()

    requests = [
        verify_request(unarmor(made.armored.encode(), Label.REQUEST))
        for made in (first, second)
    ]
    assert requests[0].install_key == requests[1].install_key == host.install_public
    assert requests[0].nonce != requests[1].nonce
    assert first.filename.endswith(".areq")


def test_a_request_names_the_license_in_use(host: Host) -> None:
    host.licenses.install(host.write(seq=3), host.medium)

    made = host.licenses.request()

    request = verify_request(unarmor(made.armored.encode(), Label.REQUEST))
    assert request.seq == 3


def test_a_clock_of_2099_does_not_refuse_a_renewal(
    make: Callable[[datetime], Host],
) -> None:
    host = make(DAY_1)
    host.licenses.install(host.write(), host.medium)
    late = replace(host.licenses, now=lambda: datetime(2099, 1, 1, tzinfo=UTC))

    summary = late.install(host.write("next.alic", seq=2), host.medium)

    assert summary.state == "valid"
    assert summary.license_id.endswith("/2")
    assert [one.code for one in summary.findings] == ["ANX-OP-20"]


def test_a_renewal_that_has_ended_by_proved_time_is_refused(host: Host) -> None:
    host.licenses.install(host.write(), host.medium)
    proving = _Proving.of(host.licenses, IAT + 400 * DAY_S)

    with pytest.raises(InstallerError) as refused:
        proving.install(host.write("next.alic", seq=2), host.medium)

    assert refused.value.code == "ANX-LIC-32"


def test_an_older_license_is_refused_with_the_dates_of_both(host: Host) -> None:
    newer = host.write("new.alic", seq=2, exp=IAT + 700 * DAY_S, term=IAT + 730 * DAY_S)
    host.licenses.install(newer, host.medium)

    with pytest.raises(LicenseError) as refused:
        host.licenses.install(host.write("old.alic"), host.medium)

    assert refused.value.code == "ANX-LIC-16"
    assert refused.value.evidence.count("valid through") == 2
    assert host.licenses.is_installed(newer)


def test_the_same_license_again_changes_nothing_even_after_its_end(host: Host) -> None:
    path = host.write()
    host.licenses.install(path, host.medium)
    installed = host.licenses.paths.license_public / "license.alic"
    before = installed.stat().st_ino
    later = datetime.fromtimestamp(IAT + 396 * DAY_S, UTC)

    summary = replace(host.licenses, now=lambda: later).install(path, host.medium)

    assert summary.license_id.endswith("/1")
    assert installed.stat().st_ino == before


def test_a_damaged_installed_license_does_not_stand_in_the_way(host: Host) -> None:
    host.licenses.install(host.write(seq=2), host.medium)
    (host.licenses.paths.license_public / "license.alic").write_bytes(b"damaged")

    assert host.licenses.install(host.write(), host.medium).license_id.endswith("/1")


def test_the_file_of_a_request_is_named_after_what_its_text_shows(host: Host) -> None:
    made = host.licenses.request()

    name = made.filename.removeprefix("anechoic-").removesuffix(".areq")
    assert f"Installation: {name}" in made.armored


@pytest.mark.parametrize("proved_s", [IAT + 5 * DAY_S, None])
def test_a_request_tells_the_time_that_the_container_has_proved(
    host: Host, proved_s: int | None
) -> None:
    made = _Proving.of(host.licenses, proved_s).request()

    request = verify_request(unarmor(made.armored.encode(), Label.REQUEST))
    assert request.proved_s == (proved_s or IAT + DAY_S)


def test_a_request_holds_no_serial_number(host: Host) -> None:
    made = host.licenses.request()

    data = unarmor(made.armored.encode(), Label.REQUEST)
    for values in FACTS.values():
        assert not any(value.encode() in data for value in values)


def test_the_license_container_may_be_silent(host: Host) -> None:
    assert host.licenses.status() is None


def test_changed_hardware_shows_in_the_host_facts(host: Host) -> None:
    path = host.licenses.paths.license / "host.json"
    before = path.read_bytes()
    changed = replace(host.licenses, facts=lambda: {Group.MACHINE_ID: ("another",)})

    host.licenses.refresh()
    same = path.read_bytes()
    changed.refresh()

    assert same == before
    assert path.read_bytes() != before
    salts = {Fingerprint.from_json(data).salt for data in (before, path.read_bytes())}
    assert len(salts) == 1


@pytest.mark.parametrize("how", ["lost", "damaged"])
def test_a_lost_install_key_is_made_anew_and_asked_for(host: Host, how: str) -> None:
    host.licenses.install(host.write(), host.medium)
    before, key = host.install_public, host.licenses.paths.license / "install.key"
    key.unlink() if how == "lost" else key.write_bytes(b"damaged")

    host.licenses.refresh()
    made = host.licenses.request()

    shown = (host.licenses.paths.license_public / "install.pub").read_bytes()
    request = verify_request(unarmor(made.armored.encode(), Label.REQUEST))
    assert shown == request.install_key == host.install_public != before
    assert request.seq == 1
    assert key.with_suffix(".damaged").exists() == (how == "damaged")


def test_two_installations_at_once_leave_one_whole_license(host: Host) -> None:
    paths = [host.write(f"{seq}.alic", seq=seq) for seq in range(2, 10)]

    def install(path: Path) -> str:
        try:
            return host.licenses.install(path, host.medium).outcome
        except LicenseError as older:
            return older.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(install, paths))

    assert outcomes <= {"installed", "ANX-LIC-16"}
    assert host.licenses.is_installed(paths[-1])
