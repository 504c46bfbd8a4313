"""Licenses for the engine: the files of this host, judged by ``offline_license``."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from appliance.license_files import read_small
from appliance.topology import LICENSE_PORT, UID_PYTHON
from bundles.trust.anchor import TrustAnchor
from installer.engine.durable import Access, HostFiles
from installer.engine.findings import LICENSE_ATTENTION
from installer.engine.media import anchor_file
from installer.errors import LICENSE_UNREADABLE, NO_TRUST, ErrorKind, InstallerError
from installer.findings import Finding, Severity
from installer.protocol import LicenseRequestBody, LicenseSummary
from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.clock import effective_time
from offline_license.decide import Decision, decide
from offline_license.fingerprint import (
    SALT_BYTES,
    Fingerprint,
    HostFacts,
    fingerprint_of,
    match,
)
from offline_license.keys import (
    private_key_from_pem,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
    short_id,
)
from offline_license.keyset import Keyset, verify_keyset
from offline_license.license import (
    check_install_key,
    peek_license,
    verify_license,
)
from offline_license.refusals import refusal
from offline_license.request import NONCE_BYTES, Request, sign_request
from offline_license.summary import banner, license_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from pydantic import JsonValue

    from appliance.paths import HostPaths
    from installer.engine.site import OpenMedium
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["HostLicenses"]

_FOLDER = Access(0o750, 0, UID_PYTHON)
_FILE = Access(0o400, UID_PYTHON, UID_PYTHON)
_SEED_BYTES = 32
_ENDED = "ANX-LIC-32"
_ASK_S = 2.0


@dataclass(frozen=True, slots=True)
class HostLicenses:
    """The license files of this host.

    Attributes:
        facts: reads what the host is recognized by; raw values stay here.
        address: of the license container, or None when nothing is installed.
    """

    paths: HostPaths
    facts: Callable[[], HostFacts]
    address: Callable[[], str | None]
    build: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    files: HostFiles = field(default_factory=HostFiles)

    @property
    def present(self) -> bool:
        """Tell whether a license file is installed."""
        return (self.paths.license / "license.alic").exists()

    def check(self, path: Path, medium: OpenMedium | None) -> LicenseSummary:
        """Verify a license file for this host, changing nothing."""
        return self._judge(_read(path), medium)[1]

    def install(self, path: Path, medium: OpenMedium | None) -> LicenseSummary:
        """Verify a license file and put it where the license container reads it."""
        data = _read(path)
        verified, summary = self._judge(data, medium)
        self.files.directory(self.paths.license, _FOLDER)
        enrolled = verified.license.enrolled
        self._write_host(enrolled.fingerprint.salt if enrolled else self._salt())
        text = armor(data, Label.LICENSE).encode()
        self._write("license.alic", text)
        return summary

    def prepare(self, medium: OpenMedium) -> None:
        """Have the install key, the key set and the host facts in place."""
        self.files.directory(self.paths.license, _FOLDER)
        self._keyset(medium)
        self._write("keyset.cbor", medium.keyset_bytes)
        self._install_key()
        self._write_host(self._salt())

    def is_installed(self, path: Path) -> bool:
        """Tell whether this very license is installed."""
        return self.present and _read(path) == _read(
            self.paths.license / "license.alic"
        )

    def refresh(self) -> None:
        """Write the host facts anew when they changed: a moved disk must show."""
        path = self.paths.license / "host.json"
        if not path.exists():
            return
        fingerprint = fingerprint_of(self.facts(), self._salt())
        data = fingerprint.to_json().encode()
        if read_small(path) != data:
            self._write("host.json", data)

    def request(self) -> LicenseRequestBody:
        """Make a license request for this host; the install key is made once."""
        self.files.directory(self.paths.license, _FOLDER)
        key, now = self._install_key(), int(self.now().timestamp())
        current = self._current()
        fingerprint = fingerprint_of(self.facts(), self._salt())
        self._write("host.json", fingerprint.to_json().encode())
        request = Request(
            install_key=public_bytes(key),
            nonce=secrets.token_bytes(NONCE_BYTES),
            wall_s=now,
            proved_s=max(now, current.iat) if current else now,
            build=self.build,
            lid=current.lid if current else None,
            seq=current.seq if current else 0,
            fingerprint=fingerprint,
        )
        name = f"anechoic-{short_id(request.install_key)}.areq"
        text = armor(sign_request(request, key), Label.REQUEST)
        return LicenseRequestBody(armored=text, filename=name)

    def status(self) -> dict[str, JsonValue] | None:
        """Ask the running license container."""
        address = self.address()
        if address is None:
            return None
        url = f"http://{address}:{LICENSE_PORT}/v1/license"
        try:
            with httpx.Client(timeout=_ASK_S, trust_env=False) as client:
                body = client.get(url).raise_for_status().json()
        except (httpx.HTTPError, json.JSONDecodeError):
            return None
        return body if isinstance(body, dict) else None

    def _judge(
        self, data: bytes, medium: OpenMedium | None
    ) -> tuple[VerifiedLicense, LicenseSummary]:
        verified = verify_license(data, self._keyset(medium))
        terms = verified.license
        key_file = self.paths.license / "install.key"
        public = public_bytes(self._install_key()) if key_file.exists() else None
        check_install_key(terms, public)
        now = int(self.now().timestamp())
        if terms.term <= now:
            raise _ended(terms)
        seen = (
            fingerprint_of(self.facts(), terms.enrolled.fingerprint.salt)
            if (terms.enrolled)
            else None
        )
        decision = decide(
            verified,
            at=effective_time(wall=now, floor=terms.iat),
            binding=match(terms.enrolled, seen).binding,
        )
        return verified, _summary(terms, decision)

    def _keyset(self, medium: OpenMedium | None) -> Keyset:
        installed_file = self.paths.license / "keyset.cbor"
        pinned = anchor_file(self.paths)
        if medium is not None:
            anchor = LicenseAnchor.from_bytes(medium.license_anchor)
        elif pinned.exists() and installed_file.exists():
            anchor = LicenseAnchor.from_bytes(TrustAnchor.read(pinned).license_anchor)
        else:
            raise InstallerError(
                NO_TRUST, "expected an opened medium or a pinned anchor, found neither"
            )
        installed = (
            verify_keyset(read_small(installed_file), anchor)
            if installed_file.exists()
            else None
        )
        if medium is None and installed is not None:
            return installed
        assert medium is not None  # noqa: S101  the branch above has returned
        return verify_keyset(medium.keyset_bytes, anchor, installed=installed)

    def _install_key(self) -> Ed25519PrivateKey:
        path = self.paths.license / "install.key"
        if not path.exists():
            key = private_key_from_seed(os.urandom(_SEED_BYTES))
            self._write("install.key", private_key_pem(key))
        return private_key_from_pem(read_small(path))

    def _salt(self) -> bytes:
        """Return the salt in use; a damaged or absent file gives a new one."""
        path = self.paths.license / "host.json"
        if not path.exists():
            return secrets.token_bytes(SALT_BYTES)
        return Fingerprint.from_json(read_small(path)).salt

    def _write_host(self, salt: bytes) -> None:
        fingerprint = fingerprint_of(self.facts(), salt)
        self._write("host.json", fingerprint.to_json().encode())

    def _write(self, name: str, data: bytes) -> None:
        self.files.write(self.paths.license / name, data, _FILE)

    def _current(self) -> License | None:
        if not self.present:
            return None
        return peek_license(_read(self.paths.license / "license.alic"))


def _read(path: Path) -> bytes:
    try:
        data = read_small(path)
    except OSError as error:
        raise InstallerError(LICENSE_UNREADABLE, f"{path}: {error.strerror}") from error
    return unarmor(data, Label.LICENSE)


def _ended(terms: License) -> InstallerError:
    words = refusal(_ENDED)
    kind = ErrorKind(words.code, words.title, words.meaning, words.remedy)
    end = datetime.fromtimestamp(terms.term, UTC).isoformat()
    return InstallerError(kind, f"{terms.serial} ended at {end}")


def _summary(terms: License, decision: Decision) -> LicenseSummary:
    body = license_json(terms)
    notice = banner(decision, terms)
    attention = Finding.of(
        LICENSE_ATTENTION, evidence=notice, severity=Severity.WARNING
    )
    return LicenseSummary(
        license_id=terms.serial,
        customer=terms.name,
        state=decision.state.name.lower(),
        exp=datetime.fromtimestamp(terms.exp, UTC),
        term=datetime.fromtimestamp(terms.term, UTC),
        entitlements={key: body[key] for key in ("kind", "features", "limits")},
        findings=(attention,) if notice else (),
    )
