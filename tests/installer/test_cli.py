"""The command line: flags from the model, help that is light, codes that are true."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from installer.cli.app import app
from installer.exit_codes import ExitCode
from installer.settings import setting_fields, settings_schema

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    monkeypatch.setattr("installer.connection.os.geteuid", lambda: 1000)
    return CliRunner()


def _imports(*arguments: str) -> set[str]:
    program = (
        "import sys; from installer.cli import main\n"
        f"sys.argv = ['anechoic', *{list(arguments)!r}]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('|'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin", "ANECHOIC_ROOT": "/nowhere"},
    )
    return {name.split(".")[0] for name in done.stderr.splitlines()[-1].split("|")}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("install", "--help"), ("answers", "schema")]
)
def test_help_loads_neither_textual_nor_the_engine(arguments: tuple[str, ...]) -> None:
    loaded = _imports(*arguments)

    assert not loaded & {"textual", "docker", "uvicorn", "starlette", "tuf", "pynvml"}


def test_every_setting_is_a_flag_of_install(runner: CliRunner) -> None:
    shown = set(
        re.findall(r"--[a-z-]+", runner.invoke(app, ["install", "--help"]).output)
    )

    flags = {field.flag for field in setting_fields()} - {"--medium"}
    assert flags <= shown
    own = {"--answers", "--dry-run", "--json", "--plain", "--help"}
    assert shown - flags == own


def test_every_command_says_what_it_does(runner: CliRunner) -> None:
    for command in (
        "install",
        "uninstall",
        "watch",
        "preflight",
        "status",
        "isolation",
    ):
        result = runner.invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert len(result.output.splitlines()) > 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["install", "--prot", "1"],
        ["install", "--listen_address", "127.0.0.1"],
        ["install", "/media", "--port", "0"],
        ["install", "/media", "--compute", "tpu"],
        ["answers", "check", "/nowhere/answers.toml"],
        ["uninstall"],
        ["nonsense"],
    ],
)
def test_wrong_usage_ends_with_two(runner: CliRunner, arguments: list[str]) -> None:
    assert runner.invoke(app, arguments).exit_code == ExitCode.USAGE


def test_errors_of_settings_are_named_together(runner: CliRunner) -> None:
    result = runner.invoke(app, ["install", "/m", "--port", "0", "--compute", "x"])

    assert "port:" in result.output
    assert "compute:" in result.output


def test_errors_are_json_when_json_is_asked_for(runner: CliRunner) -> None:
    result = runner.invoke(app, ["install", "/m", "--port", "0", "--json"])

    body = json.loads(result.stdout)
    assert body["finding"]["code"] == "ANX-OP-01"
    assert len(body["findings"]) == 1


def test_without_an_engine_there_is_a_finding_and_nine(runner: CliRunner) -> None:
    result = runner.invoke(app, ["status"])

    assert result.exit_code == ExitCode.NOT_READY
    assert "ANX-OP-09" in result.output
    assert "\x1b" not in result.output


def test_the_published_schema_is_the_printed_one(runner: CliRunner) -> None:
    assert runner.invoke(app, ["answers", "schema"]).output == settings_schema()


def test_the_printed_example_is_valid(runner: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "answers.toml"
    path.write_text(runner.invoke(app, ["answers", "example"]).output)

    result = runner.invoke(app, ["answers", "check", str(path)])

    assert result.exit_code == 0


def test_an_answers_file_with_an_unknown_key_is_refused(
    runner: CliRunner, tmp_path: Path
) -> None:
    path = tmp_path / "answers.toml"
    path.write_text("prot = 8080\n")

    result = runner.invoke(app, ["answers", "check", str(path), "--json"])

    assert result.exit_code == ExitCode.USAGE
    assert "prot" in json.loads(result.stdout)["finding"]["evidence"]


def test_the_version_is_told(runner: CliRunner) -> None:
    assert runner.invoke(app, ["--version"]).output.startswith("anechoic ")


def test_exit_codes_are_documented() -> None:
    text = (ROOT / "docs/exit-codes.md").read_text("utf-8")

    for code in ExitCode:
        assert f"| {code.value} | {code.description} |" in text
