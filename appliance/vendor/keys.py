"""The vendor's key folder: release keys, license keys, and the trust anchor.

release/             TUF keys and the root chain
license/             license roots, issuing keys, key set and register
trust-anchor.json    the public half of both roots; goes to every site, apart
                     from the media
releases.jsonl       one line per release and trust update
releases/            what each release carries: N.release.json
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from appliance.errors import ApplianceError
from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    create_license_keys,
    load_anchor,
)
from appliance.vendor.releases import Releases
from bundles.files import write_durably
from bundles.keys import create_release_keys
from bundles.trust.anchor import TrustAnchor

ROOT_LIFE: Final = timedelta(days=3653)


class KeyFolderError(ApplianceError):
    """The folder does not hold what is needed, or already holds keys."""

    code = "ANX-ENG-92"
    title = "The key folder cannot be used"
    meaning = "No key was made or changed."
    remedy = "Name the folder that `anechoic-vendor keys init` made, or a new one."


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Where everything is in a key folder."""

    path: Path

    @property
    def release(self) -> Path:
        """TUF keys."""
        return self.path / "release"

    @property
    def license(self) -> Path:
        """License keys."""
        return self.path / "license"

    @property
    def files(self) -> LicenseKeyFiles:
        """The files of the license keys."""
        return LicenseKeyFiles(self.license)

    @property
    def anchor(self) -> Path:
        """The trust anchor file."""
        return self.path / "trust-anchor.json"

    def require(self) -> None:
        """Check that this is a key folder.

        Raises:
            KeyFolderError: there is no trust anchor in it.
        """
        if not self.anchor.is_file():
            raise KeyFolderError(f"expected {self.anchor.name} in {self.path}")

    @property
    def releases(self) -> Releases:
        """The register of releases and trust updates."""
        return Releases(self.path / "releases.jsonl")


def init_keys(path: Path, passphrase: bytes, *, now: datetime) -> TrustAnchor:
    """Make all keys in a new folder and return the trust anchor of both roots.

    Args:
        path: must not exist or be empty.
        passphrase: encrypts every private key.
        now: aware time; the earliest time that a site's clock can truthfully show.

    Raises:
        KeyFolderError: there is something in the folder.
        KeyMaterialError: the passphrase is too short.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise KeyFolderError(f"expected a new folder, found something in {path}")
    folder = KeyFolder(path)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    release = create_release_keys(
        folder.release, passphrase, root_expires=now + ROOT_LIFE
    )
    create_license_keys(folder.license, passphrase, now=int(now.timestamp()))
    license_anchor = load_anchor(folder.license).to_bytes()
    anchor = TrustAnchor(release.newest_root, license_anchor, now)
    write_durably(folder.anchor, anchor.to_json())
    return anchor


def refresh_anchor(folder: KeyFolder) -> TrustAnchor:
    """Write the trust anchor again after the license roots have changed."""
    before = TrustAnchor.from_json(folder.anchor.read_bytes())
    license_anchor = load_anchor(folder.license).to_bytes()
    anchor = TrustAnchor(before.root, license_anchor, before.created)
    write_durably(folder.anchor, anchor.to_json())
    return anchor
