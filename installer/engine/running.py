"""The steps that start the services and prove that they are well and walled in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.topology import SERVICES
from installer.engine.findings import way_out
from installer.engine.journal import Record, RecordKind
from installer.engine.refusing import refuse_errors
from installer.engine.services import readiness_warning, wait_healthy
from installer.engine.steps import Step

if TYPE_CHECKING:
    from appliance.specs import ContainerSpec
    from installer.engine.job import Job
    from installer.engine.steps import StepContext

__all__ = ["running_steps"]

_TITLES = {
    "redis": "Start the coordination service",
    "license": "Start the license service",
    "api": "Start the gateway",
    "asr": "Start recognition worker",
    "edge": "Start the published entry",
}


def running_steps(job: Job) -> tuple[Step, ...]:
    """Return one step per container, and the two that prove the result."""
    workers = job.settings.asr_workers
    starts = (
        _start_step(job, service, replica)
        for service in SERVICES
        for replica in range(1, (workers if service == "asr" else 1) + 1)
    )
    return (
        *starts,
        Step("wait-health", "Wait for health", partial(_wait, job), estimate_s=20),
        Step(
            "prove-isolation",
            "Try every way out",
            partial(_isolation, job),
            estimate_s=15,
        ),
    )


def _start_step(job: Job, service: str, replica: int) -> Step:
    many = service == "asr"
    return Step(
        f"start-{service}-{replica}" if many else f"start-{service}",
        f"{_TITLES[service]} {replica}" if many else _TITLES[service],
        partial(_start, job, service, replica),
        holds=partial(_runs, job, service, replica),
        estimate_s=3,
    )


def _spec(job: Job, service: str, replica: int) -> ContainerSpec:
    for spec in job.topology().containers:
        if (spec.service, spec.replica) == (service, replica):
            return spec
    raise KeyError(service)


def _start(job: Job, service: str, replica: int, context: StepContext) -> str:
    spec = _spec(job, service, replica)
    context.record(Record(RecordKind.CONTAINER, spec.name))
    job.site.engine.ensure_container(spec)
    return "started"


def _runs(job: Job, service: str, replica: int) -> bool:
    spec = _spec(job, service, replica)
    return any(
        (state.name, state.spec_digest, state.state)
        == (spec.name, spec.digest, "running")
        for state in job.site.engine.containers()
    )


def _wait(job: Job, context: StepContext) -> str:
    body = wait_healthy(
        job.site, job.topology(), job.settings, context.check, context.progress
    )
    warning = readiness_warning(body)
    if warning is not None:
        context.warn(warning)
    return "all services are healthy"


def _isolation(job: Job, _context: StepContext) -> str:
    topology = job.topology()
    exposures = job.site.prober.exposures(topology, job.site.host.addresses())
    refuse_errors(tuple(way_out(exposure) for exposure in exposures))
    return f"no way out of {len(topology.containers)} containers"
