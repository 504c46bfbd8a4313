"""What viewers ask anechoicd about releases on this host."""

from __future__ import annotations

from bundles.passport import Passport, parse_passport
from installer.bundle_bodies import BundlePlan, Store
from installer.connection import EngineConnection
from installer.protocol import MediumRequest

__all__ = ["BundleCalls"]


class BundleCalls(EngineConnection):
    """Plan a load, tell what is here, and free what is not needed."""

    def plan_load(self, path: str, trust: str | None) -> BundlePlan:
        """Say what loading a medium would read, store and take."""
        body = MediumRequest(path=path, trust=trust)
        return self._ask(BundlePlan, "POST", "/v1/bundle/plan", body)

    def store(self) -> Store:
        """List our images and models on this host, and why each is there."""
        return self._ask(Store, "GET", "/v1/bundle/store")

    def passport(self) -> tuple[Passport, bytes]:
        """Ask what this host has; return it, and the file to write."""
        data = self._send("GET", "/v1/passport").content
        return parse_passport(data), data

    def prune(self) -> Store:
        """Free what neither the installed release nor the one before it needs."""
        return self._ask(Store, "POST", "/v1/bundle/prune")
