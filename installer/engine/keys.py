"""API keys: made here, kept as hashes, read by the gateway from a mounted file."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from appliance.topology import UID_PYTHON
from installer.engine.durable import Access
from installer.errors import NO_SUCH_KEY, InstallerError
from installer.protocol import KeyCreated, KeyInfo

if TYPE_CHECKING:
    from installer.engine.site import Site

__all__ = ["EMPTY_KEYS", "KEYS_ACCESS", "create_key", "delete_key", "list_keys"]

KEYS_ACCESS = Access(0o640, 0, UID_PYTHON)
EMPTY_KEYS = b'{"version":1,"keys":[]}\n'
_KEY_BYTES = 32
_ID_BYTES = 4


def _read(site: Site) -> list[dict[str, str]]:
    try:
        data = json.loads(site.paths.api_keys.read_bytes())
    except FileNotFoundError:
        return []
    return list(data["keys"])


def _write(site: Site, keys: list[dict[str, str]]) -> None:
    data = json.dumps({"version": 1, "keys": keys}, indent=1).encode() + b"\n"
    site.files.write(site.paths.api_keys, data, KEYS_ACCESS)


def _info(entry: dict[str, str]) -> KeyInfo:
    created = datetime.fromisoformat(entry["created"])
    return KeyInfo(id=entry["id"], name=entry["name"], created=created)


def list_keys(site: Site) -> tuple[KeyInfo, ...]:
    """Return all keys, the oldest first."""
    return tuple(_info(entry) for entry in _read(site))


def create_key(site: Site, name: str) -> KeyCreated:
    """Make a key; its text is in the answer and nowhere else."""
    text = "anx_" + secrets.token_urlsafe(_KEY_BYTES)
    entry = {
        "id": "key_" + secrets.token_hex(_ID_BYTES),
        "name": name,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "created": site.now().isoformat(timespec="seconds"),
    }
    _write(site, [*_read(site), entry])
    info = _info(entry)
    return KeyCreated(id=info.id, name=info.name, created=info.created, key=text)


def delete_key(site: Site, key_id: str) -> None:
    """Forget a key; the gateway refuses it within seconds.

    Raises:
        InstallerError: there is no such key.
    """
    keys = _read(site)
    left = [entry for entry in keys if entry["id"] != key_id]
    if len(left) == len(keys):
        raise InstallerError(NO_SUCH_KEY, f"expected a known id, found {key_id[:40]}")
    _write(site, left)
