"""The fixed addresses of one installation, counted from the start of its subnets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network

__all__ = ["Addresses"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The fixed addresses of one installation."""

    edge_gateway: str
    edge_public: str
    core_gateway: str
    redis: str
    license: str
    api: str
    edge: str
    workers: tuple[str, ...]

    @classmethod
    def of(cls, edge: IPv4Network, core: IPv4Network, workers: int) -> Addresses:
        """Count the addresses from the start of both subnets."""
        return cls(
            edge_gateway=str(edge[1]),
            edge_public=str(edge[2]),
            core_gateway=str(core[1]),
            redis=str(core[2]),
            license=str(core[3]),
            api=str(core[4]),
            edge=str(core[5]),
            workers=tuple(str(core[8 + index]) for index in range(workers)),
        )

    def hosts(self) -> tuple[tuple[str, str], ...]:
        """Return the names that containers may use."""
        return (("redis", self.redis), ("license", self.license), ("api", self.api))
