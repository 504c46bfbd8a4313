"""A real headless Chromium, driven over a pipe with the DevTools protocol.

No driver program and no WebSocket: `--remote-debugging-pipe` speaks JSON with a
NUL byte between messages on the file descriptors 3 (in) and 4 (out).
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_DEADLINE_S = 30.0
_ONTO_3_AND_4 = """
import fcntl, os, sys
read, write = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3])
os.dup2(read, 3), os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find_browser() -> str | None:
    """Give the path of a Chromium, or None."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


class Tab:
    """One page, with everything it asked for and complained of.

    Attributes:
        requests: URL of every request of the page, in order.
        complaints: exceptions, errors on the console, violations of the policy.
    """

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._selector = selectors.DefaultSelector()
        self._selector.register(from_browser, selectors.EVENT_READ)
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def open(self, url: str) -> None:
        """Start the page and begin to listen."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=url)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Send one command and wait for its result; events are sorted meanwhile."""
        self._number += 1
        message: dict[str, object] = {
            "id": self._number,
            "method": method,
            "params": params,
        }
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        for answer in self._messages():
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
        raise AssertionError

    def evaluate(self, script: str) -> Any:  # noqa: ANN401  whatever the script gives
        """Run a script in the page and give its JSON value."""
        done = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Wait until a script is true."""
        until = time.monotonic() + _DEADLINE_S
        while not self.evaluate(script):
            if time.monotonic() > until:
                raise TimeoutError(f"never true: {script}")
            self.evaluate("new Promise(requestAnimationFrame)")

    def look(
        self, width: int, height: int, scheme: Literal["light", "dark"] = "light"
    ) -> None:
        """Set the size of the window and the color scheme of the system."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def picture(self, path: Path) -> None:
        """Save the whole page as PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" in self._rest:
                raw, self._rest = self._rest.split(b"\0", 1)
                message = json.loads(raw)
                self._sort(message)
                yield message
            if not self._selector.select(_DEADLINE_S):
                raise TimeoutError("the browser does not answer")
            data = os.read(self._from, 1 << 16)
            if not data:
                raise ConnectionError("the browser has gone")
            self._rest += data

    def _sort(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.complaints.append(params["entry"]["text"])


@contextmanager
def browser_tab(profile: Path) -> Iterator[Tab]:
    """Run a browser with a fresh profile and give its one page."""
    program = find_browser()
    if program is None:
        raise FileNotFoundError("no chromium on the PATH")
    our_in, its_out = os.pipe()
    its_in, our_out = os.pipe()
    options = [*_QUIET, f"--user-data-dir={profile}", "--remote-debugging-pipe"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _ONTO_3_AND_4,
            str(its_in),
            str(its_out),
            program,
            *options,
            "about:blank",
        ],
        pass_fds=(its_in, its_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Tab(our_out, our_in)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its helpers still write the profile
        process.wait()
        os.close(our_in)
        os.close(our_out)
