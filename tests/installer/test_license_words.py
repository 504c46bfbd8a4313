"""What the commands say about a license: who, how long, and what is next."""

import pytest
from pydantic import JsonValue

from installer.cli.license_words import (
    license_details,
    license_rows,
    license_sentences,
)
from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.model import Post
from offline_license.summary import decision_json, license_json
from offline_license.tolerances import DAY_S
from tests.support.licensing import IAT, Issuer


def _answer(day: int, post: Post = Post.STOP) -> dict[str, JsonValue]:
    """Answer as the license container does on a day after the issue."""
    license_ = Issuer().license(post=post)
    at = effective_time(wall=IAT + day * DAY_S, floor=IAT)
    terms = license_.license
    body = decision_json(decide(license_, at=at), terms, at)
    return {**body, "license": license_json(terms)}


def test_a_valid_license_tells_its_holder_its_last_day_and_what_follows() -> None:
    answer = _answer(0)
    terms = answer["license"]
    assert isinstance(terms, dict)

    first, second = license_sentences(answer)

    through = terms["valid_through"]
    assert first == f"valid, Example Hospital, valid through {through}, 365 days left"
    assert second.startswith("Full service until 2028-")
    assert second.endswith(" UTC, then new work is refused.")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (364, ["expiring", "1 day left", "Renew it before then."]),
        (370, ["grace", "25 days of grace left", "Renew it now."]),
    ],
)
def test_a_license_near_its_end_tells_the_days_and_asks_for_renewal(
    day: int, words: list[str]
) -> None:
    said = " ".join(license_sentences(_answer(day)))

    assert all(word in said for word in words)


def test_the_rows_name_both_dates_and_not_the_start_of_the_warnings() -> None:
    rows = dict(license_rows(_answer(0, Post.TRICKLE)))

    assert list(rows) == [
        "state",
        "licensee",
        "serial",
        "valid through",
        "full service until",
        "days left",
        "next",
    ]
    assert rows["days left"] == "365 days"
    assert rows["next"].endswith("then one task at a time is served.")


def test_what_is_not_known_is_not_said() -> None:
    assert license_sentences({"state": "UNLICENSED", "banner": "None."}) == (
        "unlicensed",
        "None.",
    )
    assert dict(license_rows({})) == {"state": "unknown"}


def test_the_details_tell_host_limits_and_flags_in_words() -> None:
    answer = _answer(0)
    answer["flags"] = ["CLOCK_BEHIND"]
    answer["host"] = {
        "verdict": "drift",
        "matched_weight": 7,
        "enrolled_weight": 8,
        "changed": ["nic-set"],
    }

    rows = dict(license_details(answer))

    assert rows["grants"].startswith("8 streams")
    assert "7 of 8" in rows["host"]
    assert "CLOCK_BEHIND" not in rows["flag"]
    assert rows["flag"].count(".") >= 2
