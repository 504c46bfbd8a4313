"""The last steps of an install: start with the host, and write the receipt."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from installer.engine.installed import Installed
from installer.engine.journal import Record, RecordKind, read_journal
from installer.engine.steps import Step
from installer.protocol import ReleaseInfo

if TYPE_CHECKING:
    from installer.engine.job import Job
    from installer.engine.steps import StepContext

__all__ = ["finishing_steps"]


def finishing_steps(job: Job) -> tuple[Step, ...]:
    """Return the steps after which the appliance counts as installed."""
    receipt = Step("receipt", "Write the receipt", partial(_receipt, job))
    unit = job.site.supervisor.unit
    if unit is None:
        return (receipt,)
    service = Step(
        "install-service",
        "Start the engine with the host",
        partial(_service, job),
        holds=unit.exists,
    )
    return (service, receipt)


def _service(job: Job, context: StepContext) -> str:
    context.record(Record(RecordKind.SERVICE, str(job.site.supervisor.unit)))
    job.site.supervisor.install()
    return "enabled"


def _installed(job: Job) -> Installed:
    now, summary = job.site.now(), job.medium.summary
    return Installed(
        release=ReleaseInfo(
            product_version=summary.product_version,
            release_seq=summary.release_seq,
            created=summary.created,
            installed_at=now,
        ),
        images=job.images,
        model=job.model_folder.name,
        operation=job.operation_id,
        proven_at=now,
        gpus=job.site.host.gpu_inventory(),
    )


def _receipt(job: Job, context: StepContext) -> str:
    """Write the receipt first: what counts as installed always has one."""
    paths, installed = job.site.paths, _installed(job)
    target = paths.receipts / f"{job.operation_id}.json"
    for path, data in (
        (target, _receipt_json(job, installed)),
        (paths.installed, installed.model_dump_json(indent=1)),
    ):
        context.record(Record(RecordKind.FILE, str(path)))
        job.site.files.write(path, data.encode() + b"\n")
    return str(target)


def _receipt_json(job: Job, installed: Installed) -> str:
    past = read_journal(job.site.paths.journal / f"{job.operation_id}.jsonl")
    body = {
        "version": 1,
        "installed": installed.model_dump(mode="json"),
        "settings": job.settings.model_dump(mode="json"),
        "signers": list(job.medium.summary.signers),
        "steps": past.done if past else {},
        "records": [[r.kind, r.target] for r in past.records] if past else [],
    }
    return json.dumps(body, indent=1)
