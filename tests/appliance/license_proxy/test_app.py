"""The HTTP face: status, leases, metrics; health is never gated."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from appliance.leases.wire import LeaseAnswer
from appliance.license_proxy.app import create_app
from offline_license.lease import LeaseQuestion, verify_chain, verify_lease
from offline_license.model import Post
from offline_license.states import State
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    from tests.support.license_site import LicenseSite

NONCE = bytes(range(16))
ASK = {"version": [1, 0], "instance": "asr-1", "role": "asr", "nonce": NONCE.hex()}


async def test_health_is_200_whatever_the_license_says(site: LicenseSite) -> None:
    async with site.http(site.start()) as http:
        assert (await http.get("/health")).status_code == 200

    site.install(post=Post.STOP)
    site.clocks.wall_s = TERM + 1_000 * DAY_S
    keeper = site.start()
    site.pass_hours(keeper, 80)
    async with site.http(keeper) as http:
        assert (await http.get("/v1/license")).json()["state"] == "RESTRICTED"
        assert (await http.get("/health")).status_code == 200


async def test_the_status_names_state_dates_days_and_licensee(
    site: LicenseSite,
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        status = (await http.get("/v1/license")).json()

    assert (status["state"], status["exit_code"]) == ("VALID", 0)
    assert status["license"]["licensee"] == "Example Hospital"
    assert status["license"]["valid_through"] == "2028-01-13"
    assert (status["days_left"], status["grace_days_left"]) == (365, 395)
    assert status["flags"] == status["problems"] == []


async def test_the_status_says_why_a_file_was_refused(site: LicenseSite) -> None:
    site.install()
    site.put("license.alic", b"nonsense")
    async with site.http(site.start()) as http:
        (problem,) = (await http.get("/v1/license")).json()["problems"]

    assert (problem["file"], problem["code"]) == ("license.alic", "ANX-LIC-04")
    assert problem["remedy"]


async def test_the_status_holds_no_key_and_no_fingerprint(site: LicenseSite) -> None:
    site.install()
    async with site.http(site.start()) as http:
        text = (await http.get("/v1/license")).text

    assert site.issuer.install_public.hex() not in text
    for values in site.issuer.host().groups.values():
        assert not any(value.hex() in text for value in values)


async def test_a_lease_can_be_traced_to_the_anchor(site: LicenseSite) -> None:
    site.install()
    async with site.http(site.start()) as http:
        response = await http.post("/v1/leases", json=ASK)

    answer = LeaseAnswer.from_json(response.content)
    chain = verify_chain(answer.chain, site.issuer.anchor)
    lease = verify_lease(answer.lease, chain, LeaseQuestion("asr-1", NONCE))
    assert (lease.state, lease.ttl_s, lease.hold_s) == (State.VALID, 300, 86_400)
    assert (lease.grants.jobs, lease.grants.streams) == (None, 10)


async def test_without_a_license_no_lease_is_given(site: LicenseSite) -> None:
    site.install()
    site.put("license.alic", b"nonsense")
    async with site.http(site.start()) as http:
        response = await http.post("/v1/leases", json=ASK)

    assert response.status_code == 403
    assert response.json()["code"] == "ANX-LIC-31"
    assert "BEGIN ANECHOIC LICENSE" in response.json()["evidence"]


async def test_without_an_install_key_no_lease_is_given(site: LicenseSite) -> None:
    site.install(kind=1, install_key=None)
    (site.config.site / "install.key").unlink()
    async with site.http(site.start()) as http:
        response = await http.post("/v1/leases", json=ASK)

    assert response.status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"version": [2, 0]},
        {"version": 1},
        {"role": "thief"},
        {"instance": ""},
        {"instance": "x" * 65},
        {"instance": "two words"},
        {"nonce": "00"},
        {"nonce": "zz" * 16},
        {"nonce": None},
    ],
    ids=str,
)
async def test_a_strange_question_is_a_typed_refusal(
    site: LicenseSite, change: dict[str, object]
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        response = await http.post("/v1/leases", json={**ASK, **change})

    assert response.status_code == 400
    assert response.json()["code"].startswith("ANX-LIC-")


@pytest.mark.parametrize("body", [b"", b"[", b"[" * 100_000, b"\xff", b"x" * 5_000])
async def test_any_body_is_a_typed_refusal(site: LicenseSite, body: bytes) -> None:
    async with site.http(site.start()) as http:
        response = await http.post("/v1/leases", content=body)

    assert response.status_code == 400


async def test_one_task_at_a_time_goes_to_one_gateway_and_any_worker(
    site: LicenseSite,
) -> None:
    site.install()
    site.clocks.wall_s = TERM + DAY_S
    keeper = site.start()
    site.pass_hours(keeper, 80)
    async with site.http(keeper) as http:
        clients = [
            site.client(http, name, role)
            for name, role in (
                ("asr-1", "asr"),
                ("asr-2", "asr"),
                ("api-1", "api"),
                ("api-2", "api"),
            )
        ]
        permissions = [await client.refresh() for client in clients]

    assert [one.allowed for one in permissions] == [True, True, True, False]
    assert {one.reason_code for one in permissions} == {"ANX-LIC-33"}


async def test_a_restarted_replica_takes_its_slot_again(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    async with site.http(keeper) as http:
        for _ in range(100):
            await site.client(http).refresh()
        await site.client(http, "api-1", "api").refresh()
        status = (await http.get("/v1/license")).json()

    assert status["leases"] == [
        {"instance": "asr-1", "role": "asr"},
        {"instance": "api-1", "role": "api"},
    ]


async def test_a_silent_holder_loses_its_slot_after_its_time(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    async with site.http(keeper) as http:
        await site.client(http).refresh()
        site.clocks.run(361)
        status = (await http.get("/v1/license")).json()

    assert status["leases"] == []


async def test_gauges_count_down_and_go_negative(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    async with site.http(keeper) as http:
        before = (await http.get("/metrics")).text
        site.clocks.run(EXP - IAT + 100)
        after = (await http.get("/metrics")).text

    assert 'anechoic_license_seconds_until{what="exp"} 3.1536e+07' in before
    assert 'anechoic_license_seconds_until{what="exp"} -100.0' in after
    assert 'anechoic_license_state{state="grace"} 1.0' in after
    assert 'anechoic_license_flag{flag="clock_jump"} 0.0' in after


async def test_metrics_work_without_a_license(site: LicenseSite) -> None:
    async with site.http(site.start()) as http:
        text = (await http.get("/metrics")).text

    assert 'anechoic_license_state{state="unlicensed"} 1.0' in text
    assert "seconds_until" not in text


async def test_the_program_looks_by_itself_and_remembers_at_its_end(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()
    looked = asyncio.Event()
    monkeypatch.setattr(keeper, "refresh", looked.set)
    app = create_app(keeper, tick_s=0.001)

    async with app.router.lifespan_context(app):
        await asyncio.wait_for(looked.wait(), timeout=10)
        before = {slot.name for slot in site.config.state.iterdir()}

    assert {slot.name for slot in site.config.state.iterdir()} > before
