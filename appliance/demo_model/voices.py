"""The espeak-ng voices of the demo model: which train it, which only test it.

A voice is an accent (`en`, `en-us`, ...) and perhaps a variant of the speaker
(`+f2`). Variants of `HELD_OUT_VARIANTS` and the accent `HELD_OUT_ACCENT` are never
heard in training, so that word error on them shows how far the model generalizes.
"""

from __future__ import annotations

from typing import Final

ACCENTS: Final = (
    "en", "en-us", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-rp",
    "en-gb-x-gbcwmd", "en-us-nyc",
)  # fmt: skip
HELD_OUT_ACCENT: Final = "en-029"
VARIANTS: Final = (
    "Alex", "Alicia", "Andrea", "Andy", "AnxiousAndy", "Denis", "Diogo", "Gene",
    "Gene2", "Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael",
    "Nguyen", "RicishayMax", "RicishayMax2", "RicishayMax3", "Storm", "Tweaky",
    "adam", "anika", "announcer", "antonio", "aunty", "benjamin", "boris", "caleb",
    "croak", "david", "ed", "edward", "f1", "f2", "f4", "f5", "grandpa", "gustave",
    "iven", "iven2", "iven4", "john", "kaukovalta", "klatt", "klatt2", "klatt4",
    "klatt5", "klatt6", "m1", "m2", "m3", "m4", "m6", "m7", "m8", "marcelo", "max",
    "michel", "miguel", "pablo", "paul", "pedro", "rob", "robert", "robosoft",
    "robosoft2", "robosoft3", "robosoft4", "robosoft6", "shelby", "steph", "steph3",
    "travis", "victor", "whisper", "zac",
)  # fmt: skip
HELD_OUT_VARIANTS: Final = (
    "Annie", "Mike", "belinda", "edward2", "f3", "iven3", "klatt3", "linda", "m5",
    "norbert", "quincy", "steph2",
)  # fmt: skip

DEMO_VOICES: Final = ("en", "en-us", "en+f2", "en+m3", "en-us+f4", "en-gb-x-rp")
"""Voices of the demonstration; all of them were heard in training."""


def held_out_voices() -> tuple[str, ...]:
    """Return the twelve held-out variants, each in British and American English."""
    accents = ("en", "en-us")
    return tuple(f"{a}+{v}" for v in HELD_OUT_VARIANTS for a in accents)
