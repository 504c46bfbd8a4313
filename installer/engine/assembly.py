"""Put the real parts together: this host, its engine, its medium, its license."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance import firewall
from appliance.engines.docker import DockerEngine
from appliance.topology import LICENSE_PORT
from installer.engine.host import Machine
from installer.engine.installed import addresses_of, installed_settings, read_installed
from installer.engine.licensing import HostLicenses, LicenseService
from installer.engine.media import ReleaseMedia
from installer.engine.prober import LiveProber
from installer.engine.site import Site
from installer.engine.supervisor import Systemd
from installer.engine.trust import installed_floor
from installer.version import PRODUCT_VERSION

if TYPE_CHECKING:
    from appliance.paths import HostPaths

__all__ = ["assemble"]


def _now() -> datetime:
    return datetime.now(UTC)


def assemble(paths: HostPaths) -> Site:
    """Build the site of this host; nothing is contacted yet."""
    engine = DockerEngine()
    machine = Machine(engine, paths)
    return Site(
        paths=paths,
        engine=engine,
        firewall=firewall,
        media=ReleaseMedia(paths, _now, lambda: installed_floor(paths)),
        licenses=HostLicenses(
            paths,
            machine.license_facts,
            LicenseService(lambda: _license_url(paths)),
            PRODUCT_VERSION,
        ),
        host=machine,
        prober=LiveProber(engine),
        supervisor=Systemd(paths),
    )


def _license_url(paths: HostPaths) -> str | None:
    if read_installed(paths) is None:
        return None
    address = addresses_of(installed_settings(paths)).license
    return f"http://{address}:{LICENSE_PORT}"
