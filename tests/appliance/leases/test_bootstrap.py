"""A start without the license container: the own look at the license (case 52)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from appliance.leases import Basis, LeaseClient, Permission
from offline_license.keyset import KeyUse
from offline_license.model import Capacity, Kind, Post
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.states import State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from appliance.license_proxy.keeper import Keeper
    from tests.support.license_site import LicenseSite


class Absent:
    """A license container that may come up later."""

    def __init__(self, site: LicenseSite) -> None:
        self.site = site
        self.keeper: Keeper | None = None

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._handle))

    def start(self) -> None:
        self.keeper = self.site.start()

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if self.keeper is None:
            raise httpx.ConnectError("nobody there")
        async with self.site.http(self.keeper) as http:
            found = await http.post("/v1/leases", content=request.content)
        return httpx.Response(found.status_code, content=found.content, request=request)


@pytest.fixture
def absent(site: LicenseSite) -> Absent:
    return Absent(site)


async def start(absent: Absent, replicas: int = 1) -> tuple[LeaseClient, Permission]:
    """Start a gateway and let it look once."""
    client = absent.site.client(absent.http(), "api-1", "api", replicas=replicas)
    return client, await client.refresh()


async def test_a_service_that_starts_first_works_by_its_own_look(
    absent: Absent,
) -> None:
    absent.site.install()

    _, permission = await start(absent)

    assert permission.allowed
    assert permission.basis is Basis.BOOTSTRAP
    assert (permission.state, permission.max_jobs) == (State.VALID, None)
    assert "2028-01-13" in permission.detail


@pytest.mark.parametrize(("replicas", "streams"), [(1, 8), (2, 4), (3, 2), (9, 0)])
async def test_each_replica_has_its_part_of_the_limit(
    absent: Absent, replicas: int, streams: int
) -> None:
    absent.site.install(capacity=Capacity(streams=8, overdraft_percent=100))

    _, permission = await start(absent, replicas)

    assert permission.max_streams == streams


async def test_without_a_limit_there_is_nothing_to_divide(absent: Absent) -> None:
    absent.site.install(capacity=Capacity())

    assert (await start(absent, 3))[1].max_streams is None


async def test_add_ons_count_too(absent: Absent) -> None:
    site, issuer = absent.site, absent.site.issuer
    site.install()
    lid = issuer.license().license.lid
    text = issuer.license_text(lid=bytes(16), parent=lid, capacity=Capacity(streams=4))
    site.put("addon-0000.alic", text.encode())

    assert (await start(absent))[1].max_streams == 12


async def test_it_lasts_for_an_hour_and_is_given_once(absent: Absent) -> None:
    absent.site.install()
    client, _ = await start(absent)

    absent.site.clocks.run(HOUR_S - 1)
    assert (await client.refresh()).allowed
    absent.site.clocks.run(1)
    permission = await client.refresh()

    assert (permission.reason_code, permission.http_status) == ("ANX-LIC-35", 503)


async def test_the_license_container_takes_over_with_its_first_answer(
    absent: Absent,
) -> None:
    absent.site.install()
    client, _ = await start(absent)
    for _ in range(20):
        await client.refresh()
    assert client.pause_s() <= 5

    absent.start()

    assert (await client.refresh()).basis is Basis.LEASE


async def test_a_container_that_says_no_ends_it_at_once(absent: Absent) -> None:
    absent.site.install()
    client, _ = await start(absent)
    (absent.site.public / "license.alic").unlink()

    absent.start()

    assert (await client.refresh()).reason_code == "ANX-LIC-31"


async def test_who_had_an_answer_before_never_looks_itself(absent: Absent) -> None:
    absent.start()
    client, permission = await start(absent)
    assert permission.basis is Basis.DEMO
    absent.site.install()
    absent.keeper = None

    assert not (await client.refresh()).allowed


async def test_a_license_that_arrives_later_is_seen(absent: Absent) -> None:
    client, permission = await start(absent)
    assert permission.reason_code == "ANX-LIC-35"

    absent.site.install()

    assert (await client.refresh()).allowed


async def test_an_unbound_license_will_do(absent: Absent) -> None:
    absent.site.install(kind=Kind.EVALUATION, install_key=None)

    assert (await start(absent))[1].allowed


async def test_a_renewal_for_later_changes_nothing_yet(absent: Absent) -> None:
    absent.site.install()
    later = absent.site.issuer.license_text(seq=2, nbf=EXP, exp=EXP + 9, term=EXP + 9)
    absent.site.put("next.alic", later.encode())

    assert "/1 is valid" in (await start(absent))[1].detail


@pytest.mark.parametrize(
    ("wall_s", "state"),
    [(0, State.VALID), (EXP, State.GRACE), (TERM - 1, State.GRACE)],
)
async def test_it_holds_from_the_first_to_the_last_day(
    absent: Absent, wall_s: int, state: State
) -> None:
    """A clock of 1970 is no matter: the date of the license itself proves more."""
    absent.site.install()
    absent.site.clocks.wall_s = wall_s

    assert (await start(absent))[1].state is state


async def test_an_expired_license_does_not_start_anything(absent: Absent) -> None:
    absent.site.install()
    absent.site.clocks.wall_s = TERM

    assert (await start(absent))[1].reason_code == "ANX-LIC-35"


async def test_terms_of_advice_only_hold_after_their_end(absent: Absent) -> None:
    absent.site.install(post=Post.ADVISORY)
    absent.site.clocks.wall_s = TERM

    assert (await start(absent))[1].allowed


async def test_a_license_for_later_does_not_start_anything(absent: Absent) -> None:
    absent.site.install(nbf=IAT + DAY_S)

    assert not (await start(absent))[1].allowed


async def test_a_revoked_license_does_not_start_anything(absent: Absent) -> None:
    site, issuer = absent.site, absent.site.issuer
    site.install()
    lid = issuer.license().license.lid
    entry = Revocation(
        lid, max_seq=9, effective_at=IAT + 15 * DAY_S, reason=0, announced_at=IAT
    )
    key = issuer.issuing_key(KeyUse.REVOCATION)
    site.put("revocations.cbor", sign_revocations(Revocations(1, IAT, (entry,)), key))
    assert (await start(absent))[1].allowed

    site.clocks.run(15 * DAY_S)

    assert not (await start(absent))[1].allowed


async def test_a_license_of_another_installation_does_not_start_anything(
    absent: Absent,
) -> None:
    absent.site.install(install_key=Issuer("stranger").install_public)

    assert not (await start(absent))[1].allowed


async def test_a_license_of_another_vendor_does_not_start_anything(
    absent: Absent,
) -> None:
    Issuer("stranger").write_site(absent.site.config.site)

    assert not (await start(absent))[1].allowed


@pytest.mark.parametrize(
    "name", ["license.alic", "keyset.cbor", "install.pub"], ids=str
)
@pytest.mark.parametrize("data", [None, b"", b"\xff" * 100], ids=str)
async def test_a_damaged_folder_is_no_license_and_no_crash(
    absent: Absent, name: str, data: bytes | None
) -> None:
    absent.site.install()
    (absent.site.public / name).unlink()
    if data is not None:
        absent.site.put(name, data)

    assert not (await start(absent))[1].allowed


async def test_a_damaged_revocation_list_revokes_nothing(absent: Absent) -> None:
    absent.site.install()
    absent.site.put("revocations.cbor", b"\xff")

    assert (await start(absent))[1].allowed


async def test_without_the_folder_a_service_waits_for_an_answer(
    absent: Absent,
) -> None:
    absent.site.install()
    client = absent.site.client(absent.http(), mounted=False)

    assert (await client.refresh()).reason_code == "ANX-LIC-35"


async def test_a_fault_that_nobody_foresaw_ends_no_service(
    absent: Absent, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent.site.install()

    def fault(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("appliance.leases.client.bootstrap", fault)
    client, permission = await start(absent)
    assert not permission.allowed

    monkeypatch.undo()

    assert (await client.refresh()).allowed
