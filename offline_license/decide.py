"""One decision: what a license permits now, beside which flags, until when.

Pure: the time, the comparison of the host and what was decided before are passed in;
the decision is a value and holds what to remember for the next one.

The debounce, exactly:

    if raw is not worse than shown:          shown = raw      (upgrades at once)
    elif stable >= 24 h or credit >= 72 h:   shown = raw
    elif proved is worse than shown:         shown = proved
    else:                                    keep shown, credit += dB

A license that was once valid does not become pending again when the clock falls
behind its start. Where nothing is remembered of a license, the first look is believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.fingerprint import Binding
from offline_license.model import Kind, License, Post
from offline_license.states import (
    Flag,
    Service,
    State,
    rank,
    service_of,
    window_state,
)
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from offline_license.clock import EffectiveTime
    from offline_license.license import VerifiedLicense

__all__ = ["Decision", "Standing", "choose", "decide", "redeem"]

_BANNER_STATES = frozenset({State.EXPIRING, State.GRACE})
_BINDING_FLAGS = {
    Binding.DRIFT: frozenset({Flag.BIND_DRIFT}),
    Binding.MISMATCH: frozenset({Flag.BIND_MISMATCH}),
}


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
    """

    lid: bytes
    seq: int
    shown: State
    credit_s: int = 0
    banner_s: int = 0
    mismatch_s: int = 0
    redeemed: int = 0
    extended_to: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """What is permitted at ``T``.

    Attributes:
        state: the state shown.
        until: when the next state is due by the dates, seconds UTC; None when none is.
        flags: what to know beside it.
        service: what is permitted.
        held_back: whether the dates say worse and the debounce keeps it off.
        standing: what to pass to the next decision; None without a license.
    """

    state: State
    until: int | None
    flags: frozenset[Flag]
    service: Service
    held_back: bool = False
    standing: Standing | None = None


def decide(  # noqa: PLR0913 - each argument is one independent fact
    verified: VerifiedLicense | License | None,
    *,
    at: EffectiveTime,
    elapsed_s: int = 0,
    stable_s: int = TOLERANCES.stable_s,
    binding: Binding = Binding.UNBOUND,
    previous: Standing | None = None,
) -> Decision:
    """Decide what a license permits.

    Args:
        verified: the active license; None where there is none.
        at: the wall clock and the proved time.
        elapsed_s: run time since the previous decision.
        stable_s: run time since the clock last jumped.
        binding: what comparing the host found.
        previous: the standing of the previous decision; that of another license or
            sequence is not used.
    """
    flags = _clock_flags(at, stable_s) | _BINDING_FLAGS.get(binding, frozenset())
    if verified is None:
        service = service_of(State.UNLICENSED, Post.STOP)
        return Decision(State.UNLICENSED, None, flags, service)
    terms = _terms(verified, previous)
    old = _same(previous, terms)
    if old is None:
        shown = window_state(terms, at.at, banner_s=0)
        standing = Standing(terms.lid, terms.seq, shown)
    else:
        counted = _count(old, elapsed_s, binding)
        standing = _settle(terms, at, counted, elapsed_s, stable_s)
    return _decision(terms, at, standing, flags)


def choose(licenses: tuple[VerifiedLicense, ...], t: int) -> VerifiedLicense | None:
    """Choose the active license at ``t`` among genuine, bound ones.

    In each lineage the highest sequence inside ``[nbf, exp)`` counts, else inside
    ``[exp, term)``, else the highest of all; among lineages the same order of windows,
    then a license for production before one for a trial, then the longer one. A lineage
    is superseded once the license that says so has begun. Add-ons never stand alone.
    """
    gone = {
        lid
        for one in licenses
        if one.license.nbf <= t
        for lid in one.license.superseded
    }
    lineages: dict[bytes, VerifiedLicense] = {}
    for one in sorted(licenses, key=lambda one: _in_lineage(one.license, t)):
        if one.license.lid not in gone and one.license.parent is None:
            lineages[one.license.lid] = one
    return max(
        lineages.values(), key=lambda one: _among_lineages(one.license, t), default=None
    )


def _in_lineage(license_: License, t: int) -> tuple[int, int]:
    return _window(license_, t), license_.seq


def _among_lineages(license_: License, t: int) -> tuple[int, bool, int]:
    trial = license_.kind in {Kind.EVALUATION, Kind.EMERGENCY}
    return _window(license_, t), not trial, license_.exp


def _window(license_: License, t: int) -> int:
    """Order the windows: valid before grace before everything else."""
    if license_.nbf <= t < license_.exp:
        return 2
    return 1 if license_.exp <= t < license_.term else 0


