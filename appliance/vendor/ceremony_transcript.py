"""The transcript of a key ceremony: what was made, by whom, to be signed in ink."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from appliance.vendor.license_keys import LicenseKeyFiles, load_keyset
from offline_license.dates import iso
from offline_license.keys import short_id

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from appliance.vendor.keys import KeyFolder
    from bundles.trust.anchor import TrustAnchor

__all__ = ["Member", "Minutes", "key_fingerprint"]

_LINE: Final = "_" * 40
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Member:
    """A custodian and the public halves of the two root keys."""

    number: int
    name: str
    license_root: bytes
    release_root: bytes


@dataclass(frozen=True, slots=True)
class Minutes:
    """What people and machine said during a ceremony; nothing of it is secret."""

    now: datetime
    rehearsal: bool
    witness: str
    members: tuple[Member, ...]
    signers: tuple[str, ...]
    remarks: tuple[str, ...]

    def text(self, anchor: TrustAnchor, folder: KeyFolder) -> str:
        """Return the transcript.

        Args:
            anchor: the trust anchor of both roots.
            folder: the finished key folder.
        """
        parts = (
            self._head(),
            self._custodians(),
            self._keys(anchor, folder),
            self._signatures(),
        )
        return "\n\n".join("\n".join(part) for part in parts) + "\n"

    def _head(self) -> list[str]:
        title = "TRANSCRIPT OF A KEY CEREMONY"
        remarks = self.remarks or ("none",)
        python = f"Python {platform.python_version()}, {platform.machine()}"
        return [
            f"{title} - REHEARSAL: THESE KEYS DO NOT EXIST"
            if self.rehearsal
            else title,
            f"made        {self.now:%Y-%m-%d %H:%M:%S} UTC",
            f"program     anechoic {version('anechoic')}, {python}",
            f"witness     {self.witness}",
            *(f"remark      {remark}" for remark in remarks),
        ]

    def _custodians(self) -> list[str]:
        lines = ["ROOT KEYS, two of three must sign; SHA-256 of each public key"]
        for one in self.members:
            lines += [
                f"{one.number}  {one.name}",
                f"   licenses  {key_fingerprint(one.license_root)}",
                f"   releases  {key_fingerprint(one.release_root)}",
            ]
        return lines

    def _keys(self, anchor: TrustAnchor, folder: KeyFolder) -> list[str]:
        keyset = load_keyset(folder.license)
        lines = [
            f"KEY SET {keyset.version}, signed by {' and '.join(self.signers)}",
            *(
                f"   {short_id(key.kid)}  {key.use.name.lower():<20} "
                f"{iso(key.nbf)} to {iso(key.naf)}"
                for key in keyset.manifest.keys
            ),
            "",
            "TRUST ANCHOR, to be compared by telephone at every site",
            f"   {anchor.fingerprint}",
            "",
            "FILES (SHA-256)",
        ]
        files = (folder.anchor, LicenseKeyFiles(folder.license).keyset)
        return lines + [f"   {_digest(path)}  {path.name}" for path in files]

    def _signatures(self) -> list[str]:
        names = [one.name for one in self.members]
        lines = ["We were present, and what is written here is what we saw."]
        for name in (*names, f"{self.witness}, witness"):
            lines += ["", "", f"{_LINE}  {name}"]
        return lines


def key_fingerprint(public: bytes) -> str:
    """Spell the first 16 bytes of a public key's SHA-256 in groups to read aloud."""
    text = hashlib.sha256(public).hexdigest()[:32].upper()
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
