"""Talk to the gateway that holds a job: claim it, fetch its audio, hand in the report."""

import asyncio
from typing import Final

import httpx

from appliance.asr.errors import GatewayError
from appliance.queue import Claim, JobNote, Report, WireError, dumps, loads

_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
_TRIES: Final = 3
_PAUSE_S: Final = 0.5


class GatewayClient:
    """A worker's connections to all gateways; the token goes with every call."""

    def __init__(self, token: str, worker: str) -> None:
        """Be ready to call; environment proxies are ignored."""
        self._worker = worker
        self._http = httpx.AsyncClient(
            headers={"authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def claim(self, note: JobNote) -> Claim | None:
        """Take the job; None when nobody waits for it any more.

        Raises:
            GatewayError: the gateway cannot be reached or answers something else.
        """
        query = {"worker": self._worker}
        answer = await self._call("POST", f"{_job(note)}/claim", params=query)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        _expect_ok(answer)
        try:
            return loads(Claim, answer.content)
        except WireError as error:
            raise GatewayError(str(error)) from error

    async def audio(self, note: JobNote, claim: Claim) -> bytes | None:
        """Fetch the upload; None when the claim is not the newest any more.

        Raises:
            GatewayError: no answer, or not as many bytes as the claim says.
        """
        query = {"fence": str(claim.fence)}
        answer = await self._call("GET", f"{_job(note)}/audio", params=query)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        _expect_ok(answer)
        if len(answer.content) != claim.size_bytes:
            raise GatewayError("the audio has another length than announced")
        return answer.content

    async def report(self, note: JobNote, report: Report) -> bool:
        """Hand in a report; False when it came too late to count.

        Raises:
            GatewayError: the gateway took it in none of three tries.
        """
        url, body = f"{_job(note)}/report", dumps(report)
        for attempt in range(1, _TRIES + 1):
            try:
                answer = await self._call("POST", url, content=body)
            except GatewayError:
                if attempt == _TRIES:
                    raise
                await asyncio.sleep(_PAUSE_S * attempt)
                continue
            if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.CONFLICT}:
                return False
            _expect_ok(answer)
            return True
        return False

    async def _call(
        self,
        method: str,
        url: str,
        *,
        params: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        try:
            return await self._http.request(method, url, params=params, content=content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewayError(f"no answer ({type(error).__name__})") from error


def _job(note: JobNote) -> str:
    return f"{note.gateway_url}/internal/jobs/{note.job_id}"


def _expect_ok(answer: httpx.Response) -> None:
    if answer.status_code != httpx.codes.OK:
        raise GatewayError(f"the gateway answered {answer.status_code}")
