"""What the code knows, the documentation names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import offline_license
from offline_license.armor import Label
from offline_license.cose import ObjectType
from offline_license.errors import ERROR_TYPES
from offline_license.fingerprint import Group
from offline_license.refusals import REFUSALS
from offline_license.revocation import REASONS
from offline_license.states import EXIT_CODES, Flag, State
from tests.support.license_vectors import vectors

DOCS = Path(offline_license.__file__).parents[1] / "docs"
FORMAT = (DOCS / "license-format.md").read_text(encoding="utf-8")
LICENSING = (DOCS / "licensing.md").read_text(encoding="utf-8")


def test_every_code_is_listed_with_its_title() -> None:
    titles = {error.code: error.title for error in ERROR_TYPES}
    titles |= {code: words.title for code, words in REFUSALS.items()}
    for code, title in titles.items():
        assert f"| `{code}` | {title} |" in LICENSING


@pytest.mark.parametrize("type_", ObjectType)
def test_every_type_is_listed_with_its_external_data(type_: ObjectType) -> None:
    assert f"| `{type_.typ}` | `{type_.external.decode()}` |" in FORMAT


@pytest.mark.parametrize("group", Group)
def test_every_group_is_listed_with_its_weight(group: Group) -> None:
    assert f"| {int(group)} | `{group.label}` | {group.weight} |" in FORMAT


@pytest.mark.parametrize("numbered", [*State, *Flag])
def test_every_number_of_a_state_or_flag_is_listed(numbered: State | Flag) -> None:
    assert f"{int(numbered)} {numbered.name}" in FORMAT.replace("\n", " ")


@pytest.mark.parametrize("state", State)
def test_every_state_is_listed_with_its_exit_code(state: State) -> None:
    rows = [line for line in LICENSING.splitlines() if line.startswith("| ")]

    assert any(state.name in row and f"| {EXIT_CODES[state]} |" in row for row in rows)


@pytest.mark.parametrize("name", ["license", "mini request"])
def test_what_is_taken_apart_is_the_published_one(name: str) -> None:
    """Every line of bytes follows the one before in the published object."""
    published, at = vectors()[name.replace(" ", "_")], 0
    shown = FORMAT.split(f"### The published {name}, taken apart")[1].split("\n## ")[0]
    for line in re.findall(
        r"^ {4,}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: |$)", shown, re.MULTILINE
    ):
        found = published.find(line.replace(" ", ""), at)
        assert found >= at, line
        at = found


@pytest.mark.parametrize(("reason", "meaning"), REASONS.items())
def test_every_reason_of_a_revocation_is_listed(reason: int, meaning: str) -> None:
    assert f"{reason} {meaning}" in FORMAT.replace("\n", " ")


@pytest.mark.parametrize("label", Label)
def test_every_label_of_a_text_is_listed(label: Label) -> None:
    assert label.value in FORMAT


def test_the_scanner_text_shown_is_the_published_one() -> None:
    for line in vectors()["license_scanner_text"].splitlines()[:2]:
        assert f"    {line} " in FORMAT


def test_the_code_shown_is_the_published_one() -> None:
    assert f"`{vectors()['extension']['codes'][0]}`" in FORMAT
