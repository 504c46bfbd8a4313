"""Install, uninstall, carry on: whole operations over a fake host."""

import json
import threading
from collections.abc import Callable

import pytest

from appliance.engines.errors import PortTakenError
from appliance.isolation import Exposure
from bundles.errors import BlobError
from installer.engine.operations import Operations
from installer.errors import InstallerError
from installer.findings import Finding, Severity
from installer.protocol import (
    Operation,
    OperationRequest,
    OperationState,
    StepState,
)
from offline_license.errors import SupersededError
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite

REMOVE = OperationRequest(kind="uninstall", keep_license=False)


def _states(operation: Operation) -> dict[str, StepState]:
    return {step.name: step.state for step in operation.steps}


def _error(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, "title", severity, "evidence", "meaning", "remedy")


def test_an_install_starts_every_service_in_order(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)

    operation = finish(operations)

    assert operation.state is OperationState.SUCCEEDED
    assert set(_states(operation).values()) == {StepState.DONE}
    assert fake.engine.actions[-5:] == [
        "start anechoic-redis",
        "start anechoic-license",
        "start anechoic-api-1",
        "start anechoic-asr-1",
        "start anechoic-edge",
    ]


def test_the_firewall_is_in_force_before_a_container_starts(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)

    names = [step.name for step in finish(operations).steps]

    assert fake.world.applied is not None
    assert names.index("firewall") < names.index("start-redis")


