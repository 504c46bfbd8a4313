"""What comes back from the ledger when the memory is lost (case 38)."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from offline_license.extension import make_chain
from offline_license.fingerprint import Enrolled
from offline_license.ledger_schema import RecordKind
from offline_license.report import verify_report
from offline_license.report_payload import Level
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite

pytestmark = pytest.mark.usefixtures("fast_disk")
CHAIN = make_chain(Issuer().terms().lid, bytes(range(13)), count=3, days=14)


def delete(site: LicenseSite) -> None:
    for slot in site.config.state.glob("state.*"):
        slot.unlink()


def damage(site: LicenseSite) -> None:
    for slot in site.config.state.glob("state.*"):
        slot.write_bytes(b"damaged")


def lost(
    site: LicenseSite, keeper: Keeper, lose: Callable[[LicenseSite], None]
) -> Keeper:
    """Stop the program, lose its memory, start it again."""
    keeper.close()
    lose(site)
    return site.start()


def redeemed(site: LicenseSite) -> Keeper:
    """Return a program whose license has ended and was extended by one code."""
    site.install(extension=CHAIN.anchor)
    site.clocks.wall_s = TERM + DAY_S
    keeper = site.start()
    site.pass_hours(keeper, 80)
    assert keeper.refresh().decision.state is State.RESTRICTED
    assert keeper.extend(CHAIN.codes[0]).decision.state is State.GRACE
    return keeper


@pytest.mark.parametrize("lose", [delete, damage])
def test_a_lost_memory_is_flagged_and_serves_on(
    site: LicenseSite, lose: Callable[[LicenseSite], None]
) -> None:
    site.install()
    keeper = site.start()
    site.pass_hours(keeper, 3)

    view = lost(site, keeper, lose).refresh()

    assert view.decision.state is State.VALID
    assert Flag.STATE_REBUILT in view.decision.flags


def test_a_first_start_is_no_loss(site: LicenseSite) -> None:
    site.install()

    assert not site.start().refresh().decision.flags


@pytest.mark.parametrize("lose", [delete, damage])
def test_proved_time_comes_back(
    site: LicenseSite, lose: Callable[[LicenseSite], None]
) -> None:
    """Setting the clock back and deleting the memory gains at most the open hour."""
    site.install()
    keeper = site.start()
    site.pass_hours(keeper, 100)
    site.clocks.wall_s = 0

    view = lost(site, keeper, lose).refresh()

    assert view.time.proved_s >= IAT + 99 * 3600


@pytest.mark.parametrize("lose", [delete, damage])
def test_a_code_is_not_good_twice_after_a_loss(
    site: LicenseSite, lose: Callable[[LicenseSite], None]
) -> None:
    keeper = redeemed(site)
    before = keeper.refresh().decision

    keeper = lost(site, keeper, lose)

    assert keeper.refresh().decision.state is State.GRACE
    after = keeper.extend(CHAIN.codes[0]).decision
    assert after.term == before.term


def test_a_code_of_the_last_license_is_none_of_its_renewal(
    site: LicenseSite,
) -> None:
    keeper = redeemed(site)
    now_s = site.clocks.wall_s
    end = now_s + 300 * DAY_S
    text = site.issuer.license_text(
        seq=2, extension=CHAIN.anchor, exp=end, term=end + 14 * DAY_S
    )
    site.put("license.alic", text.encode())
    keeper.refresh()

    view = lost(site, keeper, delete).refresh()

    assert view.decision.standing is not None
    assert (view.decision.standing.seq, view.decision.standing.redeemed) == (2, 0)


def test_what_an_extension_has_used_up_stays_used_up(site: LicenseSite) -> None:
    """The days of two codes, less the run time since: never the whole again."""
    keeper = redeemed(site)
    site.pass_hours(keeper, 48)
    keeper.extend(CHAIN.codes[1])
    site.pass_hours(keeper, 24)
    before = keeper.refresh().decision.standing

    after = lost(site, keeper, delete).refresh().decision.standing

    assert before is not None
    assert after is not None
    assert after.redeemed == before.redeemed == 2
    assert abs(after.extension_s - before.extension_s) <= 2 * 3600


def test_a_code_counts_again_once_its_license_file_is_back(
    site: LicenseSite,
) -> None:
    keeper = redeemed(site)
    term = keeper.refresh().decision.term
    text = (site.public / "license.alic").read_bytes()
    (site.public / "license.alic").unlink()
    keeper = lost(site, keeper, delete)
    assert keeper.refresh().decision.state is State.UNLICENSED

    site.put("license.alic", text)

    assert keeper.refresh().decision.term == term


def test_deleting_the_memory_does_not_renew_the_cold_start_allowance(
    site: LicenseSite,
) -> None:
    """The ledger's checkpoints tell how long the banner was visible."""
    site.install()
    site.clocks.wall_s = TERM + 100 * DAY_S
    keeper = site.start()
    states = []
    for _ in range(5):
        site.pass_hours(keeper, 20)
        states.append(keeper.refresh().decision.state)
        keeper = lost(site, keeper, delete)

    assert states[:3] == [State.GRACE] * 3
    assert states[4] is State.RESTRICTED


