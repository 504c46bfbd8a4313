"""API keys: only their SHA-256 is at rest, and the file is read again when it changes."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers

from appliance.api.errors import UnauthorizedError
from appliance.logs import logger_for, trouble

_LOG = logger_for("api.keys")
_VERSION: Final = 1
_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who calls: the id stands in logs, the name is for people, the key is not kept."""

    id: str
    name: str


class KeyStore:
    """Looks callers up in the keys file.

    A missing file means that nobody may call. A file that cannot be read keeps the last good
    keys: an operator's slip must not lock every application out.
    """

    def __init__(self, path: Path) -> None:
        """Read `path` at the first use."""
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, ApiKey] = {}

    def authenticate(self, headers: Headers) -> ApiKey:
        """Find the caller of a request.

        Raises:
            UnauthorizedError: no key was sent, or nobody has this one.
        """
        text = presented_key(headers)
        if text is None:
            raise UnauthorizedError(
                "You didn't provide an API key. Send it as `Authorization: Bearer KEY`.",
                name="missing_api_key",
            )
        self._refresh()
        digest = hashlib.sha256(text.encode()).hexdigest()
        key = self._keys.get(digest)
        if key is None:
            raise UnauthorizedError("The API key is not known to this appliance.")
        return key

    def _refresh(self) -> None:
        try:
            status = self._path.stat()
        except OSError:
            self._seen, self._keys = None, {}
            return
        now = (status.st_mtime_ns, status.st_ino, status.st_size)
        if now == self._seen:
            return
        self._seen = now
        try:
            self._keys = _parse(self._path.read_bytes()[:_MOST_BYTES])
        except (OSError, ValueError, KeyError, TypeError):
            trouble(_LOG, "keys.unreadable", kept=len(self._keys))


def presented_key(headers: Headers) -> str | None:
    """Find the key in `Authorization: Bearer|Token KEY` or `X-API-Key: KEY`."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() in {"bearer", "token"} and credentials.strip():
        return credentials.strip()
    return headers.get("x-api-key", "").strip() or None


def _parse(data: bytes) -> dict[str, ApiKey]:
    document = json.loads(data)
    if document["version"] != _VERSION:
        raise ValueError("unknown version of the keys file")
    return {
        str(row["sha256"]).lower(): ApiKey(id=str(row["id"]), name=str(row["name"]))
        for row in document["keys"]
    }
