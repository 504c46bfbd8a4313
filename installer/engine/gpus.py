"""What the status says about GPUs: trouble now, and change since the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.findings import Severity
from installer.gpu import drift, inventory, kinds, view_findings

if TYPE_CHECKING:
    from installer.findings import Finding
    from installer.gpu import GpuInventory, GpuView
    from installer.settings import Compute

__all__ = ["gpu_notices"]


def gpu_notices(
    view: GpuView, *, compute: Compute, then: GpuInventory | None
) -> tuple[Finding, ...]:
    """Say what is wrong with the GPUs, and how they differ from the installation.

    A machine that never had a GPU works in CPU mode, which is not wrong. While the
    driver is in trouble the cards are unknown, and only the trouble is told.

    Args:
        view: as the poller sees the GPUs now.
        compute: what the operator asked for.
        then: the GPUs when the appliance was installed; None compares nothing.
    """
    found = view_findings(view, compute=compute)
    absent = any(one.code == kinds.NO_GPU.code for one in found)
    told = tuple(
        one
        for one in found
        if one.code != kinds.NO_GPU.code or one.severity is Severity.ERROR
    )
    if then is None or view.report is None or view.not_responding_since is not None:
        return told
    if view.report.trouble is not None and not absent:
        return told
    return (*told, *drift(then, inventory(view.report)))
