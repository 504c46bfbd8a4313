"""Bring back from the ledger what a lost or older memory does not know.

The ledger proves: a floor of time, redeemed codes, how long the renewal banner was
visible and the host unrecognized. What the memory knows better stays, so that this can
be done at every start; it can only add.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from offline_license.ledger_schema import RecordKind
from offline_license.standing import Standing, redeem
from offline_license.states import Flag, State
from offline_license.tolerances import DAY_S, HOUR_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from appliance.license_proxy.memory import Memory
    from offline_license.ledger_history import Seen
    from offline_license.ledger_schema import Record
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["Past", "is_behind", "rebuild"]

_OLDER_S = 2 * HOUR_S


@dataclass(frozen=True, slots=True)
class Stretch:
    """Run time between two checkpoints.

    Attributes:
        index: of the checkpoint that ends it.
        from_s: effective time at its begin.
        seconds: of run time, as far as the checkpoints prove it.
        flags: raised at its end, as a mask.
    """

    index: int
    from_s: int
    seconds: int
    flags: int


@dataclass(frozen=True, slots=True)
class Past:
    """What the ledger says of the past.

    Attributes:
        proved_s: the newest proved time.
        installs: the index where each license was first installed, by digest.
        highest: the highest sequence of each lineage.
        redeemed: redemptions, oldest first.
        revoked: lineage and sequence of what was revoked.
        stretches: run time between checkpoints.
    """

    proved_s: int = 0
    installs: Mapping[bytes, int] = field(default_factory=dict)
    highest: Mapping[bytes, int] = field(default_factory=dict)
    redeemed: tuple[Record, ...] = ()
    revoked: frozenset[tuple[bytes, int]] = frozenset()
    stretches: tuple[Stretch, ...] = ()

    @classmethod
    def of(cls, events: Iterable[Record], seen: Sequence[Seen]) -> Past:
        """Read it from what happened and what the checkpoints saw."""
        installs: dict[bytes, int] = {}
        highest: dict[bytes, int] = {}
        redeemed, revoked = [], set()
        for one in events:
            match one.kind:
                case RecordKind.INSTALL:
                    lid = one.octets("lid")
                    installs.setdefault(one.octets("digest"), one.index)
                    highest[lid] = max(highest.get(lid, 0), one.number("seq"))
                case RecordKind.REDEEM:
                    redeemed.append(one)
                case RecordKind.REVOKED:
                    revoked.add((one.octets("lid"), one.number("seq")))
                case _:
                    continue
        return cls(
            proved_s=max((one.proved_s for one in seen), default=0),
            installs=installs,
            highest=highest,
            redeemed=tuple(redeemed),
            revoked=frozenset(revoked),
            stretches=tuple(itertools.starmap(_stretch, itertools.pairwise(seen))),
        )

    def knows(self, verified: VerifiedLicense) -> bool:
        """Tell whether a license was in force here."""
        return verified.digest in self.installs

    def banner_s(self, verified: VerifiedLicense) -> int:
        """Return for how long the renewal banner of a license was visible."""
        begin = verified.license.exp - _warning_s(verified.license)
        return sum(one.seconds for one in self._under(verified) if one.from_s >= begin)

    def mismatch_s(self, verified: VerifiedLicense) -> int:
        """Return for how long the host was not recognized under a license."""
        return _with_flag(self._under(verified), Flag.BIND_MISMATCH)

    def run_s(self, after: int, until: int | None = None) -> int:
        """Return the run time between two records, as far as checkpoints prove it."""
        return sum(
            one.seconds
            for one in self.stretches
            if one.index > after and (until is None or one.index <= until)
        )

    @property
    def key_lost_s(self) -> int:
        """For how long there was service since an install key was lost."""
        newest = max(self.installs.values(), default=0)
        later = (one for one in self.stretches if one.index > newest)
        return _with_flag(later, Flag.KEY_LOST)

    def _under(self, verified: VerifiedLicense) -> Iterator[Stretch]:
        begin = self.installs.get(verified.digest)
        if begin is not None:
            yield from (one for one in self.stretches if one.index > begin)


def is_behind(memory: Memory, past: Past) -> bool:
    """Tell whether a memory is older than the ledger: it came from a backup."""
    return past.proved_s > memory.clock.proved_s + _OLDER_S


def rebuild(memory: Memory, past: Past, licenses: Iterable[VerifiedLicense]) -> Memory:
    """Return the memory with what the ledger proves beyond it.

    Args:
        memory: what was remembered; a new one where nothing was.
        past: what the ledger says.
        licenses: genuine ones of this site.
    """
    memory = replace(memory, clock=memory.clock.raise_floor(past.proved_s))
    for verified in licenses:
        license_ = verified.license
        known = memory.remembered.standing_of(license_)
        before = known or Standing(license_.lid, license_.seq, State.VALID)
        proved = _proved(verified, past, before)
        if proved != before:
            memory = memory.remember(proved)
    return memory


def _proved(verified: VerifiedLicense, past: Past, standing: Standing) -> Standing:
    standing = _redeemed(verified.license, past, standing)
    return replace(
        standing,
        banner_s=max(standing.banner_s, past.banner_s(verified)),
        mismatch_s=max(standing.mismatch_s, past.mismatch_s(verified)),
    )


def _redeemed(license_: License, past: Past, standing: Standing) -> Standing:
    """Redeem again what was redeemed, less the run time that passed since then."""
    since: int | None = None
    for one in past.redeemed:
        if not _is_about(one, license_):
            continue
        if since is not None:
            standing = _spent(standing, past.run_s(since, one.index))
        index, at = one.number("redeemed"), one.number("at")
        after = redeem(standing, license_, index, t=at)
        if after != standing:
            standing, since = after, one.index
    return standing if since is None else _spent(standing, past.run_s(since))


def _spent(standing: Standing, seconds: int) -> Standing:
    left_s = max(0, standing.extension_s - seconds)
    return replace(standing, extension_s=left_s)


def _is_about(record: Record, license_: License) -> bool:
    named = record.octets("lid"), record.number("seq")
    return named == (license_.lid, license_.seq)


def _warning_s(license_: License) -> int:
    return max(license_.warn_days, default=0) * DAY_S


def _stretch(earlier: Seen, later: Seen) -> Stretch:
    """Return the run time between two checkpoints; a raised floor is none."""
    passed = later.proved_s - earlier.proved_s
    return Stretch(
        index=later.index,
        from_s=earlier.at_s,
        seconds=min(max(0, passed), TOLERANCES.look_s),
        flags=later.flags,
    )


def _with_flag(stretches: Iterable[Stretch], flag: Flag) -> int:
    return sum(one.seconds for one in stretches if one.flags & 1 << flag)
