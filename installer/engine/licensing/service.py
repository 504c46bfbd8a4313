"""Ask the license container of this host.

It knows what the files do not: the proved time, the state, the ledger. An engine
without an answer goes on with what the files say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from installer.errors import (
    LICENSE_SILENT,
    LICENSE_TRIES,
    ErrorKind,
    InstallerError,
)
from installer.license_view import license_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from installer.findings import Finding

__all__ = ["LicenseService", "proved_s", "refusals_of"]

_ASK_S = 2.0
_ORDER_S = 30.0
_TOO_MANY = 429
_Json: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class LicenseService:
    """The license container.

    Attributes:
        url: of its HTTP face, or None when nothing is installed.
    """

    url: Callable[[], str | None]

    def status(self) -> _Json | None:
        """Return what it knows; None when it does not answer."""
        url = self.url()
        if url is None:
            return None
        try:
            with _client(url, _ASK_S) as client:
                return _json(client.get("/v1/license").raise_for_status())
        except httpx.HTTPError:
            return None

    def order(self, path: str, body: _Json) -> _Json:
        """Have it do something and return its answer.

        Raises:
            InstallerError: it refused, with its own words, or did not answer.
        """
        answer = _json(self._send("POST", path, body))
        if answer is None:
            raise InstallerError(LICENSE_SILENT, f"{path}: expected a JSON object")
        return answer

    def report(self, level: str, since: int) -> bytes:
        """Return the signed usage report.

        Raises:
            InstallerError: there is none, or it did not answer.
        """
        query = f"/v1/usage/report?level={level}&since={since}"
        return self._send("GET", query).content

    def _send(
        self, method: str, path: str, body: _Json | None = None
    ) -> httpx.Response:
        url = self.url()
        if url is None:
            raise InstallerError(LICENSE_SILENT, "nothing is installed")
        try:
            with _client(url, _ORDER_S) as client:
                response = client.request(method, path, json=body)
                if response.is_error:
                    raise _refusal(response)
        except httpx.HTTPError as error:
            evidence = f"{url}{path}: {type(error).__name__}"
            raise InstallerError(LICENSE_SILENT, evidence) from error
        return response


def proved_s(status: Mapping[str, JsonValue] | None) -> int:
    """Return the time that the container has proved, in seconds UTC; 0 without one."""
    time = (status or {}).get("time")
    proved = time.get("proved") if isinstance(time, dict) else None
    try:
        return int(datetime.fromisoformat(str(proved)).timestamp())
    except ValueError:
        return 0


def refusals_of(
    status: Mapping[str, JsonValue] | None, name: str
) -> tuple[Finding, ...]:
    """Return why the container does not take a file that was just written.

    It remembers more than the files say, such as a newer license that was deleted.
    """
    problems = (status or {}).get("problems")
    named: list[JsonValue] = [
        one
        for one in (problems if isinstance(problems, list) else [])
        if isinstance(one, dict) and one.get("file") == name
    ]
    return license_problems({"problems": named})


def _client(url: str, timeout_s: float) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=timeout_s, trust_env=False)


def _json(response: httpx.Response) -> _Json | None:
    """Return the JSON object of an answer; None where it is no such thing."""
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _refusal(response: httpx.Response) -> InstallerError:
    """Return the container's own words, which are those of a finding."""
    found = _json(response) or {}
    if response.status_code == _TOO_MANY:
        wait_s = found.get("retry_after_s", 60)
        return InstallerError(LICENSE_TRIES, f"expected a try in {wait_s} s at least")
    try:
        words = (found[key] for key in ("code", "title", "meaning", "remedy"))
        kind = ErrorKind(*map(str, words))
        return InstallerError(kind, str(found["evidence"]))
    except KeyError:
        return InstallerError(
            LICENSE_SILENT, f"it answered with status {response.status_code}"
        )
