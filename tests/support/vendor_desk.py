"""A vendor at the keyboard of `anechoic-vendor`, and one site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from appliance.vendor.cli import app
from appliance.vendor.keys import KeyFolder, init_keys
from offline_license.armor import Label, armor, unarmor
from offline_license.license import peek_license
from tests.support.licensing import IAT, Issuer

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.model import License

__all__ = ["Desk"]

_PASSPHRASE = b"six random words in a row"


@dataclass
class Desk:
    """Where a vendor types; the clock is that of the environment."""

    folder: Path
    site: Issuer

    @classmethod
    def made(cls, folder: Path) -> Desk:
        """Make the keys."""
        now = datetime.fromtimestamp(IAT, UTC)
        init_keys(folder / "keys", _PASSPHRASE, now=now)
        (folder / "passphrase").write_bytes(_PASSPHRASE + b"\n")
        return cls(folder, Issuer("site"))

    @property
    def keys(self) -> KeyFolder:
        """All keys."""
        return KeyFolder(self.folder / "keys")

    def type(self, *words: object, status: int = 0, keys: bool = True) -> str:
        """Type a command and return what it shows."""
        arguments = [str(word) for word in words]
        if keys:
            arguments += ["--keys", str(self.keys.path)]
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == status, (done.output, done.exception)
        return done.output

    def sign(self, *words: object, status: int = 0) -> str:
        """Type a command that needs the passphrase."""
        secret = self.folder / "passphrase"
        return self.type(*words, "--passphrase-file", secret, status=status)

    def issue(self, *words: object) -> License:
        """Issue a license to the site."""
        output = self.folder / "host.alic"
        self.sign(
            "license",
            "issue",
            "--request",
            self.put("host.areq", self.site.request_bytes()),
            "--customer",
            "City Court",
            "--through",
            "2027-09-30",
            "--output",
            output,
            "--replace",
            *words,
        )
        return peek_license(unarmor(output.read_bytes(), Label.LICENSE))

    def request(self, license_: License) -> Path:
        """Return the site's request for a renewal, as a file."""
        data = self.site.request_bytes(lid=license_.lid, seq=license_.seq)
        return self.put("again.areq", armor(data, Label.REQUEST).encode())

    def put(self, name: str, data: bytes) -> Path:
        """Write a file that came by hand."""
        (self.folder / name).write_bytes(data)
        return self.folder / name
