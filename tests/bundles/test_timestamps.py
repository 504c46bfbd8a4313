from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.timestamps import from_rfc3339, to_rfc3339


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_read_back_to_the_second(time: datetime) -> None:
    assert from_rfc3339(to_rfc3339(time)) == time.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-1-02T03:04:05Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05+00:00",
        "2026-01-02T03:04:05.0Z",
        " 2026-01-02T03:04:05Z",
        "2026-02-30T03:04:05Z",
        "",
    ],
)
def test_any_other_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"match|expected|day|unconverted"):
        from_rfc3339(text)
