"""Every verb against the engine's real API, over a fake host."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from appliance.isolation import Exposure
from installer.exit_codes import ExitCode
from installer.findings import Finding, Severity
from tests.support.desk import Desk as Shell
from tests.support.desk import engine_of
from tests.support.fake_site import FakeSite

pytestmark = pytest.mark.long


class Desk(Shell):
    """An operator's shell on a host whose parts a test may bend."""

    def __init__(self, fake: FakeSite) -> None:
        self.fake = fake

    def install(self, *arguments: str) -> Result:
        return self.run(
            "install", "/media/release", "--license", "/m/x.alic", *arguments
        )


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    monkeypatch.setattr("installer.cli.install._LEAVES_S", 0.0)
    fake = FakeSite(tmp_path)
    with engine_of(fake.site()):
        yield Desk(fake)


def test_an_install_prints_steps_and_what_to_do_next(desk: Desk) -> None:
    result = desk.install()

    assert result.exit_code == ExitCode.OK, result.output
    assert "[22/22] Write the receipt: ok" in result.output
    assert "API http://127.0.0.1:8080" in result.output
    assert "\x1b" not in result.output


def test_an_install_as_json_ends_with_the_whole_operation(desk: Desk) -> None:
    result = desk.install("--json")

    last = json.loads(result.stdout.splitlines()[-1])
    assert last["state"] == "succeeded"
    assert len(last["steps"]) == 22


def test_a_failed_install_ends_with_its_finding_and_code(desk: Desk) -> None:
    finding = Finding("ANX-HOST-16", "Port", Severity.ERROR, "8080", "m", "r")
    desk.fake.world.preflight_findings = (finding,)

    plain, lines = desk.install(), desk.install("--json")

    assert plain.exit_code == lines.exit_code == ExitCode.PREFLIGHT
    assert "ERROR ANX-HOST-16" in plain.output
    last = json.loads(lines.stdout.splitlines()[-1])
    assert last["finding"]["code"] == "ANX-HOST-16"


@pytest.mark.parametrize("flag", ["--plain", "--json"])
def test_a_dry_run_shows_the_plan_and_changes_nothing(desk: Desk, flag: str) -> None:
    result = desk.install("--dry-run", flag)

    assert result.exit_code == ExitCode.OK
    assert "Write the receipt" in result.output
    assert not desk.fake.paths.state.exists()


def test_the_status_tells_services_license_and_addresses(desk: Desk) -> None:
    before = desk.run("status")
    desk.install()

    after, data = desk.run("status"), desk.run("status", "--json")

    assert before.exit_code == ExitCode.NOT_READY
    assert after.exit_code == ExitCode.OK
    assert "asr 1      running    healthy" in after.output
    assert "License    valid" in after.output
    assert json.loads(data.stdout)["dashboard_url"] == "http://127.0.0.1:9470"


def test_uninstall_is_fine_twice(desk: Desk) -> None:
    desk.install()

    first = desk.run("uninstall", "--yes", "--purge")
    second = desk.run("uninstall", "--yes", "--purge")

    assert (first.exit_code, second.exit_code) == (ExitCode.OK, ExitCode.OK)
    assert "Nothing is installed." in second.output


def test_watch_shows_the_last_operation_or_says_there_is_none(desk: Desk) -> None:
    before = desk.run("watch")
    desk.install()

    assert before.exit_code == ExitCode.NOT_READY
    assert desk.run("watch").exit_code == ExitCode.OK


def test_preflight_tells_findings_and_ends_with_three_on_errors(desk: Desk) -> None:
    good = desk.run("preflight")
    finding = Finding("ANX-HOST-16", "Port", Severity.ERROR, "8080", "m", "r")
    desk.fake.world.preflight_findings = (finding,)

    bad, data = desk.run("preflight"), desk.run("preflight", "--json")

    assert good.exit_code == ExitCode.OK
    assert good.output.splitlines() == [
        "ok       Machine: This machine: seen",
        "No findings.",
    ]
    assert (bad.exit_code, data.exit_code) == (ExitCode.PREFLIGHT, ExitCode.PREFLIGHT)
    assert bad.output.startswith("ERROR    Machine: This machine: seen\n")
    assert bad.output.endswith("1 finding\n")
    assert json.loads(data.stdout)["checks"][0]["title"] == "This machine"


