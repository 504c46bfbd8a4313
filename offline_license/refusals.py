"""Why new work is refused, in words: one table of codes.

A refusal is an expected outcome and therefore a value; an object that is not
acceptable at all is an error of ``offline_license.errors``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REFUSALS", "Refusal", "refusal"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is always the same about one reason.

    Attributes:
        code: ``ANX-LIC-nn``.
        title: the reason in a few words.
        meaning: what still works.
        remedy: the next step.
    """

    code: str
    title: str
    meaning: str
    remedy: str


_STILL = "Status, renewal, reports and updates work; work in flight is finished."
_REQUEST = "Make a request with `anechoic license request` and install the answer."

REFUSALS: Mapping[str, Refusal] = {
    one.code: one
    for one in (
        Refusal("ANX-LIC-31", "No license is in force", _STILL, _REQUEST),
        Refusal(
            "ANX-LIC-32",
            "The license has ended and its terms stop new work",
            _STILL,
            _REQUEST,
        ),
        Refusal(
            "ANX-LIC-33",
            "The license has ended and its terms leave one task at a time",
            _STILL,
            _REQUEST,
        ),
        Refusal(
            "ANX-LIC-34",
            "The license was revoked",
            _STILL,
            "Ask the vendor; install the license you get.",
        ),
        Refusal(
            "ANX-LIC-35",
            "The license container has not answered yet",
            "New work waits until it does; the service looks for it by itself.",
            "Look at `anechoic status`; the service `license` must be running.",
        ),
        Refusal(
            "ANX-LIC-36",
            "The license container has not answered for a day",
            "Work in flight was finished; new work waits.",
            "Look at `anechoic status`; start the service `license` again.",
        ),
        Refusal(
            "ANX-LIC-37",
            "All live sessions that the license permits are in use",
            "Running sessions go on; a new one can begin when one has ended.",
            "Try again later; ask the vendor for more sessions if it happens often.",
        ),
        Refusal(
            "ANX-LIC-38",
            "The live time without a license is used up for today",
            "It comes back after a day of run time. " + _STILL,
            _REQUEST,
        ),
    )
}


def refusal(code: str) -> Refusal:
    """Return the words for a code; an unknown code of a newer program is kept."""
    return REFUSALS.get(code) or Refusal(
        code, "The license does not permit this", _STILL, _REQUEST
    )
