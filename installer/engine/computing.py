"""What recognition computes on: the GPUs of this host, or its processors.

GPUs are used only when the recognition image has a program for them. An operator
who asks for GPU mode is refused before anything starts where it cannot be had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.specs import ACCELERATOR_LABEL, CPU_ONLY
from installer.errors import InstallerError
from installer.gpu import kinds as gpu_kinds
from installer.settings import Compute

if TYPE_CHECKING:
    from installer.engine.site import Site
    from installer.settings import Settings

__all__ = ["can_compute", "check_computing", "gpus_for"]

_NO_PROGRAM = "recognition on the CPU: the release has no program for GPUs"


def gpus_for(site: Site, settings: Settings, image_id: str) -> tuple[int, ...]:
    """Return the indexes of the GPUs that recognition uses; empty means the CPU."""
    if settings.compute is Compute.CPU or _cpu_only(site, image_id):
        return ()
    return site.host.gpus()


def check_computing(site: Site, settings: Settings, image_id: str) -> str:
    """Return a few words when GPUs of this host stay unused, else an empty text.

    Raises:
        InstallerError: GPU mode is asked for and cannot be had.
    """
    if settings.compute is Compute.CPU:
        return ""
    gpus, cpu_only = site.host.gpus(), _cpu_only(site, image_id)
    if settings.compute is Compute.GPU and cpu_only:
        raise InstallerError(
            gpu_kinds.CPU_IMAGE,
            f"compute is gpu; expected an image for GPUs, found {ACCELERATOR_LABEL} "
            f"= {CPU_ONLY} on {image_id}",
        )
    if settings.compute is Compute.GPU and not gpus:
        raise InstallerError(
            gpu_kinds.NONE_USABLE,
            "compute is gpu; expected a GPU that containers can use, found none",
        )
    return _NO_PROGRAM if gpus and cpu_only else ""


def can_compute(site: Site, settings: Settings, image_id: str) -> bool:
    """Tell whether the computing that was asked for can be had here and now."""
    if settings.compute is not Compute.GPU:
        return True
    return bool(gpus_for(site, settings, image_id))


def _cpu_only(site: Site, image_id: str) -> bool:
    return site.engine.image_label(image_id, ACCELERATOR_LABEL) == CPU_ONLY
