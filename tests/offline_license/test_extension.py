"""Emergency codes over the telephone (case 45)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.clock import effective_time
from offline_license.decide import decide
from offline_license.errors import ExtensionCodeError
from offline_license.extension import find_index, make_chain, read_code, spell_code
from offline_license.standing import Standing, redeem
from offline_license.states import State
from offline_license.tolerances import DAY_S, HOUR_S
from tests.support.licensing import IAT, TERM, Issuer

LID = Issuer().terms().lid
CHAIN = make_chain(LID, bytes(range(13)), count=4, days=14)
TERMS = Issuer().terms(extension=CHAIN.anchor)
ENDED = Standing(LID, 1, State.RESTRICTED, banner_s=80 * HOUR_S)


@pytest.mark.parametrize("index", [1, 2, 3, 4])
def test_every_code_is_recognized_by_its_index(index: int) -> None:
    assert find_index(CHAIN.anchor, LID, CHAIN.codes[index - 1]) == index


def test_a_code_has_twenty_two_characters_in_groups() -> None:
    assert [len(group) for group in CHAIN.codes[0].split("-")] == [4, 4, 4, 4, 4, 2]


@pytest.mark.parametrize("heard", [str.lower, lambda code: code.replace("-", " ")])
def test_how_a_code_is_typed_does_not_matter(heard: object) -> None:
    assert callable(heard)

    assert find_index(CHAIN.anchor, LID, heard(CHAIN.codes[0])) == 1


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    code = spell_code(1)

    assert read_code(code.replace("0", "o").replace("1", "l")) == read_code(code)


@given(st.integers(0, 2**100 - 1))
def test_every_value_survives_its_spelling(value: int) -> None:
    assert read_code(spell_code(value)) == value


@given(st.integers(0, 19), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_is_refused(at: int, other: str) -> None:
    plain = CHAIN.codes[0].replace("-", "")
    heard = plain[:at] + other + plain[at + 1 :]

    if heard != plain:
        with pytest.raises(ExtensionCodeError):
            find_index(CHAIN.anchor, LID, heard)


@given(st.text())
def test_any_text_is_a_code_or_one_typed_error(text: str) -> None:
    with pytest.raises(ExtensionCodeError):
        find_index(CHAIN.anchor, LID, text)


def test_a_code_of_another_license_is_refused() -> None:
    other = make_chain(bytes(16), bytes(range(13)), count=4, days=14)

    with pytest.raises(ExtensionCodeError, match="another"):
        find_index(CHAIN.anchor, LID, other.codes[0])


def test_a_code_lifts_a_restriction_for_its_days() -> None:
    t = TERM + 3 * DAY_S
    standing = redeem(ENDED, TERMS, 1, t=t)

    lifted = decide(TERMS, at=effective_time(wall=t, floor=IAT), previous=standing)
    later = decide(
        TERMS,
        at=effective_time(wall=t + 14 * DAY_S, floor=IAT),
        previous=lifted.standing,
    )

    assert (lifted.state, lifted.until) == (State.GRACE, t + 14 * DAY_S)
    assert later.state is State.RESTRICTED


def test_the_same_code_again_changes_nothing() -> None:
    once = redeem(ENDED, TERMS, 1, t=TERM)

    assert redeem(once, TERMS, 1, t=TERM + DAY_S) == once


def test_the_second_code_first_grants_both() -> None:
    standing = redeem(ENDED, TERMS, 2, t=TERM)

    assert standing.extended_to == TERM + 28 * DAY_S
    assert redeem(standing, TERMS, 1, t=TERM) == standing


def test_a_code_before_the_end_adds_to_the_end() -> None:
    assert redeem(ENDED, TERMS, 1, t=IAT).extended_to == TERM + 14 * DAY_S


def test_a_license_without_codes_is_not_extended() -> None:
    assert redeem(ENDED, Issuer().terms(), 1, t=TERM) == ENDED


def test_a_code_does_not_outlive_a_withdrawn_key() -> None:
    verified = replace(Issuer().license(extension=CHAIN.anchor), dies_at=TERM)
    standing = redeem(ENDED, TERMS, 4, t=TERM)

    decision = decide(
        verified, at=effective_time(wall=TERM, floor=IAT), previous=standing
    )

    assert decision.state is State.RESTRICTED


def test_a_code_redeemed_under_a_clock_of_2099_gives_its_days_only() -> None:
    """Set the clock ahead, redeem, set it back: 14 days of run time, not decades."""
    standing = redeem(ENDED, TERMS, 1, t=4_070_908_800)
    states = []
    for day in range(1, 16):
        decision = decide(
            TERMS,
            at=effective_time(wall=TERM + day * DAY_S, floor=IAT),
            elapsed_s=DAY_S,
            previous=standing,
        )
        assert decision.standing is not None
        standing = decision.standing
        states.append(decision.state)

    assert states == [State.GRACE] * 13 + [State.RESTRICTED] * 2


def test_a_further_code_adds_to_the_one_before() -> None:
    once = redeem(ENDED, TERMS, 1, t=TERM)

    twice = redeem(once, TERMS, 2, t=TERM + 4 * DAY_S)

    assert twice.extended_to == TERM + 28 * DAY_S
    assert twice.extension_s == 24 * DAY_S


def test_a_further_code_after_a_clock_of_2099_gives_its_days_only() -> None:
    """The first date was decades ahead; only its run time is added to."""
    once = redeem(ENDED, TERMS, 1, t=4_070_908_800)

    twice = redeem(once, TERMS, 2, t=TERM)

    assert twice.extended_to == TERM + 28 * DAY_S
    assert twice.extension_s == 28 * DAY_S
