"""The plan of an install: everything that speaks against it, before any change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.engine.install import install_steps
from installer.engine.job import Job
from installer.engine.licensing.judging import refuse_loss
from installer.engine.preparing import older_license
from installer.errors import NO_MEDIUM, InstallerError
from installer.findings import Finding
from installer.protocol import Plan, PlanStep
from offline_license.errors import SupersededError

if TYPE_CHECKING:
    from installer.engine.site import OpenMedium, Site
    from installer.engine.steps import Step
    from installer.settings import Settings

__all__ = ["open_medium", "plan_install"]


def open_medium(site: Site, settings: Settings) -> OpenMedium:
    """Open the medium that the settings name.

    Raises:
        InstallerError: they name none.
        BundleError: it is refused, or a delta that this host has no base for.
    """
    if settings.medium is None:
        raise InstallerError(NO_MEDIUM, "expected the folder of a medium, found none")
    medium = site.media.open(settings.medium, settings.trust)
    medium.require_base(site.engine)
    return medium


def plan_install(site: Site, settings: Settings) -> Plan:
    """Show the steps of an install, and all findings together."""
    findings: list[Finding] = []
    steps: tuple[Step, ...] = ()
    medium: OpenMedium | None = None
    missing_bytes = 0
    try:
        medium = open_medium(site, settings)
        missing_bytes = medium.missing_bytes(site.engine)
        steps = install_steps(Job(site, settings, medium, "plan"))
    except Exception as error:  # noqa: BLE001  every refusal is shown together
        findings.append(Finding.from_error(error))
    findings.extend(_license_findings(site, settings, medium))
    findings.extend(site.host.preflight(settings, missing_bytes))
    return Plan(
        steps=tuple(_planned(step) for step in steps),
        findings=tuple(findings),
        total_bytes=sum(step.size_bytes for step in steps),
        total_estimate_s=sum(step.estimate_s for step in steps),
    )


def _planned(step: Step) -> PlanStep:
    return PlanStep(
        name=step.name,
        title=step.title,
        size_bytes=step.size_bytes,
        estimate_s=step.estimate_s,
    )


def _license_findings(
    site: Site, settings: Settings, medium: OpenMedium | None
) -> tuple[Finding, ...]:
    if settings.license is None:
        return ()
    try:
        summary = site.licenses.check(settings.license, medium)
        refuse_loss(summary)
    except SupersededError as older:
        return (older_license(older),)
    except Exception as error:  # noqa: BLE001  every refusal is shown together
        return (Finding.from_error(error),)
    return summary.findings
