"""anechoicd as a process, and as a server over a fake host."""

import asyncio
import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from appliance.engines.errors import EngineUnreachableError
from appliance.paths import HostPaths
from installer.client import EngineClient, spawn_engine
from installer.engine.api import build_api
from installer.engine.daemon import Daemon, idle_limit_s, serve_site
from installer.engine.durable import exclusive
from installer.engine.operations import Operations
from installer.engine.serving import Activity, listen
from installer.engine.status import StatusCollector
from installer.errors import InstallerError
from installer.protocol import OperationRequest
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite
from tests.support.site import free_port

pytestmark = pytest.mark.long


def _until(condition: Callable[[], bool], limit_s: float = 20.0) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _gone(process: int) -> bool:
    try:
        return os.waitpid(process, os.WNOHANG)[0] == process
    except ChildProcessError:
        return not Path(f"/proc/{process}").exists()


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostPaths]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    paths = HostPaths(tmp_path)
    yield paths
    try:
        with EngineClient(paths, autostart=False) as client:
            number = client.version().pid
    except InstallerError:
        return
    os.kill(number, signal.SIGTERM)
    assert _until(lambda: _gone(number))


def test_the_first_viewer_starts_an_engine_in_a_session_of_its_own(
    paths: HostPaths,
) -> None:
    with EngineClient(paths) as client:
        found = client.version()
        status = client.status()

    assert found.pid != os.getpid()
    assert os.getsid(found.pid) == found.pid
    assert not status.installed
    assert stat.S_IMODE(paths.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.run.stat().st_mode) == 0o700


def test_an_engine_killed_with_nine_is_started_again(paths: HostPaths) -> None:
    with EngineClient(paths) as client:
        first = client.version().pid
    os.kill(first, signal.SIGKILL)
    assert _until(lambda: _gone(first))

    with EngineClient(paths) as client:
        assert client.version().pid != first


def test_a_viewer_outlives_an_engine_that_ended(paths: HostPaths) -> None:
    """An engine without work ends by itself while an operator reads a page."""
    with EngineClient(paths) as client:
        first = client.version().pid
        os.kill(first, signal.SIGTERM)
        assert _until(lambda: _gone(first))

        assert client.version().pid != first


def test_only_one_of_two_engines_stays(paths: HostPaths) -> None:
    children = [spawn_engine(paths) for _ in range(2)]

    assert _until(paths.socket.exists)
    with EngineClient(paths, autostart=False) as client:
        winner = client.version().pid
    loser = next(child for child in children if child != winner)

    assert winner in children
    assert _until(lambda: _gone(loser))


def test_an_asked_engine_ends_and_leaves_no_socket(paths: HostPaths) -> None:
    with EngineClient(paths) as client:
        number = client.version().pid

    os.kill(number, signal.SIGTERM)

    assert _until(lambda: _gone(number))
    assert not paths.run.exists()
    assert not paths.daemon_log.parent.exists()


def test_without_an_engine_a_viewer_says_so(tmp_path: Path) -> None:
    with (
        EngineClient(HostPaths(tmp_path), autostart=False) as client,
        pytest.raises(InstallerError) as refused,
    ):
        client.status()

    assert refused.value.code == "ANX-OP-09"


async def _serve(fake: FakeSite, idle_s: float, body: Callable[[], object]) -> None:
    """Run a daemon over a fake site while ``body`` runs in a thread."""
    site = fake.site()
    daemon = Daemon(site, idle_s=idle_s)
    running = asyncio.create_task(daemon.run(listen(site.paths, site.files)))
    try:
        await asyncio.to_thread(body)
    finally:
        daemon.stop()
        await asyncio.wait_for(running, 20)


async def test_an_unused_engine_leaves_by_itself(fake: FakeSite) -> None:
    site = fake.site()

    daemon = Daemon(site, idle_s=0.1)

    await asyncio.wait_for(daemon.run(listen(site.paths, site.files)), 20)


def _remove(client: EngineClient) -> None:
    request = OperationRequest(kind="uninstall", keep_license=False)
    list(client.events(client.start(request).id))


