"""Rehearse a date, a wrong clock and swapped parts, by the code of production.

It starts from what the license container remembers, so that what was already used
up of a grace counts. Nothing is changed by it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.license_proxy.memory import Store
from installer.errors import REHEARSAL_INVALID, InstallerError
from installer.license_bodies import SWAPS
from installer.protocol import SimulatedChange, SimulatedService, SimulationBody
from offline_license.clock import Clock, Reading
from offline_license.fingerprint import Group
from offline_license.keys import private_key_pem
from offline_license.look import Remembered
from offline_license.simulate import Scenario, simulate

if TYPE_CHECKING:
    from installer.protocol import SimulateBody
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.look import Known
    from offline_license.simulate import Outcome

__all__ = ["Clockwork", "clocks_now", "read_clock", "recall", "rehearse"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

_GROUPS = dict(
    zip(
        SWAPS,
        (
            Group.TPM_EK,
            Group.PRODUCT_UUID,
            Group.BOARD_SERIAL,
            Group.MACHINE_ID,
            Group.DATA_VOLUME,
            Group.NIC_SET,
            Group.GPU_SET,
        ),
        strict=True,
    )
)
_UNITS_S = {"m": 60, "h": 3600, "d": 86400, "y": 365 * 86400}
_SPAN = r"(\d{1,6})([mhdy])"
_SHAPE = re.compile(
    rf"(?P<base>[+-]{_SPAN}|\d{{4}}(?:-\d\d-\d\d(?:T\d\d:\d\d)?)?)"
    rf"(?:\s+for\s+(?P<time>{_SPAN}))?"
)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """A wrong clock.

    Attributes:
        fixed_s: the time that it is set to, seconds UTC; None for a shift.
        shift_s: how far it is off.
        for_s: for how long it is wrong; None from the beginning on.
    """

    fixed_s: int | None = None
    shift_s: int = 0
    for_s: int | None = None

    def set_to(self, moment_s: int) -> int:
        """Return what it is set to when it goes wrong at this true time."""
        return moment_s + self.shift_s if self.fixed_s is None else self.fixed_s


def read_clock(words: str) -> Clockwork | None:
    """Read ``1970``, ``2099-01-01``, ``+5d`` or ``-12h``, each with ``for 3h``.

    Raises:
        InstallerError: it is none of these.
    """
    text = " ".join(words.split())
    if not text:
        return None
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise InstallerError(
            REHEARSAL_INVALID,
            f"clock: expected 1970, 2099-01-01, +5d or -12h, found {text!r}",
        )
    span = found["time"]
    for_s = None if span is None else _span_s(span)
    base = found["base"]
    if base[0] in "+-":
        shift = _span_s(base[1:])
        return Clockwork(shift_s=shift if base[0] == "+" else -shift, for_s=for_s)
    return Clockwork(fixed_s=_moment_s(base), for_s=for_s)


def rehearse(
    body: SimulateBody, known: Known, remembered: Remembered, start: Reading
) -> SimulationBody:
    """Rehearse.

    Args:
        body: what the operator asks.
        known: licenses, revocations and host.
        remembered: clock and standings to start from.
        start: the clocks now.

    Raises:
        InstallerError: it asks for what cannot be rehearsed.
    """
    now = max(start.wall_s, remembered.clock.proved_s)
    at = now if body.at is None else int(_utc(body.at).timestamp())
    clock = read_clock(body.clock)
    for_s = _wrong_for_s(clock, at - now)
    try:
        scenario = Scenario(
            at=at,
            wall_s=None if clock is None else clock.set_to(at - for_s),
            wall_for_s=for_s,
            swaps=frozenset(_group(name) for name in body.swaps),
        )
        return _body(at, simulate(known, remembered, start, scenario))
    except ValueError as error:
        raise InstallerError(REHEARSAL_INVALID, str(error)) from error


def clocks_now(wall_s: int) -> Reading:
    """Read the run clock and the boot of this host beside its wall clock."""
    boot_s = int(time.clock_gettime(time.CLOCK_BOOTTIME))
    return Reading(wall_s, boot_s, _BOOT_ID.read_text(encoding="ascii").strip())


def recall(folder: Path, key: Ed25519PrivateKey | None, floor_s: int) -> Remembered:
    """Return what the license container remembers, else a fresh memory.

    Args:
        folder: where the container keeps its state.
        key: the install key, from which the check of the state is derived; None
            when it was lost.
        floor_s: the newest time that is proved otherwise, seconds UTC.
    """
    memory = Store(folder, private_key_pem(key)).load().memory if key else None
    if memory is None:
        return Remembered(Clock(floor_s))
    return Remembered(memory.clock.raise_floor(floor_s), memory.standings)


def _wrong_for_s(clock: Clockwork | None, span_s: int) -> int:
    if clock is None:
        return 0
    return max(0, span_s if clock.for_s is None else min(span_s, clock.for_s))


def _group(name: str) -> Group:
    try:
        return _GROUPS[name]
    except KeyError:
        raise InstallerError(
            REHEARSAL_INVALID,
            f"swap: expected one of {', '.join(SWAPS)}, found {name!r}",
        ) from None


def _body(at: int, outcome: Outcome) -> SimulationBody:
    look = outcome.look
    terms = look.active.license if look.active else None
    return SimulationBody(
        at=datetime.fromtimestamp(at, UTC),
        state=look.decision.state.name.lower(),
        flags=tuple(sorted(flag.name for flag in look.decision.flags)),
        banner=outcome.banner,
        exp=None if terms is None else datetime.fromtimestamp(terms.exp, UTC),
        term=None if terms is None else datetime.fromtimestamp(terms.term, UTC),
        service=tuple(
            SimulatedService(name=row.name, words=row.words, open=row.open)
            for row in outcome.service
        ),
        timeline=tuple(
            SimulatedChange(
                at=datetime.fromtimestamp(one.at, UTC),
                state=one.state.name.lower(),
                words=one.banner,
            )
            for one in outcome.timeline
        ),
        binding=look.match.binding.value,
    )


def _span_s(text: str) -> int:
    return int(text[:-1]) * _UNITS_S[text[-1]]


def _moment_s(text: str) -> int:
    try:
        whole = f"{text}-01-01" if len(text) == len("1970") else text
        return int(_utc(datetime.fromisoformat(whole)).timestamp())
    except ValueError as error:
        raise InstallerError(REHEARSAL_INVALID, f"clock: {error}") from error


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
