"""The vendor's side: keys, a signed release medium, a license; used by demo and journeys."""

import hashlib
import os
import secrets
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.demo.phases import ROOT, Demo

MODEL: Final = ROOT / "appliance/demo_model/weights"
VERSION: Final = "0.1.0"


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor whose keys and media live in one folder of the build tree."""

    folder: Path

    @property
    def keys(self) -> Path:
        """Folder of the encrypted signing keys."""
        return self.folder / "vendor-keys"

    @property
    def passphrase(self) -> Path:
        """File with the passphrase of the keys, readable by its owner only."""
        return self.folder / "vendor-passphrase"

    @property
    def anchor(self) -> Path:
        """The trust anchor file, carried to the site apart from the medium."""
        return self.keys / "trust-anchor.json"

    @property
    def medium(self) -> Path:
        """The signed release medium."""
        return self.folder / "medium"

    def make_keys(self, demo: Demo) -> None:
        """Make the keys once; they are worth nothing beyond this machine."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.anchor.exists():
            print("the keys are already there")
            return
        with open(self.passphrase, "w", opener=_owner_only) as file:
            file.write(secrets.token_urlsafe(24))
        demo.run("anechoic-vendor", "keys", "init", self.keys, *self._passphrase())

    def build_medium(self, demo: Demo) -> None:
        """Build and sign the medium, unless nothing that goes into it has changed."""
        stamp, digest = self.folder / "medium.inputs", self._inputs_digest()
        if self.medium.exists() and stamp.exists() and stamp.read_text() == digest:
            print("the medium is up to date")
            return
        demo.run(
            "anechoic-vendor", "release", "build", "--keys", self.keys,
            *self._passphrase(), "--model", MODEL, "--version", VERSION,
            "--cache", ROOT / "build/cache", "--output", self.medium, "--replace",
        )  # fmt: skip
        stamp.write_text(digest)

    def issue_license(
        self, demo: Demo, request: Path, output: Path, *, days: int = 365
    ) -> None:
        """Answer a host's request with a license valid for `days` from today."""
        through = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
        demo.run(
            "anechoic-vendor", "license", "issue", "--keys", self.keys,
            *self._passphrase(), "--request", request, "--customer", "Anechoic demo",
            "--through", through, "--output", output, "--replace",
        )  # fmt: skip

    def license(self, demo: Demo, verb: str, *arguments: str | Path) -> str:
        """Run one of the commands about licenses and return what it printed."""
        return demo.read(
            "anechoic-vendor", "license", verb, "--keys", self.keys,
            *self._passphrase(), *arguments,
        )  # fmt: skip

    def _passphrase(self) -> tuple[str, Path]:
        return "--passphrase-file", self.passphrase

    def _inputs_digest(self) -> str:
        """Hash everything that a medium is made of, keys included."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
             "appliance", "bundles", "installer", "offline_license", "requirements"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout.decode()  # fmt: skip
        digest = hashlib.sha256(self.anchor.read_bytes())
        for name in sorted(filter(None, listed.split("\0"))):
            path = ROOT / name
            if path.is_file():
                digest.update(name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