def test_deleting_the_memory_does_not_renew_the_time_to_bind_again(
    site: LicenseSite,
) -> None:
    site.install(enrolled=Enrolled(site.issuer.host()))
    stranger = site.issuer.host(
        product_uuid=("another",),
        board_serial=("another",),
        machine_id=("another",),
        data_volume=("another",),
    )
    site.put("host.json", stranger.to_json().encode())
    keeper = site.start()
    for _ in range(15):
        site.pass_hours(keeper, 24)
        keeper = lost(site, keeper, delete)

    keeper.refresh()

    assert keeper.refresh().decision.state is State.RESTRICTED


def test_an_older_license_is_refused_after_a_loss_too(site: LicenseSite) -> None:
    site.install(seq=5)
    keeper = site.start()
    site.put("license.alic", site.issuer.license_text(seq=4, name="Older").encode())

    view = lost(site, keeper, delete).refresh()

    assert view.site.problems["license.alic"].code == "ANX-LIC-16"


def test_a_license_that_was_in_force_here_may_be_again(site: LicenseSite) -> None:
    """A renewal for later waits in the second slot when the memory is lost."""
    site.install()
    end = EXP + 365 * DAY_S
    later = site.issuer.license_text(seq=2, nbf=EXP, exp=end, term=end + 14 * DAY_S)
    site.put("next.alic", later.encode())
    keeper = site.start()

    view = lost(site, keeper, delete).refresh()

    assert view.decision.state is State.VALID
    assert view.active is not None
    assert view.active.license.seq == 1
    assert view.site.problems == {}


def test_a_memory_from_an_old_backup_is_brought_up_to_date(
    site: LicenseSite,
) -> None:
    """Both slots are thirty days old; the ledger is not."""
    site.install(extension=CHAIN.anchor)
    keeper = site.start()
    keeper.close()
    backup = {slot: slot.read_bytes() for slot in site.config.state.glob("state.*")}
    keeper = site.start()
    for _ in range(30):
        site.clocks.run(DAY_S)
        keeper.refresh()
    keeper.extend(CHAIN.codes[0])
    keeper.close()
    for slot, content in backup.items():
        slot.write_bytes(content)
    site.clocks.wall_s = IAT

    view = site.start().refresh()

    assert Flag.STATE_REBUILT in view.decision.flags
    assert view.time.proved_s >= IAT + 29 * DAY_S
    assert view.decision.standing is not None
    assert view.decision.standing.redeemed == 1


def test_without_memory_and_ledger_service_goes_on(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    keeper.close()
    shutil.rmtree(site.config.state)
    site.config.state.mkdir()

    view = site.start().refresh()

    assert view.decision.state is State.VALID


def test_a_damaged_ledger_is_named_in_the_ledger_and_serves_on(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    site.pass_hours(keeper, 5)
    keeper.close()
    (records,) = site.config.ledger.glob("*/records")
    content = bytearray(records.read_bytes())
    content[300] ^= 1
    records.write_bytes(content)

    keeper = site.start()

    view = keeper.refresh()
    assert view.decision.state is State.VALID
    assert Flag.LEDGER_GAP in view.decision.flags
    report = verify_report(keeper.report(Level.DAILY, 0), site.issuer.install_public)
    assert RecordKind.BROKEN in {one.kind for one in report.records}


def test_the_flag_goes_when_the_vendor_has_answered(site: LicenseSite) -> None:
    site.install()
    keeper = lost(site, site.start(), delete)
    assert Flag.STATE_REBUILT in keeper.refresh().decision.flags

    site.put("license.alic", site.issuer.license_text(seq=2).encode())
    keeper.refresh()

    assert Flag.STATE_REBUILT not in keeper.refresh().decision.flags
