"""A container that is made anew sees the same host (case 48)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import appliance
from tests.support.licensing import Issuer

_MATCH = """
import sys
from pathlib import Path
from offline_license.fingerprint import Enrolled, Fingerprint, match
from tests.support.licensing import Issuer
seen = Fingerprint.from_json(Path(sys.argv[1]).read_text())
print(match(Enrolled(Issuer().host()), seen).binding.value)
"""


def test_no_program_in_a_container_collects_a_fingerprint() -> None:
    """It is read from host.json, which the engine writes on the host."""
    sources = Path(appliance.__file__).parent.rglob("*.py")
    words = ("machine-id", "class/dmi", "class/net", "getnode", "fingerprint_of")

    found = {
        (path.name, word)
        for path in sources
        if path.parent.name in {"license_proxy", "leases", "api", "asr"}
        for word in words
        if word in path.read_text(encoding="utf-8")
    }

    assert found == set()


def test_another_host_name_and_machine_id_in_the_container_match(
    tmp_path: Path,
) -> None:
    """As after `docker rm` and a new image: only the mounted file counts."""
    host = tmp_path / "host.json"
    host.write_text(Issuer().host().to_json(), encoding="utf-8")
    renamed = 'hostname made-anew; exec "$@"'

    command = ("sh", "-c", renamed, "sh", sys.executable, "-c", _MATCH, str(host))
    done = subprocess.run(
        ("unshare", "--uts", "--net", *command),
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "match\n"
