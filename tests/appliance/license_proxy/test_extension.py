"""Emergency codes at the license container (case 45)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.license_proxy.tries import Tries
from offline_license.extension import make_chain
from offline_license.states import State
from offline_license.tolerances import DAY_S
from tests.support.licensing import TERM, Issuer

if TYPE_CHECKING:
    import httpx

    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite

CHAIN = make_chain(Issuer().terms().lid, bytes(range(13)), count=3, days=14)
FOREIGN = make_chain(bytes(16), bytes(range(13)), count=3, days=14)


@pytest.fixture
def ended(site: LicenseSite) -> Keeper:
    """A program whose license has ended, with codes provided."""
    site.install(extension=CHAIN.anchor)
    site.clocks.wall_s = TERM + DAY_S
    keeper = site.start()
    site.pass_hours(keeper, 80)
    assert keeper.refresh().decision.state is State.RESTRICTED
    return keeper


async def redeem(http: httpx.AsyncClient, code: str) -> httpx.Response:
    """Type a code."""
    return await http.post("/v1/license/extension", json={"code": code})


async def test_a_code_brings_service_back_at_once(
    site: LicenseSite, ended: Keeper
) -> None:
    async with site.http(ended) as http:
        status = (await redeem(http, CHAIN.codes[0])).json()

    assert status["state"] == "GRACE"


async def test_a_code_survives_a_restart_and_is_good_once(
    site: LicenseSite, ended: Keeper
) -> None:
    async with site.http(ended) as http:
        first = (await redeem(http, CHAIN.codes[0])).json()["until"]
    async with site.http(site.start()) as http:
        again = (await redeem(http, CHAIN.codes[0])).json()["until"]

    assert first == again


@pytest.mark.parametrize("code", [FOREIGN.codes[0], CHAIN.codes[0][:-1] + "0", ""])
async def test_a_code_that_does_not_fit_is_refused(
    site: LicenseSite, ended: Keeper, code: str
) -> None:
    async with site.http(ended) as http:
        response = await redeem(http, code)

    assert response.status_code == 400
    assert response.json()["code"] == "ANX-LIC-22"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"code": 7}', b"[" * 4_000])
async def test_any_body_is_a_typed_refusal(
    site: LicenseSite, ended: Keeper, body: bytes
) -> None:
    async with site.http(ended) as http:
        response = await http.post("/v1/license/extension", content=body)

    assert response.json()["code"] == "ANX-LIC-02"


async def test_a_license_without_codes_says_so(site: LicenseSite) -> None:
    site.install()
    async with site.http(site.start()) as http:
        response = await redeem(http, CHAIN.codes[0])

    assert "no extension codes" in response.json()["evidence"]


async def test_without_a_license_there_is_nothing_to_extend(
    site: LicenseSite,
) -> None:
    async with site.http(site.start()) as http:
        assert (await redeem(http, CHAIN.codes[0])).status_code == 400


async def test_many_tries_are_slowed_down_but_a_file_never_is(
    site: LicenseSite, ended: Keeper
) -> None:
    async with site.http(ended) as http:
        codes = [(await redeem(http, "wrong")).status_code for _ in range(12)]
        site.put(
            "license.alic",
            site.issuer.license_text(
                seq=2, exp=TERM + 90 * DAY_S, term=TERM + 120 * DAY_S
            ).encode(),
        )
        status = (await http.get("/v1/license")).json()

    assert codes == [400] * 10 + [429] * 2
    assert status["state"] == "EXPIRING"


def test_tries_come_back_with_run_time() -> None:
    tries = Tries(burst=2, every_s=60)

    assert [tries.take(1_000) for _ in range(3)] == [0, 0, 20]
    assert tries.take(1_020) == 0
    assert tries.take(1_021) == 59
    assert [tries.take(9_000) for _ in range(3)][:2] == [0, 0]
