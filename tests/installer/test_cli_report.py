"""`anechoic report` on a laptop of its own, and against the real license container."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from installer.exit_codes import ExitCode
from offline_license.keys import (
    key_id,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
    short_id,
)
from offline_license.ledger_schema import RecordKind
from offline_license.report import verify_report
from tests.support.desk import Desk, engine_of
from tests.support.fake_site import FakeSite
from tests.support.license_host import LicenseHost
from tests.support.license_objects import ISSUER, REPORTS

OFFICER = private_key_from_seed(bytes(range(32)))
SITE_KEY = ISSUER.install_public.hex()


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A machine without an engine, whose user is not root."""
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path / "nothing"))
    monkeypatch.setattr("installer.connection.os.geteuid", lambda: 1000)
    monkeypatch.chdir(tmp_path)
    for number, data in enumerate(REPORTS):
        Path(f"{number}.usage").write_bytes(data)
    return Desk()


def test_a_report_is_read_without_an_engine(laptop: Desk) -> None:
    result = laptop.run("report", "show", "0.usage")
    data = json.loads(laptop.run("report", "show", "0.usage", "--json").stdout)

    assert result.exit_code == ExitCode.OK, result.output
    assert len(result.output.splitlines()) > 5
    assert data["install_key"] == SITE_KEY
    assert data["totals"]["served"] == 22


@pytest.mark.parametrize("form", ["text", "file", "bytes"])
def test_a_report_is_verified_with_the_public_key_alone(
    laptop: Desk, form: str
) -> None:
    Path("key.file").write_text(SITE_KEY + "\n")
    Path("key.bytes").write_bytes(ISSUER.install_public)
    key = SITE_KEY if form == "text" else f"key.{form}"

    result = laptop.run("report", "verify", "0.usage", "--key", key)

    assert result.exit_code == ExitCode.OK, result.output
    assert "Genuine and complete" in result.output
    assert "not proved" not in result.output


def test_without_a_key_it_says_what_is_not_proved(laptop: Desk) -> None:
    result = laptop.run("report", "verify", "0.usage")

    assert result.exit_code == ExitCode.OK
    assert "is your site is not proved" in result.output


def test_a_changed_figure_is_refused(laptop: Desk) -> None:
    data = REPORTS[0]
    Path("bad.usage").write_bytes(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])

    result = laptop.run("report", "verify", "bad.usage", "--key", SITE_KEY)

    assert result.exit_code == ExitCode.LICENSE
    assert "ANX-LIC-2" in result.output


def test_the_key_of_another_site_is_refused(laptop: Desk) -> None:
    other = public_bytes(OFFICER).hex()

    result = laptop.run("report", "verify", "0.usage", "--key", other)

    assert result.exit_code == ExitCode.LICENSE


@pytest.mark.parametrize("key", ["nowhere", "0.usage", "zz" * 32])
def test_what_is_no_key_is_named(laptop: Desk, key: str) -> None:
    result = laptop.run("report", "verify", "0.usage", "--key", key)

    assert result.exit_code == ExitCode.USAGE
    assert "ANX-OP-28" in result.output


@pytest.mark.parametrize("passphrase", [None, "correct horse"])
def test_an_officer_signs_too_and_the_passphrase_is_asked_for(
    laptop: Desk, passphrase: str | None
) -> None:
    secret = None if passphrase is None else passphrase.encode()
    Path("officer.pem").write_bytes(private_key_pem(OFFICER, secret))

    signed = laptop.run(
        "report", "countersign", "0.usage", "--key-file", "officer.pem",
        text=f"{passphrase}\n",
    )  # fmt: skip
    officer = public_bytes(OFFICER).hex()
    verified = laptop.run(
        "report", "verify", "0.usage", "--key", SITE_KEY, "--officer", officer
    )
    unsigned = laptop.run("report", "verify", "1.usage", "--officer", officer)

    assert signed.exit_code == ExitCode.OK, signed.output
    assert short_id(key_id(public_bytes(OFFICER))) in verified.output
    assert verified.exit_code == ExitCode.OK, verified.output
    assert unsigned.exit_code == ExitCode.LICENSE


def test_a_wrong_passphrase_signs_nothing(laptop: Desk) -> None:
    Path("officer.pem").write_bytes(private_key_pem(OFFICER, b"right"))

    result = laptop.run(
        "report", "countersign", "0.usage", "--key-file", "officer.pem", text="wrong\n"
    )

    assert result.exit_code == ExitCode.LICENSE
    assert "ANX-LIC-20" in result.output
    assert Path("0.usage").read_bytes() == REPORTS[0]


def test_two_reports_are_compared(laptop: Desk) -> None:
    result = laptop.run("report", "diff", "0.usage", "1.usage")
    data = json.loads(
        laptop.run("report", "diff", "0.usage", "1.usage", "--json").stdout
    )

    assert result.exit_code == ExitCode.OK, result.output
    assert "continues" in data


def test_a_missing_report_is_named(laptop: Desk) -> None:
    result = laptop.run("report", "show", "nowhere.usage")

    assert result.exit_code == ExitCode.USAGE
    assert "ANX-OP-28" in result.output


# On a site


@pytest.fixture
def host(tmp_path: Path) -> LicenseHost:
    host = LicenseHost(tmp_path).prepare()
    host.licenses.install_bytes(host.license_bytes(), None)
    return host


@pytest.fixture
def desk(host: LicenseHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(host.root))
    monkeypatch.chdir(host.root)
    site = replace(FakeSite(host.root).site(), licenses=host.licenses)
    with engine_of(site) as desk, host.container():
        yield desk


@pytest.mark.parametrize("level", ["hourly", "daily"])
def test_a_site_exports_what_its_own_key_verifies(desk: Desk, level: str) -> None:
    exported = desk.run("report", "export", "--level", level, "-o", "x.usage")
    verified = desk.run("report", "verify", "x.usage", "--key", "site")

    assert exported.exit_code == ExitCode.OK, exported.output
    assert verified.exit_code == ExitCode.OK, verified.output
    assert "not proved" not in verified.output


def test_a_restored_backup_is_noted_with_who_said_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_UID", "1007")

    noted = desk.run("report", "restored")
    desk.run("report", "export", "-o", "x.usage")

    report = verify_report(Path("x.usage").read_bytes(), None)
    (record,) = [one for one in report.records if one.kind is RecordKind.RESTORED]
    assert noted.exit_code == ExitCode.OK, noted.output
    assert record.fields == {"uid": 1007}


def test_an_existing_report_is_not_overwritten(desk: Desk) -> None:
    desk.run("report", "export", "-o", "x.usage")

    assert desk.run("report", "export", "-o", "x.usage").exit_code == ExitCode.USAGE
