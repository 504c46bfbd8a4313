"""What the engine makes of a license container that answers oddly, or not at all."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import JsonValue
from typing_extensions import override

from installer.engine.licensing.requesting import Asker, make_request
from installer.engine.licensing.service import LicenseService, proved_s
from installer.errors import InstallerError
from offline_license.armor import Label, unarmor
from offline_license.request import verify_request
from tests.support.licensing import IAT, Issuer


@contextlib.contextmanager
def _answering(status: int, body: bytes) -> Iterator[LicenseService]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name is the library's

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield LicenseService(lambda: f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (200, b"words"), (200, b"[]"), (404, b"")]
)
def test_an_odd_answer_counts_as_none(status: int, body: bytes) -> None:
    with _answering(status, body) as service:
        assert service.status() is None


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (500, b"words", "ANX-OP-22"),
        (400, b'{"code": "ANX-LIC-22"}', "ANX-OP-22"),
        (200, b"[]", "ANX-OP-22"),
        (429, b'{"retry_after_s": 60}', "ANX-OP-23"),
        (
            400,
            b'{"code":"ANX-LIC-22","title":"t","meaning":"m","remedy":"r","evidence":"e"}',
            "ANX-LIC-22",
        ),
    ],
)
def test_a_refused_order_keeps_its_own_words(
    status: int, body: bytes, code: str
) -> None:
    with _answering(status, body) as service, pytest.raises(InstallerError) as refused:
        service.order("/v1/license/extension", {"code": "x"})

    assert refused.value.code == code


def test_nobody_listening_is_named() -> None:
    service = LicenseService(lambda: "http://127.0.0.1:9")

    assert service.status() is None
    with pytest.raises(InstallerError, match="ConnectError") as refused:
        service.order("/v1/license/drill", {"minutes": 1})
    assert refused.value.code == "ANX-OP-22"


def test_a_report_is_handed_on_as_it_is() -> None:
    with _answering(200, b"signed") as service:
        assert service.report("daily", 7) == b"signed"


@pytest.mark.parametrize(
    "status", [None, {}, {"time": "now"}, {"time": {"proved": 7}}, {"time": {}}]
)
def test_without_a_proved_time_there_is_none(status: dict[str, object] | None) -> None:
    assert proved_s(status) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "status",
    [
        {"ledger": {"index": 1, "head": "not hex", "since_ack": {"served": -1}}},
        {"ledger": {"index": 1, "head": "00"}, "flags": "CLOCK_BEHIND"},
        {"ledger": {"index": "1", "head": "00" * 32}, "flags": ["NEWER_THAN_US"]},
        {"ledger": 7},
    ],
)
def test_what_is_not_understood_is_left_out_of_a_request(
    status: dict[str, JsonValue],
) -> None:
    issuer = Issuer()
    asker = Asker(None, status, IAT, "0.1.0")

    made = make_request(issuer.install_key, issuer.host(), asker)

    request = verify_request(unarmor(made.armored.encode(), Label.REQUEST))
    assert (request.ledger, request.usage, request.flags) == (None, (), ())
