"""Every code a caller or an operator can meet stands in docs/api.md."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api.errors import ApiError
from appliance.asr.errors import ModelError
from appliance.environment import SettingError
from appliance.errors import ApplianceError
from appliance.queue import QueueError

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def children(kind: type[ApiError]) -> Iterator[type[ApiError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from children(child)


API_ERRORS = sorted(children(ApiError), key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", API_ERRORS, ids=lambda kind: kind.code)
def test_a_refusal_is_documented_with_its_status(kind: type[ApiError]) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| {kind.code} "))

    assert str(kind.status) in row


@pytest.mark.parametrize("kind", [QueueError, SettingError, ModelError])
def test_an_operators_code_is_documented(kind: type[ApplianceError]) -> None:
    assert f"| {kind.code} |" in PAGE


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in API_ERRORS]

    assert len(codes) == len(set(codes))


def test_the_page_names_no_code_that_is_gone() -> None:
    assert set(re.findall(r"ANX-API-\d\d", PAGE)) == {
        *(kind.code for kind in API_ERRORS),
        *(QueueError.code, SettingError.code, ModelError.code),
    }


def test_every_error_has_a_title_and_a_remedy() -> None:
    for kind in API_ERRORS:
        assert kind.title
        assert kind.remedy
        assert kind.__doc__
