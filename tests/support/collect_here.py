"""Collect the fingerprint of a pretended host among this namespace's real interfaces.

    python -m tests.support.collect_here ROOT

ROOT holds the files of the host and its one card, `eno1`; every interface that this
network namespace has is shown beside it, by a link to the kernel's own folder.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from typing_extensions import override

from installer.fingerprint import SystemProbes, collect_fingerprint
from offline_license.fingerprint import fingerprint_of

_CARD = "eno1"
_MAC = "3c:fd:fe:aa:bb:01"


class _Probes(SystemProbes):
    """The kernel's answers, but for the one card that only pretends."""

    @override
    def permanent_mac(self, interface: str) -> str:
        return _MAC if interface == _CARD else super().permanent_mac(interface)

    @override
    def volume_uuid(self, folder: Path) -> str:
        del folder
        return "9f3a7c1e-0d55-4a39-9a41-6f1f7f1f3b2a"


def main(root: Path) -> None:
    """Print what host.json would say, and which interfaces were looked at."""
    shown = root / "sys/class/net"
    for link in shown.iterdir():
        if link.is_symlink():
            link.unlink()
    for interface in Path("/sys/class/net").iterdir():
        (shown / interface.name).symlink_to(interface)
    identity = collect_fingerprint(root=root, data_dir=root, probes=_Probes())
    host = fingerprint_of(identity.facts, bytes(16)).to_json()
    names = sorted(path.name for path in shown.iterdir())
    print(json.dumps({"host": host, "interfaces": names}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