async def test_a_purged_engine_leaves_soon_and_takes_its_run_folder_along(
    fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installer.engine.daemon._IDLE_AFTER_REMOVAL_S", 0.1)
    left: list[bool] = []

    def body() -> None:
        assert _until(fake.paths.socket.exists)
        with EngineClient(fake.paths, autostart=False) as client:
            settings = fake.settings(dashboard_port=free_port())
            list(client.events(client.install(settings).id))
            _remove(client)
            left.append(client.wait_gone(20))

    fake.paths.run.mkdir(parents=True)
    with exclusive(fake.paths.run / "anechoicd.lock"):
        viewer = asyncio.create_task(asyncio.to_thread(body))
        await asyncio.wait_for(serve_site(fake.site()), 20)
    await viewer

    assert left == [True]
    assert not fake.paths.run.exists()
    assert not fake.paths.state.exists()


async def test_an_engine_started_to_remove_nothing_leaves_soon(
    fake: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installer.engine.daemon._IDLE_AFTER_REMOVAL_S", 0.1)
    codes: list[str] = []

    def body() -> None:
        assert _until(fake.paths.socket.exists)
        with EngineClient(fake.paths, autostart=False) as client:
            try:
                _remove(client)
            except InstallerError as refused:
                codes.append(refused.code)

    viewer = asyncio.create_task(asyncio.to_thread(body))
    await asyncio.wait_for(serve_site(fake.site()), 20)
    await viewer

    assert codes == ["ANX-OP-08"]
    assert not fake.paths.run.exists()


async def test_an_engine_with_an_opened_medium_stays_while_an_operator_reads(
    fake: FakeSite, operations: Operations
) -> None:
    site = fake.site()
    api = build_api(site, operations, StatusCollector(site, operations.current))
    activity = Activity(api)
    body = {"path": "/media/release", "trust": None}

    before = idle_limit_s(60, removed=False, wizard=activity.wizard)
    transport = httpx.ASGITransport(activity)
    async with httpx.AsyncClient(transport=transport, base_url="http://e") as client:
        answer = await client.post("/v1/medium", json=body)

    assert answer.status_code == 200
    assert before == 60
    assert idle_limit_s(60, removed=False, wizard=activity.wizard) >= 3600
    assert idle_limit_s(60, removed=True, wizard=activity.wizard) < 5


async def test_a_whole_install_over_the_socket(fake: FakeSite) -> None:
    def body() -> None:
        with EngineClient(fake.paths, autostart=False) as client:
            settings = fake.settings(dashboard_port=free_port())
            operation = client.install(settings)
            seen = list(client.events(operation.id))
            assert seen[-1].state == "succeeded"
            assert client.current_operation() == seen[-1]
            key = client.create_key("ward")
            listed = client.keys()
            assert [one.id for one in listed] == [key.id]
            client.delete_key(key.id)
            assert client.isolation() == ()

    await _serve(fake, 60, body)


async def test_an_interrupted_install_is_carried_on_by_the_next_engine(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    started = operations.start(install)
    finish(operations)
    path = fake.paths.journal / f"{started.id}.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: len(lines) // 2]))
    fake.paths.installed.unlink()

    def body() -> None:
        with EngineClient(fake.paths, autostart=False) as client:
            last = list(client.events(started.id))[-1]
            assert last.state == "succeeded"
            assert any(step.state == "skipped" for step in last.steps)

    await _serve(fake, 60, body)


async def test_the_firewall_is_restored_when_the_engine_starts(
    fake: FakeSite, operations: Operations, install: OperationRequest, finish: Finish
) -> None:
    operations.start(install)
    finish(operations)
    fake.world.applied = None

    def body() -> None:
        assert _until(lambda: fake.world.applied is not None)

    await _serve(fake, 60, body)


async def test_the_dashboard_is_served_while_installed(
    fake: FakeSite, operations: Operations, finish: Finish
) -> None:
    port = free_port()
    settings = fake.settings(dashboard_port=port)
    operations.start(OperationRequest(kind="install", settings=settings))
    finish(operations)

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        except httpx.HTTPError:
            return False

    def body() -> None:
        assert _until(answers)

    await _serve(fake, 60, body)


async def test_a_flushed_firewall_comes_back_while_the_engine_runs(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    operations.start(install)
    finish(operations)
    monkeypatch.setattr("installer.engine.daemon._CHORES_S", 0.02)

    def body() -> None:
        assert _until(lambda: fake.world.refreshed == 1)
        fake.world.applied = None
        assert _until(lambda: fake.world.applied is not None)

    await _serve(fake, 60, body)


async def test_an_engine_that_is_up_before_the_containers_waits_for_them(
    *,
    fake: FakeSite,
    operations: Operations,
    install: OperationRequest,
    finish: Finish,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = operations.start(install)
    finish(operations)
    path = fake.paths.journal / f"{started.id}.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:9]))
    monkeypatch.setattr("installer.engine.daemon._CHORES_S", 0.02)
    real_info, calls = fake.engine.info, 0

    def late_info() -> object:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise EngineUnreachableError("not yet")
        return real_info()

    monkeypatch.setattr(fake.engine, "info", late_info)

    def body() -> None:
        with EngineClient(fake.paths, autostart=False) as client:
            first = client.current_operation()
            assert first is not None
            assert _until(lambda: _state(client) == "succeeded")

    await _serve(fake, 60, body)


def _state(client: EngineClient) -> str:
    operation = client.current_operation()
    return "" if operation is None else operation.state
