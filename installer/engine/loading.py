"""The steps that bring images and the model onto the host."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.engines.errors import ImageMismatchError
from installer.engine.journal import Record, RecordKind
from installer.engine.keeping import hold_installed
from installer.engine.load_plan import COPY_BYTES_PER_S, LOAD_BYTES_PER_S
from installer.engine.steps import Step

if TYPE_CHECKING:
    from installer.engine.job import Job
    from installer.engine.steps import StepContext
    from installer.protocol import ImageSummary

__all__ = ["loading_steps"]


def loading_steps(job: Job) -> tuple[Step, ...]:
    """Return the way back first, then one step per image, and one for the model."""
    images = (_image_step(job, image) for image in job.medium.summary.images)
    return (_holding_step(job), *images, _model_step(job))


def _holding_step(job: Job) -> Step:
    return Step(
        "hold-previous",
        "Keep the images of the installed release",
        partial(_hold, job),
    )


def _hold(job: Job, _context: StepContext) -> str:
    return f"{hold_installed(job.site)} images held"


def _image_step(job: Job, image: ImageSummary) -> Step:
    return Step(
        f"load-{image.name}",
        f"Load the image {image.name}",
        partial(_load, job, image),
        holds=partial(_present, job, image),
        size_bytes=image.size_bytes,
        estimate_s=image.size_bytes / LOAD_BYTES_PER_S,
    )


def _present(job: Job, image: ImageSummary) -> bool:
    return job.site.engine.image_layers(image.image_id) is not None


def _load(job: Job, image: ImageSummary, context: StepContext) -> str:
    context.record(Record(RecordKind.IMAGE, image.image_id))
    if _present(job, image):
        return "already present"
    detail = job.medium.load_image(image, job.site.engine, context.progress)
    if not _present(job, image):
        raise ImageMismatchError(f"expected {image.image_id} after loading, found none")
    return detail


def _model_step(job: Job) -> Step:
    return Step(
        "install-model",
        f"Install the model {job.model.name}",
        partial(_copy, job),
        holds=job.model_folder.is_dir,
        size_bytes=job.model.size_bytes,
        estimate_s=job.model.size_bytes / COPY_BYTES_PER_S,
    )


def _copy(job: Job, context: StepContext) -> str:
    target = job.model_folder
    context.record(Record(RecordKind.DIRECTORY, str(target)))
    job.site.files.directory(target.parent)
    job.medium.copy_model(job.model, target, context.progress)
    job.site.files.directory(target)
    return job.model.name