def redeem(standing: Standing, license_: License, index: int, *, t: int) -> Standing:
    """Take note of an extension code; the same code again changes nothing.

    Args:
        standing: of this license.
        license_: its terms, with an extension anchor.
        index: which code it is, from 1; it uses up every code below.
        t: effective time of the redemption, seconds UTC.
    """
    fresh = index - standing.redeemed
    if fresh <= 0 or license_.extension is None:
        return standing
    begin = max(license_.term, standing.extended_to, t)
    end = begin + fresh * license_.extension.days * DAY_S
    return replace(standing, redeemed=index, extended_to=end)


def _terms(verified: VerifiedLicense | License, previous: Standing | None) -> License:
    """Return the terms: extended by codes, cut short by a withdrawn issuing key."""
    if isinstance(verified, License):
        license_, dies_at = verified, None
    else:
        license_, dies_at = verified.license, verified.dies_at
    old = _same(previous, license_)
    exp, term = license_.exp, max(license_.term, old.extended_to if old else 0)
    if dies_at is not None:
        exp, term = min(exp, dies_at), min(term, dies_at)
    return replace(license_, exp=exp, term=term)


def _same(previous: Standing | None, terms: License) -> Standing | None:
    """Return the previous standing when it is of this lineage and sequence."""
    if previous is None or (previous.lid, previous.seq) != (terms.lid, terms.seq):
        return None
    return previous


def _count(old: Standing, elapsed_s: int, binding: Binding) -> Standing:
    """Count the run time that passed under the banner and with a changed host."""
    seen_s = min(elapsed_s, TOLERANCES.look_s)
    banner = seen_s if old.shown in _BANNER_STATES else 0
    mismatch = seen_s if binding is Binding.MISMATCH else 0
    return replace(
        old, banner_s=old.banner_s + banner, mismatch_s=old.mismatch_s + mismatch
    )


def _state_at(terms: License, t: int, old: Standing) -> State:
    """Return the state at ``t``; what began does not become pending again."""
    state = window_state(terms, t, banner_s=old.banner_s)
    if state is State.PENDING and old.shown is not State.PENDING:
        return State.VALID
    return state


def _settle(
    terms: License, at: EffectiveTime, old: Standing, elapsed_s: int, stable_s: int
) -> Standing:
    """Apply the debounce to the state that the dates give."""
    raw = _state_at(terms, at.at, old)
    proved = _state_at(terms, at.proved_s, old)
    believed = (
        rank(raw) <= rank(old.shown)
        or stable_s >= TOLERANCES.stable_s
        or old.credit_s >= TOLERANCES.credit_s
    )
    if believed:
        return replace(old, shown=raw)
    if rank(proved) > rank(old.shown):
        return replace(old, shown=proved)
    held = _held(terms, old.shown)
    return replace(old, shown=held, credit_s=old.credit_s + elapsed_s)


def _held(terms: License, shown: State) -> State:
    """Return the state to show while the dates say worse: with the banner."""
    if shown is State.GRACE:
        return shown
    return State.EXPIRING if terms.warn_days else State.VALID


def _decision(
    terms: License, at: EffectiveTime, standing: Standing, flags: frozenset[Flag]
) -> Decision:
    """Assemble the value; an unrecognized host ends in a trickle, never a stop."""
    raw = window_state(terms, at.at, banner_s=standing.banner_s)
    state, post = standing.shown, terms.post
    if Flag.BIND_MISMATCH in flags and standing.mismatch_s >= TOLERANCES.rebind_s:
        state, post = State.RESTRICTED, Post.TRICKLE
    return Decision(
        state=state,
        until=_until(terms, state),
        flags=flags,
        service=service_of(state, post),
        held_back=rank(raw) > rank(standing.shown),
        standing=standing,
    )


def _clock_flags(at: EffectiveTime, stable_s: int) -> frozenset[Flag]:
    found = set()
    if at.behind_s > TOLERANCES.behind_s:
        found.add(Flag.CLOCK_BEHIND)
    if stable_s < TOLERANCES.stable_s:
        found.add(Flag.CLOCK_JUMP)
    return frozenset(found)


def _until(terms: License, state: State) -> int | None:
    """Return when the next state is due by the dates."""
    return {
        State.PENDING: terms.nbf,
        State.VALID: terms.exp - max(terms.warn_days, default=0) * DAY_S,
        State.EXPIRING: terms.exp,
        State.GRACE: terms.term,
    }.get(state)