def test_the_receipt_names_release_images_and_records(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    operation = finish(operations)

    receipt = json.loads(
        (fake.paths.receipts / f"{operation.id}.json").read_text("utf-8")
    )

    assert receipt["installed"]["release"]["product_version"] == "1.2.3"
    assert set(receipt["installed"]["images"]) >= {"redis", "edge"}
    assert ["container", "anechoic-edge"] in receipt["records"]


def test_secrets_are_neither_in_the_journal_nor_in_the_receipt(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    finish(operations)

    secrets = [path.read_text() for path in fake.paths.secrets.iterdir()]
    kept = [
        path.read_text()
        for folder in (fake.paths.journal, fake.paths.receipts)
        for path in folder.iterdir()
    ]
    assert len(secrets) == 2
    assert not any(secret in text for secret in secrets for text in kept)


def test_a_second_install_of_the_same_release_restarts_nothing(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    finish(operations)
    fake.engine.actions.clear()

    operations.start(install)

    assert finish(operations).state is OperationState.SUCCEEDED
    assert not [one for one in fake.engine.actions if one.startswith("start")]


def test_fewer_workers_remove_the_surplus(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    for workers in (3, 1):
        settings = fake.settings(asr_workers=workers)
        operations.start(OperationRequest(kind="install", settings=settings))
        finish(operations)

    assert [name for name in fake.engine.specs if "asr" in name] == ["anechoic-asr-1"]


def test_a_refused_medium_starts_no_operation(
    fake: FakeSite, operations: Operations, install: OperationRequest
) -> None:
    fake.world.refusal = BlobError("release.json differs")

    with pytest.raises(BlobError):
        operations.start(install)

    assert operations.current() is None
    assert not fake.paths.state.exists()


def _damage(fake: FakeSite) -> None:
    fake.world.medium.damage = (_error("ANX-MED-09"),)


def _preflight(fake: FakeSite) -> None:
    fake.world.preflight_findings = (_error("ANX-HOST-09"),)


def _exposure(fake: FakeSite) -> None:
    fake.world.exposures_found = (Exposure("anechoic-api-1", "tcp 192.0.2.1", "open"),)


def _silent(fake: FakeSite) -> None:
    fake.world.health = None


def _dead(fake: FakeSite) -> None:
    fake.engine.health["anechoic-asr-1"] = "unhealthy"


@pytest.mark.parametrize(
    ("spoil", "step", "code"),
    [
        (_preflight, "preflight", "ANX-HOST-09"),
        (_damage, "verify-medium", "ANX-MED-09"),
        (_exposure, "prove-isolation", "ANX-ENG-12"),
        (_silent, "wait-health", "ANX-OP-07"),
        (_dead, "wait-health", "ANX-OP-07"),
    ],
)
def test_a_fault_ends_in_a_finding_and_the_next_run_carries_on(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    spoil: Callable[[FakeSite], None],
    step: str,
    code: str,
) -> None:
    spoil(fake)
    operations.start(install)
    failed = finish(operations)
    mended = FakeSite(fake.paths.root)
    mended.engine = fake.engine
    mended.engine.health.clear()
    mended.world.applied = fake.world.applied
    mended.world.present = fake.world.present
    mended.world.license_file = fake.world.license_file

    again = Operations(mended.site())
    again.start(install)
    done = finish(again)

    assert failed.finding is not None
    assert failed.finding.code == code
    assert _states(failed)[step] is StepState.FAILED
    assert done.state is OperationState.SUCCEEDED
    assert done.id == failed.id
    before = [one.name for one in failed.steps if one.state is StepState.DONE]
    assert all(_states(done)[name] is StepState.SKIPPED for name in before)


def test_nothing_runs_after_a_preflight_error(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    _preflight(fake)

    operations.start(install)
    finish(operations)

    assert not fake.engine.images
    assert not fake.paths.installed.exists()


def test_warnings_are_shown_and_stop_nothing(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    fake.world.preflight_findings = (_error("ANX-GPU-01", Severity.WARNING),)
    fake.world.health = {"ready": False, "components": {"license": "none"}}

    operations.start(install)
    operation = finish(operations)

    assert operation.state is OperationState.SUCCEEDED
    assert [one.code for one in operation.warnings] == ["ANX-GPU-01", "ANX-OP-16"]


def test_an_install_without_a_license_warns(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    settings = fake.settings(license=None)

    operations.start(OperationRequest(kind="install", settings=settings))

    assert [one.code for one in finish(operations).warnings] == ["ANX-OP-15"]


class _Gate:
    """Holds an operation in its preflight."""

    def __init__(self, fake: FakeSite) -> None:
        self.entered, self.free = threading.Event(), threading.Event()
        fake.world.preflight_gate = self

    def hold(self) -> None:
        self.entered.set()
        assert self.free.wait(20)


def test_the_same_install_joins_the_running_one_and_another_is_refused(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    gate = _Gate(fake)
    first = operations.start(install)
    assert gate.entered.wait(20)

    joined = operations.start(install)
    other = OperationRequest(kind="install", settings=fake.settings(port=8081))
    with pytest.raises(InstallerError) as refused:
        operations.start(other)
    with pytest.raises(InstallerError):
        operations.start(REMOVE)
    gate.free.set()

    assert joined.id == first.id
    assert refused.value.code == "ANX-OP-04"
    assert finish(operations).state is OperationState.SUCCEEDED


def test_a_canceled_install_is_interrupted_and_not_carried_on_by_itself(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    gate = _Gate(fake)
    operations.start(install)
    assert gate.entered.wait(20)

    operations.cancel()
    gate.free.set()
    operation = finish(operations)

    assert operation.state is OperationState.INTERRUPTED
    assert operation.finding is not None
    assert operation.finding.code == "ANX-OP-06"
    later = Operations(fake.site())
    later.carry_on()
    assert not later.running


@pytest.mark.parametrize("reopened", [False, True])
def test_a_failed_install_tells_the_settings_it_was_asked_with(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    reopened: bool,
) -> None:
    fake.world.preflight_findings = (_error("ANX-HOST-16"),)
    operations.start(install)
    finish(operations)

    viewed = Operations(fake.site()) if reopened else operations
    ended = viewed.current()

    assert ended is not None
    assert ended.state is OperationState.FAILED
    assert ended.settings == install.settings


def test_an_engine_that_leaves_lets_the_next_one_carry_on(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    gate = _Gate(fake)
    first = operations.start(install)
    assert gate.entered.wait(20)
    threading.Timer(0.05, gate.free.set).start()

    operations.leave()
    fake.world.preflight_gate = None
    later = Operations(fake.site())
    seen = later.current()
    later.carry_on()

    assert seen is not None
    assert seen.state is OperationState.INTERRUPTED
    assert finish(later).state is OperationState.SUCCEEDED
    assert finish(later).id == first.id


def test_carrying_on_without_the_medium_is_an_interruption(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    gate = _Gate(fake)
    operations.start(install)
    assert gate.entered.wait(20)
    threading.Timer(0.05, gate.free.set).start()
    operations.leave()
    fake.world.refusal = BlobError("the medium is gone")

    later = Operations(fake.site())
    later.carry_on()
    operation = finish(later)

    assert operation.state is OperationState.INTERRUPTED
    assert operation.finding is not None
    assert operation.finding.code == "ANX-OP-05"


def test_carrying_on_with_another_medium_is_an_interruption(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    gate = _Gate(fake)
    operations.start(install)
    assert gate.entered.wait(20)
    threading.Timer(0.05, gate.free.set).start()
    operations.leave()
    medium = fake.world.medium
    medium.summary = medium.summary.model_copy(update={"release_seq": 8})

    later = Operations(fake.site())
    later.carry_on()
    operation = finish(later)

    assert operation.state is OperationState.INTERRUPTED
    assert not fake.engine.images


def test_a_license_given_anew_is_installed_when_carrying_on(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    _silent(fake)
    operations.start(install)
    finish(operations)
    fake.world.health = {"ready": True}
    fake.world.license_file = None

    operations.start(install)
    operation = finish(operations)

    assert _states(operation)["install-license"] is StepState.DONE
    assert _states(operation)["load-api"] is StepState.SKIPPED


def test_an_install_repeated_after_a_renewal_keeps_the_newer_license(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    fake.world.present = True
    fake.world.license_refusal = SupersededError("valid through both dates")
    assert install.settings is not None

    plan = operations.plan(install.settings)
    operations.start(install)
    ended = finish(operations)

    assert ended.state is OperationState.SUCCEEDED
    for findings in (plan.findings, ended.warnings):
        assert [(f.code, f.severity) for f in findings] == [("ANX-LIC-16", "warning")]


def test_cancel_and_watch_need_an_operation(operations: Operations) -> None:
    with pytest.raises(InstallerError):
        operations.cancel()
    with pytest.raises(InstallerError):
        operations.watch("20260101T")


def test_uninstall_leaves_nothing_behind(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    finish(operations)

    operations.start(REMOVE)
    operation = finish(operations)

    assert operation.state is OperationState.SUCCEEDED
    assert not fake.engine.specs
    assert not fake.engine.images
    assert not fake.engine.network_specs
    assert fake.world.applied is None
    assert not fake.paths.state.exists()
    assert not fake.paths.etc.exists()


def test_uninstall_keeps_the_license_when_asked(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    finish(operations)
    (fake.paths.license / "install.key").write_text("key")

    operations.start(OperationRequest(kind="uninstall", keep_license=True))
    finish(operations)

    assert sorted(path.name for path in fake.paths.state.iterdir()) == [
        "license",
        "license-state",
    ]


def test_uninstall_after_a_failed_install_removes_what_it_left(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    _silent(fake)
    operations.start(install)
    finish(operations)

    operations.start(REMOVE)

    assert finish(operations).state is OperationState.SUCCEEDED
    assert not fake.engine.images
    assert not fake.paths.state.exists()


def test_an_image_in_use_elsewhere_is_left_with_a_warning(
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operations.start(install)
    finish(operations)

    def refuse(_image_id: str) -> None:
        raise PortTakenError("in use")

    monkeypatch.setattr(fake.engine, "remove_image", refuse)
    operations.start(REMOVE)
    operation = finish(operations)

    assert operation.state is OperationState.SUCCEEDED
    assert {one.severity for one in operation.warnings} == {Severity.WARNING}


def test_there_is_nothing_to_remove_on_a_bare_host(operations: Operations) -> None:
    with pytest.raises(InstallerError) as refused:
        operations.start(REMOVE)

    assert refused.value.code == "ANX-OP-08"


def test_a_purge_removes_a_license_that_was_never_used(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    fake.paths.license.mkdir(parents=True)

    operations.start(REMOVE)

    assert finish(operations).state is OperationState.SUCCEEDED
    assert not fake.paths.state.exists()


def test_the_plan_shows_steps_sizes_and_every_finding(
    fake: FakeSite, operations: Operations
) -> None:
    fake.world.preflight_findings = (_error("ANX-HOST-09"),)
    fake.world.license_refusal = RefusedLicenseError("ANX-LIC-05")

    plan = operations.plan(fake.settings())

    assert plan.total_bytes == 5 * 1000 + 1000
    assert len(plan.steps) == 22
    assert [one.code for one in plan.findings] == ["ANX-LIC-05", "ANX-HOST-09"]
    assert not fake.paths.state.exists()


def test_a_plan_without_a_medium_says_so(
    fake: FakeSite, operations: Operations
) -> None:
    plan = operations.plan(fake.settings(medium=None))

    assert plan.steps == ()
    assert plan.findings[0].code == "ANX-OP-03"


class RefusedLicenseError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__("refused")
        self.code, self.title = code, "title"
        self.meaning, self.remedy, self.evidence = "meaning", "remedy", "evidence"
