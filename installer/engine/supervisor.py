"""The systemd unit of anechoicd, on hosts that run systemd.

The unit puts the firewall in force before the container engine starts, so that
after a reboot no container runs for a moment without its walls.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.process import run
from installer.engine.durable import HostFiles
from installer.programs import program_of

if TYPE_CHECKING:
    from appliance.paths import HostPaths

__all__ = ["NAME", "Systemd", "unit_text"]

NAME = "anechoicd.service"
_RUNNING = Path("/run/systemd/system")
_TIMEOUT_S = 60.0


def unit_text(program: tuple[str, ...], firewall: Path) -> str:
    """Write the unit.

    Args:
        program: the command that runs anechoicd.
        firewall: nft script of the installed networks; the unit starts without it.
    """
    return f"""\
[Unit]
Description=Anechoic engine
Before=docker.service podman.service
After=local-fs.target nftables.service

[Service]
ExecStartPre=-nft -f {firewall}
ExecStart={" ".join(program)}
Restart=on-failure
UMask=0077

[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Systemd:
    """Enables and disables the unit."""

    paths: HostPaths

    @property
    def unit(self) -> Path | None:
        """The unit file; None without systemd, and under another root."""
        if not _RUNNING.is_dir() or self.paths.root != Path("/"):
            return None
        return Path("/etc/systemd/system") / NAME

    def install(self) -> None:
        """Enable the unit; it starts with the next boot."""
        if self.unit is None:
            return
        program = program_of("installer.engine.daemon")
        text = unit_text(program, self.paths.config / "firewall.nft")
        HostFiles().write(self.unit, text.encode())
        run(["systemctl", "daemon-reload"], timeout_s=_TIMEOUT_S)
        run(["systemctl", "enable", NAME], timeout_s=_TIMEOUT_S)

    def remove(self) -> None:
        """Disable the unit and remove its file."""
        if self.unit is None or not self.unit.exists():
            return
        run(["systemctl", "disable", NAME], timeout_s=_TIMEOUT_S)
        self.unit.unlink()
        run(["systemctl", "daemon-reload"], timeout_s=_TIMEOUT_S)
