"""Root file systems from Debian packages, unpacked but never run."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.images.packages import hook_command
from appliance.images.recipes import Rootfs
from appliance.process import run

SUITE: Final = "bookworm"
_LIBRARIES: Final = (
    "/lib",
    "/lib/x86_64-linux-gnu*",
    "/lib64*",
    "/usr/lib/x86_64-linux-gnu*",
    "/usr/share/doc/*/copyright",
)
_UNUSED: Final = (
    "/lib/x86_64-linux-gnu/security/*",
    "/usr/lib/x86_64-linux-gnu/engines-3/*",
    "/usr/lib/x86_64-linux-gnu/gconv/*",
    "/usr/lib/x86_64-linux-gnu/perl*",
)


@dataclass(frozen=True, slots=True)
class RootfsTar:
    """A root file system, and the record of the packages it was unpacked from."""

    tar: Path
    record: Path


def rootfs_tar(rootfs: Rootfs, cache: Path, *, epoch_s: int) -> RootfsTar:
    """Return a tar of the packages' files, built once per recipe.

    The archive moves on, so the same recipe may give other bytes on another day; a kept tar and
    its SHA-256 pin the package versions, and equal tars give equal images.

    Raises:
        CommandError: mmdebstrap failed; its last lines are the evidence.
    """
    tar = cache / f"rootfs-{rootfs.name}-{_recipe_hash(rootfs)}.tar"
    record = tar.with_suffix(".packages.json")
    if not (tar.exists() and record.exists()):
        cache.mkdir(parents=True, exist_ok=True)
        partial = tar.with_suffix(".partial.tar")
        run(
            _command(rootfs, partial, record.absolute()),
            environment={"SOURCE_DATE_EPOCH": str(epoch_s), "PATH": os.environ["PATH"]},
        )
        partial.replace(tar)
    return RootfsTar(tar, record)


def _command(rootfs: Rootfs, target: Path, record: Path) -> list[str]:
    options = ["path-exclude=*"]
    options += [f"path-include={glob}" for glob in _LIBRARIES]
    options += [f"path-exclude={glob}" for glob in _UNUSED]
    options += [f"path-include={glob}" for glob in rootfs.keep]
    return [
        "mmdebstrap",
        "--mode=root",
        "--variant=extract",
        f"--include={','.join(rootfs.packages)}",
        *(f"--dpkgopt={option}" for option in options),
        f"--extract-hook={hook_command(record)}",
        SUITE,
        str(target),
    ]


def _recipe_hash(rootfs: Rootfs) -> str:
    text = repr((SUITE, _LIBRARIES, _UNUSED, rootfs))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
