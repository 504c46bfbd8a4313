"""Licenses for the engine: the files of this host, judged by ``offline_license``."""

from __future__ import annotations

from installer.engine.licensing.host import HostLicenses
from installer.engine.licensing.service import LicenseService

__all__ = ["HostLicenses", "LicenseService"]
