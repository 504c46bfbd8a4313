"""`anechoic license` against the real engine, license files and license container."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from installer.client import EngineClient
from installer.exit_codes import ExitCode
from offline_license.armor import Label, unarmor
from offline_license.extension import make_chain
from offline_license.frames import split, whole
from offline_license.intake import SignedObject, recognize
from offline_license.mini import verify_mini_request
from offline_license.model import Capacity
from offline_license.request import verify_request
from offline_license.tolerances import DAY_S
from tests.support.desk import Desk, engine_of
from tests.support.fake_site import FakeSite
from tests.support.license_host import LicenseHost
from tests.support.licensing import EXP, IAT, TERM
from tests.support.pseudo_terminal import PseudoTerminal

pytestmark = pytest.mark.long


@pytest.fixture
def host(tmp_path: Path) -> LicenseHost:
    return LicenseHost(tmp_path).prepare()


@pytest.fixture
def desk(host: LicenseHost, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(host.root))
    monkeypatch.chdir(host.root)
    site = replace(FakeSite(host.root).site(), licenses=host.licenses)
    with engine_of(site) as desk:
        yield desk


def _write(host: LicenseHost, name: str = "site.alic", **changes: object) -> str:
    path = host.root / name
    path.write_text(host.license_text(**changes))
    return str(path)


# Install


def test_a_file_is_put_in_force_with_its_dates(desk: Desk, host: LicenseHost) -> None:
    result = desk.run("license", "install", _write(host))

    assert result.exit_code == ExitCode.OK, result.output
    assert "License 630B-A094/1 for Example Hospital: valid" in result.output
    assert "Valid through 2028-01-13. Full service to 2028-02-14 08:00 UTC." in (
        result.output
    )
    assert host.installed == {"license.alic": 1}


def test_standard_input_is_taken(desk: Desk, host: LicenseHost) -> None:
    result = desk.run("license", "install", "-", text=host.license_text())

    assert result.exit_code == ExitCode.OK, result.output
    assert host.installed == {"license.alic": 1}


def test_a_paste_ends_with_the_last_line_of_the_text(
    desk: Desk, host: LicenseHost
) -> None:
    text = host.license_text() + "\nleft over\n"

    assert desk.run("license", "install", "--paste", text=text).exit_code == 0


def test_qr_texts_are_pasted_in_any_order(desk: Desk, host: LicenseHost) -> None:
    first, second, third = split(host.license_bytes(), 150)
    text = f"{third}\n\n{first}\n{second}\n\n"

    result = desk.run("license", "install", "--paste", text=text)

    assert "Of 3 QR codes these are missing: 1, 2" in result.output
    assert result.exit_code == ExitCode.OK, result.output


def test_an_incomplete_paste_says_what_is_missing(
    desk: Desk, host: LicenseHost
) -> None:
    text = split(host.license_bytes(), 150)[1]

    result = desk.run("license", "install", "--paste", text=text)

    assert result.exit_code == ExitCode.LICENSE
    assert "ANX-OP-27" in result.output


def test_the_same_license_again_is_a_success(desk: Desk, host: LicenseHost) -> None:
    path = _write(host)
    desk.run("license", "install", path)

    again = desk.run("license", "install", path)

    assert again.exit_code == ExitCode.OK
    assert "it is installed already, nothing was changed" in again.output


def test_an_older_license_is_refused_with_both_dates(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run(
        "license",
        "install",
        _write(host, seq=2, exp=EXP + 9 * DAY_S, term=TERM + 9 * DAY_S),
    )

    result = desk.run("license", "install", _write(host, "old.alic"))

    assert result.exit_code == ExitCode.LICENSE
    assert "ANX-LIC-16" in result.output
    assert result.output.count("valid through 2028-01-") == 2


def test_losses_are_shown_and_have_to_be_accepted(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run("license", "install", _write(host))
    smaller = _write(host, "next.alic", seq=2, capacity=Capacity(streams=4))

    refused = desk.run("license", "install", smaller)
    as_json = desk.run("license", "install", smaller, "--json")
    kept = dict(host.installed)
    shown = desk.run("license", "show", smaller)
    taken = desk.run("license", "install", smaller, "--accept-loss")

    assert refused.exit_code == as_json.exit_code == ExitCode.LICENSE
    assert json.loads(as_json.stdout)["finding"]["code"] == "ANX-OP-21"
    assert kept == {"license.alic": 1}
    assert "- live sessions: 8 -> 4" in shown.output
    assert taken.exit_code == ExitCode.OK
    assert host.installed == {"license.alic": 2}


def test_a_license_for_later_says_when_it_starts(desk: Desk, host: LicenseHost) -> None:
    desk.run("license", "install", _write(host))
    later = {
        "nbf": IAT + 90 * DAY_S,
        "exp": EXP + 90 * DAY_S,
        "term": TERM + 90 * DAY_S,
    }

    result = desk.run("license", "install", _write(host, "next.alic", seq=2, **later))

    assert "it starts at 2027-04-15 08:00 UTC, the one in force stays" in result.output


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "large", "missing"])
def test_strange_files_are_refused_at_once(
    desk: Desk, host: LicenseHost, kind: str
) -> None:
    path = host.root / f"{kind}.alic"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(10 * 2**30)

    result = desk.run("license", "install", str(path))

    assert result.exit_code == ExitCode.LICENSE
    unreadable = kind in {"missing", "folder"}
    assert ("ANX-OP-19" if unreadable else "ANX-LIC-01") in result.output


def test_64_kib_and_a_byte_of_standard_input_are_refused(desk: Desk) -> None:
    result = desk.run("license", "install", "-", text="A" * (64 * 1024 + 1))

    assert result.exit_code == ExitCode.LICENSE
    assert "ANX-LIC-01" in result.output


def test_without_a_file_the_first_on_a_stick_is_offered(
    desk: Desk, host: LicenseHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    stick = host.root / "stick"
    (stick / "from vendor").mkdir(parents=True)
    found = stick / "from vendor" / "answer.arsp"
    found.write_bytes(host.response_bytes())
    monkeypatch.setattr("installer.cli.license_install.places", lambda: (stick,))

    refused = desk.run("license", "install", text="n\n")
    taken = desk.run("license", "install", text="y\n")

    assert f"Install {found}?" in refused.output
    assert refused.exit_code == ExitCode.USAGE
    assert "Also brought: revocation list 1." in taken.output
    assert host.installed == {"license.alic": 1}


def test_without_any_file_the_places_are_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installer.cli.license_install.places", lambda: (Path("/m"),))

    result = desk.run("license", "install")

    assert result.exit_code == ExitCode.USAGE
    assert "ANX-OP-25" in result.output
    assert "/m" in result.output


def test_a_medium_lends_its_trust_before_an_installation(tmp_path: Path) -> None:
    host = LicenseHost(tmp_path / "bare")
    host.licenses.request()
    fake = FakeSite(host.root)
    fake.world.medium = host.medium
    site = replace(fake.site(), licenses=host.licenses)
    path = _write(host)
    with pytest.MonkeyPatch.context() as patch, engine_of(site) as desk:
        patch.setenv("ANECHOIC_ROOT", str(host.root))
        alone = desk.run("license", "install", path)
        judged = desk.run("license", "install", path, "--medium", "/media/release")

    assert "ANX-OP-17" in alone.output
    assert judged.exit_code == ExitCode.OK, judged.output
    assert fake.world.opened == [Path("/media/release")] * 2


# Request


def test_a_request_is_a_file_with_what_the_container_knows(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run("license", "install", _write(host))
    with host.container():
        result = desk.run("license", "request", "--output", "x.areq")
        status = host.licenses.status()

    assert result.exit_code == ExitCode.OK, result.output
    assert "\x1b" not in result.output
    request = verify_request(
        unarmor((host.root / "x.areq").read_bytes(), Label.REQUEST)
    )
    assert status is not None
    ledger = status["ledger"]
    assert isinstance(ledger, dict)
    assert request.seq == 1
    assert request.ledger == (
        ledger["index"],
        bytes.fromhex(str(ledger["head"]))[:16],
    )
    assert [number for number, _ in request.usage] == [1, 2, 3, 4]


def test_a_silent_container_leaves_its_part_out(desk: Desk, host: LicenseHost) -> None:
    desk.run("license", "request", "--output", "x.areq")

    data = unarmor((host.root / "x.areq").read_bytes(), Label.REQUEST)
    request = verify_request(data)
    assert (request.ledger, request.usage, request.flags) == (None, (), ())


def test_every_form_of_a_request_says_the_same(desk: Desk, host: LicenseHost) -> None:
    desk.run("license", "install", _write(host))

    made = json.loads(desk.run("license", "request", "--json").stdout)

    full = unarmor(made["armored"].encode(), Label.REQUEST)
    assert recognize(made["whole"].encode()) == recognize(full)
    assert recognize("\n".join(made["frames"]).encode()) == recognize(full)
    found = recognize(made["mini"][0].encode())
    assert isinstance(found, SignedObject)
    mini = verify_mini_request(found.data, host.install_public)
    assert mini.serial == made["serial"] == "630B-A094/1"
    assert unarmor(made["mini_armored"].encode(), Label.REQUEST) == found.data
    assert len(made["mini"][0]) <= 195


def test_qr_codes_are_shown_when_asked_for_with_the_text_below(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run("license", "install", _write(host))

    result = desk.run("license", "request", "--qr", "--force")

    assert "QR code 1 of 1, short form, version 6-L" in result.output
    assert "--full-block" in result.output
    assert result.output.rstrip().endswith("-----END ANECHOIC REQUEST-----")


def test_a_first_request_has_no_short_form(desk: Desk) -> None:
    result = desk.run("license", "request", "--mini")

    assert result.exit_code == ExitCode.USAGE
    assert "no short form without a license" in result.output


def test_a_picture_is_written_beside(desk: Desk, host: LicenseHost) -> None:
    result = desk.run("license", "request", "--png", "x.png")

    assert result.exit_code == ExitCode.OK, result.output
    assert (host.root / "x.png").read_bytes().startswith(b"\x89PNG")


# Codes, clocks, drills, rehearsals


def test_a_code_extends_and_again_changes_nothing(
    desk: Desk, host: LicenseHost
) -> None:
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=3, days=14)
    desk.run("license", "install", _write(host, extension=chain.anchor))
    with host.container() as keeper:
        first = desk.run("license", "extend", chain.codes[0].lower())
        once = keeper.refresh().decision.standing
        again = desk.run("license", "extend", chain.codes[0])
        twice = keeper.refresh().decision.standing
        wrong = desk.run("license", "extend", chain.codes[0][:-1] + "0")

    assert first.exit_code == again.exit_code == 0, first.output
    assert once is not None
    assert twice is not None
    assert (once.redeemed, once.extended_to) == (twice.redeemed, twice.extended_to)
    assert wrong.exit_code == ExitCode.LICENSE
    assert "ANX-LIC-22" in wrong.output


def test_tries_are_slowed_down_and_license_files_are_not(
    desk: Desk, host: LicenseHost
) -> None:
    other = make_chain(bytes(16), bytes(13), count=1, days=14).codes[0]
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=1, days=14)
    desk.run("license", "install", _write(host, extension=chain.anchor))
    with host.container():
        tries = [desk.run("license", "extend", other).output for _ in range(12)]
        renewal = desk.run(
            "license", "install", _write(host, "next.alic", seq=2), "--accept-loss"
        )

    assert "ANX-LIC-22" in tries[0]
    assert "ANX-OP-23" in tries[-1]
    assert renewal.exit_code == ExitCode.OK, renewal.output


def test_a_code_can_be_pasted_too(desk: Desk, host: LicenseHost) -> None:
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=1, days=14)
    desk.run("license", "install", _write(host, extension=chain.anchor))
    with host.container():
        text = f"{chain.codes[0]}\n\n"
        result = desk.run("license", "install", "--paste", text=text)

    assert result.exit_code == ExitCode.OK, result.output
    assert "the code is redeemed" in result.output


def test_a_clock_is_confirmed_and_noted(desk: Desk, host: LicenseHost) -> None:
    desk.run("license", "install", _write(host))
    with host.container():
        asked = desk.run("license", "confirm-clock", text="n\n")
        sure = desk.run("license", "confirm-clock", "--yes", "--json")

    assert asked.exit_code == ExitCode.USAGE
    assert sure.exit_code == ExitCode.OK, sure.output
    assert json.loads(sure.stdout)["state"] == "VALID"


def test_a_drill_shows_grace_and_ends(desk: Desk, host: LicenseHost) -> None:
    desk.run("license", "install", _write(host))
    with host.container():
        begun = desk.run("license", "drill", "--minutes", "10")
        during = host.licenses.status()
        ended = desk.run("license", "drill", "--minutes", "0")
        after = host.licenses.status()

    assert begun.exit_code == ended.exit_code == 0, begun.output
    assert during is not None
    assert after is not None
    assert (during["state"], after["state"]) == ("GRACE", "VALID")
    assert "drill" in str(during["banner"]).lower()


def test_a_rehearsal_tells_state_service_and_what_led_there(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run("license", "install", _write(host))

    result = desk.run("license", "simulate", "--at", "2028-03-01")
    data = json.loads(
        desk.run("license", "simulate", "--at", "2028-01-20", "--json").stdout
    )

    assert result.exit_code == ExitCode.OK, result.output
    assert "At 2028-03-01 00:00 UTC the license is restricted." in result.output
    assert "Renew it now" in result.output
    assert data["state"] == "grace"
    assert [one["state"] for one in data["timeline"]] == ["valid", "expiring", "grace"]


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        (("--clock", "1970"), "valid"),
        (("--clock", "+5d"), "valid"),
        (("--at", "2027-03-01", "--clock", "+400d for 20h"), "expiring"),
        (("--at", "2027-03-01", "--clock", "2099-01-01 for 2d"), "grace"),
        (("--at", "2027-03-01", "--swap", "nic,gpu"), "valid"),
    ],
)
def test_wrong_clocks_and_swapped_parts_are_rehearsed(
    desk: Desk, host: LicenseHost, arguments: tuple[str, ...], state: str
) -> None:
    desk.run("license", "install", _write(host))

    result = desk.run("license", "simulate", *arguments, "--json")

    assert json.loads(result.stdout)["state"] == state


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "soon"),
        ("--at", "1999-01-01"),
        ("--clock", "yesterday"),
        ("--clock", "2027-13-45"),
        ("--swap", "keyboard"),
    ],
)
def test_what_cannot_be_rehearsed_is_named(
    desk: Desk, host: LicenseHost, arguments: tuple[str, ...]
) -> None:
    desk.run("license", "install", _write(host))

    result = desk.run("license", "simulate", *arguments)

    assert result.exit_code == ExitCode.USAGE
    assert "ANX-OP-26" in result.output


def test_a_rehearsal_starts_from_what_was_used_up(
    desk: Desk, host: LicenseHost
) -> None:
    """The redeemed code is in the memory of the container, not in any file of ours."""
    chain = make_chain(host.issuer.terms().lid, bytes(range(13)), count=3, days=14)
    desk.run("license", "install", _write(host, extension=chain.anchor))
    with host.container():
        desk.run("license", "extend", chain.codes[2])
    date = ("--at", "2028-02-20", "--json")

    found = json.loads(desk.run("license", "simulate", *date).stdout)

    assert found["state"] == "grace"


@pytest.mark.parametrize(
    "arguments",
    [("extend", "AAAA"), ("confirm-clock", "--yes"), ("drill",), ("show",)],
)
def test_a_silent_license_service_is_named(
    desk: Desk, arguments: tuple[str, ...]
) -> None:
    result = desk.run("license", *arguments)

    assert result.exit_code == ExitCode.NOT_READY
    assert "ANX-OP-22" in result.output


def test_scanned_text_of_one_code_is_enough(desk: Desk, host: LicenseHost) -> None:
    text = whole(host.license_bytes()) + "\n\n"

    assert desk.run("license", "install", "--paste", text=text).exit_code == 0


@pytest.mark.parametrize(("typed", "installed"), [("YES", 2), ("yes", 1)])
def test_a_loss_is_accepted_by_three_letters(
    desk: Desk, host: LicenseHost, typed: str, installed: int
) -> None:
    desk.run("license", "install", _write(host))
    smaller = _write(host, "next.alic", seq=2, features=())
    variables = {"TERM": "linux", "ANECHOIC_ROOT": str(host.root)}

    with PseudoTerminal(
        "installer", "license", "install", smaller, env=variables
    ) as terminal:
        terminal.read_until(b"Type YES")
        shown = bytes(terminal.output)
        terminal.press(typed.encode() + b"\n")
        terminal.wait(30)

    assert b"\n- " in shown
    assert host.installed == {"license.alic": installed}


def test_a_report_and_a_drill_are_handed_on_by_the_client(
    desk: Desk, host: LicenseHost
) -> None:
    desk.run("license", "install", _write(host))
    with host.container(), EngineClient() as client:
        drilled = client.drill(5)
        report = client.usage_report("daily")
        checked = client.license(_write(host, "next.alic", seq=2))
        taken = client.install_license(_write(host, "next.alic", seq=2))

    assert drilled["state"] == "GRACE"
    assert b"anechoic" in report
    assert (checked.outcome, taken.outcome) == ("checked", "installed")
