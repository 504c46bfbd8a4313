"""One model behind the answers file, the flags, the form and the schema."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from installer.errors import InstallerError
from installer.settings import (
    Compute,
    Settings,
    SettingsInvalidError,
    dump_answers,
    load_answers,
    parse_settings,
    setting_fields,
    settings_schema,
)


@given(
    port=st.integers(1, 65535),
    workers=st.integers(1, 16),
    compute=st.sampled_from(Compute),
    medium=st.none() | st.just("/media/usb"),
)
def test_a_saved_answers_file_loads_back_equal(
    port: int, workers: int, compute: Compute, medium: str | None
) -> None:
    values = {"port": port, "asr_workers": workers, "compute": compute}
    if port == 9470:
        values["dashboard_port"] = 9471
    settings = parse_settings({**values, "medium": medium})

    saved = dump_answers(settings)

    assert parse_settings(tomllib.loads(saved)) == settings


def test_a_saved_answers_file_is_complete_with_defaults_and_help() -> None:
    saved = dump_answers(Settings())

    assert set(tomllib.loads(saved)) == set(Settings.model_fields)
    assert all(field.help in saved for field in setting_fields())


def test_the_published_schema_names_the_same_settings() -> None:
    schema = json.loads(settings_schema())

    assert list(schema["properties"]) == [field.name for field in setting_fields()]
    assert schema["additionalProperties"] is False


def test_every_setting_has_a_title_and_a_help() -> None:
    for field in setting_fields():
        assert field.title
        assert field.help.endswith(".")
        assert field.flag == "--" + field.name.replace("_", "-")


def test_text_of_forms_and_flags_is_understood() -> None:
    settings = parse_settings({"port": "8443", "compute": "cpu", "trust": ""})

    assert (settings.port, settings.compute, settings.trust) == (
        8443,
        Compute.CPU,
        None,
    )


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"prot": 8080}, "prot"),
        ({"listen-address": "127.0.0.1"}, "listen-address"),
        ({"port": 0}, "port"),
        ({"port": True}, "port"),
        ({"port": "http"}, "port"),
        ({"port": 9470}, "dashboard_port"),
        ({"listen_address": "localhost"}, "listen_address"),
        ({"asr_workers": 17}, "asr_workers"),
        ({"compute": "tpu"}, "compute"),
        ({"medium": "media/usb"}, "medium"),
        ({"edge_subnet": "8.8.8.0/28"}, "edge_subnet"),
        ({"edge_subnet": "10.0.0.0/8"}, "edge_subnet"),
        ({"core_subnet": "10.231.77.0/26"}, "overlaps"),
        ({"core_subnet": "10.231.79.0/28", "asr_workers": 8}, "too small"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(SettingsInvalidError) as refused:
        parse_settings(values)

    assert named in refused.value.findings[0].evidence


def test_all_wrong_settings_are_named_together() -> None:
    with pytest.raises(SettingsInvalidError) as refused:
        parse_settings({"port": 0, "compute": "tpu", "prot": 1})

    assert len(refused.value.findings) == 3


@pytest.mark.parametrize("data", [b"port = ", b"\xff\xfe", b"#" * 70000])
def test_a_file_that_is_no_answers_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "answers.toml"
    path.write_bytes(data)

    with pytest.raises(InstallerError) as refused:
        load_answers(path)

    assert refused.value.code == "ANX-OP-02"


def test_a_missing_answers_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallerError) as refused:
        load_answers(tmp_path / "none.toml")

    assert refused.value.code == "ANX-OP-02"
