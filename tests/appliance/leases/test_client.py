"""The lease client: verify everything, hold through an outage (cases 51 to 57)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import httpx
import pytest

from appliance.leases import Basis, Demand, Demands, LeaseClient
from appliance.leases.client import boot_seconds
from offline_license.keys import private_key_pem
from offline_license.model import Capacity, Kind, Post
from offline_license.states import State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.license_site import LicenseSite


class Wire:
    """A transport to the site's program that tests can cut, replace or replay."""

    def __init__(self, site: LicenseSite) -> None:
        self.site = site
        self.keeper = site.start()
        self.answer: Callable[[httpx.Response], httpx.Response] = lambda response: (
            response
        )
        self.cut = False

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._handle))

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if self.cut:
            raise httpx.ConnectError("no route")
        async with self.site.http(self.keeper) as http:
            response = await http.post("/v1/leases", content=request.content)
        return self.answer(
            httpx.Response(response.status_code, content=response.content)
        )


@pytest.fixture
def wire(site: LicenseSite) -> Wire:
    site.install()
    return Wire(site)


async def test_before_the_first_answer_nothing_is_permitted(wire: Wire) -> None:
    client = wire.site.client(wire.http())

    permission = client.permission()

    assert not permission.allowed
    assert (permission.reason_code, permission.http_status) == ("ANX-LIC-35", 503)
    assert permission.refusal is not None


async def test_a_valid_license_permits_work(wire: Wire) -> None:
    permission = await wire.site.client(wire.http()).refresh()

    assert permission.allowed
    assert permission.state is State.VALID
    assert (permission.max_jobs, permission.max_streams) == (None, 10)
    assert permission.refusal is None
    assert "2028-01-13" in permission.detail


