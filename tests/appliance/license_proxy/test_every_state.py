"""Every row of the table of states, at the program: how a state begins, what it serves,
and that a license installs in each (case 32)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from offline_license.extension import make_chain
from offline_license.fingerprint import Enrolled
from offline_license.keyset import KeyUse
from offline_license.model import Post
from offline_license.report_payload import Level
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.full_disk import FullDisk
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite

pytestmark = pytest.mark.usefixtures("fast_disk")
NOTICE_S = 14 * DAY_S
CHAIN = make_chain(Issuer().terms().lid, bytes(range(13)), count=3, days=14)


def unlicensed(site: LicenseSite) -> Keeper:
    site.install()
    (site.public / "license.alic").unlink()
    return site.start()


def pending(site: LicenseSite) -> Keeper:
    site.install(nbf=IAT + DAY_S)
    return site.start()


def valid(site: LicenseSite) -> Keeper:
    site.install()
    return site.start()


def expiring(site: LicenseSite) -> Keeper:
    site.install()
    site.clocks.wall_s = EXP - DAY_S
    return site.start()


def grace(site: LicenseSite, post: Post = Post.TRICKLE) -> Keeper:
    site.install(post=post, extension=CHAIN.anchor)
    site.clocks.wall_s = EXP
    return site.start()


def restricted(site: LicenseSite, post: Post = Post.TRICKLE) -> Keeper:
    keeper = grace(site, post)
    site.clocks.run(TERM - EXP)
    site.pass_hours(keeper, 73)
    return keeper


def stopped(site: LicenseSite) -> Keeper:
    return restricted(site, Post.STOP)


def advised(site: LicenseSite) -> Keeper:
    return restricted(site, Post.ADVISORY)


def revoked(site: LicenseSite) -> Keeper:
    site.install(extension=CHAIN.anchor)
    now_s = site.clocks.wall_s
    entry = Revocation(site.issuer.terms().lid, 1, now_s + NOTICE_S, 1, now_s)
    key = site.issuer.issuing_key(KeyUse.REVOCATION)
    listed = sign_revocations(Revocations(1, now_s, (entry,)), key)
    site.put("revocations.cbor", listed)
    keeper = site.start()
    site.clocks.run(NOTICE_S)
    keeper.refresh()
    return keeper


def unrecognized(site: LicenseSite) -> Keeper:
    site.install(enrolled=Enrolled(site.issuer.host()), post=Post.STOP)
    names = ("product_uuid", "board_serial", "machine_id", "data_volume", "nic_set")
    stranger = site.issuer.host(**dict.fromkeys(names, ("another",)))
    site.put("host.json", stranger.to_json().encode())
    keeper = site.start()
    site.pass_hours(keeper, 14 * 24)
    return keeper


@dataclass(frozen=True, slots=True)
class Row:
    """One column of the service table: how to get there, and what is served."""

    reach: Callable[[LicenseSite], Keeper]
    state: State
    batch: Permit
    streams: Permit


FULL = Permit.LICENSED, Permit.LICENSED
ROWS = [
    Row(unlicensed, State.UNLICENSED, Permit.NONE, Permit.DEMO),
    Row(pending, State.PENDING, Permit.NONE, Permit.DEMO),
    Row(valid, State.VALID, *FULL),
    Row(expiring, State.EXPIRING, *FULL),
    Row(grace, State.GRACE, *FULL),
    Row(restricted, State.RESTRICTED, Permit.ONE, Permit.ONE),
    Row(stopped, State.RESTRICTED, Permit.NONE, Permit.NONE),
    Row(advised, State.RESTRICTED, *FULL),
    Row(revoked, State.REVOKED, Permit.NONE, Permit.NONE),
    Row(unrecognized, State.RESTRICTED, Permit.ONE, Permit.ONE),
]
every_state = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.reach.__name__)


@every_state
def test_each_state_serves_what_the_table_says(site: LicenseSite, row: Row) -> None:
    decision = row.reach(site).refresh().decision

    found = decision.state, decision.service.batch, decision.service.streams
    assert found == (row.state, row.batch, row.streams)


@every_state
async def test_status_health_reports_and_metrics_are_never_gated(
    site: LicenseSite, row: Row
) -> None:
    async with site.http(row.reach(site)) as http:
        codes = {
            path: (await http.get(path)).status_code
            for path in ("/health", "/v1/license", "/v1/usage/report", "/metrics")
        }

    assert set(codes.values()) == {200}


@every_state
def test_a_renewal_installs_at_once_in_every_state(site: LicenseSite, row: Row) -> None:
    keeper = row.reach(site)

    renew(site)

    assert keeper.refresh().decision.state is State.VALID


@every_state
def test_a_renewal_installs_with_a_full_disk_in_every_state(
    site: LicenseSite, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = row.reach(site)
    FullDisk(monkeypatch).fill()

    renew(site)

    view = keeper.refresh()
    assert view.decision.state is State.VALID
    assert view.ledger is not None
    assert view.ledger.lossy


@every_state
def test_a_file_with_a_false_signature_changes_nothing(
    site: LicenseSite, row: Row
) -> None:
    keeper = row.reach(site)
    before = keeper.refresh().decision.state
    text = Issuer("stranger").license_text(seq=9)

    site.put("next.alic", text.encode())

    view = keeper.refresh()
    assert view.decision.state is before
    assert view.site.problems["next.alic"].code == "ANX-LIC-08"


def test_a_pending_renewal_leaves_the_license_in_force(site: LicenseSite) -> None:
    keeper = grace(site)
    end = EXP + 400 * DAY_S
    later = site.issuer.license_text(
        seq=2, iat=EXP, nbf=EXP + DAY_S, exp=end, term=end + 14 * DAY_S
    )
    site.issuer.now = IAT

    site.put("next.alic", later.encode())

    assert keeper.refresh().decision.state is State.GRACE
    site.clocks.run(DAY_S)
    assert keeper.refresh().decision.state is State.VALID


def test_grace_begins_when_the_debounce_is_satisfied(site: LicenseSite) -> None:
    keeper = valid(site)
    site.clocks.wall_s = EXP
    held = keeper.refresh().decision
    site.pass_hours(keeper, 25)

    assert (held.state, held.held_back) == (State.EXPIRING, True)
    assert keeper.refresh().decision.state is State.GRACE


@pytest.mark.parametrize("reach", [grace, restricted, stopped])
def test_a_code_leads_back_to_grace(
    site: LicenseSite, reach: Callable[[LicenseSite], Keeper]
) -> None:
    keeper = reach(site)

    view = keeper.extend(CHAIN.codes[0])

    assert view.decision.state is State.GRACE
    assert view.decision.service.batch is Permit.LICENSED


def test_a_code_never_lifts_a_revocation(site: LicenseSite) -> None:
    keeper = revoked(site)

    assert keeper.extend(CHAIN.codes[0]).decision.state is State.REVOKED


def test_a_module_that_falls_silent_is_drift_and_no_more(site: LicenseSite) -> None:
    """A firmware update hid the TPM: what cannot be read is not held against a site."""
    site.install(enrolled=Enrolled(site.issuer.host(tpm_ek=("the module",))))

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert view.decision.service.batch is Permit.LICENSED


def test_an_image_with_other_roots_is_closed_and_still_reports(
    site: LicenseSite,
) -> None:
    keeper = valid(site)
    keeper.close()
    stranger = Issuer("stranger")
    stranger.install_key = site.issuer.install_key
    site.issuer = stranger

    keeper = site.start()

    view = keeper.refresh()
    assert view.decision.service.batch is Permit.NONE
    assert set(view.site.problems) == {"keyset.cbor"}
    assert keeper.report(Level.DAILY, 0)


def test_a_missing_file_changes_nothing_in_any_later_state(
    site: LicenseSite,
) -> None:
    keeper = grace(site)

    (site.public / "license.alic").unlink()
    site.clocks.run(HOUR_S)

    assert keeper.refresh().decision.state is State.GRACE
    assert Flag.STATE_REBUILT not in keeper.refresh().decision.flags


def renew(site: LicenseSite) -> None:
    """Put a renewal of two years from now in place, for the host as it is."""
    now_s = max(site.clocks.wall_s, IAT)
    text = site.issuer.license_text(
        seq=2,
        iat=min(now_s, IAT + 399 * DAY_S),
        nbf=min(now_s, IAT + 399 * DAY_S),
        exp=now_s + 700 * DAY_S,
        term=now_s + 730 * DAY_S,
    )
    site.put("license.alic", text.encode())
