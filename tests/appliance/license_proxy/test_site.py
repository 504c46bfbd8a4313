"""What a site has beside its license: responses, add-ons, revocations, key sets."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from offline_license.armor import Label, armor
from offline_license.keyset import KeyUse
from offline_license.model import Capacity, LedgerAck
from offline_license.response import Response, sign_response
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, test_key

if TYPE_CHECKING:
    from tests.support.license_site import LicenseSite

NOTICE_S = 14 * DAY_S


def add_on(site: LicenseSite, name: str = "more", **changes: object) -> bytes:
    """Return an add-on of four more streams and one more feature, as a file."""
    lid = hashlib.sha256(name.encode()).digest()[:16]
    parent = site.issuer.terms().lid
    changes = {"capacity": Capacity(streams=4), "features": (7,), **changes}
    return site.issuer.license_text(lid=lid, parent=parent, **changes).encode()


def revoked(site: LicenseSite, *, version: int = 1, max_seq: int = 1) -> bytes:
    """Return a list that revokes the license of the site."""
    lid = site.issuer.terms().lid
    now_s = site.clocks.wall_s
    entry = Revocation(
        lid, max_seq, announced_at=now_s, effective_at=now_s + NOTICE_S, reason=1
    )
    listed = Revocations(version, now_s, (entry,))
    return sign_revocations(listed, site.issuer.issuing_key(KeyUse.REVOCATION))


def response(site: LicenseSite, **changes: Any) -> bytes:  # noqa: ANN401 - for replace
    """Return a response that renews the license, as a file."""
    given = Response(IAT, site.issuer.license_bytes(seq=2))
    key = site.issuer.issuing_key(KeyUse.LICENSE_PRODUCTION)
    return armor(sign_response(replace(given, **changes), key), Label.RESPONSE).encode()


def test_an_add_on_adds_its_limits_and_features(site: LicenseSite) -> None:
    site.install()
    site.put("addon-more.alic", add_on(site))

    given = site.start().refresh().entitlements

    assert given is not None
    assert (given.capacity.streams, given.features) == (12, (1, 2, 7))


def test_an_expired_add_on_takes_only_its_own(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    end = IAT + 30 * DAY_S
    site.put("addon-more.alic", add_on(site, exp=end, term=end + 14 * DAY_S))
    assert keeper.refresh().entitlements.capacity.streams == 12  # type: ignore[union-attr]

    site.clocks.run(45 * DAY_S)
    keeper.refresh()
    view = keeper.refresh()

    assert view.decision.state is State.VALID
    assert view.entitlements is not None
    assert view.entitlements.capacity.streams == 8


def test_an_add_on_is_kept_beside_many_renewals(site: LicenseSite) -> None:
    site.install()
    site.put("addon-more.alic", add_on(site))
    keeper = site.start()

    for seq in range(2, 12):
        site.put("license.alic", site.issuer.license_text(seq=seq).encode())
        keeper.refresh()
    (site.public / "addon-more.alic").unlink()

    given = keeper.refresh().entitlements
    assert given is not None
    assert given.capacity.streams == 12


def test_a_revocation_takes_effect_after_its_notice(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    site.put("revocations.cbor", revoked(site))
    assert keeper.refresh().decision.state is State.VALID

    site.clocks.run(NOTICE_S - 1)
    assert keeper.refresh().decision.state is State.VALID
    site.clocks.run(1)

    view = keeper.refresh()
    assert view.decision.state is State.REVOKED
    assert view.decision.service.code == "ANX-LIC-34"


def test_a_removed_or_damaged_list_revokes_as_before(site: LicenseSite) -> None:
    site.install()
    site.put("revocations.cbor", revoked(site))
    site.start().close()
    site.put("revocations.cbor", b"damaged")
    site.clocks.run(NOTICE_S)

    view = site.start().refresh()

    assert view.decision.state is State.REVOKED
    assert view.site.problems["revocations.cbor"].code == "ANX-LIC-02"


def test_an_older_list_is_refused(site: LicenseSite) -> None:
    site.install()
    site.put("revocations.cbor", revoked(site, version=3))
    keeper = site.start()

    site.put("revocations.cbor", revoked(site, version=2))

    view = keeper.refresh()
    assert view.site.problems["revocations.cbor"].code == "ANX-LIC-26"
    assert view.site.revocations is not None
    assert view.site.revocations.version == 3


def test_a_list_proves_time(site: LicenseSite) -> None:
    site.install()
    keeper = site.start()
    site.clocks.wall_s += 100 * DAY_S
    site.put("revocations.cbor", revoked(site, max_seq=0))
    keeper.refresh()

    site.clocks.wall_s = 0

    assert keeper.refresh().time.at == IAT + 100 * DAY_S


def test_a_response_brings_license_key_set_and_list_at_once(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()
    fresh = site.issuer.keyset_bytes(version=2)

    site.put("answer.arsp", response(site, keyset=fresh, revocations=revoked(site)))

    view = keeper.refresh()
    assert view.site.problems == {}
    assert view.active is not None
    assert view.active.license.seq == 2
    assert (view.site.keyset and view.site.keyset.version) == 2
    assert view.site.revocations is not None


def test_what_a_response_brought_survives_its_file_and_a_restart(
    site: LicenseSite,
) -> None:
    site.install()
    site.put("answer.arsp", response(site, keyset=site.issuer.keyset_bytes(version=2)))
    site.start().close()
    (site.public / "answer.arsp").unlink()

    view = site.start().refresh()

    assert view.active is not None
    assert (view.active.license.seq, view.site.keyset_bytes) == (
        2,
        site.issuer.keyset_bytes(version=2),
    )


@pytest.mark.parametrize("damage", [b"", b"\xd2", b"nonsense"])
def test_a_damaged_response_changes_nothing(site: LicenseSite, damage: bytes) -> None:
    site.install()
    site.put("answer.arsp", damage)

    view = site.start().refresh()

    assert view.decision.state is State.VALID
    assert set(view.site.problems) == {"answer.arsp"}


def test_a_response_for_another_installation_is_refused(site: LicenseSite) -> None:
    """Case 37: the message names both install keys."""
    site.install()
    other = site.issuer.license_bytes(
        seq=2, install_key=test_key("other").public_key().public_bytes_raw()
    )
    site.put("answer.arsp", response(site, license=other))

    view = site.start().refresh()

    assert view.site.problems["answer.arsp"].code == "ANX-LIC-15"
    assert view.active is not None
    assert view.active.license.seq == 1


def test_a_response_carries_its_acknowledgment(site: LicenseSite) -> None:
    site.install()
    site.put("answer.arsp", response(site, ack=LedgerAck(7, bytes(16))))

    (found,) = site.start().refresh().site.responses

    assert found.ack == LedgerAck(7, bytes(16))


def test_a_license_that_wants_a_newer_key_set_raises_a_flag(
    site: LicenseSite,
) -> None:
    site.install()
    site.put("license.alic", site.issuer.license_text(keyset_version=2).encode())

    view = site.start().refresh()

    assert view.site.problems["license.alic"].code == "ANX-LIC-14"
    assert Flag.KEYSET_STALE in view.decision.flags


def test_a_key_set_whose_keys_have_ended_is_stale_and_serves(
    site: LicenseSite,
) -> None:
    site.install(exp=IAT + 3 * 365 * DAY_S, term=IAT + 4 * 365 * DAY_S)
    keeper = site.start()
    assert Flag.KEYSET_STALE not in keeper.refresh().decision.flags

    site.clocks.run(401 * DAY_S)
    keeper.refresh()

    view = keeper.refresh()
    assert Flag.KEYSET_STALE in view.decision.flags
    assert view.decision.state is State.VALID


def test_an_install_key_that_vanishes_while_running_is_kept(
    site: LicenseSite,
) -> None:
    site.install()
    keeper = site.start()

    (site.config.site / "install.key").unlink()

    view = keeper.refresh()
    assert view.decision.state is State.VALID
    assert view.site.install_key is not None
