"""Gates, leases and the license container together (cases 33, 53 and 56)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from appliance.leases import Demands, LeaseClient
from appliance.session_gate import Refused, Session, SessionGate
from offline_license.model import Capacity
from offline_license.states import Flag
from offline_license.tolerances import DAY_S
from tests.support.licensing import TERM

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite


class Gateway:
    """A gateway without its requests: a lease client and the gate of its sessions."""

    def __init__(self, appliance: Appliance, name: str) -> None:
        self.client: LeaseClient = appliance.site.client(appliance.http(), name, "api")
        self.gate = SessionGate(self.client)
        self.client.report(lambda: Demands(self.gate.demand()))

    def begin(self, wanted: int) -> list[Session]:
        """Begin as many of the wanted sessions as may be."""
        found = [self.gate.begin() for _ in range(wanted)]
        return [one for one in found if isinstance(one, Session)]


class Appliance:
    """A license container that can be killed, and gateways that ask it."""

    def __init__(self, site: LicenseSite) -> None:
        self.site = site
        self.keeper: Keeper = site.start()

    def kill(self) -> None:
        """End the license container without a word, and start it again."""
        self.keeper = self.site.start()

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._handle))

    def gateway(self, name: str) -> Gateway:
        return Gateway(self, name)

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        async with self.site.http(self.keeper) as http:
            found = await http.post("/v1/leases", content=request.content)
        return httpx.Response(found.status_code, content=found.content, request=request)


@pytest.fixture
def appliance(site: LicenseSite) -> Appliance:
    site.install(capacity=Capacity(streams=4, overdraft_percent=25))
    return Appliance(site)


async def test_of_six_sessions_with_a_limit_of_four_five_run_and_it_is_shown(
    appliance: Appliance,
) -> None:
    gateway = appliance.gateway("api-1")
    await gateway.client.refresh()

    assert len(gateway.begin(6)) == 5
    answer = gateway.gate.begin()
    assert isinstance(answer, Refused)
    assert (answer.words.code, answer.http_status) == ("ANX-LIC-37", 429)

    await gateway.client.refresh()
    assert Flag.OVERAGE in appliance.keeper.refresh().decision.flags


async def test_sessions_over_all_gateways_never_exceed_the_limit(
    appliance: Appliance,
) -> None:
    gateways = [appliance.gateway(f"api-{n}") for n in (1, 2, 3)]
    running: list[Session] = []
    for _ in range(6):
        for gateway in gateways:
            await gateway.client.refresh()
            running += gateway.begin(3)
        assert len(running) <= 5

    assert len(running) == 5
    running[0].close()
    for gateway in gateways * 3:
        await gateway.client.refresh()
    assert len([one for gateway in gateways for one in gateway.begin(1)]) == 1


async def test_a_hundred_restarts_on_either_side_take_one_slot(
    appliance: Appliance,
) -> None:
    for turn in range(100):
        await appliance.gateway("api-1").client.refresh()
        if turn % 10 == 0:
            appliance.kill()

    assert [one.instance for one in appliance.keeper.refresh().holders] == ["api-1"]


async def test_a_killed_license_container_gives_no_share_twice(
    appliance: Appliance,
) -> None:
    first, second = appliance.gateway("api-1"), appliance.gateway("api-2")
    await first.client.refresh()
    running = first.begin(5)

    appliance.kill()
    await second.client.refresh()

    assert second.begin(1) == []
    assert len(running) == 5


async def test_what_runs_goes_on_when_the_terms_leave_one(
    appliance: Appliance,
) -> None:
    gateway = appliance.gateway("api-1")
    await gateway.client.refresh()
    running = gateway.begin(3)
    appliance.site.clocks.wall_s = TERM + DAY_S
    appliance.site.pass_hours(appliance.keeper, 80)
    await gateway.client.refresh()

    assert gateway.client.permission().reason_code == "ANX-LIC-33"
    assert gateway.begin(1) == []
    assert [session.left_s() for session in running] == [None, None, None]
    for session in running:
        session.close()
    assert len(gateway.begin(2)) == 1


async def test_a_renewal_under_64_sessions_drops_none(site: LicenseSite) -> None:
    """Also one that permits fewer: what runs goes on, new ones wait their turn."""
    site.install(capacity=Capacity(streams=64, overdraft_percent=0))
    appliance = Appliance(site)
    gateway = appliance.gateway("api-1")
    await gateway.client.refresh()
    running = gateway.begin(64)
    smaller = Capacity(streams=60, overdraft_percent=0)
    text = site.issuer.license_text(seq=2, capacity=smaller)
    site.put("license.alic", text.encode())

    await gateway.client.refresh()

    assert "/2 is valid" in gateway.client.permission().detail
    assert len(gateway.gate) == len(running) == 64
    assert {session.left_s() for session in running} == {None}
    for session in running[:5]:
        session.close()
    assert len(gateway.begin(2)) == 1


async def test_the_live_hour_without_a_license_is_counted_by_the_container(
    site: LicenseSite,
) -> None:
    appliance = Appliance(site)
    gateway = appliance.gateway("api-1")
    await gateway.client.refresh()
    (session,) = gateway.begin(2)
    for _ in range(12):
        await gateway.client.refresh()
        site.clocks.run(300)
        appliance.keeper.refresh()
        appliance.kill()
    await gateway.client.refresh()

    assert session.left_s() == 0
    answer = gateway.gate.begin()
    assert isinstance(answer, Refused)
    assert (answer.words.code, answer.http_status) == ("ANX-LIC-38", 403)
