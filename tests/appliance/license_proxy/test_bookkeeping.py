"""The HTTP face of the ledger: usage, report, clock, restore, drill; what it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from appliance.usage_wire import UsageBatch
from offline_license.keys import public_bytes
from offline_license.ledger_schema import RecordKind
from offline_license.model import LedgerAck, ReportCadence, ReportMode
from offline_license.report import verify_report
from offline_license.report_payload import Level
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S, HOUR_S
from offline_license.usage import Mode, Outcome, UsageRow
from tests.support.licensing import EXP, IAT, test_key

if TYPE_CHECKING:
    import httpx

    from appliance.license_proxy.keeper import Keeper
    from offline_license.report import Report
    from tests.support.license_site import LicenseSite

ROW = UsageRow(IAT, bytes(8), Mode.BATCH, 0, Outcome.SERVED, 7, 60_000, 900, 3)
BATCH = UsageBatch("api-1", bytes(8), 1, (ROW,))


def cadence(days: int = 30, mode: ReportMode = ReportMode.ADVISORY) -> dict[str, Any]:
    return {"report": ReportCadence(days, mode)}


async def status_of(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.get("/v1/license")).json())


def report_of(site: LicenseSite, keeper: Keeper) -> Report:
    data = keeper.report(Level.HOURLY, 0)
    return verify_report(data, site.issuer.install_public)


def kinds(site: LicenseSite, keeper: Keeper) -> list[RecordKind]:
    return [one.kind for one in report_of(site, keeper).records]


async def test_a_batch_is_counted_once_however_often_it_arrives(
    site: LicenseSite,
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        await http.post("/v1/usage", json=BATCH.to_json())
        answer = await http.post("/v1/usage", json=BATCH.to_json())
        await http.post("/v1/usage", json=replace(BATCH, number=2).to_json())
        ledger = (await status_of(http))["ledger"]

    assert answer.json() == {"number": 1}
    assert ledger["since_ack"]["requests"] == 14
    assert ledger["since_ack"]["audio_ms"] == 120_000


async def test_a_batch_is_counted_once_across_a_restart_of_the_program(
    site: LicenseSite,
) -> None:
    """The acknowledgment was lost with the program; the retry adds nothing."""
    site.install()
    site.start().count(BATCH)

    keeper = site.start()
    keeper.count(BATCH)

    assert report_of(site, keeper).totals.requests == 7


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 9_000, b"x" * (2 << 20)])
async def test_a_strange_batch_is_a_typed_refusal(
    site: LicenseSite, body: bytes
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        answer = await http.post("/v1/usage", content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "ANX-LIC-02")


async def test_without_an_install_key_usage_waits_at_the_gateway(
    site: LicenseSite,
) -> None:
    async with site.http(site.start()) as http:
        answer = await http.post("/v1/usage", json=BATCH.to_json())
        status = await status_of(http)

    assert (answer.status_code, answer.json()["code"]) == (503, "ANX-LIC-20")
    assert status["ledger"] is None


@pytest.mark.parametrize("level", ["hourly", "daily"])
async def test_the_report_is_signed_by_the_install_key(
    site: LicenseSite, level: str
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        await http.post("/v1/usage", json=BATCH.to_json())
        answer = await http.get("/v1/usage/report", params={"level": level})

    report = verify_report(answer.content, site.issuer.install_public)
    assert report.totals.audio_ms == 60_000
    assert report.license == (site.issuer.terms().lid, 1)


@pytest.mark.parametrize(
    "query", [{"level": "secrets"}, {"since": "-1"}, {"since": "9" * 11}]
)
async def test_a_report_that_cannot_be_is_refused(
    site: LicenseSite, query: dict[str, str]
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        answer = await http.get("/v1/usage/report", params=query)

    assert answer.status_code == 400
    assert answer.json()["code"].startswith("ANX-LIC-")


async def test_reports_are_given_in_every_state(site: LicenseSite) -> None:
    site.install(exp=IAT + 1, term=IAT + 2, kind=1)
    keeper = site.start()
    site.pass_hours(keeper, 80)
    async with site.http(keeper) as http:
        assert (await status_of(http))["state"] == "RESTRICTED"
        answer = await http.get("/v1/usage/report")

    assert answer.status_code == 200


def test_starts_installs_and_people_are_written_down(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    site.put("license.alic", site.issuer.license_text(seq=2).encode())
    keeper.refresh()
    keeper.confirm_clock(1000)
    keeper.restored(0)

    found = report_of(site, keeper).records
    events = [one for one in found if one.kind is not RecordKind.CHECKPOINT]
    assert [one.kind for one in events] == [
        RecordKind.START,
        RecordKind.INSTALL,
        RecordKind.INSTALL,
        RecordKind.CLOCK_CONFIRMED,
        RecordKind.RESTORED,
    ]
    assert [events[2].number("seq"), events[3].number("uid")] == [2, 1000]


def test_an_install_is_written_down_once(site: LicenseSite) -> None:
    site.install()
    for _ in range(3):
        keeper = site.start()
        site.pass_hours(keeper, 2)
        keeper.close()

    assert kinds(site, site.start()).count(RecordKind.INSTALL) == 1


async def test_confirming_the_clock_ends_a_debounce_at_once(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    site.pass_hours(keeper, 1)
    site.clocks.wall_s = EXP
    async with site.http(keeper) as http:
        before = await status_of(http)
        answer = await http.post("/v1/license/clock", json={"uid": 0})

    assert (before["state"], before["held_back"]) == ("EXPIRING", True)
    assert answer.json()["state"] == "GRACE"
    assert "CLOCK_JUMP" not in answer.json()["flags"]


@pytest.mark.parametrize("path", ["clock", "restored"])
@pytest.mark.parametrize("body", [{}, {"uid": -1}, {"uid": "root"}, {"uid": True}])
async def test_who_confirms_has_a_number(
    site: LicenseSite, path: str, body: dict[str, object]
) -> None:
    async with site.http(site.start()) as http:
        answer = await http.post(f"/v1/license/{path}", json=body)

    assert answer.status_code == 400


async def test_a_drill_shows_grace_and_serves_as_before(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    async with site.http(keeper) as http:
        during = (await http.post("/v1/license/drill", json={"minutes": 10})).json()
        metrics = (await http.get("/metrics")).text
        site.clocks.run(600)
        after = await status_of(http)

    assert (during["state"], during["flags"]) == ("GRACE", ["DRILL"])
    assert during["service"] == after["service"]
    assert during["drill_until"] == "2027-01-15T08:10:00Z"
    assert 'anechoic_license_state{state="grace"} 1.0' in metrics
    assert (after["state"], after["drill_until"]) == ("VALID", None)


async def test_a_drill_is_ended_by_none_and_bounded(site: LicenseSite) -> None:
    site.install()
    async with site.http(site.start()) as http:
        await http.post("/v1/license/drill", json={"minutes": 10})
        ended = await http.post("/v1/license/drill", json={"minutes": 0})
        long = await http.post("/v1/license/drill", json={"minutes": 61})

    assert ended.json()["state"] == "VALID"
    assert long.status_code == 400


def test_a_drill_leaves_nothing_behind(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.drill(60)
    keeper.close()

    assert site.start().refresh().decision.state is State.VALID


async def test_a_report_falls_due_by_the_terms_and_stops_nothing(
    site: LicenseSite,
) -> None:
    site.install(**cadence(30))
    keeper = site.start()
    async with site.http(keeper) as http:
        before = await status_of(http)
        site.clocks.run(30 * DAY_S)
        await status_of(http)
        after = await status_of(http)
        metrics = (await http.get("/metrics")).text

    assert before["ledger"]["report_due"] == 30 * DAY_S
    assert "REPORT_DUE" in after["flags"]
    assert (after["state"], after["service"]["batch"]) == ("VALID", "licensed")
    assert 'anechoic_license_seconds_until{what="report_due"} 0.0' in metrics


@pytest.mark.parametrize("terms", [{}, cadence(1, ReportMode.NONE)])
def test_no_report_is_asked_for_unless_the_terms_do(
    site: LicenseSite, terms: dict[str, Any]
) -> None:
    site.install(**terms)
    keeper = site.start()
    site.pass_hours(keeper, 50)

    view = keeper.refresh()
    assert view.report_due_s is None
    assert Flag.REPORT_DUE not in view.decision.flags


async def test_an_acknowledged_report_moves_the_date(site: LicenseSite) -> None:
    site.install(**cadence(30))
    keeper = site.start()
    keeper.count(BATCH)
    site.pass_hours(keeper, 40)
    mark = report_of(site, keeper).head
    ack = LedgerAck(*mark.ack)

    text = site.issuer.license_text(seq=2, ack=ack, **cadence(30))
    site.put("license.alic", text.encode())

    view = keeper.refresh()
    assert view.ledger is not None
    assert view.report_due_s is not None
    assert view.report_due_s > 29 * DAY_S
    assert view.ledger.since_ack.requests == 0
    assert not view.decision.flags


@pytest.mark.parametrize(
    ("ack", "flag"),
    [
        (LedgerAck(1_000_000, bytes(16)), Flag.LEDGER_GAP),
        (LedgerAck(2, bytes(16)), Flag.LEDGER_FORK),
    ],
)
def test_an_acknowledgment_that_does_not_fit_is_a_flag_and_no_more(
    site: LicenseSite, ack: LedgerAck, flag: Flag
) -> None:
    """The vendor knows more than this ledger, or another one: talk, never a stop."""
    site.install()
    keeper = site.start()

    site.put("license.alic", site.issuer.license_text(seq=2, ack=ack).encode())

    view = keeper.refresh()
    assert flag in view.decision.flags
    assert view.decision.state is State.VALID


async def test_the_ledger_shows_where_it_stands(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.count(BATCH)
    async with site.http(keeper) as http:
        ledger = (await status_of(http))["ledger"]
        metrics = (await http.get("/metrics")).text

    assert len(ledger["head"]) == 64
    assert ledger["bytes"] > 0
    assert not ledger["lossy"]
    assert "anechoic_license_ledger_unreported_requests 7.0" in metrics
    assert "anechoic_license_ledger_unreported_audio_seconds 60.0" in metrics


def test_each_install_key_has_a_ledger_of_its_own(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.count(BATCH)
    before = {path: path.read_bytes() for path in site.config.ledger.glob("*/records")}
    site.issuer.install_key = test_key("another")
    site.install(seq=2)

    keeper.refresh()

    assert len(list(site.config.ledger.glob("*/records"))) == 2
    (path,) = before
    assert path.read_bytes().startswith(before[path])
    assert report_of(site, keeper).install_key == public_bytes(test_key("another"))


def test_hours_and_days_close_while_time_passes(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.count(BATCH)

    site.pass_hours(keeper, 49)

    found = report_of(site, keeper)
    assert [row.audio_ms for row in found.rows] == [60_000]
    assert [one.kind for one in found.records].count(RecordKind.DAY) == 1
    assert found.rows[0].hour_s % HOUR_S == 0


def test_a_clean_stop_loses_nothing(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.count(BATCH)
    keeper.close()
    keeper = site.start()
    keeper.count(replace(BATCH, number=2))

    found = report_of(site, keeper)
    assert found.totals.requests == 14
    assert RecordKind.GAP not in {one.kind for one in found.records}


async def test_the_status_is_json_with_a_ledger_and_a_drill(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    keeper.drill(5)
    async with site.http(keeper) as http:
        text = (await http.get("/v1/license")).text

    assert json.loads(text)["ledger"]["since_ack"]["requests"] == 0
