"""The steps that write the configuration and put the walls up."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.topology import networks
from installer.engine.computing import can_compute, check_computing
from installer.engine.configuration import write_configuration
from installer.engine.installed import addresses_of
from installer.engine.journal import Record, RecordKind
from installer.engine.steps import Step

if TYPE_CHECKING:
    from installer.engine.job import Job
    from installer.engine.steps import StepContext

__all__ = ["wiring_steps"]


def wiring_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps after which containers may start."""
    return (
        Step(
            "write-config",
            "Write the configuration",
            partial(_write, job),
            holds=partial(_written, job),
        ),
        Step(
            "networks",
            "Make the networks",
            partial(_networks, job),
            holds=partial(_networks_exist, job),
        ),
        Step(
            "firewall",
            "Close every way out",
            partial(_firewall, job),
            holds=job.site.firewall.is_applied,
        ),
    )


def _write(job: Job, context: StepContext) -> str:
    words = check_computing(job.site, job.settings, job.images["asr"])
    write_configuration(
        job.site, job.settings, addresses_of(job.settings), context.record
    )
    return f"written; {words}" if words else "written"


def _written(job: Job) -> bool:
    paths = job.site.paths
    return (
        paths.settings.exists()
        and paths.redis_password.exists()
        and can_compute(job.site, job.settings, job.images["asr"])
    )


def _networks(job: Job, context: StepContext) -> str:
    topology = job.topology()
    wanted = {spec.name for spec in topology.containers}
    for state in job.site.engine.containers():
        if state.name not in wanted:
            job.site.engine.remove_container(state.name)
    for spec in topology.networks:
        context.record(Record(RecordKind.NETWORK, spec.name))
        job.site.engine.ensure_network(spec)
    return ", ".join(spec.subnet for spec in topology.networks)


def _networks_exist(job: Job) -> bool:
    present = {facts.name for facts in job.site.engine.networks()}
    return {spec.name for spec in job.topology().networks} <= present


def _firewall(job: Job, context: StepContext) -> str:
    context.record(Record(RecordKind.FIREWALL, "inet anechoic"))
    settings = job.settings
    job.site.firewall.apply(networks(settings.edge_subnet, settings.core_subnet))
    return "closed"
