"""Look at the running appliance from the host, and from inside its containers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from appliance.isolation import prove

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue

    from appliance.engines import ContainerEngine
    from appliance.isolation import Exposure
    from appliance.topology import Topology

__all__ = ["LiveProber"]

_ASK_S = 5.0


@dataclass(frozen=True, slots=True)
class LiveProber:
    """Asks the real containers."""

    engine: ContainerEngine

    def api_health(self, url: str) -> dict[str, JsonValue] | None:
        """Ask the published API; None when it does not answer with 200."""
        try:
            with httpx.Client(timeout=_ASK_S, trust_env=False) as client:
                body = client.get(f"{url}/health").raise_for_status().json()
        except (httpx.HTTPError, json.JSONDecodeError):
            return None
        return body if isinstance(body, dict) else {}

    def exposures(
        self, topology: Topology, addresses: Sequence[str]
    ) -> tuple[Exposure, ...]:
        """Try every way out of every container; return those that are open."""
        return prove(self.engine, topology, addresses)
