"""What is remembered about one license from look to look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from offline_license.model import License
    from offline_license.states import State

__all__ = ["Standing", "redeem"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is remembered about one license, by lineage and sequence.

    Attributes:
        shown: the last state that the dates gave.
        credit_s: run time that a downgrade was held back.
        banner_s: run time with the renewal banner visible.
        mismatch_s: run time with an unrecognized host; counted once per sequence.
        redeemed: the highest extension code redeemed; 0 is none.
        extended_to: ``term`` as extended by codes, seconds UTC; 0 is not extended.
        extension_s: run time after which the extension is used up in any case, so that
            a code redeemed under a clock of 2099 still gives its days only.
    """

    lid: bytes
    seq: int
    shown: State
    credit_s: int = 0
    banner_s: int = 0
    mismatch_s: int = 0
    redeemed: int = 0
    extended_to: int = 0
    extension_s: int = 0

    def is_of(self, license_: License) -> bool:
        """Tell whether this is about a license."""
        return (self.lid, self.seq) == (license_.lid, license_.seq)

    def term_of(self, license_: License) -> int:
        """Return ``term`` as codes extend it now, seconds UTC."""
        extended_to = self.extended_to if self.extension_s > 0 else 0
        return max(license_.term, extended_to)


def redeem(standing: Standing, license_: License, index: int, *, t: int) -> Standing:
    """Take note of an extension code; the same code again changes nothing.

    A further one goes on where the one before ends, by its date or by its run time,
    whichever is sooner.

    Args:
        standing: of this license.
        license_: its terms, with an extension anchor.
        index: which code it is, from 1; it uses up every code below.
        t: effective time of the redemption, seconds UTC.
    """
    fresh = index - standing.redeemed
    if fresh <= 0 or license_.extension is None:
        return standing
    left_s = min(standing.extension_s, standing.extended_to - t)
    begin = t + max(0, left_s, license_.term - t)
    end = begin + fresh * license_.extension.days * DAY_S
    return replace(standing, redeemed=index, extended_to=end, extension_s=end - t)
