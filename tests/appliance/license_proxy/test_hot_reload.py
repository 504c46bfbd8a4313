"""New files while 64 services work: nobody is refused for a moment (case 33)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from offline_license.states import State
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM

if TYPE_CHECKING:
    import httpx

    from appliance.leases import Permission
    from appliance.leases.client import LeaseClient
    from tests.support.license_site import LicenseSite

SERVICES = 64


def services(site: LicenseSite, http: httpx.AsyncClient) -> list[LeaseClient]:
    return [site.client(http, f"asr-{at}") for at in range(SERVICES)]


async def ask_all(clients: list[LeaseClient]) -> list[Permission]:
    return list(await asyncio.gather(*(one.refresh() for one in clients)))


async def test_ten_renewals_reach_every_service_and_refuse_none(
    site: LicenseSite,
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        clients = services(site, http)
        await ask_all(clients)
        seen: list[Permission] = []
        for seq in range(2, 12):
            site.put("license.alic", site.issuer.license_text(seq=seq).encode())
            site.clocks.run(20)
            seen += await ask_all(clients)

    assert all(one.allowed and one.state is State.VALID for one in seen)
    assert all("/11 is valid" in one.detail for one in seen[-SERVICES:])


@pytest.mark.parametrize("damage", [b"", b"half a lic", None])
async def test_files_damaged_under_running_services_take_nothing_away(
    site: LicenseSite, damage: bytes | None
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        clients = services(site, http)[:8]
        await ask_all(clients)
        for name in ("license.alic", "keyset.cbor", "install.pub"):
            if damage is None:
                (site.public / name).unlink()
            else:
                site.put(name, damage)
        site.clocks.run(20)
        seen = await ask_all(clients)

    assert all(one.allowed and one.state is State.VALID for one in seen)


async def test_a_license_in_grace_is_renewed_under_running_services(
    site: LicenseSite,
) -> None:
    site.install()
    async with site.http(site.start()) as http:
        clients = services(site, http)[:8]
        await ask_all(clients)
        site.clocks.run(EXP - IAT)
        before = await ask_all(clients)
        end = TERM + 300 * DAY_S
        text = site.issuer.license_text(seq=2, exp=end, term=end + 30 * DAY_S)
        site.put("license.alic", text.encode())
        site.clocks.run(20)
        after = await ask_all(clients)

    assert {one.state for one in before} == {State.GRACE}
    assert {one.state for one in after} == {State.VALID}
    assert all(one.allowed for one in [*before, *after])
