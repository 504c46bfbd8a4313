"""Site-packages trees from hashed wheels, resolved for the Python inside the image."""

import hashlib
import os
import shutil
import sys
from pathlib import Path
from typing import Final

from appliance.process import run

# Debian 12's own interpreter. Wheels are chosen for it, not for the build machine's:
# redis-py, for one, needs async-timeout below 3.11.3 and fails at import without it.
TARGET_PYTHON: Final = "3.11.2"
TARGET_PLATFORM: Final = "x86_64-manylinux_2_28"
_NOT_SHIPPED: Final = (".lock", "bin")


def site_packages(lock: Path, cache: Path) -> Path:
    """Return a tree with the wheels that `lock` names, installed once per lock.

    Every wheel is checked against the lock's hashes; nothing is compiled or built.

    Raises:
        CommandError: a wheel could not be had or has another hash.
    """
    digest = hashlib.sha256(
        lock.read_bytes() + TARGET_PYTHON.encode() + TARGET_PLATFORM.encode()
    ).hexdigest()[:12]
    site = cache / f"site-{lock.stem}-{digest}"
    if not site.exists():
        partial = site.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        run(_command(lock, partial), environment=dict(os.environ))
        _drop_unshipped(partial)
        partial.replace(site)
    return site


def _command(lock: Path, target: Path) -> list[str]:
    return [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary=:all:",
        "--no-compile",
        "--link-mode=copy",
        f"--python-version={TARGET_PYTHON}",
        f"--python-platform={TARGET_PLATFORM}",
        f"--target={target}",
        f"--requirements={lock}",
    ]


def _drop_unshipped(site: Path) -> None:
    for name in _NOT_SHIPPED:
        path = site / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
