"""Trust updates on a host: real TUF bytes, a fake container engine."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bundles.build import MediumSummary
from bundles.errors import BundleError, RevokedError
from bundles.trust.update import TrustUpdate
from bundles.updates import open_update, pin_update, read_update, remembered
from installer.engine.anchors import anchor_file, choose_anchor
from installer.engine.api import build_api
from installer.engine.media import ReleaseMedia
from installer.engine.operations import Operations
from installer.engine.status import StatusCollector
from installer.engine.trust import apply_update, installed_floor, trust_notices
from installer.protocol import ErrorBody, OperationRequest, PreflightBody, Status
from installer.trust_bodies import TrustMemory, TrustRequest, TrustView
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite
from tests.support.media import MediumFactory
from tests.support.sudden_death import deaths
from tests.support.trust_updates import UpdateDesk

pytestmark = pytest.mark.long


@pytest.fixture
def vendor(tmp_path: Path) -> UpdateDesk:
    factory = MediumFactory(tmp_path / "vendor")
    (tmp_path / "anchor.json").write_bytes(factory.anchor.to_json())
    return UpdateDesk(factory)


@pytest.fixture
def bad(vendor: UpdateDesk) -> MediumSummary:
    """The release that the fake host installs."""
    return vendor.factory.build("bad", release_seq=7, version="1.2.3")


@pytest.fixture
async def http(
    fake: FakeSite, operations: Operations
) -> AsyncIterator[httpx.AsyncClient]:
    site = fake.site()
    app = build_api(site, operations, StatusCollector(site, operations.current))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as http:
        yield http


def _request(vendor: UpdateDesk, update: TrustUpdate) -> TrustRequest:
    """Carry an update and the anchor to the host."""
    folder = vendor.factory.root.parent
    (folder / "update").write_bytes(update.to_json())
    return TrustRequest(path=str(folder / "update"), trust=str(folder / "anchor.json"))


async def _post(
    http: httpx.AsyncClient, path: str, request: TrustRequest
) -> httpx.Response:
    return await http.post(path, json=request.model_dump())


def _media(fake: FakeSite, vendor: UpdateDesk, *, days: int = 1) -> ReleaseMedia:
    now = vendor.factory.created + timedelta(days=days)
    return ReleaseMedia(fake.paths, lambda: now, lambda: installed_floor(fake.paths))


async def test_an_update_is_applied_before_anything_is_installed(
    http: httpx.AsyncClient, vendor: UpdateDesk, fake: FakeSite
) -> None:
    answer = await _post(http, "/v1/trust/apply", _request(vendor, vendor.update(7)))

    shown = TrustMemory.model_validate_json((await http.get("/v1/trust")).content)
    assert answer.status_code == 200
    assert anchor_file(fake.paths).exists()
    assert shown.newest is not None
    assert (shown.newest.version, shown.newest.root_version) == (7, 1)


async def test_a_pinned_anchor_need_not_be_given_again(
    http: httpx.AsyncClient, vendor: UpdateDesk
) -> None:
    await _post(http, "/v1/trust/apply", _request(vendor, vendor.update(7)))

    request = _request(vendor, vendor.update(8)).model_copy(update={"trust": None})
    answer = await _post(http, "/v1/trust/apply", request)

    view = TrustView.model_validate_json(answer.content)
    assert (view.known, view.version) == (7, 8)


async def test_looking_at_an_update_changes_nothing(
    http: httpx.AsyncClient, vendor: UpdateDesk, fake: FakeSite
) -> None:
    answer = await _post(http, "/v1/trust/show", _request(vendor, vendor.update(7)))

    shown = TrustMemory.model_validate_json((await http.get("/v1/trust")).content)
    assert TrustView.model_validate_json(answer.content).version == 7
    assert shown.newest is None
    assert not fake.paths.tuf.exists()


async def test_without_an_anchor_an_update_is_not_believed(
    http: httpx.AsyncClient, vendor: UpdateDesk
) -> None:
    request = _request(vendor, vendor.update(7)).model_copy(update={"trust": None})

    answer = await _post(http, "/v1/trust/apply", request)

    assert ErrorBody.model_validate_json(answer.content).finding.code == "ANX-OP-17"


async def test_an_older_update_is_refused_with_both_numbers(
    http: httpx.AsyncClient, vendor: UpdateDesk
) -> None:
    await _post(http, "/v1/trust/apply", _request(vendor, vendor.update(7)))

    answer = await _post(http, "/v1/trust/apply", _request(vendor, vendor.update(5)))

    finding = ErrorBody.model_validate_json(answer.content).finding
    assert (answer.status_code, finding.code) == (422, "ANX-MED-32")
    assert "expected version 7 or newer, found version 5" in finding.evidence


async def test_an_update_of_another_vendor_pins_nothing(
    http: httpx.AsyncClient, vendor: UpdateDesk, fake: FakeSite, tmp_path: Path
) -> None:
    other = UpdateDesk(MediumFactory(tmp_path / "other"))

    answer = await _post(http, "/v1/trust/apply", _request(vendor, other.update(7)))

    assert ErrorBody.model_validate_json(answer.content).finding.code == "ANX-MED-03"
    assert not anchor_file(fake.paths).exists()
    assert not fake.paths.tuf.exists()


async def test_no_update_is_applied_while_an_operation_runs(
    http: httpx.AsyncClient,
    vendor: UpdateDesk,
    operations: Operations,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(type(operations), "running", True)

    answer = await _post(http, "/v1/trust/apply", _request(vendor, vendor.update(7)))

    assert answer.status_code == 409


async def test_an_installed_revoked_release_goes_on_running_with_a_warning(
    *,
    http: httpx.AsyncClient,
    vendor: UpdateDesk,
    bad: MediumSummary,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
) -> None:
    operations.start(install)
    finish(operations)
    done = list(fake.engine.actions)
    update = vendor.update(8, revoked=[bad])

    await _post(http, "/v1/trust/apply", _request(vendor, update))

    status = Status.model_validate_json((await http.get("/v1/status")).content)
    told = next(one for one in status.findings if one.code == "ANX-MED-33")
    assert told.severity == "warning"
    assert "release 1.2.3 (number 7) was revoked" in told.evidence
    assert {one.state for one in status.services} == {"running"}
    assert fake.engine.actions == done


async def test_preflight_warns_of_an_installed_revoked_release(
    *,
    http: httpx.AsyncClient,
    vendor: UpdateDesk,
    bad: MediumSummary,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
) -> None:
    operations.start(install)
    finish(operations)
    update = vendor.update(8, revoked=[bad])
    await _post(http, "/v1/trust/apply", _request(vendor, update))

    answer = await http.post("/v1/preflight", json={"settings": {}})

    found = PreflightBody.model_validate_json(answer.content).findings
    assert [one.code for one in found] == ["ANX-MED-33"]


async def test_the_release_after_a_revoked_one_gets_no_warning(
    *,
    http: httpx.AsyncClient,
    vendor: UpdateDesk,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
) -> None:
    operations.start(install)
    finish(operations)
    other = vendor.factory.build("other", release_seq=6)

    update = vendor.update(8, revoked=[other])
    await _post(http, "/v1/trust/apply", _request(vendor, update))

    assert trust_notices(fake.paths) == ()


def test_a_damaged_memory_is_a_warning_and_no_outage(
    fake: FakeSite, vendor: UpdateDesk
) -> None:
    apply_update(fake.site(), _request(vendor, vendor.update(7)))
    (fake.paths.tuf / "snapshot.json").write_bytes(b"{")

    (told,) = trust_notices(fake.paths)

    assert (told.code, told.severity) == ("ANX-MED-19", "warning")


def test_a_revoked_medium_is_refused_by_name_when_it_is_opened(
    fake: FakeSite, vendor: UpdateDesk, bad: MediumSummary
) -> None:
    apply_update(fake.site(), _request(vendor, vendor.update(8, revoked=[bad])))

    with pytest.raises(RevokedError, match=r"release 1\.2\.3 \(number 7\)"):
        _media(fake, vendor).open(bad.path, None)


def test_an_extended_medium_is_installed_and_opened_again(
    fake: FakeSite, vendor: UpdateDesk
) -> None:
    factory = vendor.factory
    built = factory.build(expires=factory.created + timedelta(days=400))
    until = factory.created + timedelta(days=800)
    update = vendor.update(8, [built], install_by=until)
    apply_update(fake.site(), _request(vendor, update))

    late = _media(fake, vendor, days=500)
    late.open(built.path, None).pin()

    assert late.open(built.path, None).summary.install_by == until
    assert late.open(built.path, None).check() == ()


def test_after_kill_9_at_any_point_the_same_update_is_applied(
    fake: FakeSite, vendor: UpdateDesk, bad: MediumSummary
) -> None:
    """In between, the host knows the old or the new statements, or refuses."""
    site = fake.site()
    good = vendor.factory.build("good", release_seq=8)
    apply_update(site, _request(vendor, vendor.update(8, [bad, good])))
    request = _request(vendor, vendor.update(9, [good], revoked=[bad]))
    before = fake.paths.tuf.with_name("before")
    shutil.copytree(fake.paths.tuf, before)

    opened = open_update(
        read_update(Path(request.path)),
        anchor=vendor.factory.anchor,
        now=vendor.factory.now,
        trust_dir=fake.paths.tuf,
    )

    def reset() -> None:
        shutil.rmtree(fake.paths.tuf)
        shutil.copytree(before, fake.paths.tuf)

    died = 0
    for _ in deaths(lambda: pin_update(opened, fake.paths.tuf), reset):
        died += 1
        found = remembered(choose_anchor(fake.paths, None), fake.paths.tuf)
        assert found is not None
        assert found.version in {8, 9}
        assert apply_update(site, request).version == 9
        assert _media(fake, vendor).open(good.path, None).summary.release_seq == 8
        with pytest.raises(BundleError):
            _media(fake, vendor).open(bad.path, None)
    assert died > 10


def test_licenses_hear_of_an_update_where_there_are_any(
    fake: FakeSite, vendor: UpdateDesk
) -> None:
    request = _request(vendor, vendor.update(8))

    apply_update(fake.site(), request)
    assert fake.world.trusted == []

    fake.paths.license.mkdir(parents=True)
    apply_update(fake.site(), request)
    assert fake.world.trusted == [vendor.factory.keyset]
