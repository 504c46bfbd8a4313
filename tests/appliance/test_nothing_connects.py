"""Licensing needs no network: its tests pass without one and ask for none (case 64).

They run once more in a namespace that has only a loopback, while strace notes every
address that any process of theirs connects or sends to. (What the containers can reach
is proven by the isolation probe and the journeys.)
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long

SUITES = (
    "tests/appliance/api/test_usage.py",
    "tests/appliance/leases",
    "tests/appliance/license_proxy/test_app.py",
    "tests/appliance/license_proxy/test_keeper.py",
    "tests/appliance/license_proxy/test_main.py",
    "tests/appliance/vendor/test_licensing.py",
    "tests/installer/engine/test_license_install.py",
    "tests/offline_license/test_look.py",
    "tests/offline_license/test_report.py",
    "tests/offline_license/test_response.py",
    "tests/offline_license/test_vectors.py",
)
"""Everything in licensing that talks, or could: meter, leases, container, engine,
vendor. The pure package may not even import a socket (test_purity.py)."""

_LOOPBACK = re.compile(r'127\.|"::1"')
_ADDRESS = re.compile(r'sa_family=AF_INET6?,.*?(?:inet_addr\(|AF_INET6, )("[^"]*")')


def addresses(trace: Path, *command: str) -> list[str]:
    """Run a command without a network; give every address that it asked for."""
    alone = ("unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh")
    watched = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "signal=none")
    calls = ("-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", str(trace))
    done = subprocess.run(
        (*alone, *watched, *calls, sys.executable, *command),
        check=False,
        capture_output=True,
        text=True,
        env={
            k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "ORT_"))
        },
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return _ADDRESS.findall(trace.read_text(errors="replace"))


def test_the_tests_of_licensing_connect_to_nothing_but_themselves(
    tmp_path: Path,
) -> None:
    quiet = ("-q", "-x", "-p", "no:cacheprovider", "-m", "not docker and not browser")

    asked = addresses(tmp_path / "trace", "-m", "pytest", *quiet, *SUITES)

    assert asked, "expected the tests to reach their own servers"
    assert [one for one in asked if not _LOOPBACK.search(one)] == []


@pytest.mark.parametrize("module", ["appliance.asr.engine", "appliance.api.__main__"])
def test_no_library_of_a_service_looks_anybody_up(tmp_path: Path, module: str) -> None:
    """One of them has a habit: nine seconds after its import (onnxruntime 1.32)."""
    waiting = f"import time, {module}; time.sleep(11)"

    assert addresses(tmp_path / "trace", "-c", waiting) == []


def test_one_word_to_anybody_else_would_be_noticed(tmp_path: Path) -> None:
    telling = (
        "import contextlib, socket\n"
        "with contextlib.suppress(OSError):\n"
        "    socket.create_connection(('192.0.2.1', 443))\n"
        "with contextlib.suppress(OSError):\n"
        "    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto("
        "b'x', ('2001:db8::1', 53))\n"
    )

    asked = addresses(tmp_path / "trace", "-c", telling)

    assert asked == ['"192.0.2.1"', '"2001:db8::1"']
