"""Every error has a code of its own, a meaning and a next step (case 67)."""

from __future__ import annotations

import re

import pytest

from offline_license import errors
from offline_license.errors import ERROR_TYPES, LicenseError
from offline_license.refusals import REFUSALS


def test_every_error_is_in_the_table() -> None:
    named = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, LicenseError)
    }

    assert named - {LicenseError} == set(ERROR_TYPES)


def test_no_two_reasons_share_a_code() -> None:
    codes = [error.code for error in ERROR_TYPES] + list(REFUSALS)

    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"ANX-LIC-\d\d", code) for code in codes)


@pytest.mark.parametrize("error", ERROR_TYPES)
def test_every_error_says_what_it_means_and_what_to_do(
    error: type[LicenseError],
) -> None:
    raised = error("expected one thing, found another")

    assert str(raised) == raised.evidence == "expected one thing, found another"
    for text in (raised.title, raised.meaning, raised.remedy):
        assert text[0].isupper()
    assert raised.remedy.endswith(".")


@pytest.mark.parametrize("word", ["iat", "CBOR", "COSE", "kid", "nonce"])
def test_titles_and_remedies_are_free_of_jargon(word: str) -> None:
    for error in ERROR_TYPES:
        assert word not in f"{error.title} {error.remedy}"


def test_evidence_may_differ_from_the_message() -> None:
    assert LicenseError("message", evidence="seen").evidence == "seen"
