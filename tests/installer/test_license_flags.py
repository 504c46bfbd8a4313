"""Every flag of the license has words for people."""

import pytest

from installer.license_flags import FLAGS, flag_words
from offline_license.states import Flag

JARGON = ("iat", "nbf", "exp", "lid", "seq", "kid", "ledger", "fingerprint")


@pytest.mark.parametrize("flag", Flag, ids=lambda flag: flag.name)
def test_every_flag_says_what_it_means_and_the_next_step(flag: Flag) -> None:
    words = FLAGS[flag.name]

    assert words.title
    assert words.meaning.endswith(".")
    assert words.step.endswith(".")


@pytest.mark.parametrize("name", FLAGS)
def test_no_flag_speaks_jargon(name: str) -> None:
    words = FLAGS[name]
    said = f"{words.title} {words.meaning} {words.step}".lower()

    assert not set(JARGON) & set(said.replace(".", " ").replace(",", " ").split())


def test_a_flag_of_a_newer_license_service_is_shown_too() -> None:
    words = flag_words("SOMETHING_NEW")

    assert words.title == "Something new"
    assert words.step
