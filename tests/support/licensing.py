"""A license issuer for tests: roots, key set, requests and licenses at test time.

Everything is derived from the name of the issuer, so that two runs make the same
keys and two issuers never the same.
"""

# ruff: noqa: ANN401 - changes go to dataclasses.replace
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor
from offline_license.fingerprint import Fingerprint, Group, fingerprint_of
from offline_license.keys import (
    Ed25519PrivateKey,
    private_key_from_seed,
    private_key_pem,
    public_bytes,
)
from offline_license.keyset import (
    IssuingKey,
    Keyset,
    KeysetManifest,
    KeyUse,
    sign_keyset,
    verify_keyset,
)
from offline_license.license import (
    VerifiedLicense,
    sign_license,
    use_for,
    verify_license,
)
from offline_license.mini import mini_request
from offline_license.model import Capacity, Kind, LedgerAck, License
from offline_license.request import Request, sign_request
from offline_license.response import Response, sign_response
from offline_license.revocation import Revocation, Revocations, sign_revocations
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from pathlib import Path

IAT = 1_800_000_000
"""When test licenses are issued: 2027-01-15 08:00 UTC."""

EXP = IAT + 365 * DAY_S
TERM = EXP + 30 * DAY_S
SALT = bytes(range(16))

FACTS = {
    Group.PRODUCT_UUID: ("4c4c4544-0042-3510-8051-b4c04f4d3032",),
    Group.BOARD_SERIAL: ("/7BQ05M2/CNFCP0085H00TN/",),
    Group.MACHINE_ID: ("0f6e1d2c3b4a59687766554433221100",),
    Group.DATA_VOLUME: ("7f7c1d1e-7c5e-4f43-9f0e-4b8a1f0d3c11",),
    Group.NIC_SET: ("d0:94:66:2a:11:01", "d0:94:66:2a:11:02"),
    Group.GPU_SET: ("GPU-5a1d6e0a-8f0f-4a52-9d0d-3a8b2c1e4f60",),
}
"""Facts of a bare-metal host without a TPM: weight 8."""


def test_key(name: str) -> Ed25519PrivateKey:
    """Return the private key of this name."""
    return private_key_from_seed(hashlib.sha256(name.encode()).digest())


test_key.__test__ = False  # type: ignore[attr-defined]