async def test_an_outage_of_23_hours_refuses_nothing(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()

    wire.cut = True
    wire.site.clocks.run(23 * HOUR_S)

    assert (await client.refresh()).allowed


async def test_after_25_hours_new_work_is_refused(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()

    wire.cut = True
    wire.site.clocks.run(25 * HOUR_S)
    permission = await client.refresh()

    assert not permission.allowed
    assert (permission.reason_code, permission.http_status) == ("ANX-LIC-36", 503)


async def test_after_an_outage_one_answer_heals(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    wire.cut = True
    await client.refresh()
    wire.cut = False

    assert (await client.refresh()).allowed


@pytest.mark.parametrize("years", [10, -10])
async def test_the_wall_clock_does_not_matter_to_a_lease(
    wire: Wire, years: int
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()

    wire.site.clocks.wall_s += years * 365 * DAY_S

    assert client.permission().allowed


async def test_a_replayed_answer_is_refused(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    kept: list[httpx.Response] = []
    wire.answer = lambda response: kept.append(response) or response  # type: ignore[func-returns-value]
    await client.refresh()
    wire.answer = lambda _: kept[0]
    wire.site.clocks.run(25 * HOUR_S)

    assert not (await client.refresh()).allowed


async def test_an_answer_for_another_service_is_refused(wire: Wire) -> None:
    other = wire.site.client(wire.http(), "asr-2")
    kept: list[httpx.Response] = []
    wire.answer = lambda response: kept.append(response) or response  # type: ignore[func-returns-value]
    await other.refresh()
    wire.answer = lambda _: kept[0]

    client = wire.site.client(wire.http(), mounted=False)
    assert not (await client.refresh()).allowed


async def test_a_container_of_another_vendor_is_refused(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    client = LeaseClient(
        "http://license:6699/",
        anchor=Issuer("stranger").anchor,
        instance="asr-1",
        role="asr",
        http=wire.http(),
    )

    permission = await client.refresh()

    assert permission.reason_code == "ANX-LIC-35"
    assert "ANX-LIC-14" in caplog.text


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"x" * 300_000),
        httpx.Response(200, json={"lease": 1}),
        httpx.Response(
            200,
            json=dict.fromkeys(("lease", "proxy_key", "license", "keyset"), "!"),
        ),
        httpx.Response(
            200, json=dict.fromkeys(("lease", "proxy_key", "license", "keyset"), "")
        ),
        httpx.Response(400, json={"code": "ANX-LIC-02"}),
        httpx.Response(400, json={"code": "ANX-LIC-19"}),
        httpx.Response(403, content=b"not json"),
        httpx.Response(500),
    ],
    ids=lambda response: f"{response.status_code} {response.content[:12]!r}",
)
async def test_any_other_answer_changes_nothing(
    wire: Wire, response: httpx.Response
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()
    request = httpx.Request("POST", "http://license:6699/v1/leases")
    wire.answer = lambda _: httpx.Response(
        response.status_code, content=response.content, request=request
    )

    assert (await client.refresh()).allowed


async def test_a_fault_that_nobody_foresaw_changes_nothing(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()

    def fault(_: httpx.Response) -> httpx.Response:
        raise ZeroDivisionError

    wire.answer = fault

    assert (await client.refresh()).allowed
    assert "ZeroDivisionError" in caplog.text


async def test_a_site_without_a_license_is_refused_by_it(site: LicenseSite) -> None:
    wire = Wire(site)

    permission = await site.client(wire.http()).refresh()

    assert (permission.reason_code, permission.http_status) == ("ANX-LIC-31", 403)


@pytest.mark.parametrize("body", [{"code": "ANX-LIC-34"}, {"code": "<b>"}, {}])
async def test_an_unsigned_refusal_cannot_take_a_lease_away(
    wire: Wire, body: dict[str, str]
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()
    wire.answer = lambda _: httpx.Response(403, json=body)

    assert (await client.refresh()).allowed


async def test_a_refused_service_is_permitted_once_there_is_a_license(
    site: LicenseSite,
) -> None:
    wire = Wire(site)
    client = site.client(wire.http())
    assert not (await client.refresh()).allowed

    site.install()

    assert (await client.refresh()).allowed


async def test_a_stop_in_the_terms_is_a_signed_refusal(site: LicenseSite) -> None:
    site.install(post=Post.STOP)
    site.clocks.wall_s = TERM + DAY_S
    wire = Wire(site)
    site.pass_hours(wire.keeper, 80)

    permission = await site.client(wire.http()).refresh()

    assert not permission.allowed
    assert (permission.reason_code, permission.http_status) == ("ANX-LIC-32", 403)
    assert permission.state is State.RESTRICTED


async def test_a_renewal_arrives_with_the_next_refresh(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()
    text = wire.site.issuer.license_text(seq=2, post=Post.STOP, name="Renewed")

    wire.site.put("license.alic", text.encode())

    assert "/2 is valid" in (await client.refresh()).detail


def other_install_key(site: LicenseSite) -> None:
    """Put a license container with another install key beside the same license."""
    rogue = Issuer(site.issuer.name)
    rogue.install_key = Issuer("stranger").install_key
    site.put("install.key", private_key_pem(rogue.install_key))


async def test_an_unbound_license_holds_to_the_first_install_key(
    site: LicenseSite,
) -> None:
    site.install(kind=Kind.EVALUATION, install_key=None)
    wire = Wire(site)
    client = site.client(wire.http(), mounted=False)
    assert (await client.refresh()).allowed

    other_install_key(site)
    wire.keeper = site.start()
    site.clocks.run(25 * HOUR_S)

    assert not (await client.refresh()).allowed


async def test_an_unbound_license_is_leased_by_the_sites_install_key_only(
    site: LicenseSite, caplog: pytest.LogCaptureFixture
) -> None:
    """The host says which key that is, so that not even the first answer is believed."""
    site.install(kind=Kind.EVALUATION, install_key=None)
    honest = Wire(site)
    assert (await site.client(honest.http()).refresh()).basis is Basis.LEASE

    other_install_key(site)
    rogue = Wire(site)

    assert (await site.client(rogue.http()).refresh()).basis is Basis.BOOTSTRAP
    assert "expected a proxy key certified by install key" in caplog.text


async def test_a_restarted_license_container_is_accepted(wire: Wire) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()
    wire.keeper.close()
    wire.keeper = wire.site.start()
    wire.site.clocks.run(25 * HOUR_S)

    assert (await client.refresh()).allowed


async def test_a_chain_is_verified_once_and_not_at_every_refresh(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()

    def again(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("appliance.leases.client.verify_chain", again)

    assert (await client.refresh()).allowed


async def test_pauses_follow_the_life_of_the_lease_and_then_the_failures(
    wire: Wire,
) -> None:
    client = wire.site.client(wire.http())
    assert 2.4 <= client.pause_s() <= 3.6
    await client.refresh()
    assert 80 <= client.pause_s() <= 120

    wire.cut = True
    pauses = []
    for _ in range(12):
        await client.refresh()
        pauses.append(client.pause_s())

    assert 0.8 <= pauses[0] <= 1
    assert 1.6 <= pauses[1] <= 2
    assert 48 <= pauses[-1] <= 60


async def test_while_work_is_refused_it_asks_every_few_seconds(
    site: LicenseSite,
) -> None:
    site.install(post=Post.STOP)
    site.clocks.wall_s = TERM + DAY_S
    wire = Wire(site)
    site.pass_hours(wire.keeper, 80)
    client = site.client(wire.http())
    await client.refresh()

    assert client.pause_s() <= 3.6


async def test_the_client_asks_by_itself_until_it_is_stopped(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = wire.site.client(wire.http())
    monkeypatch.setattr(client, "pause_s", lambda: 0.0)
    answered = asyncio.Event()
    wire.answer = lambda response: answered.set() or response  # type: ignore[func-returns-value]

    task = asyncio.create_task(client.run())
    await asyncio.wait_for(answered.wait(), timeout=10)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_only_an_http_client_of_its_own_is_closed(wire: Wire) -> None:
    given = wire.http()
    await wire.site.client(given).aclose()
    own = LeaseClient(
        "http://license", anchor=wire.site.issuer.anchor, instance="a", role="api"
    )
    await own.aclose()

    assert not given.is_closed
    await given.aclose()


async def test_a_share_is_renewed_sooner(wire: Wire) -> None:
    client = wire.site.client(wire.http(), "api-1", "api")
    await client.refresh()

    assert 16 <= client.pause_s() <= 20


@pytest.mark.parametrize(
    ("before_s", "least", "most"), [(60, 48, 60), (1, 1, 1), (3_600, 80, 120)]
)
async def test_a_service_asks_again_when_the_license_is_about_to_end(
    site: LicenseSite, before_s: int, least: float, most: float
) -> None:
    site.install()
    site.clocks.wall_s = TERM - before_s
    client = site.client(Wire(site).http())
    await client.refresh()

    assert least <= client.pause_s() <= most


async def test_a_date_that_passed_without_a_change_hurries_nobody(
    site: LicenseSite,
) -> None:
    """A machine from the shelf has 72 hours after the end; nobody asks every second."""
    site.install()
    site.clocks.wall_s = TERM + DAY_S
    client = site.client(Wire(site).http())
    await client.refresh()

    assert 80 <= client.pause_s() <= 120


async def test_a_question_says_what_is_used_and_by_which_lease(wire: Wire) -> None:
    client = wire.site.client(wire.http(), "api-1", "api")
    client.report(lambda: Demands(Demand(2, 3), Demand(1, 1)))
    await client.refresh()
    await client.refresh()

    (slot,) = wire.keeper.refresh().holders
    assert (slot.streams.demand, slot.jobs.demand) == (Demand(2, 3), Demand(1, 1))
    assert (slot.build, slot.streams.bound) == ("0.1.0", 10)


async def test_shares_move_to_the_replica_that_is_asked_for_more(
    site: LicenseSite,
) -> None:
    """Over the wire: the busy one gets what the idle one no longer may use."""
    site.install(capacity=Capacity(streams=8, overdraft_percent=0))
    wire = Wire(site)
    idle, busy = (site.client(wire.http(), f"api-{n}", "api") for n in (1, 2))
    assert (await idle.refresh()).max_streams == 8
    busy.report(lambda: Demands(Demand(0, 6)))

    granted = []
    for _ in range(3):
        granted.append((await busy.refresh()).max_streams)
        await idle.refresh()

    assert granted == [0, 0, 7]
    assert idle.permission().max_streams == 1


async def test_a_wish_for_more_brings_the_next_question_forward(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = wire.site.client(wire.http())
    monkeypatch.setattr("appliance.leases.client._FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(client, "pause_s", lambda: 3_600.0)
    asked = asyncio.Semaphore(0)
    wire.answer = lambda response: asked.release() or response  # type: ignore[func-returns-value]
    task = asyncio.create_task(client.run())
    await asyncio.wait_for(asked.acquire(), timeout=10)

    client.nudge()

    await asyncio.wait_for(asked.acquire(), timeout=10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_without_a_license_there_is_an_hour_of_one_session(
    site: LicenseSite,
) -> None:
    wire = Wire(site)
    client = site.client(wire.http(), "api-1", "api")

    permission = await client.refresh()

    assert not permission.allowed
    assert (permission.max_streams, permission.session_s) == (1, HOUR_S)
    assert permission.basis is Basis.DEMO
    site.clocks.run(HOUR_S)
    assert (client.permission().max_streams, client.permission().session_s) == (0, 0)


@pytest.mark.parametrize(
    ("demo", "streams", "session_s"),
    [
        ({"id": "00" * 8, "streams": 99, "session_s": 10**9}, 1, HOUR_S),
        ({"id": "00" * 8, "streams": -1, "session_s": 1}, 0, 0),
        ({"id": "zz", "streams": 1, "session_s": 1}, 0, 0),
        (None, 0, 0),
    ],
    ids=str,
)
async def test_nobody_can_offer_more_than_every_such_site_may_do(
    site: LicenseSite, demo: object, streams: int, session_s: int
) -> None:
    wire = Wire(site)
    body = {"code": "ANX-LIC-31", "demo": demo}
    wire.answer = lambda _: httpx.Response(403, json=body)

    permission = await site.client(wire.http(), "api-1", "api").refresh()

    assert (permission.max_streams, permission.session_s) == (streams, session_s)


async def test_a_license_that_was_taken_away_counts_once_its_hold_is_over(
    wire: Wire,
) -> None:
    client = wire.site.client(wire.http())
    await client.refresh()
    wire.answer = lambda _: httpx.Response(403, json={"code": "ANX-LIC-31"})
    wire.site.clocks.run(23 * HOUR_S)
    assert (await client.refresh()).allowed

    wire.site.clocks.run(2 * HOUR_S)

    assert (await client.refresh()).reason_code == "ANX-LIC-31"


@pytest.mark.parametrize("older", ["the license container", "the service"])
async def test_a_container_of_another_generation_says_which_to_update_first(
    wire: Wire, caplog: pytest.LogCaptureFixture, older: str
) -> None:
    body = {"code": "ANX-LIC-19", "evidence": f"found 9: update {older} first"}
    wire.answer = lambda _: httpx.Response(400, json=body)

    await wire.site.client(wire.http()).refresh()

    assert (
        f"ANX-LIC-19 expected a container of our generation: update {older} first"
        in (caplog.text)
    )


async def test_words_of_a_stranger_do_not_enter_the_log(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"code": "ANX-LIC-19", "evidence": "canary"}
    wire.answer = lambda _: httpx.Response(400, json=body)

    await wire.site.client(wire.http()).refresh()

    assert "update both" in caplog.text
    assert "canary" not in caplog.text


@pytest.mark.parametrize("minor", [0, 1, 2])
async def test_a_container_of_a_neighboring_minor_version_is_understood(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, minor: int
) -> None:
    """A newer one answers in our version, an older one in its own."""
    monkeypatch.setattr("offline_license.lease.LEASE_MINOR", minor)

    permission = await wire.site.client(wire.http(), "api-1", "api").refresh()

    assert permission.basis is Basis.LEASE
    assert permission.max_streams == 10


async def test_one_task_at_a_time_is_busy_and_not_forbidden_at_the_other_gateway(
    site: LicenseSite,
) -> None:
    site.install()
    site.clocks.wall_s = TERM + DAY_S
    wire = Wire(site)
    site.pass_hours(wire.keeper, 80)
    first, second = (site.client(wire.http(), f"api-{n}", "api") for n in (1, 2))
    await first.refresh()

    permission = await second.refresh()

    assert (permission.allowed, permission.http_status) == (False, 429)
    assert permission.reason_code == "ANX-LIC-33"
    assert second.pause_s() <= 3.6


async def test_a_question_names_its_version_and_a_fresh_nonce(wire: Wire) -> None:
    asked: list[dict[str, object]] = []

    async def note(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        return httpx.Response(500)

    http = httpx.AsyncClient(transport=httpx.MockTransport(note))
    client = LeaseClient(
        "http://license",
        anchor=wire.site.issuer.anchor,
        instance="a",
        role="api",
        http=http,
    )
    await client.refresh()
    await client.refresh()

    assert [one["version"] for one in asked] == [[1, 1], [1, 1]]
    assert asked[0]["nonce"] != asked[1]["nonce"]


def test_run_time_of_the_host_goes_on() -> None:
    assert boot_seconds() > 0
