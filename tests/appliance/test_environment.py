"""Settings of the containers: complete, true, and nothing misspelled."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.api.settings import settings_from as api_settings
from appliance.asr.settings import settings_from as asr_settings
from appliance.environment import SettingError, read_secret

API = {
    "ANECHOIC_REDIS_URL": "redis://10.0.0.2:6379/0",
    "ANECHOIC_LICENSE_URL": "http://10.0.0.3:6699",
    "ANECHOIC_API_ADVERTISE_URL": "http://10.0.0.4:8081/",
}
ASR = {name: value for name, value in API.items() if "API" not in name}


def test_defaults_fill_what_is_not_said() -> None:
    settings = api_settings(API, hostname="box")

    assert settings.instance == "box"
    assert settings.advertise_url == "http://10.0.0.4:8081"
    assert settings.max_upload_bytes == 104_857_600
    assert settings.redis_password_file == Path("/run/secrets/redis_password")


def test_the_worker_has_its_own_settings() -> None:
    settings = asr_settings({**ASR, "ANECHOIC_ASR_DEVICE": "cpu"}, hostname="box")

    assert settings.device == "cpu"
    assert settings.model_dir == Path("/models/active")


def test_an_empty_password_file_means_no_password() -> None:
    variables = {**API, "ANECHOIC_REDIS_PASSWORD_FILE": ""}

    assert api_settings(variables, hostname="box").redis_password_file is None


@pytest.mark.parametrize("name", API)
def test_a_missing_variable_is_named(name: str) -> None:
    variables = {key: value for key, value in API.items() if key != name}

    with pytest.raises(SettingError, match=name):
        api_settings(variables, hostname="box")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANECHOIC_API_MAX_UPLOAD_BYTE", "1"),
        ("ANECHOIC_API_PORT", "99999"),
        ("ANECHOIC_API_MAX_JOBS", "many"),
        ("ANECHOIC_LOG_LEVEL", "LOUD"),
        ("ANECHOIC_ASR_DEVICE", "cpu"),
        ("ANECHOIC_API_KEYS_FILE", ""),
    ],
)
def test_a_wrong_or_unknown_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        api_settings({**API, name: value}, hostname="box")


def test_a_secret_loses_its_line_break(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc\n")

    assert read_secret(tmp_path / "token") == "abc"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_an_unusable_secret_is_named_and_not_shown(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)

    with pytest.raises(SettingError, match="token"):
        read_secret(tmp_path / "token")


@pytest.mark.parametrize("program", ["appliance.api", "appliance.asr"])
def test_a_program_with_wrong_settings_ends_with_2(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", program],
        env={"ANECHOIC_NONSENSE": "1", "PATH": "/usr/bin"},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 2
    assert b'"code": "ANX-API-60"' in done.stdout


def test_core_dumps_are_forbidden() -> None:
    code = (
        "import resource; from appliance.environment import forbid_core_dumps;"
        "forbid_core_dumps(); print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )

    assert done.stdout.strip() == "(0, 0)"
    assert resource.RLIMIT_CORE == 4
