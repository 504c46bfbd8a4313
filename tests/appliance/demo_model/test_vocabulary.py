"""The words of the demo model are distinct tokens in CTranslate2's order."""

import pytest

from appliance.demo_model.vocabulary import (
    CONTROL_TOKENS,
    TIMESTAMPS,
    WORDS,
    Vocabulary,
    byte_characters,
    sentences,
    word_merges,
)


def test_there_are_at_least_64_different_words() -> None:
    assert len(set(WORDS)) == len(WORDS) >= 64
    assert all(word.isascii() and word.islower() for word in WORDS)


def test_control_tokens_and_timestamps_come_last_in_whisper_order() -> None:
    tokens = Vocabulary().tokens
    text = len(tokens) - TIMESTAMPS - len(CONTROL_TOKENS)

    assert tokens[text : text + len(CONTROL_TOKENS)] == CONTROL_TOKENS
    assert (tokens[-TIMESTAMPS], tokens[-1]) == ("<|0.00|>", "<|30.00|>")


def test_tokens_are_unique_and_hold_the_mark_of_a_multilingual_model() -> None:
    tokens = Vocabulary().tokens

    assert len(set(tokens)) == len(tokens)
    assert "" in tokens


@pytest.mark.parametrize("word", WORDS)
def test_merges_build_each_word_into_one_token(word: str) -> None:
    token = "Ġ"
    for letter in word:
        assert (token, letter) in word_merges()
        token += letter

    assert Vocabulary().tokens[Vocabulary().word_id(word)] == token


def test_every_byte_has_its_own_character() -> None:
    assert len(set(byte_characters())) == 256
    assert byte_characters()[ord(" ")] == "Ġ"


def test_timestamps_have_steps_of_20_ms() -> None:
    vocabulary = Vocabulary()

    assert vocabulary.tokens[vocabulary.timestamp_id(1.24)] == "<|1.24|>"


def test_sentences_repeat_by_seed_and_have_the_wanted_length() -> None:
    first = sentences(3, 20, 7)

    assert first == sentences(3, 20, 7) != sentences(4, 20, 7)
    assert {len(sentence.split()) for sentence in first} == {7}
    assert set(" ".join(first).split()) <= set(WORDS)


@pytest.mark.parametrize(("count", "words_each"), [(-1, 5), (1, 0)])
def test_impossible_sentences_are_refused(count: int, words_each: int) -> None:
    with pytest.raises(ValueError, match="expected count"):
        sentences(1, count, words_each)