def test_isolation_tells_open_ways(desk: Desk) -> None:
    desk.install()
    closed = desk.run("isolation")
    desk.fake.world.exposures_found = (Exposure("anechoic-edge", "tcp 1.2.3.4:5", "x"),)

    assert "Every way out is closed." in closed.output
    assert desk.run("isolation").exit_code == ExitCode.CONTAINER_ENGINE
    assert desk.run("isolation", "--json").exit_code == ExitCode.CONTAINER_ENGINE


def test_a_key_goes_to_the_screen_or_to_a_file_for_its_owner(
    desk: Desk, tmp_path: Path
) -> None:
    desk.install()
    path = tmp_path / "key"

    shown = desk.run("keys", "create", "ward")
    kept = desk.run("keys", "create", "lab", "--output", str(path))
    again = desk.run("keys", "create", "lab", "--output", str(path))

    assert shown.stdout.startswith("anx_")
    assert path.read_text().strip() not in kept.output
    assert path.stat().st_mode & 0o777 == 0o600
    assert again.exit_code == ExitCode.USAGE
    assert json.loads(desk.run("keys", "create", "x", "--json").stdout)["key"]


def test_keys_are_listed_and_deleted(desk: Desk) -> None:
    desk.install()
    none = desk.run("keys", "list")
    key = json.loads(desk.run("keys", "create", "ward", "--json").stdout)

    listed = desk.run("keys", "list")
    deleted = desk.run("keys", "delete", key["id"])

    assert "no key yet" in none.output
    assert key["id"] in listed.output
    assert key["key"] not in listed.output
    assert deleted.exit_code == ExitCode.OK
    assert desk.run("keys", "delete", key["id"]).exit_code == ExitCode.USAGE
    assert json.loads(desk.run("keys", "list", "--json").stdout) == {"keys": []}


def test_a_request_is_written_to_a_new_file(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "host.areq"

    first = desk.run("license", "request", "--output", str(path))
    again = desk.run("license", "request", "--output", str(path))
    forced = desk.run("license", "request", "--output", str(path), "--force", "--json")

    assert path.read_text() == "REQUEST"
    assert (first.exit_code, again.exit_code) == (ExitCode.OK, ExitCode.USAGE)
    assert json.loads(forced.stdout)["armored"] == "REQUEST"


def test_a_license_is_put_in_force_before_and_after_the_installation(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "next.alic"
    path.write_text("/m/next.alic")

    early = desk.run("license", "install", str(path))
    desk.install()
    late = desk.run("license", "install", str(path), "--json")

    assert "License next for Example Ltd: valid" in early.output
    assert json.loads(late.stdout)["license_id"] == "next"


def test_the_license_status_has_codes_of_its_own(desk: Desk) -> None:
    bare = desk.run("license", "status")
    desk.install()
    known, shown = desk.run("license", "status"), desk.run("license", "show")
    desk.fake.world.present = False

    assert bare.exit_code == 40
    assert "valid" in known.output
    assert "valid" in shown.output
    assert (known.exit_code, shown.exit_code) == (50, 0)
    assert desk.run("license", "status", "--json").exit_code == 50


def test_the_engine_is_named_by_its_process(desk: Desk) -> None:
    assert desk.run("engine", "pid").output.strip().isdecimal()


def test_without_a_terminal_the_bare_command_tells_the_status(desk: Desk) -> None:
    result = desk.run()

    assert "Not installed." in result.output
    assert result.exit_code == ExitCode.NOT_READY


def test_a_proxy_of_the_site_is_not_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert desk.run("engine", "pid").exit_code == ExitCode.OK


def test_a_plan_of_a_load_shows_sizes_and_changes_nothing(desk: Desk) -> None:
    result = desk.run("bundle", "plan", "/media/release")

    assert result.exit_code == ExitCode.OK, result.output
    assert "release 1.2.3, number 7" in result.output
    assert desk.fake.engine.images == {}


def test_a_load_brings_the_images_and_starts_nothing(desk: Desk) -> None:
    result = desk.run("bundle", "load", "/media/release")

    assert result.exit_code == ExitCode.OK, result.output
    assert len(desk.fake.engine.images) == 5
    assert desk.fake.engine.containers() == ()


def test_prune_shows_first_and_frees_on_demand(desk: Desk) -> None:
    desk.run("bundle", "load", "/media/release")

    shown = desk.run("bundle", "prune")
    kept = len(desk.fake.engine.images)
    freed = desk.run("bundle", "prune", "--yes")

    assert "unused" in shown.output
    assert kept == 5
    assert freed.exit_code == ExitCode.OK
    assert desk.fake.engine.images == {}
