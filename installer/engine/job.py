"""One installation: what it is made from, shared by all of its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from installer.engine.installed import topology_of

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.topology import Topology
    from installer.engine.site import OpenMedium, Site
    from installer.protocol import ModelSummary
    from installer.settings import Settings

__all__ = ["Job"]


@dataclass(frozen=True, slots=True)
class Job:
    """What to install where; ``operation_id`` names its journal and receipt."""

    site: Site
    settings: Settings
    medium: OpenMedium
    operation_id: str

    @property
    def images(self) -> dict[str, str]:
        """Image id by service."""
        return {image.name: image.image_id for image in self.medium.summary.images}

    @property
    def model(self) -> ModelSummary:
        """The model that the workers use: the first of the release."""
        return self.medium.summary.models[0]

    @property
    def model_folder(self) -> Path:
        """Where that model is installed."""
        return self.site.paths.models / self.medium.model_folder(self.model)

    def topology(self) -> Topology:
        """Describe the containers; the configuration must have been written."""
        return topology_of(
            self.site, self.settings, self.images, self.model_folder.name
        )
