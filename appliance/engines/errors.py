"""What can go wrong with a container engine, each with its remedy."""

from __future__ import annotations

from appliance.errors import ApplianceError

__all__ = [
    "ContainerExitedError",
    "EngineDiskFullError",
    "EngineError",
    "EngineRefusedError",
    "EngineTimeoutError",
    "EngineUnreachableError",
    "GpuRuntimeMissingError",
    "ImageMismatchError",
    "ImageMissingError",
    "LoadRefusedError",
    "NameTakenError",
    "PortTakenError",
    "SubnetTakenError",
]


class EngineError(ApplianceError):
    """The base of the errors of this package."""


class EngineUnreachableError(EngineError):
    """Nobody answers on the engine's socket."""

    code = "ANX-ENG-01"
    title = "The container engine cannot be reached"
    meaning = "Containers cannot be started, stopped or looked at."
    remedy = (
        "Install Docker (Debian: the package docker.io) or start it "
        "(`systemctl start docker`), then try again."
    )


class EngineRefusedError(EngineError):
    """The engine answered with an error that has no kind of its own."""

    code = "ANX-ENG-02"
    title = "The container engine refused a request"
    meaning = "The step stopped here; what was finished before is kept."
    remedy = "Read the engine's words in the evidence, mend the cause, run again."


class EngineTimeoutError(EngineError):
    """The engine took too long to answer."""

    code = "ANX-ENG-03"
    title = "The container engine does not answer in time"
    meaning = "It is overloaded or hangs; the result of the request is unknown."
    remedy = "Look at the engine's log and the load of the disk, then run again."


class ImageMismatchError(EngineError):
    """After loading, the engine holds another image than the signed one."""

    code = "ANX-ENG-04"
    title = "A loaded image is not the signed one"
    meaning = "It is not used, and nothing was started from it."
    remedy = "Check the medium with the vendor and the engine's disk, then run again."


class LoadRefusedError(EngineError):
    """The engine refused an image archive."""

    code = "ANX-ENG-05"
    title = "The container engine refused an image"
    meaning = "The image is not loaded; layers loaded before it are kept."
    remedy = "Read the engine's words in the evidence, mend the cause, run again."


class EngineDiskFullError(EngineError):
    """The engine's disk has no room."""

    code = "ANX-ENG-06"
    title = "The disk of the container engine is full"
    meaning = "Nothing half-loaded is used; finished layers are kept."
    remedy = "Free space on the engine's data folder, then run again."


class PortTakenError(EngineError):
    """Another program listens on the port to be published."""

    code = "ANX-ENG-07"
    title = "The port to publish is in use"
    meaning = "The API cannot be published; the other services are not harmed."
    remedy = "Stop the other program or choose another port, then run again."


class SubnetTakenError(EngineError):
    """A network of the host overlaps ours."""

    code = "ANX-ENG-08"
    title = "A subnet is in use"
    meaning = "The container networks cannot be made."
    remedy = "Choose other values for edge_subnet and core_subnet, then run again."


class ContainerExitedError(EngineError):
    """A container ended right after its start."""

    code = "ANX-ENG-09"
    title = "A container ended at its start"
    meaning = "The service does not run; the appliance is not ready."
    remedy = "Read the last lines of its log in the evidence, then run again."


class NameTakenError(EngineError):
    """Something that is not ours has our name."""

    code = "ANX-ENG-10"
    title = "A name of ours is taken by something that is not ours"
    meaning = "It was left alone, so the step could not go on."
    remedy = "Rename or remove what the evidence names, then run again."


class ImageMissingError(EngineError):
    """An image was removed from the engine."""

    code = "ANX-ENG-14"
    title = "An image is missing"
    meaning = "A container cannot be started from it."
    remedy = "Run the installation again with the medium: it loads what is missing."


class GpuRuntimeMissingError(EngineError):
    """The engine cannot give a GPU to a container."""

    code = "ANX-ENG-15"
    title = "The container engine cannot use the GPU"
    meaning = "The recognition worker was not started."
    remedy = (
        "Install the NVIDIA container toolkit and restart the engine, or set "
        'compute = "cpu".'
    )
