"""The answer of the license service is read whole, or left out; never guessed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from installer.license_view import capacity_words, license_problems, license_view
from tests.support.fake_license import license_json, troubled

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted(license_json())), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_dates_are_read_as_days_and_instants() -> None:
    view = license_view(license_json())

    assert view is not None
    assert view.valid_through == date(2027, 1, 30)
    assert view.exp == datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
    assert view.after == "one task at a time is served"
    assert view.licensed


def test_everything_beside_the_state_is_read() -> None:
    view = license_view(troubled())

    assert view is not None
    assert view.flags == ("BIND_MISMATCH", "CLOCK_BEHIND", "REPORT_DUE")
    assert view.addons[0].words == "4 streams"
    assert view.usage.audio_s == 148_320
    assert view.host.startswith("not recognized, 3 of 11 points, changed: product uuid")
    assert view.held_back


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("GRACE", "everything, up to what is covered"),
        ("RESTRICTED", "one task at a time"),
        ("REVOKED", "nothing new; work in flight is finished"),
        ("UNLICENSED", "a demonstration: one live session, 60 minutes a day"),
    ],
)
def test_what_may_be_begun_is_said(state: str, words: str) -> None:
    view = license_view(license_json(state))

    assert view is not None
    assert view.works == words


def test_refused_files_are_findings() -> None:
    (finding,) = license_problems(troubled())

    assert finding.code == "ANX-LIC-10"
    assert license_problems(None) == ()


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            {"limits": {"streams": 1, "audio_hours": 1000}},
            "1 stream, 1000 hours of audio",
        ),
        ({"limits": {"gpus": 2}, "features": [4]}, "2 GPUs, feature 4"),
        ({"limits": {"streams": None}, "features": []}, ""),
        ({"limits": {"streams": True}}, ""),
    ],
)
def test_limits_are_said_in_words(terms: dict[str, JsonValue], words: str) -> None:
    assert capacity_words(terms) == words


@given(st.dictionaries(st.sampled_from(sorted(license_json())), JSON))
def test_any_answer_is_read_or_left_out(data: dict[str, JsonValue]) -> None:
    view = license_view(data)

    assert (view is not None) == isinstance(data.get("state"), str)
    license_problems(data)
