"""The QR code of a request on a real terminal of 80x24, read back from its output."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from offline_license.intake import SignedObject, recognize
from offline_license.mini import verify_mini_request
from tests.support.desk import engine_of
from tests.support.fake_site import FakeSite
from tests.support.license_host import LicenseHost
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.qr_raster import Look, decode

ASK = ("installer", "license", "request", "--force")
INK = "\x1b[30;47;107m"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[LicenseHost]:
    host = LicenseHost(tmp_path).prepare()
    host.licenses.install_bytes(host.license_bytes(), None)
    with engine_of(replace(FakeSite(host.root).site(), licenses=host.licenses)):
        yield host


def _terminal(host: LicenseHost, *more: str, **env: str) -> PseudoTerminal:
    variables = {
        "TERM": "linux",
        "LC_ALL": "C.UTF-8",
        "ANECHOIC_ROOT": str(host.root),
        **env,
    }
    output = ("--output", str(host.root / "x.areq"))
    return PseudoTerminal(*ASK, *output, *more, env=variables)


def test_a_console_shows_the_short_form_on_one_page(host: LicenseHost) -> None:
    with _terminal(host) as terminal:
        terminal.read_until(b"Enter goes on")
        page = terminal.output.decode()
        terminal.press(b"\n")
        assert terminal.wait(30) == 0

    lines = tuple(line for line in page.splitlines() if INK in line)
    (text,) = set(decode(lines, Look()).values())
    found = recognize(text.encode())
    assert len(lines) == 23
    assert isinstance(found, SignedObject)
    assert verify_mini_request(found.data, host.install_public).seq == 1
    assert b"-----END ANECHOIC REQUEST-----" in terminal.output


def test_a_console_without_block_letters_gets_words_instead(host: LicenseHost) -> None:
    """Colored blanks take two columns for a module: they do not fit 80."""
    with _terminal(host, LC_ALL="C", PYTHONIOENCODING="ascii") as terminal:
        assert terminal.wait(30) == 0

    assert b"80 columns and 24 lines is too small" in terminal.output
    assert b"--png" in terminal.output
    assert b"-----END ANECHOIC REQUEST-----" in terminal.output


def test_a_dumb_terminal_gets_the_file_alone(host: LicenseHost) -> None:
    with _terminal(host, TERM="dumb") as terminal:
        assert terminal.wait(30) == 0

    assert b"\x1b" not in terminal.output
    assert b"carry it to your vendor" in terminal.output
