"""The install key is lost: 72 hours with the limits of the last license."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.keys import private_key_pem, public_bytes
from offline_license.model import Capacity
from offline_license.states import Flag, Permit, State
from tests.support.licensing import TERM, test_key

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite

pytestmark = pytest.mark.usefixtures("fast_disk")


def lose_key(site: LicenseSite, name: str = "a new install key") -> None:
    """Put a new install key in place, as the engine does where there is none."""
    key = test_key(name)
    site.put("install.key", private_key_pem(key))
    site.put("install.pub", public_bytes(key))


def licensed(site: LicenseSite) -> Keeper:
    """Return a program that has run under its license for an hour."""
    site.install()
    keeper = site.start()
    site.pass_hours(keeper, 1)
    return keeper


def states_of_days(site: LicenseSite, keeper: Keeper, days: int) -> list[State]:
    found = []
    for _ in range(days):
        site.pass_hours(keeper, 24)
        found.append(keeper.refresh().decision.state)
    return found


@pytest.mark.parametrize("restart", [True, False])
def test_the_last_license_serves_with_its_full_limits_for_72_hours(
    site: LicenseSite, *, restart: bool
) -> None:
    keeper = licensed(site)
    if restart:
        keeper.close()
    lose_key(site)
    keeper = site.start() if restart else keeper

    view = keeper.refresh()

    assert view.decision.state is State.VALID
    assert view.entitlements is not None
    assert view.entitlements.capacity == Capacity(streams=8, overdraft_percent=25)
    assert Flag.KEY_LOST in view.decision.flags
    states = states_of_days(site, keeper, 4)
    assert states == [State.VALID, State.VALID, State.UNLICENSED, State.UNLICENSED]
    assert Flag.KEY_LOST in keeper.refresh().decision.flags


def test_restarts_and_lost_memories_do_not_renew_the_72_hours(
    site: LicenseSite,
) -> None:
    keeper = licensed(site)
    lose_key(site)
    states = []
    for _ in range(5):
        states += states_of_days(site, keeper, 1)
        keeper.close()
        for slot in site.config.state.glob("state.*"):
            slot.unlink()
        keeper = site.start()

    assert states[:2] == [State.VALID] * 2
    assert states[3:] == [State.UNLICENSED] * 2


def test_one_new_key_after_another_does_not_renew_the_72_hours(
    site: LicenseSite,
) -> None:
    """Whoever deletes the key every day gets what one loss gives."""
    keeper = licensed(site)
    states = []
    for day in range(5):
        lose_key(site, f"key of day {day}")
        states += states_of_days(site, keeper, 1)
        keeper.close()
        keeper = site.start()

    assert states[:2] == [State.VALID] * 2
    assert states[3:] == [State.UNLICENSED] * 2


def test_a_license_that_the_ledger_does_not_know_gives_a_demo_only(
    site: LicenseSite,
) -> None:
    """Somebody copied the license file of another appliance."""
    site.install()
    lose_key(site)

    view = site.start().refresh()

    assert view.decision.state is State.UNLICENSED
    assert view.decision.service.streams is Permit.DEMO
    assert Flag.KEY_LOST not in view.decision.flags


def test_the_dates_of_the_license_count_all_the_same(site: LicenseSite) -> None:
    keeper = licensed(site)
    site.clocks.wall_s = TERM + 1
    site.pass_hours(keeper, 100)
    assert keeper.refresh().decision.state is State.RESTRICTED

    lose_key(site)

    assert keeper.refresh().decision.state is State.RESTRICTED


def test_the_answer_to_a_new_request_ends_it_at_once(site: LicenseSite) -> None:
    keeper = licensed(site)
    lose_key(site)
    keeper.refresh()

    public = public_bytes(test_key("a new install key"))
    text = site.issuer.license_text(seq=2, install_key=public)
    site.put("license.alic", text.encode())

    keeper.refresh()
    view = keeper.refresh()
    assert (view.decision.state, view.decision.flags) == (State.VALID, frozenset())


def test_a_second_loss_after_an_answer_has_its_own_72_hours(
    site: LicenseSite,
) -> None:
    keeper = licensed(site)
    lose_key(site)
    states_of_days(site, keeper, 4)
    site.issuer.install_key = test_key("a new install key")
    site.install(seq=2)
    site.pass_hours(keeper, 1)

    lose_key(site, "a third one")

    assert keeper.refresh().decision.state is State.VALID


@pytest.mark.parametrize("had_lease", [True, False])
async def test_services_go_on_under_the_new_key(
    site: LicenseSite, *, had_lease: bool
) -> None:
    """Longer than a lease carries: they trust the new key because the host shows it."""
    keeper = licensed(site)
    async with site.http(keeper) as http:
        client = site.client(http)
        if had_lease:
            await client.refresh()
        lose_key(site)
        allowed = []
        for _ in range(30):
            site.pass_hours(keeper, 1)
            allowed.append((await client.refresh()).allowed)

    assert all(allowed)


def test_the_same_key_again_ends_the_loss(site: LicenseSite) -> None:
    keeper = licensed(site)
    lose_key(site)
    assert Flag.KEY_LOST in keeper.refresh().decision.flags

    site.put("install.key", private_key_pem(site.issuer.install_key))

    keeper.refresh()
    assert Flag.KEY_LOST not in keeper.refresh().decision.flags
