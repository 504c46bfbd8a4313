"""What an installation asks of the host: the yardstick of all checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from installer.gpu.findings import DEFAULT_LIMITS, GpuLimits

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Network

    from installer.settings import Compute, Settings

_GIB: Final = 1024**3
_MIB: Final = 1024**2

# Preflight was written after this moment, so no honest clock shows an earlier one.
BUILT_AT: Final = 1_793_491_200.0  # 2026-11-01T00:00:00Z


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The demands on one host.

    Attributes:
        payload_bytes: images, uncompressed, and the model; 0 while no medium is
            known, which leaves only the reserve.
        state_bytes: the part of it that goes to the appliance's own folder, which
            may be on a disk of its own.
        reserve_bytes: room for journal, logs and one layer in flight.
        memory_bytes: below it the installation is refused.
        good_memory_bytes: below it the operator is warned.
        built_at: the clock must not be before this, in seconds since 1970.
    """

    compute: Compute
    listen_address: IPv4Address
    ports: tuple[tuple[str, int], ...]
    subnets: tuple[tuple[str, IPv4Network], ...]
    payload_bytes: int = 0
    state_bytes: int = 0
    reserve_bytes: int = 1 * _GIB
    memory_bytes: int = 2 * _GIB
    good_memory_bytes: int = 4 * _GIB
    cores: int = 2
    free_files: int = 20_000
    kernel: tuple[int, int] = (4, 18)
    engine: tuple[int, int] = (20, 10)
    built_at: float = BUILT_AT
    gpu: GpuLimits = DEFAULT_LIMITS

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        payload_bytes: int = 0,
        state_bytes: int = 0,
        built_at: float = BUILT_AT,
    ) -> Needs:
        """Derive the demands from the settings and the size of the release."""
        worker_bytes = (settings.asr_workers - 1) * 512 * _MIB
        return cls(
            compute=settings.compute,
            listen_address=settings.listen_address,
            ports=(("API", settings.port), ("dashboard", settings.dashboard_port)),
            subnets=(
                ("edge", settings.edge_subnet),
                ("core", settings.core_subnet),
            ),
            payload_bytes=payload_bytes,
            state_bytes=state_bytes,
            memory_bytes=2 * _GIB + worker_bytes,
            good_memory_bytes=4 * _GIB + worker_bytes,
            built_at=max(built_at, BUILT_AT),
        )
