"""Every licensing code says what happened, which date, and the next step (case 67)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from installer.license_flags import FLAGS
from offline_license.banner import banner
from offline_license.clock import effective_time
from offline_license.dates import iso
from offline_license.decide import Decision, decide
from offline_license.errors import (
    ERROR_TYPES,
    CompromisedKeyError,
    IssuerError,
    LicenseError,
)
from offline_license.keyset import KeyStatus
from offline_license.lint import check_license
from offline_license.refusals import REFUSALS
from offline_license.standing import Standing
from offline_license.states import State
from offline_license.tolerances import DAY_S
from tests.support.finding_docs import entries
from tests.support.licensing import EXP, IAT, TERM, Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

JARGON = re.compile(
    r"\b(iat|nbf|exp|naf|lid|seq|kid|typ|alg|jti|nonce|CBOR|COSE|DSSE|HMAC|MAC|"
    r"JSON|payload|schema|canonical|deterministic|epoch|TTL|monotonic|digest|"
    r"Merkle|armor|base45|base64|mbd|ksv|envelope|protected header|[A-Z]+_[A-Z_]+)\b"
)
DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?!\d)")
ISSUER = Issuer()


WORDS = {
    entry.code: (entry.title, entry.meaning, entry.remedy)
    for entry in entries()
    if entry.code.startswith("ANX-LIC-") or "licens" in " ".join(entry).lower()
}


def test_every_licensing_code_is_looked_at() -> None:
    assert {error.code for error in ERROR_TYPES} | set(REFUSALS) <= set(WORDS)
    assert {"ANX-LIC-50", "ANX-OP-21"} <= set(WORDS)


@pytest.mark.parametrize("code", WORDS)
def test_a_code_says_what_happened_what_it_means_and_the_next_step(code: str) -> None:
    title, meaning, remedy = WORDS[code]

    assert title[0].isupper()
    assert not title.endswith(".")
    for sentence in (meaning, remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert len(remedy.split()) >= 4


@pytest.mark.parametrize("code", WORDS)
def test_a_code_uses_no_word_of_the_format(code: str) -> None:
    """Administrators do not know our fields, and need not."""
    title, meaning, remedy = WORDS[code]

    assert JARGON.findall(re.sub(r"\([A-Z_]+\)", "", title)) == []
    assert JARGON.findall(f"{meaning} {remedy}") == []


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_has_words_without_its_own_name(flag: str) -> None:
    words = FLAGS[flag]

    assert JARGON.findall(f"{words.title} {words.meaning} {words.step}") == []
    assert words.step.endswith(".")


def test_the_list_of_jargon_finds_jargon() -> None:
    assert JARGON.findall("the iat of kid 7 in BIND_MISMATCH") == [
        "iat",
        "kid",
        "BIND_MISMATCH",
    ]


def test_what_is_issued_outside_the_life_of_a_key_names_the_dates() -> None:
    late = IAT + 500 * DAY_S

    with pytest.raises(IssuerError) as caught:
        ISSUER.license(iat=late, nbf=late, exp=late + DAY_S, term=late + 15 * DAY_S)

    assert iso(late) in str(caught.value)
    assert len(DATE.findall(str(caught.value))) == 3


def test_what_a_withdrawn_key_signed_names_the_dates() -> None:
    key = replace(
        ISSUER.manifest().keys[0],
        status=KeyStatus.COMPROMISED,
        cutoff=IAT - DAY_S,
        withdrawn=IAT,
    )

    with pytest.raises(CompromisedKeyError) as caught:
        key.check_window(IAT)

    assert iso(IAT - DAY_S) in str(caught.value)
    assert iso(IAT) in str(caught.value)


@pytest.mark.parametrize(
    "refused",
    [
        lambda: ISSUER.license(nbf=EXP, exp=EXP),
        lambda: ISSUER.license(exp=IAT - DAY_S, nbf=IAT - 2 * DAY_S),
        lambda: ISSUER.license(exp=EXP + 9 * 365 * DAY_S, term=EXP + 10 * 365 * DAY_S),
        lambda: check_license(ISSUER.terms(), now=EXP),
    ],
    ids=["start at the end", "issued after the end", "too long", "lint"],
)
def test_nonsense_dates_are_named_as_dates(refused: Callable[[], object]) -> None:
    with pytest.raises(LicenseError) as caught:
        refused()

    assert DATE.search(str(caught.value))
    assert JARGON.findall(str(caught.value)) == []


@pytest.mark.parametrize(
    ("state", "day", "dates"),
    [
        (State.EXPIRING, 364, ["2028-01-13", iso(TERM)]),
        (State.GRACE, 366, ["2028-01-13", iso(TERM)]),
        (State.RESTRICTED, 400, ["2028-01-13"]),
    ],
)
def test_the_banner_of_each_state_names_its_dates(
    state: State, day: int, dates: list[str]
) -> None:
    said = banner(_decision(day), ISSUER.terms())

    assert _decision(day).state is state
    for date in dates:
        assert date in said
    assert JARGON.findall(said) == []


def _decision(day: int) -> Decision:
    """Decide on a day after the issue, with the banner long seen."""
    terms = ISSUER.terms()
    seen = Standing(terms.lid, terms.seq, State.GRACE, banner_s=30 * DAY_S)
    at = effective_time(wall=IAT + day * DAY_S, floor=IAT)
    return decide(terms, at=at, previous=seen)
