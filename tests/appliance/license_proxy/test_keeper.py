"""The keeper: hot reload, memory across restarts, and what never stops it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.license_proxy import reader as reader_module
from appliance.license_proxy.memory import Store
from offline_license.armor import Label, armor
from offline_license.fingerprint import Enrolled
from offline_license.keys import private_key_pem
from offline_license.keyset import KeyStatus
from offline_license.states import Flag, Permit, State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, Issuer

if TYPE_CHECKING:
    from tests.support.license_site import LicenseSite


def text(issuer: Issuer, **changes: object) -> bytes:
    """Return a license as a file."""
    return issuer.license_text(**changes).encode()


def test_a_licensed_site_is_valid_at_once(site: LicenseSite) -> None:
    site.install()

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert view.site.problems == {}
    assert view.storage_ok


def test_an_empty_site_starts_and_says_what_is_missing(site: LicenseSite) -> None:
    view = site.start().refresh()

    assert view.decision.state is State.UNLICENSED
    assert view.match.enrolled_weight == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ANX-LIC-01"),
        (b"x" * 70_000, "ANX-LIC-01"),
        (b"nonsense", "ANX-LIC-04"),
        (b"\xd2\x84", "ANX-LIC-02"),
        (text(Issuer("stranger")), "ANX-LIC-08"),
        (text(Issuer(), install_key=Issuer("other").install_public), "ANX-LIC-15"),
    ],
)
def test_an_unusable_license_is_shown_and_stops_nothing(
    site: LicenseSite, content: bytes, code: str
) -> None:
    site.install()
    (site.public / "license.alic").write_bytes(content)

    view = site.start().refresh()

    assert view.decision.state is State.UNLICENSED
    assert view.site.problems["license.alic"].code == code


def test_a_new_license_takes_effect_without_a_restart(site: LicenseSite) -> None:
    site.install()
    site.put("license.alic", b"nothing")
    keeper = site.start()
    assert keeper.refresh().decision.state is State.UNLICENSED

    site.put("license.alic", text(site.issuer))

    assert keeper.refresh().decision.state is State.VALID


@pytest.mark.parametrize("damage", [b"", b"half a lic"])
def test_a_license_damaged_on_disk_changes_nothing(
    site: LicenseSite, damage: bytes
) -> None:
    """The last accepted copy is kept, in memory and across a restart."""
    site.install()
    keeper = site.start()

    site.put("license.alic", damage)

    assert keeper.refresh().decision.state is State.VALID
    view = site.start().refresh()
    assert view.decision.state is State.VALID
    assert "license.alic" in view.site.problems


def test_a_removed_license_changes_nothing(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()

    (site.public / "license.alic").unlink()

    assert keeper.refresh().decision.state is State.VALID


def test_an_older_license_is_refused_and_the_newer_stays(site: LicenseSite) -> None:
    site.install(seq=2)
    keeper = site.start()

    site.put("license.alic", text(site.issuer, seq=1, name="Older"))

    view = keeper.refresh()
    assert view.active is not None
    assert view.active.license.seq == 2
    assert view.site.problems["license.alic"].code == "ANX-LIC-16"


def test_the_same_license_again_is_no_news(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()

    site.put("again.alic", text(site.issuer))

    assert keeper.refresh().site.problems == {}


def test_a_gap_in_the_sequence_is_fine(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()

    site.put("license.alic", text(site.issuer, seq=8))

    view = keeper.refresh()
    assert view.active is not None
    assert view.active.license.seq == 8


def test_a_renewal_for_later_waits_beside_the_one_in_force(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    end = EXP + 30 * DAY_S
    site.put(
        "next.alic", text(site.issuer, seq=2, nbf=EXP, exp=end, term=end + 30 * DAY_S)
    )

    before = keeper.refresh().active
    site.clocks.run(EXP - IAT)
    after = keeper.refresh().active

    assert before is not None
    assert after is not None
    assert (before.license.seq, after.license.seq) == (1, 2)


def test_an_unreadable_host_file_is_not_held_against_the_site(
    site: LicenseSite,
) -> None:
    site.install()
    site.put("host.json", b"{}")

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert view.site.problems["host.json"].code == "ANX-LIC-11"


def test_a_swapped_card_is_shown_as_drift(site: LicenseSite) -> None:
    site.install(enrolled=Enrolled(site.issuer.host()))
    site.put("host.json", site.issuer.host(gpu_set=("new",)).to_json().encode())

    assert Flag.BIND_DRIFT in site.start().refresh().decision.flags


def test_a_damaged_keyset_keeps_the_one_in_use(site: LicenseSite) -> None:
    site.install()
    site.start()

    site.put("keyset.cbor", b"damaged")

    view = site.start().refresh()
    assert view.decision.state is State.VALID
    assert view.site.problems["keyset.cbor"].code == "ANX-LIC-02"


def test_an_older_keyset_is_refused(site: LicenseSite) -> None:
    site.install()
    site.put("keyset.cbor", site.issuer.keyset_bytes(version=2))
    keeper = site.start()

    site.put("keyset.cbor", site.issuer.keyset_bytes(version=1))

    view = keeper.refresh()
    assert view.site.problems["keyset.cbor"].code == "ANX-LIC-14"
    assert view.site.keyset is not None
    assert view.site.keyset.version == 2


def test_a_removed_keyset_keeps_the_one_in_use(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()

    (site.public / "keyset.cbor").unlink()

    assert keeper.refresh().decision.state is State.VALID


def test_a_withdrawn_key_ends_its_licenses_at_once_when_they_are_newer(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    keys = tuple(
        replace(key, status=KeyStatus.COMPROMISED, cutoff=IAT - 1, withdrawn=IAT)
        for key in site.issuer.manifest().keys
    )

    site.put("keyset.cbor", site.issuer.keyset_bytes(version=2, keys=keys))

    view = keeper.refresh()
    assert view.decision.state is State.UNLICENSED
    assert view.site.problems["license.alic"].code == "ANX-LIC-17"


def test_after_a_change_of_the_roots_the_old_memory_is_not_believed(
    site: LicenseSite,
) -> None:
    site.install()
    site.start()
    stranger = Issuer("stranger")
    stranger.install_key = site.issuer.install_key
    site.issuer = stranger

    assert site.start().refresh().decision.state is State.UNLICENSED


def test_a_damaged_install_key_refuses_a_bound_license(site: LicenseSite) -> None:
    site.install()
    site.put("install.key", b"damaged")

    view = site.start().refresh()

    assert view.site.problems["install.key"].code == "ANX-LIC-20"
    assert view.site.problems["license.alic"].code == "ANX-LIC-15"


def test_run_time_proves_the_end_after_the_clock_was_set_back(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    site.clocks.run(EXP - IAT - HOUR_S)
    keeper.refresh()
    site.clocks.run(2 * HOUR_S)
    assert keeper.refresh().decision.state is State.GRACE

    site.clocks.wall_s = IAT

    view = keeper.refresh()
    assert view.decision.state is State.GRACE
    assert Flag.CLOCK_BEHIND in view.decision.flags


def test_what_was_counted_survives_a_restart(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    site.clocks.run(10 * DAY_S)
    keeper.close()
    site.clocks.reboot()
    site.clocks.wall_s = 0

    keeper = site.start()
    keeper.refresh()

    assert keeper.refresh().time.proved_s == IAT + 10 * DAY_S


def test_restarts_do_not_renew_the_cold_start_allowance(site: LicenseSite) -> None:
    site.install()
    site.clocks.wall_s = EXP + 100 * DAY_S
    states = []
    for _ in range(10):
        keeper = site.start()
        for _ in range(8):
            site.clocks.run(HOUR_S)
            states.append(keeper.refresh().decision.state)
        keeper.close()

    assert states[0] is State.GRACE
    assert states[-1] is State.RESTRICTED


def test_damage_to_both_memories_is_flagged_and_costs_nothing(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    keeper.close()
    for slot in site.config.state.glob("state.*"):
        slot.write_bytes(b"damaged")

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert Flag.STATE_REBUILT in view.decision.flags


def test_a_disk_that_cannot_be_written_is_shown_and_stops_nothing(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "save", full)
    site.clocks.run(61)
    keeper.refresh()

    view = keeper.refresh()
    assert not view.storage_ok
    assert view.decision.service.batch is Permit.LICENSED


def test_a_fault_nobody_foresaw_is_no_new_information(
    site: LicenseSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install()
    keeper = site.start()

    def broken(*_: object) -> None:
        msg = "unforeseen"
        raise RuntimeError(msg)

    monkeypatch.setattr(reader_module, "judge", broken)
    site.put("license.alic", text(site.issuer, seq=2))

    assert keeper.refresh().decision.state is State.VALID


def test_a_site_without_a_folder_starts_too(site: LicenseSite) -> None:
    site.public.rmdir()
    site.config.site.rmdir()

    assert site.start().refresh().decision.state is State.UNLICENSED


def test_a_license_file_that_cannot_be_read_is_a_problem(
    site: LicenseSite,
) -> None:
    site.install()
    (site.public / "folder.alic").mkdir()

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert set(view.site.problems) == {"folder.alic"}


def test_the_private_install_key_is_in_no_repr(site: LicenseSite) -> None:
    site.install()

    view = site.start().refresh()

    secret = private_key_pem(site.issuer.install_key).splitlines()[1].decode()
    assert secret not in repr(view)
    assert "PrivateKey" not in repr(view.site)


def test_binary_licenses_are_taken_as_text_ones(site: LicenseSite) -> None:
    site.install()
    data = site.issuer.license_bytes(seq=2)
    keeper = site.start()

    site.put("license.alic", data)

    view = keeper.refresh()
    assert view.active is not None
    assert view.active.data == data
    assert armor(data, Label.LICENSE).startswith("-----BEGIN")