@dataclass
class Issuer:
    """A vendor with three roots and one issuing key per use."""

    name: str = "vendor"
    now: int = IAT
    uses: tuple[KeyUse, ...] = tuple(KeyUse)
    roots: tuple[Ed25519PrivateKey, ...] = field(init=False)
    install_key: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.roots = tuple(test_key(f"{self.name} root {n}") for n in (1, 2, 3))
        self.install_key = test_key(f"{self.name} install")

    @property
    def anchor(self) -> LicenseAnchor:
        """The public root keys, two of three."""
        return LicenseAnchor(tuple(sorted(map(public_bytes, self.roots))), 2)

    @property
    def install_public(self) -> bytes:
        """The public install key of the default host."""
        return public_bytes(self.install_key)

    def issuing_key(self, use: KeyUse) -> Ed25519PrivateKey:
        """Return the private issuing key for a use."""
        return test_key(f"{self.name} issuing {use.name}")

    def manifest(self, **changes: Any) -> KeysetManifest:
        """Return the manifest of the key set, with changes."""
        keys = tuple(
            IssuingKey(
                public_bytes(self.issuing_key(use)),
                use,
                self.now - 30 * DAY_S,
                self.now + 400 * DAY_S,
            )
            for use in self.uses
        )
        return replace(KeysetManifest(version=1, iat=self.now, keys=keys), **changes)

    def keyset_bytes(self, **changes: Any) -> bytes:
        """Return the key set signed by two roots."""
        return sign_keyset(self.manifest(**changes), self.roots[:2])

    def keyset(self, **changes: Any) -> Keyset:
        """Return the verified key set."""
        return verify_keyset(self.keyset_bytes(**changes), self.anchor)

    def terms(self, **changes: Any) -> License:
        """Return a license's terms: a year of production and 30 days of grace."""
        terms = License(
            lid=hashlib.sha256(self.name.encode()).digest()[:16],
            seq=1,
            customer=b"customer",
            name="Example Hospital",
            kind=Kind.PRODUCTION,
            iat=self.now,
            nbf=self.now,
            exp=self.now + 365 * DAY_S,
            term=self.now + 395 * DAY_S,
            features=(1, 2),
            capacity=Capacity(streams=8, overdraft_percent=25),
            install_key=self.install_public,
        )
        return replace(terms, **changes)

    def license_bytes(self, **changes: Any) -> bytes:
        """Return a signed license."""
        terms = self.terms(**changes)
        return sign_license(terms, self.issuing_key(use_for(terms.kind)))

    def license_text(self, **changes: Any) -> str:
        """Return a signed license as text."""
        return armor(self.license_bytes(**changes), Label.LICENSE)

    def license(self, **changes: Any) -> VerifiedLicense:
        """Return a verified license."""
        return verify_license(self.license_bytes(**changes), self.keyset())

    def revocation(self, **changes: Any) -> Revocation:
        """Return the announcement that all licenses end in 14 days."""
        entry = Revocation(
            lid=self.terms().lid,
            max_seq=99,
            effective_at=self.now + 14 * DAY_S,
            reason=1,
            announced_at=self.now,
        )
        return replace(entry, **changes)

    def revocations(self, **changes: Any) -> Revocations:
        """Return the first revocation list, with one entry."""
        return replace(Revocations(1, self.now, (self.revocation(),)), **changes)

    def revocations_bytes(self, **changes: Any) -> bytes:
        """Return a signed revocation list."""
        key = self.issuing_key(KeyUse.REVOCATION)
        return sign_revocations(self.revocations(**changes), key)

    def response(self, **changes: Any) -> Response:
        """Return a response with everything in it."""
        response = Response(
            iat=self.now,
            license=self.license_bytes(),
            keyset=self.keyset_bytes(),
            revocations=self.revocations_bytes(entries=()),
            ack=LedgerAck(7, bytes(range(16))),
        )
        return replace(response, **changes)

    def response_bytes(self, **changes: Any) -> bytes:
        """Return a signed response."""
        key = self.issuing_key(KeyUse.LICENSE_PRODUCTION)
        return sign_response(self.response(**changes), key)

    def request(self, **changes: Any) -> Request:
        """Return a first request of the default host."""
        request = Request(
            install_key=self.install_public,
            nonce=bytes(16),
            wall_s=self.now,
            proved_s=self.now - DAY_S,
            build="0.1.0",
            fingerprint=self.host(),
        )
        return replace(request, **changes)

    def request_bytes(self, **changes: Any) -> bytes:
        """Return a signed request."""
        return sign_request(self.request(**changes), self.install_key)

    def mini_request_bytes(self, **changes: Any) -> bytes:
        """Return a signed mini request for the default license."""
        request = self.request(lid=self.terms().lid, seq=1, **changes)
        return mini_request(request, self.install_key)

    def host(self, **facts: tuple[str, ...]) -> Fingerprint:
        """Return the fingerprint of the default host, with facts replaced.

        Keys are names of groups in lower case; an empty tuple makes one unreadable.
        """
        changed = {Group[name.upper()]: values for name, values in facts.items()}
        return fingerprint_of({**FACTS, **changed}, SALT)

    def write_site(self, directory: Path, **changes: Any) -> None:
        """Write the files of a licensed site: keys and host facts, and ``public/``."""
        public = directory / "public"
        public.mkdir(parents=True, exist_ok=True)
        text = self.license_text(**changes)
        (public / "license.alic").write_text(text, encoding="utf-8")
        (public / "keyset.cbor").write_bytes(self.keyset_bytes())
        (public / "install.pub").write_bytes(self.install_public)
        (directory / "host.json").write_text(self.host().to_json(), encoding="utf-8")
        (directory / "install.key").write_bytes(private_key_pem(self.install_key))
