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

A revocation ends a license before its ``term``. What has ended by its dates stays what
its terms made of it, so a later revocation changes nothing; but no extension code
reaches past it. Software built up to ``mbd`` keeps at least a trickle after ``term``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from offline_license.fingerprint import Binding
from offline_license.model import License, Post
from offline_license.standing import Standing
from offline_license.states import (
    Flag,
    Permit,
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

__all__ = ["Decision", "decide"]

_NO_FLAGS: frozenset[Flag] = frozenset()
_BANNER_STATES = frozenset({State.EXPIRING, State.GRACE})
_KEPT_WHILE_HELD = frozenset({State.GRACE, State.RESTRICTED})
_BINDING_FLAGS = {
    Binding.DRIFT: frozenset({Flag.BIND_DRIFT}),
    Binding.MISMATCH: frozenset({Flag.BIND_MISMATCH}),
}


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
        revoked_at: when the license is revoked, announced or in force, seconds UTC.
        exp: when grace begins, as cut short by a withdrawn key; None without a license.
        term: when restriction begins, also as extended by codes; likewise.
    """

    state: State
    until: int | None
    flags: frozenset[Flag]
    service: Service
    held_back: bool = False
    standing: Standing | None = None
    revoked_at: int | None = None
    exp: int | None = None
    term: int | None = None


@dataclass(frozen=True, slots=True)
class _Terms:
    """The terms as they stand now, and when they are revoked before their end."""

    license: License
    revoked_at: int | None

    def state_at(self, t: int, banner_s: int) -> State:
        """Return the state that a time alone implies."""
        return window_state(
            self.license, t, banner_s=banner_s, revoked_at=self.revoked_at
        )


def decide(  # noqa: PLR0913 - each argument is one independent fact
    verified: VerifiedLicense | License | None,
    *,
    at: EffectiveTime,
    elapsed_s: int = 0,
    stable_s: int = TOLERANCES.stable_s,
    binding: Binding = Binding.UNBOUND,
    previous: Standing | None = None,
    revoked_at: int | None = None,
    build_s: int | None = None,
    noted: frozenset[Flag] = _NO_FLAGS,
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
        revoked_at: when the revocation list ends it, seconds UTC; None is never.
        build_s: when the software was built, seconds UTC; None where nobody knows.
        noted: flags raised elsewhere; they are passed on and change nothing.
    """
    flags = noted | _clock_flags(at, stable_s) | _BINDING_FLAGS.get(binding, _NO_FLAGS)
    if verified is None:
        service = service_of(State.UNLICENSED, Post.STOP)
        return Decision(State.UNLICENSED, None, flags, service)
    license_, dies_at = _parts(verified)
    old = None
    if previous is not None and previous.is_of(license_):
        old = _count(previous, elapsed_s, binding)
    terms = _terms(license_, dies_at, old, revoked_at, build_s)
    if old is None:
        shown = terms.state_at(at.at, banner_s=0)
        standing = Standing(license_.lid, license_.seq, shown)
    else:
        standing = _settle(terms, at, old, elapsed_s, stable_s)
    return _decision(terms, at, standing, flags, binding)


def _parts(verified: VerifiedLicense | License) -> tuple[License, int | None]:
    """Return the license, and when it dies with a withdrawn issuing key."""
    if isinstance(verified, License):
        return verified, None
    return verified.license, verified.dies_at


def _terms(
    license_: License,
    dies_at: int | None,
    old: Standing | None,
    revoked_at: int | None,
    build_s: int | None,
) -> _Terms:
    """Return the terms: extended by codes, cut short, and with what was promised."""
    extended = old.term_of(license_) if old else license_.term
    term = max(license_.term, _earlier(extended, revoked_at))
    exp, term = _earlier(license_.exp, dies_at), _earlier(term, dies_at)
    now = replace(license_, exp=exp, term=term, post=_post(license_, build_s))
    before_the_end = revoked_at is not None and revoked_at < term
    return _Terms(now, revoked_at if before_the_end else None)


def _earlier(time: int, other: int | None) -> int:
    return time if other is None else min(time, other)


def _post(license_: License, build_s: int | None) -> Post:
    """Return what follows ``term``; a promise to this build turns a stop aside."""
    promised = license_.max_build_date
    if promised is None or build_s is None or build_s > promised:
        return license_.post
    return Post.TRICKLE if license_.post is Post.STOP else license_.post


def _count(old: Standing, elapsed_s: int, binding: Binding) -> Standing:
    """Count the run time: under the banner, with a changed host, of an extension."""
    seen_s = min(elapsed_s, TOLERANCES.look_s)
    banner = seen_s if old.shown in _BANNER_STATES else 0
    mismatch = seen_s if binding is Binding.MISMATCH else 0
    return replace(
        old,
        banner_s=old.banner_s + banner,
        mismatch_s=old.mismatch_s + mismatch,
        extension_s=max(0, old.extension_s - elapsed_s),
    )


def _state_at(terms: _Terms, t: int, old: Standing) -> State:
    """Return the state at ``t``; what began does not become pending again."""
    state = terms.state_at(t, old.banner_s)
    if state is State.PENDING and old.shown is not State.PENDING:
        return State.VALID
    return state


def _settle(
    terms: _Terms, at: EffectiveTime, old: Standing, elapsed_s: int, stable_s: int
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


def _held(terms: _Terms, shown: State) -> State:
    """Return the state to show while the dates say worse: with the banner."""
    if shown in _KEPT_WHILE_HELD:
        return shown
    return State.EXPIRING if terms.license.warn_days else State.VALID


def _decision(
    terms: _Terms,
    at: EffectiveTime,
    standing: Standing,
    flags: frozenset[Flag],
    binding: Binding,
) -> Decision:
    """Assemble the value."""
    state, service = _served(terms, standing, binding)
    raw = terms.state_at(at.at, standing.banner_s)
    return Decision(
        state=state,
        until=_until(terms, state),
        flags=flags,
        service=service,
        held_back=rank(raw) > rank(standing.shown),
        standing=standing,
        revoked_at=terms.revoked_at,
        exp=terms.license.exp,
        term=terms.license.term,
    )


def _served(
    terms: _Terms, standing: Standing, binding: Binding
) -> tuple[State, Service]:
    """Return what is permitted; a host unrecognized for long gets a trickle.

    That takes the place of full service only: it stops nothing, and it lifts nothing
    that is stopped already.
    """
    service = service_of(standing.shown, terms.license.post)
    waited = binding is Binding.MISMATCH and standing.mismatch_s >= TOLERANCES.rebind_s
    if waited and service.batch is Permit.LICENSED:
        return State.RESTRICTED, service_of(State.RESTRICTED, Post.TRICKLE)
    return standing.shown, service


def _clock_flags(at: EffectiveTime, stable_s: int) -> frozenset[Flag]:
    found = set()
    if at.behind_s > TOLERANCES.behind_s:
        found.add(Flag.CLOCK_BEHIND)
    if stable_s < TOLERANCES.stable_s:
        found.add(Flag.CLOCK_JUMP)
    return frozenset(found)


def _until(terms: _Terms, state: State) -> int | None:
    """Return when the next state is due: by the dates or by the revocation."""
    license_ = terms.license
    due = {
        State.PENDING: license_.nbf,
        State.VALID: license_.exp - max(license_.warn_days, default=0) * DAY_S,
        State.EXPIRING: license_.exp,
        State.GRACE: license_.term,
    }.get(state)
    return None if due is None else _earlier(due, terms.revoked_at)
