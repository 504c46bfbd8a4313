"""Where the appliance keeps things on the host: one source for every path."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HostPaths"]


@dataclass(frozen=True, slots=True)
class HostPaths:
    """The folders and files of one installation below ``root``."""

    root: Path = Path("/")

    @classmethod
    def from_environment(cls) -> HostPaths:
        """Use ``ANECHOIC_ROOT`` when it is set, the real root otherwise."""
        return cls(Path(os.environ.get("ANECHOIC_ROOT", "/")))

    @property
    def etc(self) -> Path:
        """Settings and pinned trust."""
        return self.root / "etc/anechoic"

    @property
    def settings(self) -> Path:
        """The settings of the installed appliance."""
        return self.etc / "settings.toml"

    @property
    def trust(self) -> Path:
        """The pinned trust anchor."""
        return self.etc / "trust"

    @property
    def programs(self) -> Path:
        """Self-contained operator's programs, one folder per version."""
        return self.root / "opt/anechoic"

    @property
    def command(self) -> Path:
        """The command of the operator, a link into ``programs``."""
        return self.root / "usr/local/bin/anechoic"

    @property
    def state(self) -> Path:
        """Everything that must survive a restart of the host."""
        return self.root / "var/lib/anechoic"

    @property
    def installed(self) -> Path:
        """What is installed, as JSON; absent when nothing is."""
        return self.state / "installed.json"

    @property
    def journal(self) -> Path:
        """One file of JSON lines per operation."""
        return self.state / "journal"

    @property
    def tuf(self) -> Path:
        """The local metadata of the TUF client."""
        return self.state / "tuf"

    @property
    def models(self) -> Path:
        """Models by digest, ``models/<digest>/``."""
        return self.state / "models"

    @property
    def license(self) -> Path:
        """Install key and host facts, and the public part; mounted read-only."""
        return self.state / "license"

    @property
    def license_public(self) -> Path:
        """What every container may see of the license; nothing secret is in it."""
        return self.license / "public"

    @property
    def license_state(self) -> Path:
        """What the license container writes: clock floor and ledger."""
        return self.state / "license-state"

    @property
    def secrets(self) -> Path:
        """Passwords and tokens between the services."""
        return self.state / "secrets"

    @property
    def redis_password(self) -> Path:
        """Password of the Redis user ``anechoic``."""
        return self.secrets / "redis_password"

    @property
    def worker_token(self) -> Path:
        """Bearer token of the workers at the gateway's internal port."""
        return self.secrets / "worker_token"

    @property
    def config(self) -> Path:
        """Generated configuration of redis, HAProxy and nftables."""
        return self.state / "config"

    @property
    def receipts(self) -> Path:
        """One receipt per finished operation."""
        return self.state / "receipts"

    @property
    def api_keys(self) -> Path:
        """Hashes of the API keys; the folder is mounted read-only."""
        return self.state / "api-keys/keys.json"

    @property
    def run(self) -> Path:
        """What may vanish with a restart of the host."""
        return self.root / "run/anechoic"

    @property
    def socket(self) -> Path:
        """The socket of anechoicd, for root only."""
        return self.run / "anechoicd.sock"

    @property
    def daemon_log(self) -> Path:
        """The log of anechoicd."""
        return self.root / "var/log/anechoic/anechoicd.log"
