"""Every limit and tolerance of licensing in one place, with its unit.

Source: the sections on format, time, binding and leases of docs/license-format.md
and docs/licensing.md; each number there is one of these.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DAY_S", "HOUR_S", "TOLERANCES", "Tolerances"]

HOUR_S = 3_600
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Limits of sizes, times and weights; the default is what ships."""

    object_bytes: int = 65_536
    """The largest object, armored or not; checked before any parsing."""
    depth: int = 8
    """Levels of nesting in a payload."""
    items: int = 4_096
    """Values in one object, counted before they are built."""
    name_bytes: int = 48
    """The licensee's name in UTF-8."""
    text_bytes: int = 64
    """Any other text: instance, software version."""
    validity_s: int = 5 * 366 * DAY_S
    """The longest time from ``iat`` to ``exp``."""
    production_grace_s: int = 14 * DAY_S
    """The least time from ``exp`` to ``term`` of a production license."""
    first_version: int = 1_000_000
    """The highest version of a first key set or revocation list that is believed."""
    version_step: int = 1_000
    """How far a new key set or revocation list may be ahead of the one in use."""
    behind_s: int = DAY_S
    """A wall clock further behind the proved time raises CLOCK_BEHIND."""
    jump_same_boot_s: int = HOUR_S
    """Wall against run time since the last tick, inside one boot."""
    jump_across_boots_s: int = 48 * HOUR_S
    """The same across a boot, where the machine was off for a while."""
    stable_s: int = 24 * HOUR_S
    """Consistent run time after which a jump of the clock is believed."""
    credit_s: int = 72 * HOUR_S
    """Run time that downgrades may be held back in all, per license."""
    banner_s: int = 72 * HOUR_S
    """Run time with the renewal banner before restriction may begin."""
    look_s: int = HOUR_S
    """The most that one look counts as time with a banner or a changed host: what
    nobody could see, because the program was stopped, does not count."""
    key_loss_s: int = 72 * HOUR_S
    """Run time of service after the install key was lost, with the limits of the last
    license that the ledger knows."""
    unwritten_s: int = 72 * HOUR_S
    """Run time with an unwritable ledger after which a report is asked for."""
    rebind_s: int = 14 * DAY_S
    """Run time of full service after the host was found changed."""
    compromise_s: int = 30 * DAY_S
    """Time to issue a license again after its key was withdrawn."""
    revocation_notice_s: int = 14 * DAY_S
    """The least time from a revocation list to what it revokes."""
    drill_minutes: int = 60
    """The longest rehearsal of an expiry."""
    simulated_s: int = 5 * 366 * DAY_S
    """The longest time that a simulation runs."""
    match_percent: int = 50
    """The share of the enrolled weight that must match."""
    match_weight: int = 3
    """The least weight that must match, if so much is enrolled."""
    lease_ttl_s: int = 300
    """How long a lease is fresh; it is renewed at a third of this."""
    lease_hold_s: int = 24 * HOUR_S
    """How long the last lease carries a service through an outage."""
    slot_margin_s: int = 60
    """A slot is free this long after its lease is no longer fresh."""
    shared_renew_s: int = 20
    """Holders that share a limit ask again after this, so that shares follow demand."""
    want_s: int = 60
    """How long a refused task or session counts as demand."""
    bootstrap_s: int = HOUR_S
    """How long a service works by its own look at the license, without a lease."""
    overdraft_percent: int = 25
    """How far above a limit is tolerated where the license does not say."""
    overage_s: int = 24 * HOUR_S
    """Run time above a limit, in all, before the limit itself is the cap."""
    overage_recover_s: int = 24 * HOUR_S
    """Unbroken run time within the limit that restores the overdraft."""
    demo_s: int = HOUR_S
    """Live time without a license, per day of run time."""

    ledger_save_s: int = 5
    """What a power cut can lose of the ledger: services hand over what they counted at
    least this often, and it is saved before they may forget it."""
    row_requests: int = 5
    """An hour's row of fewer requests is not shown in a report: it is counted in its
    day only."""
    report_bytes: int = 32 << 20
    """The largest usage report, checked before any parsing."""


TOLERANCES = Tolerances()
