"""Word errors are counted as everybody counts them."""

import pytest

from appliance.demo_model import report, testsets
from appliance.demo_model.evaluate import (
    Score,
    invented_words,
    score,
    word_error_rate,
    word_errors,
)
from appliance.demo_model.testsets import joined, quiet_clips, spoken


@pytest.mark.parametrize(
    ("reference", "hypothesis", "errors"),
    [
        ("stop start", "stop start", 0),
        ("stop start", "Stop, start.", 0),
        ("stop start", "", 2),
        ("stop start", "stop", 1),
        ("stop start", "stop the start", 1),
        ("stop start open", "start open", 1),
        ("one two three", "three two one", 2),
        ("", "hello", 1),
    ],
)
def test_word_errors(reference: str, hypothesis: str, errors: int) -> None:
    assert word_errors(reference, hypothesis) == errors


def test_the_rate_is_per_reference_word_and_may_exceed_one() -> None:
    assert word_error_rate("one two three four", "one two three") == 0.25
    assert word_error_rate("one", "two three") == 2.0


def test_a_reference_without_words_has_no_rate() -> None:
    with pytest.raises(ValueError, match="reference"):
        word_error_rate(" ", "hello")


def test_a_score_adds_up_all_clips() -> None:
    clips = spoken(9, 12, ("en",))

    assert score(clips, lambda _: "").percent == 100.0
    assert Score(errors=0, words=0).percent == 0.0


def test_test_speech_repeats_and_has_enough_words() -> None:
    first, again = spoken(9, 20, ("en", "en-us")), spoken(9, 20, ("en", "en-us"))

    assert [clip.text for clip in first] == [clip.text for clip in again]
    assert sum(len(clip.text.split()) for clip in first) >= 20


def test_joined_clips_keep_all_words() -> None:
    clips = spoken(9, 30, ("en",))

    long = joined(clips, 3)

    assert " ".join(c.text for c in long) == " ".join(c.text for c in clips)
    assert sum(len(c.samples) for c in long) > sum(len(c.samples) for c in clips)


def test_quiet_clips_have_no_text_and_every_answer_counts_as_invented() -> None:
    clips = quiet_clips(3)

    assert {clip.text for clip in clips} == {""}
    assert invented_words(clips, lambda _: "two words") == 6


def test_noise_and_telephone_sets_are_made_from_the_same_words_each_time() -> None:
    sets = testsets.all_sets(8)

    for name in ("noise 5 dB", "telephone band", "speed 1.3", "long clips"):
        first, again = sets[name](), sets[name]()
        assert [clip.text for clip in first] == [clip.text for clip in again]


def test_the_table_has_a_row_per_set_and_a_dash_for_what_was_not_measured() -> None:
    rates = {"long clips": {"words": 503, "stock": 0.1352, "batched": 0.0915}}

    last = report.table({"word_error_rate": rates}).splitlines()[-1]

    assert last == "| long clips | 503 | 13.5 | 9.2 | - |"
