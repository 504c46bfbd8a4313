"""The line on every screen follows the schedule of the license."""

from datetime import UTC, datetime, timedelta

import pytest

from installer.findings import Severity
from installer.license_banner import Banner, license_banner, scheduled
from installer.license_view import LicenseView, license_view
from tests.support.fake_license import license_json

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def _view(state: str, *, days: float = 40, **changes: object) -> LicenseView:
    end = NOW + timedelta(days=days)
    grace = timedelta(days=30)
    exp, term = (end - grace, end) if state == "GRACE" else (end, end + grace)
    view = license_view(license_json(state, exp=exp, term=term, **changes))
    assert view is not None
    return view


def _banner(state: str, *, days: float = 40, **changes: object) -> Banner:
    banner = license_banner(_view(state, days=days, **changes), NOW)
    assert banner is not None
    return banner


@pytest.mark.parametrize(
    ("days", "passed", "severity"),
    [
        (90, 90, Severity.INFO),
        (61, 90, Severity.INFO),
        (60, 60, Severity.INFO),
        (30, 30, Severity.INFO),
        (15, 30, Severity.INFO),
        (14, 14, Severity.WARNING),
        (7, 7, Severity.WARNING),
        (4, 7, Severity.WARNING),
        (3, 3, Severity.ERROR),
        (1, 1, Severity.ERROR),
        (0, 1, Severity.ERROR),
    ],
)
def test_the_warning_grows_louder_on_the_schedule(
    days: int, passed: int, severity: Severity
) -> None:
    assert scheduled(days) == (passed, severity)
    assert _banner("EXPIRING", days=days + 0.5).severity is severity


def test_a_license_with_more_warning_days_is_quiet_there_too() -> None:
    assert scheduled(200) == (90, Severity.INFO)


@pytest.mark.parametrize(
    ("days", "words"),
    [(40.2, "40 days left"), (1.5, "1 day left"), (0.2, "ends today")],
)
def test_the_days_left_are_said(days: float, words: str) -> None:
    assert words in _banner("EXPIRING", days=days).words


def test_a_valid_license_and_a_silent_service_have_no_banner() -> None:
    assert license_banner(_view("VALID"), NOW) is None
    assert license_banner(None, NOW) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("GRACE", "full service to 2027-01-01, 40 days"),
        ("RESTRICTED", "one task at a time is served"),
        ("REVOKED", "new work is refused"),
        ("UNLICENSED", "until one is installed"),
        ("PENDING", "until then work is refused"),
    ],
)
def test_each_state_says_what_it_takes_away(state: str, words: str) -> None:
    banner = _banner(state)

    assert words in banner.words
    assert banner.advice


def test_a_drill_is_marked_as_one_and_takes_nothing_away() -> None:
    until = (NOW + timedelta(minutes=9)).isoformat()
    banner = _banner("GRACE", flags=["DRILL"], drill_until=until)

    assert banner.drill
    assert banner.words.startswith("DRILL, 9 min left")
    assert "nothing has ended" in banner.words


@pytest.mark.parametrize("until", [NOW.isoformat(), None])
def test_a_drill_without_time_left_is_about_to_end(until: str | None) -> None:
    banner = _banner("GRACE", flags=["DRILL"], drill_until=until)

    assert "about to end" in banner.words


def test_a_drill_does_not_hide_what_is_worse_in_earnest() -> None:
    until = (NOW + timedelta(minutes=9)).isoformat()

    assert _banner("RESTRICTED", drill_until=until).words.startswith("RESTRICTED")


@pytest.mark.parametrize("state", ["EXPIRING", "GRACE", "RESTRICTED", "PENDING"])
def test_unknown_dates_are_said_to_be_unknown_and_the_line_fits(state: str) -> None:
    view = license_view({"state": state})
    banner = license_banner(view, NOW)

    assert banner is not None
    assert len(banner.words) < 72
    assert len(_banner(state).words) < 72
