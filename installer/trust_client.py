"""What viewers ask anechoicd about trust."""

from __future__ import annotations

from installer.connection import EngineConnection
from installer.trust_bodies import TrustMemory, TrustRequest, TrustView

__all__ = ["TrustCalls"]


class TrustCalls(EngineConnection):
    """Show what is trusted, look at a trust update, apply it."""

    def trust(self) -> TrustMemory:
        """Say what this host has trusted last."""
        return self._ask(TrustMemory, "GET", "/v1/trust")

    def look_at_update(self, path: str, trust: str | None) -> TrustView:
        """Verify a trust update and say what is in it; nothing is changed."""
        body = TrustRequest(path=path, trust=trust)
        return self._ask(TrustView, "POST", "/v1/trust/show", body)

    def apply_update(self, path: str, trust: str | None) -> TrustView:
        """Make the host remember a trust update; it may be repeated."""
        body = TrustRequest(path=path, trust=trust)
        return self._ask(TrustView, "POST", "/v1/trust/apply", body)
