"""An emergency code is followed character by character."""

import pytest

from installer.tui import code_entry
from installer.tui.glyphs import ASCII
from tests.support.fake_license import CODES

CODE = CODES[0]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "22 more characters."),
        (CODE[:-1], "1 more character."),
        (CODE, "Complete, and the check characters fit."),
        (CODE.lower().replace("-", " "), "Complete, and the check characters fit."),
        (CODE + "00", "2 too many: have it read out again."),
        (CODE[:6] + "U!", "No code has ! U: have that spelled again."),
    ],
)
def test_each_keystroke_is_answered(typed: str, said: str) -> None:
    assert code_entry.verdict(code_entry.look(typed)) == said


def test_every_single_misheard_character_is_noticed() -> None:
    body = CODE.replace("-", "")
    for at, right in enumerate(body):
        wrong = body[:at] + ("7" if right != "7" else "8") + body[at + 1 :]

        assert not code_entry.look(wrong).right


def test_letters_that_look_alike_are_taken_for_what_is_meant() -> None:
    assert code_entry.look("oil").characters == "011"


def test_the_code_is_shown_in_the_groups_in_which_it_is_read_out() -> None:
    seen = code_entry.look(CODE[:7])

    assert seen.grouped == f"{CODE[:7]}..-....-....-....-.."
    assert code_entry.painted(seen, ASCII).plain.isascii()
