"""Passwords between the services, made on this host and kept in two files."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from appliance.topology import UID_PYTHON
from installer.engine.durable import PRIVATE_FOLDER, Access, HostFiles

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.paths import HostPaths

__all__ = ["ensure_secrets"]

_SECRET = Access(0o400, UID_PYTHON, UID_PYTHON)
_BYTES = 32


def ensure_secrets(paths: HostPaths, files: HostFiles) -> str:
    """Have both secrets, keep those that exist, and return the Redis password."""
    files.directory(paths.secrets, PRIVATE_FOLDER)
    _ensure(paths.worker_token, files)
    return _ensure(paths.redis_password, files)


def _ensure(path: Path, files: HostFiles) -> str:
    if not path.exists():
        files.write(path, secrets.token_urlsafe(_BYTES).encode(), _SECRET)
    return path.read_text(encoding="ascii").strip()
