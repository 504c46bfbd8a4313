"""Run the license container's program: ``python -m appliance.license_proxy``."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import uvicorn

from appliance.license_proxy.app import create_app
from appliance.license_proxy.config import Config
from appliance.license_proxy.keeper import Keeper
from appliance.logs import set_up_logs
from offline_license.anchor import LicenseAnchor
from offline_license.clock import Reading

__all__ = ["build_keeper", "main", "read_clocks"]

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def read_clocks() -> Reading:
    """Read the clocks of the host; a container sees the same ones."""
    return Reading(
        wall_s=max(0, int(time.time())),
        boot_s=int(time.clock_gettime(time.CLOCK_BOOTTIME)),
        boot_id=_BOOT_ID.read_text(encoding="ascii").strip(),
    )


def build_keeper(config: Config) -> Keeper:
    """Assemble the keeper on the real clocks.

    Raises:
        LicenseError: the anchor of the image is damaged.
        OSError: the anchor of the image is missing.
    """
    anchor = LicenseAnchor.from_bytes(config.anchor.read_bytes())
    return Keeper(
        config, anchor, read_clocks=read_clocks, random_bytes=secrets.token_bytes
    )


def main() -> None:
    """Serve until told to stop."""
    set_up_logs("INFO")
    config = Config.from_environment(os.environ)
    uvicorn.run(
        create_app(build_keeper(config)),
        host="0.0.0.0",  # noqa: S104 - inside its container, on the core network
        port=config.port,
        access_log=False,
        log_config=None,
        server_header=False,
    )


if __name__ == "__main__":
    main()
