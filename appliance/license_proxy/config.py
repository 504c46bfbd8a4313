"""Where the license container finds its files; nothing secret comes by environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Config"]


@dataclass(frozen=True, slots=True)
class Config:
    """Paths and port of one license container.

    Attributes:
        site: folder with licenses, key set, host facts and install key, read-only.
        state: folder for what is remembered, writable.
        anchor: the root keys, part of the image.
        port: where it listens.
        build_s: when the software was built, seconds UTC: the first floor of time.
    """

    site: Path = Path("/run/anechoic/license")
    state: Path = Path("/var/lib/anechoic-license")
    anchor: Path = Path("/etc/anechoic/license-anchor.cbor")
    port: int = 6699
    build_s: int = 0

    @property
    def ledger(self) -> Path:
        """The folder of the usage ledger."""
        return self.state / "ledger"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read ``ANECHOIC_LICENSE_{DIR,STATE,ANCHOR,PORT}`` and ``…_BUILD_TIME``."""
        usual = cls()
        get = environment.get
        return cls(
            site=Path(get("ANECHOIC_LICENSE_DIR", str(usual.site))),
            state=Path(get("ANECHOIC_LICENSE_STATE", str(usual.state))),
            anchor=Path(get("ANECHOIC_LICENSE_ANCHOR", str(usual.anchor))),
            port=int(get("ANECHOIC_LICENSE_PORT", str(usual.port))),
            build_s=int(get("ANECHOIC_BUILD_TIME", str(usual.build_s))),
        )
