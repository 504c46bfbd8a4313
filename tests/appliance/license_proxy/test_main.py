"""The program as it is started in its container."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from appliance.license_proxy.__main__ import build_keeper, read_clocks
from appliance.license_proxy.config import Config
from offline_license.errors import LicenseError
from offline_license.states import State
from tests.support.licensing import Issuer

if TYPE_CHECKING:
    from tests.support.license_site import LicenseSite


def test_the_environment_names_every_path() -> None:
    config = Config.from_environment(
        {
            "ANECHOIC_LICENSE_DIR": "/a",
            "ANECHOIC_LICENSE_STATE": "/b",
            "ANECHOIC_LICENSE_ANCHOR": "/c",
            "ANECHOIC_LICENSE_PORT": "7",
            "ANECHOIC_BUILD_TIME": "8",
        }
    )

    assert [str(config.site), str(config.state), str(config.anchor)] == [
        "/a",
        "/b",
        "/c",
    ]
    assert (config.port, config.build_s) == (7, 8)
    assert Config.from_environment({}) == Config()


def test_the_clocks_of_this_host_are_readable() -> None:
    reading = read_clocks()

    assert reading.boot_s > 0
    assert len(reading.boot_id) == 36
    assert abs(reading.wall_s - time.time()) < 5


def test_a_damaged_anchor_stops_the_start_with_a_typed_error(
    site: LicenseSite,
) -> None:
    site.config.anchor.write_bytes(b"damaged")

    with pytest.raises(LicenseError):
        build_keeper(site.config)


def test_the_program_serves_and_ends_when_told(site: LicenseSite) -> None:
    site.issuer = Issuer(now=int(time.time()) - 60)
    site.install()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "ANECHOIC_LICENSE_DIR": str(site.config.site),
        "ANECHOIC_LICENSE_STATE": str(site.config.state),
        "ANECHOIC_LICENSE_ANCHOR": str(site.config.anchor),
        "ANECHOIC_LICENSE_PORT": str(port),
    }
    program = subprocess.Popen(
        [sys.executable, "-m", "appliance.license_proxy"], env=environment
    )
    try:
        status = _ask(f"http://127.0.0.1:{port}/v1/license")
    finally:
        program.send_signal(signal.SIGTERM)

    assert status["state"] == State.VALID.name
    assert program.wait(timeout=20) in {0, -signal.SIGTERM}
    assert list(site.config.state.iterdir())


def _ask(url: str) -> dict[str, object]:
    deadline = time.monotonic() + 30
    while True:
        try:
            answer = httpx.get(url, trust_env=False)
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return dict(answer.json())
