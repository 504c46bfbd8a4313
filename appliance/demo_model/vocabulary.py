"""The words of the demo model, its tokens, and reproducible word sequences.

Rules kept here: every word is one merged `" word"` token, the token order is the
one that CTranslate2 expects of a Whisper vocabulary, and the seeds of training and
of evaluation can never meet because each has its own name space.
"""

# Random numbers here must be repeatable, not secret.
# ruff: noqa: S311

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Final

DIGITS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
)  # fmt: skip
SPELLING: Final = (
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel",
    "india", "juliet", "kilo", "lima", "mike", "november", "oscar", "papa", "quebec",
    "romeo", "sierra", "tango", "uniform", "victor", "whisky", "xray", "yankee",
    "zulu",
)  # fmt: skip
COMMANDS: Final = (
    "yes", "no", "stop", "start", "open", "close", "left", "right", "up", "down",
    "help", "next", "back", "pause", "record", "send", "call", "cancel", "confirm",
    "repeat", "please", "hello", "doctor", "patient", "judge", "witness", "ready",
    "system", "minister", "thanks",
)  # fmt: skip
WORDS: Final = (*DIGITS, *SPELLING, *COMMANDS)

LANGUAGE: Final = "en"
END: Final = "<|endoftext|>"
START: Final = "<|startoftranscript|>"
LANGUAGE_TOKEN: Final = f"<|{LANGUAGE}|>"
TRANSCRIBE: Final = "<|transcribe|>"
PREVIOUS: Final = "<|startofprev|>"
NO_SPEECH: Final = "<|nospeech|>"
NO_TIMESTAMPS: Final = "<|notimestamps|>"
CONTROL_TOKENS: Final = (
    END, START, LANGUAGE_TOKEN, "<|translate|>", TRANSCRIBE, "<|startoflm|>",
    PREVIOUS, NO_SPEECH, NO_TIMESTAMPS,
)  # fmt: skip
TIMESTAMPS: Final = 1501
TIMESTAMP_STEP_S: Final = 0.02
SPACE: Final = "Ġ"


def byte_characters() -> tuple[str, ...]:
    """Return the 256 printable characters that stand for bytes in byte-level BPE.

    Source: GPT-2's bytes_to_unicode; printable Latin-1 stands for itself, every
    other byte is moved above U+0100 in order.
    """
    kept = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    moved = (byte for byte in range(256) if byte not in kept)
    above = {byte: chr(0x100 + n) for n, byte in enumerate(moved)}
    return tuple(above.get(byte, chr(byte)) for byte in range(256))


def word_merges(words: tuple[str, ...] = WORDS) -> tuple[tuple[str, str], ...]:
    """Return the BPE merges that build each `" word"` from the left, prefixes shared.

    Every merge starts with the space, so no merge can act inside another word and
    each word has exactly one way to become one token.
    """
    merges: dict[tuple[str, str], None] = {}
    for word in words:
        for end in range(len(word)):
            merges[SPACE + word[:end], word[end]] = None
    return tuple(merges)


@dataclass(frozen=True)
class Vocabulary:
    """The full token list of the model and the lookups that others need."""

    words: tuple[str, ...] = WORDS

    @cached_property
    def text_tokens(self) -> tuple[str, ...]:
        """Bytes, merges, and the empty string that marks a multilingual model."""
        merged = dict.fromkeys(a + b for a, b in word_merges(self.words))
        return (*byte_characters(), *merged, "")

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """All tokens in the order of their ids; the timestamps come last."""
        stamps = (f"<|{n * TIMESTAMP_STEP_S:.2f}|>" for n in range(TIMESTAMPS))
        return (*self.text_tokens, *CONTROL_TOKENS, *stamps)

    @cached_property
    def ids(self) -> dict[str, int]:
        """The id of every token."""
        return {token: number for number, token in enumerate(self.tokens)}

    def word_id(self, word: str) -> int:
        """Return the id of the one token of `word`; KeyError when it is unknown."""
        return self.ids[SPACE + word]

    def timestamp_id(self, seconds: float) -> int:
        """Return the id of the timestamp token nearest to `seconds` (0 to 30)."""
        return self.ids["<|0.00|>"] + round(seconds / TIMESTAMP_STEP_S)


def word_sequence(rng: random.Random, length: int) -> str:
    """Draw `length` words at random, with repetition, as one line of text."""
    return " ".join(rng.choice(WORDS) for _ in range(length))


def sentences(seed: int, count: int, words_each: int) -> list[str]:
    """Return `count` word sequences that training has never drawn.

    Training draws from seeds named `training:...`, these from `evaluation:...`.

    Args:
        seed: any number; the same seed gives the same sentences.
        count: how many sentences.
        words_each: words in each sentence; the model is made for 4 to 12.

    Raises:
        ValueError: a negative count, or fewer than one word in a sentence.
    """
    if count < 0 or words_each < 1:
        message = f"expected count >= 0 and words_each >= 1, got {count}, {words_each}"
        raise ValueError(message)
    rng = random.Random(f"evaluation:{seed}")
    return [word_sequence(rng, words_each) for _ in range(count)]
