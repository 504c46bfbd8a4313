"""What the ledger is told once, and what the log says: codes and serials only."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from appliance.license_files import read_site
from appliance.license_proxy import diary as diary_module
from appliance.license_proxy import reader as reader_module
from appliance.license_proxy.book import Book
from appliance.license_proxy.config import Config
from appliance.license_proxy.grantor import Grantor, Overrun
from appliance.logs import JsonLines
from offline_license.keyset import KeyUse
from offline_license.ledger_schema import Record, RecordKind
from offline_license.report import verify_report
from offline_license.report_payload import Level
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.states import State
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.license_files import SiteFiles
    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite

pytestmark = pytest.mark.usefixtures("fast_disk")


def noted(site: LicenseSite, keeper: Keeper, kind: RecordKind) -> list[Record]:
    data = keeper.report(Level.DAILY, 0)
    report = verify_report(data, site.issuer.install_public)
    return [one for one in report.records if one.kind is kind]


def test_a_revocation_in_force_is_written_down_once(site: LicenseSite) -> None:
    site.install()
    now_s, lid = site.clocks.wall_s, site.issuer.terms().lid
    entry = Revocation(lid, 1, now_s + 14 * DAY_S, 1, now_s)
    key = site.issuer.issuing_key(KeyUse.REVOCATION)
    listed = sign_revocations(Revocations(1, now_s, (entry,)), key)
    site.put("revocations.cbor", listed)
    keeper = site.start()
    assert noted(site, keeper, RecordKind.REVOKED) == []

    site.clocks.run(14 * DAY_S)
    for _ in range(3):
        site.pass_hours(keeper, 2)
        keeper.close()
        keeper = site.start()

    (record,) = noted(site, keeper, RecordKind.REVOKED)
    assert (record.octets("lid"), record.number("seq")) == (lid, 1)


def test_use_above_a_limit_is_written_down(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()
    notes = [(Overrun(limit=8, peak=9),), ()]
    monkeypatch.setattr(Grantor, "take_notes", lambda _: notes.pop(0))

    keeper.refresh()
    monkeypatch.undo()

    (record,) = noted(site, keeper, RecordKind.OVERAGE)
    assert (record.number("limit"), record.number("peak")) == (8, 9)


def test_a_drill_is_no_event_of_the_license(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    before = len(noted(site, keeper, RecordKind.START))

    keeper.drill(10)

    assert len(noted(site, keeper, RecordKind.START)) == before
    assert noted(site, keeper, RecordKind.REVOKED) == []


def test_a_fault_of_the_ledger_decides_nothing(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()

    def broken(*_: object) -> None:
        msg = "unforeseen"
        raise RuntimeError(msg)

    for name in ("tick", "note", "status"):
        monkeypatch.setattr(Book, name, broken)
    site.put("license.alic", site.issuer.license_text(seq=2).encode())
    keeper.confirm_clock(0)

    view = keeper.refresh()
    assert view.decision.state is State.VALID
    assert view.active is not None
    assert view.active.license.seq == 2
    assert view.ledger is None


def test_a_ledger_that_cannot_be_opened_stops_no_start(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()

    def broken(*_: object) -> None:
        msg = "unforeseen"
        raise RuntimeError(msg)

    monkeypatch.setattr(diary_module, "open_book", broken)

    assert site.start().refresh().decision.state is State.VALID


def test_a_look_that_fails_leaves_the_last_decision(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()

    def broken(*_: object) -> None:
        msg = "unforeseen"
        raise RuntimeError(msg)

    monkeypatch.setattr(Grantor, "observe", broken)
    site.clocks.run(10 * 365 * DAY_S)

    assert keeper.refresh().decision.state is State.VALID


def test_a_reader_that_fails_at_a_start_leaves_what_was_accepted(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that no judge can stand keeps no program from starting."""
    site.install()
    site.start().close()
    looks = iter([read_site(site.config.site)])

    def once(_: Path) -> SiteFiles:
        return next(looks)

    monkeypatch.setattr(reader_module, "read_site", once)

    assert site.start().refresh().decision.state is State.VALID


def test_logs_are_lines_of_json_with_codes_and_serials_only(
    site: LicenseSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    site.install(name="Zebra Hospital")
    keeper = site.start()
    site.put("zebra secret.alic", b"nonsense")
    keeper.refresh()
    site.clocks.run(EXP - site.clocks.wall_s)
    keeper.refresh()
    keeper.confirm_clock(1000)

    lines = [json.loads(JsonLines().format(one)) for one in caplog.records]

    events = [line["event"] for line in lines]
    assert events.count("state.changed") == 2
    assert {"file.refused", "clock.confirmed"} <= set(events)
    refused = next(line for line in lines if line["event"] == "file.refused")
    assert (refused["code"], refused["kind"]) == ("ANX-LIC-04", "alic")
    assert "ebra" not in json.dumps(lines)


def test_the_ledger_stands_beside_the_memory(tmp_path: Path) -> None:
    assert Config(state=tmp_path).ledger == tmp_path / "ledger"
