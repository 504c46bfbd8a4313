"""How much of the host each service may have at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from appliance.specs import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HostSize", "limits_for"]

_MIB: Final = 1024 * 1024
_GIB: Final = 1024 * _MIB


@dataclass(frozen=True, slots=True)
class HostSize:
    """What the host has."""

    cpus: int
    memory_bytes: int


_BOUNDS: Final[Mapping[str, Limits]] = {
    "edge": Limits(cpus=1, memory_bytes=256 * _MIB, pids=64, open_files=16384),
    "api": Limits(cpus=2, memory_bytes=2 * _GIB, pids=256, open_files=16384),
    "asr": Limits(cpus=8, memory_bytes=16 * _GIB, pids=256),
    "license": Limits(cpus=1, memory_bytes=512 * _MIB, pids=64),
    "redis": Limits(cpus=1, memory_bytes=2 * _GIB, pids=64, open_files=16384),
}
"""Upper bounds of the component table: API 2 cores and 2 GB, recognition 8 cores and
16 GB, license 1 core and 512 MB, Redis 1 core and 2 GB."""


def limits_for(service: str, host: HostSize, workers: int) -> Limits:
    """Clamp the bounds of a service to what the host has.

    Workers share at most three quarters of the memory, any other service gets at
    most a quarter, so that no single service can starve the host.
    """
    bound = _BOUNDS[service]
    share = 0.75 / workers if service == "asr" else 0.25
    return Limits(
        cpus=min(bound.cpus, float(host.cpus)),
        memory_bytes=min(bound.memory_bytes, int(host.memory_bytes * share)),
        pids=bound.pids,
        open_files=bound.open_files,
    )
