"""What goes into each image, as data.

Three kinds of layers, each built once and shared by every image that names it: a root file
system of Debian packages, hashed wheels, and the programs of this project. There is no shell and no
package manager in any image: only the files that `Rootfs.keep` lists survive unpacking.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from appliance.specs import ACCELERATOR_LABEL, CPU_ONLY
from appliance.topology import PYTHON, RUNTIME, UID_EDGE, UID_PYTHON, UID_REDIS


class Accelerator(StrEnum):
    """What the recognition image can compute on; `cuda12` computes on CPUs as well."""

    CPU = CPU_ONLY
    CUDA12 = "cuda12"


@dataclass(frozen=True, slots=True)
class Rootfs:
    """Debian packages reduced to the paths (dpkg globs) that the image needs."""

    name: str
    packages: tuple[str, ...]
    keep: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One image.

    Attributes:
        uid: numeric user and group of the process; never 0.
        wheels: locks in `requirements/` whose wheels go to `/site`, a layer each.
        programs: entry points of this project; they and their imports go to `/app`.
        license_anchor: whether the license root is baked in.
    """

    name: str
    rootfs: Rootfs
    uid: int
    command: tuple[str, ...]
    wheels: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    license_anchor: bool = False


_PYTHON_ROOTFS: Final = Rootfs(
    name="python",
    packages=("python3.11-minimal", "libpython3.11-stdlib", "libstdc++6", "libgomp1"),
    keep=(PYTHON, "/usr/lib/python3.11*", "/usr/share/python3*"),
)
_REDIS_ROOTFS: Final = Rootfs(
    name="redis",
    packages=("redis-server",),
    keep=(
        "/usr/bin/redis-server",
        "/usr/bin/redis-check-rdb",
        "/usr/bin/redis-cli",
    ),
)
_EDGE_ROOTFS: Final = Rootfs(
    name="edge", packages=("haproxy",), keep=("/usr/sbin/haproxy",)
)

_PYTHON_ENVIRONMENT: Final = (
    ("LANG", "C.UTF-8"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("PYTHONPATH", "/app:/site"),
    ("PYTHONUNBUFFERED", "1"),
)


def _python(
    name: str, program: str, environment: tuple[tuple[str, str], ...] = ()
) -> Recipe:
    return Recipe(
        name=name,
        rootfs=_PYTHON_ROOTFS,
        uid=UID_PYTHON,
        command=(PYTHON, "-m", program),
        wheels=(name,),
        programs=(program, "appliance.health"),
        environment=tuple(sorted((*_PYTHON_ENVIRONMENT, *environment))),
        license_anchor=True,
    )


_RECIPES: Final = (
    Recipe(
        name="redis",
        rootfs=_REDIS_ROOTFS,
        uid=UID_REDIS,
        command=("/usr/bin/redis-server", f"{RUNTIME}/redis.conf"),
    ),
    _python("license", "appliance.license_proxy"),
    _python("api", "appliance.api"),
    _python(
        "asr",
        "appliance.asr",
        environment=(
            ("HF_HUB_DISABLE_TELEMETRY", "1"),
            ("HF_HUB_OFFLINE", "1"),
            ("OMP_WAIT_POLICY", "PASSIVE"),
            ("ORT_DISABLE_TELEMETRY", "1"),
        ),
    ),
    Recipe(
        name="edge",
        rootfs=_EDGE_ROOTFS,
        uid=UID_EDGE,
        command=("/usr/sbin/haproxy", "-f", f"{RUNTIME}/haproxy.cfg", "-W"),
    ),
)


# The driver's own libraries come from the host through the container toolkit; cuBLAS is
# the one library of CUDA that CTranslate2 looks for at run time.
_CUDA12_ENVIRONMENT: Final = (
    ("LD_LIBRARY_PATH", "/site/nvidia/cublas/lib"),
    ("NVIDIA_DRIVER_CAPABILITIES", "compute,utility"),
)


def recipes(accelerator: Accelerator = Accelerator.CPU) -> tuple[Recipe, ...]:
    """Return the recipes of all images, in the order of their start."""
    return tuple(
        _accelerated(recipe, accelerator) if recipe.name == "asr" else recipe
        for recipe in _RECIPES
    )


def _accelerated(recipe: Recipe, accelerator: Accelerator) -> Recipe:
    labels = ((ACCELERATOR_LABEL, accelerator.value),)
    if accelerator is Accelerator.CPU:
        return replace(recipe, labels=labels)
    return replace(
        recipe,
        wheels=(*recipe.wheels, accelerator.value),
        environment=tuple(sorted((*recipe.environment, *_CUDA12_ENVIRONMENT))),
        labels=labels,
    )
