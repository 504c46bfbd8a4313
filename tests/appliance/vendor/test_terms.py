"""What a renewal keeps, and how long it lasts."""

from __future__ import annotations

from datetime import date

import pytest

from appliance.vendor.terms import LicenseTerms, next_through
from offline_license.dates import exp_of, iso, start_of
from offline_license.model import Capacity, Kind, Post, ReportCadence, ReportMode
from offline_license.tolerances import DAY_S
from tests.support.licensing import Issuer

TERMS = LicenseTerms(
    "Example Hospital",
    date(2028, 9, 30),
    grace_days=20,
    kind=Kind.NON_PRODUCTION,
    capacity=Capacity(streams=4, audio_hours=1000),
    features=(3, 7),
    post=Post.ADVISORY,
    warn_days=(30, 7),
    report=ReportCadence(90, ReportMode.ADVISORY),
    max_build_date=date(2028, 6, 30),
    keyset_version=2,
    parent=bytes(16),
    superseded=(bytes(range(16)),),
)


def test_the_terms_of_a_license_are_those_it_was_made_from() -> None:
    license_ = TERMS.license(lid=bytes(16), seq=1, now=start_of(date(2027, 9, 30)))

    assert LicenseTerms.of(license_, through=TERMS.through) == TERMS


@pytest.mark.parametrize(
    ("first", "last", "now", "expected"),
    [
        (date(2026, 10, 1), date(2027, 9, 30), date(2027, 9, 1), date(2028, 9, 30)),
        (date(2027, 3, 1), date(2028, 2, 29), date(2028, 2, 1), date(2029, 2, 28)),
        (date(2027, 1, 1), date(2027, 1, 31), date(2027, 1, 20), date(2027, 3, 2)),
        (date(2026, 1, 1), date(2026, 12, 31), date(2028, 5, 5), date(2029, 5, 5)),
        (date(2027, 1, 1), date(2028, 12, 31), date(2028, 12, 1), date(2030, 12, 31)),
    ],
    ids=["a year", "a leap day", "a month", "long ended", "two years"],
)
def test_a_renewal_lasts_as_long_as_the_last_license(
    first: date, last: date, now: date, expected: date
) -> None:
    license_ = Issuer().terms(nbf=start_of(first), exp=exp_of(last))

    assert next_through(license_, now=start_of(now)) == expected


def test_software_of_the_last_build_day_is_entitled() -> None:
    license_ = TERMS.license(lid=bytes(16), seq=1, now=0)

    assert license_.max_build_date is not None
    assert iso(license_.max_build_date) == "2028-06-30T23:59:59Z"


def test_a_customer_keeps_the_same_id_under_another_name() -> None:
    one = LicenseTerms("Old Name", date(2028, 1, 1), customer="C-17")
    other = LicenseTerms("New Name", date(2028, 1, 1), customer="C-17")

    assert one.customer_id == other.customer_id
    assert len(one.customer_id) == 8


def test_warning_days_come_in_the_second_half_at_the_earliest() -> None:
    terms = LicenseTerms("Try", date(1970, 2, 14))

    license_ = terms.license(lid=bytes(16), seq=1, now=0)

    assert license_.warn_days == (14, 7, 3, 1)
    assert license_.exp - license_.nbf == 45 * DAY_S + DAY_S // 2
