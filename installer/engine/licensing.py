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
from installer.engine.judging import (
    check_end,
    check_order,
    judging_time,
    summarize,
)
from installer.engine.media import anchor_file
from installer.errors import LICENSE_UNREADABLE, NO_TRUST, InstallerError
from installer.protocol import LicenseRequestBody, LicenseSummary
from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.decide import decide
from offline_license.errors import LicenseError
from offline_license.fingerprint import (
    SALT_BYTES,
    Fingerprint,
    HostFacts,
    fingerprint_of,
    match,
)
from offline_license.keys import (
    key_id,
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
from offline_license.request import NONCE_BYTES, Request, sign_request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from pydantic import JsonValue

    from appliance.paths import HostPaths
    from installer.engine.site import OpenMedium
    from offline_license.fingerprint import Binding
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["HostLicenses"]

_FOLDER = Access(0o750, 0, UID_PYTHON)
_FILE = Access(0o400, UID_PYTHON, UID_PYTHON)
_SEED_BYTES = 32
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
        """Verify a license file and put it where the license container reads it.

        The installed license again changes nothing.
        """
        data = _read(path)
        verified, summary = self._judge(data, medium)
        if self.is_installed(path):
            return summary
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
        return _read(path) == self._installed_bytes()

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
            proved_s=self._proved_s() or (max(now, current.iat) if current else now),
            build=self.build,
            lid=current.lid if current else None,
            seq=current.seq if current else 0,
            fingerprint=fingerprint,
        )
        name = f"anechoic-{short_id(key_id(request.install_key))}.areq"
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
        keyset = self._keyset(medium)
        key_file = self.paths.license / "install.key"
        public = public_bytes(self._install_key()) if key_file.exists() else None
        verified = _accept(data, keyset, public)
        installed = self._installed(keyset, public)
        check_order(verified, installed)
        terms, wall_s = verified.license, int(self.now().timestamp())
        at = judging_time(
            terms,
            installed.license if installed else None,
            wall_s=wall_s,
            proved_s=max(keyset.manifest.iat, self._proved_s()),
        )
        if installed is None or installed.digest != verified.digest:
            check_end(terms, at)
        decision = decide(verified, at=at, binding=self._binding(terms))
        return verified, summarize(terms, decision, wall_s=wall_s)

    def _installed(
        self, keyset: Keyset, public: bytes | None
    ) -> VerifiedLicense | None:
        """Return the installed license when it is genuine and ours."""
        data = self._installed_bytes()
        try:
            return None if data is None else _accept(data, keyset, public)
        except LicenseError:
            return None

    def _installed_bytes(self) -> bytes | None:
        """Return the installed license; a damaged file counts as none."""
        if not self.present:
            return None
        try:
            return _read(self.paths.license / "license.alic")
        except (LicenseError, InstallerError):
            return None

    def _binding(self, terms: License) -> Binding:
        enrolled = terms.enrolled
        salt = enrolled.fingerprint.salt if enrolled else None
        seen = None if salt is None else fingerprint_of(self.facts(), salt)
        return match(enrolled, seen).binding

    def _proved_s(self) -> int:
        """Return the time that the license container has proved; 0 without one."""
        try:
            time = (self.status() or {})["time"]
            proved = datetime.fromisoformat(str(time["proved"]))  # type: ignore[index,call-overload]
        except (KeyError, TypeError, ValueError):
            return 0
        return int(proved.timestamp())

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
        data = self._installed_bytes()
        return None if data is None else peek_license(data)


def _accept(data: bytes, keyset: Keyset, public: bytes | None) -> VerifiedLicense:
    verified = verify_license(data, keyset)
    check_install_key(verified.license, public)
    return verified


def _read(path: Path) -> bytes:
    try:
        data = read_small(path)
    except OSError as error:
        raise InstallerError(LICENSE_UNREADABLE, f"{path}: {error.strerror}") from error
    return unarmor(data, Label.LICENSE)
