"""Who may call: keys are hashed at rest and the file is followed as it changes."""

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from appliance.api.errors import UnauthorizedError
from appliance.api.keys import KeyStore, presented_key
from tests.support.serving import write_keys


@pytest.mark.parametrize(
    "header",
    [
        ("Authorization", "Bearer anx_one"),
        ("authorization", "bearer anx_one"),
        ("Authorization", "Token anx_one"),
        ("X-API-Key", "anx_one"),
    ],
)
def test_a_key_is_accepted_in_every_form(
    tmp_path: Path, header: tuple[str, str]
) -> None:
    write_keys(tmp_path / "keys.json", "anx_one")

    key = KeyStore(tmp_path / "keys.json").authenticate(Headers(dict([header])))

    assert key.id == "key-0"


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Basic abc"}, {"authorization": "Bearer "}]
)
def test_no_key_is_told_apart_from_a_wrong_one(headers: dict[str, str]) -> None:
    assert presented_key(Headers(headers)) is None


def test_a_missing_key_says_how_to_send_one(tmp_path: Path) -> None:
    with pytest.raises(UnauthorizedError) as caught:
        KeyStore(tmp_path / "keys.json").authenticate(Headers({}))

    assert caught.value.shown_name == "missing_api_key"


def test_no_file_means_that_nobody_may_call(tmp_path: Path) -> None:
    with pytest.raises(UnauthorizedError):
        KeyStore(tmp_path / "keys.json").authenticate(Headers({"x-api-key": "anx_one"}))


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, "anx_one")
    store = KeyStore(path)
    store.authenticate(Headers({"x-api-key": "anx_one"}))

    write_keys(path, "anx_two")

    assert store.authenticate(Headers({"x-api-key": "anx_two"})).id == "key-0"
    with pytest.raises(UnauthorizedError):
        store.authenticate(Headers({"x-api-key": "anx_one"}))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version":2,"keys":[]}', '{"version":1}']
)
def test_a_broken_file_keeps_the_last_good_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, "anx_one")
    store = KeyStore(path)
    store.authenticate(Headers({"x-api-key": "anx_one"}))

    path.write_text(text)

    assert store.authenticate(Headers({"x-api-key": "anx_one"})).name == "test 0"
