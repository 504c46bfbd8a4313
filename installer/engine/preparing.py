"""The first steps of an install: judge host, medium and license."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from installer.engine.findings import NO_LICENSE
from installer.engine.journal import Record, RecordKind
from installer.engine.refusing import refuse_errors
from installer.engine.steps import Step
from installer.findings import Finding, Severity
from offline_license.errors import SupersededError

if TYPE_CHECKING:
    from installer.engine.job import Job
    from installer.engine.steps import StepContext

__all__ = ["judging_steps", "older_license", "preparing_steps"]


def preparing_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps after which everything was judged and nothing runs yet."""
    return (
        Step("preflight", "Check the host", partial(_preflight, job), estimate_s=5),
        *judging_steps(job),
        Step(
            "install-license",
            "Install the license",
            partial(_license, job),
            holds=partial(_licensed, job),
        ),
    )


def judging_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps that judge the medium and remember that it was trusted."""
    return (
        Step("verify-medium", "Verify the medium", partial(_verify, job)),
        Step("pin-trust", "Pin the trust anchor", partial(_pin, job)),
    )


def _preflight(job: Job, context: StepContext) -> str:
    missing_bytes = job.medium.missing_bytes(job.site.engine)
    findings = job.site.host.preflight(job.settings, missing_bytes)
    for finding in findings:
        if finding.severity is Severity.WARNING:
            context.warn(finding)
    refuse_errors(findings)
    return "this host can carry the appliance"


def _verify(job: Job, context: StepContext) -> str:
    """Judge all but the blobs; each blob is judged while it is read, once, to load."""
    findings = job.medium.check()
    for finding in findings:
        if finding.severity is Severity.WARNING:
            context.warn(finding)
    refuse_errors(findings)
    return f"release {job.medium.summary.product_version} is complete and signed"


def _pin(job: Job, context: StepContext) -> str:
    for folder in (job.site.paths.trust, job.site.paths.tuf):
        context.record(Record(RecordKind.DIRECTORY, str(folder)))
    job.medium.pin()
    return "pinned"


def _licensed(job: Job) -> bool:
    """Tell whether the license to install is in place; it may be a newer file now."""
    path = job.settings.license
    return path is None or job.site.licenses.is_installed(path)


def _license(job: Job, context: StepContext) -> str:
    licenses = job.site.licenses
    context.record(Record(RecordKind.DIRECTORY, str(job.site.paths.license)))
    licenses.prepare(job.medium)
    if job.settings.license is not None:
        try:
            summary = licenses.install(job.settings.license, job.medium)
        except SupersededError as older:
            context.warn(older_license(older))
            return "the newer license is kept"
        for finding in summary.findings:
            context.warn(finding)
        return f"{summary.license_id}, {summary.state}"
    if licenses.present:
        return "the installed license is kept"
    evidence = "expected a license file, found none"
    context.warn(Finding.of(NO_LICENSE, evidence=evidence, severity=Severity.WARNING))
    return "none"


def older_license(error: SupersededError) -> Finding:
    """Warn of the file that the settings name: the license in force is newer.

    An installation is repeated with the same answers long after a renewal.
    """
    return replace(Finding.from_error(error), severity=Severity.WARNING)
