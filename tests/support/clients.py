"""Clients that transcribe without a pause, and what each of their requests met."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.redis_server import wait_until


@dataclass(frozen=True, slots=True)
class Answer:
    """One request: when it was sent and answered, and how."""

    sent_at: float
    answered_at: float
    status: int
    code: str

    @property
    def served(self) -> bool:
        return self.status == httpx.codes.OK


@dataclass
class Clients:
    """Several clients of one API; each sends its next request after an answer.

    Attributes:
        answers: of all clients, in the order in which they came.
        lost: requests that were never answered, by the name of the error.
    """

    url: str
    key: str
    audio: bytes
    answers: list[Answer] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def wait(self, met: Callable[[Answer], bool], timeout_s: float) -> Answer:
        """Wait for an answer that came after this call, and return the first such."""
        seen = len(self.answers)

        def found() -> Answer | None:
            return next(filter(met, self.answers[seen:]), None)

        wait_until(lambda: found() is not None, timeout_s=timeout_s)
        answer = found()
        assert answer is not None
        return answer

    def work(self) -> None:
        """Send one request after the other until told to stop."""
        with httpx.Client(base_url=self.url, timeout=60) as client:
            while not self._stop.is_set():
                try:
                    self.answers.append(self._ask(client))
                except httpx.HTTPError as error:
                    self.lost.append(type(error).__name__)

    def stop(self) -> None:
        """Let each client finish the request it has sent."""
        self._stop.set()

    def _ask(self, client: httpx.Client) -> Answer:
        sent_at = time.monotonic()
        response = client.post(
            "/v1/audio/transcriptions",
            headers={"Authorization": f"Bearer {self.key}"},
            files={"file": ("speech.wav", self.audio)},
            data={"model": "whisper-1"},
        )
        body = response.json()
        code = "" if response.is_success else str(body["error"]["code"])
        if response.is_success:
            assert body["text"]
        return Answer(sent_at, time.monotonic(), response.status_code, code)


@contextmanager
def working(clients: Clients, count: int) -> Iterator[Clients]:
    """Let so many clients work inside the block."""
    threads = [threading.Thread(target=clients.work) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield clients
    finally:
        clients.stop()
        for thread in threads:
            thread.join()
