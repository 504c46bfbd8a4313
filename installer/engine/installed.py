"""What is installed: one small file, written last and read by everything else."""

from __future__ import annotations

import tomllib
from datetime import datetime  # noqa: TC003  pydantic reads the annotation
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from appliance.topology import Addresses, Inputs, build_topology
from installer.engine.computing import gpus_for
from installer.engine.configuration import read_configuration
from installer.errors import NOT_INSTALLED, InstallerError
from installer.gpu import GpuInventory  # noqa: TC001  pydantic reads it
from installer.protocol import ReleaseInfo  # noqa: TC001  pydantic reads it
from installer.settings import Settings, parse_settings

if TYPE_CHECKING:
    from appliance.paths import HostPaths
    from appliance.topology import Topology
    from installer.engine.site import Site

__all__ = [
    "Installed",
    "addresses_of",
    "installed_settings",
    "read_installed",
    "require_installed",
    "topology_of",
]


class Installed(BaseModel):
    """The installed release and what it runs.

    Attributes:
        images: image id by service.
        model: name of the model's folder.
        operation: id of the install, which names its receipt.
        gpus: cards and driver at the time of the install.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    release: ReleaseInfo
    images: dict[str, str]
    model: str
    operation: str
    proven_at: datetime | None = None
    gpus: GpuInventory | None = None


def read_installed(paths: HostPaths) -> Installed | None:
    """Return what is installed, or None."""
    try:
        return Installed.model_validate_json(paths.installed.read_bytes())
    except FileNotFoundError:
        return None


def require_installed(paths: HostPaths) -> Installed:
    """Return what is installed.

    Raises:
        InstallerError: nothing is.
    """
    found = read_installed(paths)
    if found is None:
        raise InstallerError(NOT_INSTALLED, f"{paths.installed} does not exist")
    return found


def installed_settings(paths: HostPaths) -> Settings:
    """Return the settings of the installed appliance."""
    return parse_settings(tomllib.loads(paths.settings.read_text("utf-8")))


def addresses_of(settings: Settings) -> Addresses:
    """Return the fixed addresses that follow from the settings."""
    return Addresses.of(
        IPv4Network(settings.edge_subnet),
        IPv4Network(settings.core_subnet),
        settings.asr_workers,
    )


def topology_of(
    site: Site, settings: Settings, images: dict[str, str], model: str
) -> Topology:
    """Describe the containers; the configuration must have been written."""
    configuration = read_configuration(site, settings, addresses_of(settings))
    gpus = gpus_for(site, settings, images["asr"])
    return build_topology(
        Inputs(
            paths=site.paths,
            images=images,
            model=site.paths.models / model,
            host=site.host.size(),
            edge_subnet=settings.edge_subnet,
            core_subnet=settings.core_subnet,
            listen_address=str(settings.listen_address),
            port=settings.port,
            workers=settings.asr_workers,
            gpus=gpus,
            revisions=configuration.revisions,
        )
    )
