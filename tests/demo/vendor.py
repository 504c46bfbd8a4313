"""The vendor's side of the demo: keys, a signed release medium, a license."""

import hashlib
import os
import secrets
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.demo.phases import BUILD, ROOT, Demo

KEYS: Final = BUILD / "vendor-keys"
PASSPHRASE: Final = BUILD / "vendor-passphrase"
MEDIUM: Final = BUILD / "medium"
ANCHOR: Final = KEYS / "trust-anchor.json"
REQUEST: Final = BUILD / "host.areq"
LICENSE: Final = BUILD / "host.alic"
MODEL: Final = ROOT / "appliance/demo_model/weights"
VERSION: Final = "0.1.0"


def make_keys(demo: Demo) -> None:
    """Make the vendor's keys once; they are worth nothing beyond this machine."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if ANCHOR.exists():
        print("the demo keys are already there")
        return
    with open(PASSPHRASE, "w", opener=_owner_only) as file:
        file.write(secrets.token_urlsafe(24))
    demo.run("anechoic-vendor", "keys", "init", KEYS, "--passphrase-file", PASSPHRASE)


def build_medium(demo: Demo) -> None:
    """Build and sign the medium, unless nothing that goes into it has changed."""
    stamp, digest = BUILD / "medium.inputs", _inputs_digest()
    if MEDIUM.exists() and stamp.exists() and stamp.read_text() == digest:
        print("the medium is up to date")
        return
    demo.run(
        "anechoic-vendor", "release", "build", "--keys", KEYS,
        "--passphrase-file", PASSPHRASE, "--model", MODEL, "--version", VERSION,
        "--cache", ROOT / "build/cache", "--output", MEDIUM, "--replace",
    )  # fmt: skip
    stamp.write_text(digest)


def issue_license(demo: Demo) -> None:
    """Carry a request of this host to the vendor and the license back."""
    demo.run("anechoic", "license", "request", "--output", REQUEST, "--force")
    through = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()
    demo.run(
        "anechoic-vendor", "license", "issue", "--keys", KEYS,
        "--passphrase-file", PASSPHRASE, "--request", REQUEST,
        "--customer", "Anechoic demo", "--through", through, "--output", LICENSE,
        "--replace",
    )  # fmt: skip


def _inputs_digest() -> str:
    """Hash everything that a medium is made of, keys included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
         "appliance", "bundles", "offline_license", "requirements"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    digest = hashlib.sha256(ANCHOR.read_bytes())
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        if path.is_file():
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
