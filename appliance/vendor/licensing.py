"""License keys and licenses on the vendor's side.

A key folder holds:

    license-root-1.pem … 3.pem    the root keys, two of three sign key sets
    license-issuing-prod.pem      signs production licenses
    license-issuing-eval.pem      signs evaluation licenses
    license-keyset.cbor           the signed key set, goes onto every medium
    license-anchor.cbor           the public root keys, built into every image
    issued.jsonl                  one line per license: lineage, sequence, dates

Private keys are PKCS #8 PEM, encrypted with a passphrase that is passed as bytes and
appears nowhere else. Nothing here prints.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.dates import exp_of, iso, term_of, valid_through
from offline_license.errors import KeyFileError, LintError
from offline_license.extension import ExtensionChain, make_chain
from offline_license.fingerprint import Enrolled
from offline_license.keys import (
    SEED_BYTES,
    Ed25519PrivateKey,
    private_key_from_pem,
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
from offline_license.license import sign_license, use_for, verify_license
from offline_license.lint import check_license
from offline_license.model import UNLIMITED, WARN_DAYS, Capacity, Kind, License, Post
from offline_license.request import request_hash, verify_request
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from offline_license.request import Request

__all__ = [
    "IssuedLicense",
    "LicenseKeyFiles",
    "LicenseTerms",
    "create_license_keys",
    "extension_code",
    "issue_license",
    "load_anchor",
    "load_keyset",
    "load_keyset_bytes",
]

_ROOTS = 3
_THRESHOLD = 2
_ISSUING_LIFE_S = 400 * DAY_S
_ISSUING_NAMES = {
    KeyUse.LICENSE_PRODUCTION: "license-issuing-prod.pem",
    KeyUse.LICENSE_EVALUATION: "license-issuing-eval.pem",
}


@dataclass(frozen=True, slots=True)
class LicenseKeyFiles:
    """Where the files of a key folder are."""

    directory: Path

    @property
    def anchor(self) -> Path:
        """Public root keys."""
        return self.directory / "license-anchor.cbor"

    @property
    def keyset(self) -> Path:
        """The signed key set."""
        return self.directory / "license-keyset.cbor"

    @property
    def issued(self) -> Path:
        """The register of issued licenses."""
        return self.directory / "issued.jsonl"

    def root(self, number: int) -> Path:
        """Return the private root key ``number``, from 1."""
        return self.directory / f"license-root-{number}.pem"

    def issuing(self, use: KeyUse) -> Path:
        """Return the private issuing key for a use."""
        return self.directory / _ISSUING_NAMES[use]


@dataclass(frozen=True, slots=True)
class LicenseTerms:
    """What the vendor decides when it issues a license.

    Attributes:
        licensee: display name, at most 48 bytes.
        through: the last day of validity; it ends when it has ended everywhere.
        grace_days: days of full service after that.
        customer: any stable name of the customer; its hash enters the license.
        extension_codes: how many emergency codes the license provides, at most 255.
        extension_days: what each code grants.
    """

    licensee: str
    through: date
    grace_days: int = 30
    kind: Kind = Kind.PRODUCTION
    capacity: Capacity = UNLIMITED
    features: tuple[int, ...] = ()
    post: Post = Post.TRICKLE
    warn_days: tuple[int, ...] = WARN_DAYS
    customer: str = ""
    extension_codes: int = 0
    extension_days: int = 14


@dataclass(frozen=True, slots=True)
class IssuedLicense:
    """A license as issued, binary and as text, with its file name."""

    license: License
    data: bytes
    text: str
    filename: str


def create_license_keys(
    directory: Path, passphrase: bytes, *, now: int
) -> LicenseKeyFiles:
    """Make root keys, issuing keys and the first key set in an empty folder.

    Args:
        directory: made when it is missing; existing key files are never replaced.
        passphrase: encrypts every private key.
        now: seconds UTC; issuing keys are good for 400 days from the day before.

    Raises:
        FileExistsError: there are keys already.
    """
    files = LicenseKeyFiles(directory)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    roots = tuple(_new_key() for _ in range(_ROOTS))
    issuing = {use: _new_key() for use in _ISSUING_NAMES}
    for number, key in enumerate(roots, start=1):
        _write_new(files.root(number), private_key_pem(key, passphrase))
    for use, key in issuing.items():
        _write_new(files.issuing(use), private_key_pem(key, passphrase))
    anchor = LicenseAnchor(tuple(sorted(map(public_bytes, roots))), _THRESHOLD)
    manifest = KeysetManifest(
        version=1,
        iat=now,
        keys=tuple(
            IssuingKey(public_bytes(key), use, now - DAY_S, now + _ISSUING_LIFE_S)
            for use, key in issuing.items()
        ),
    )
    _write_new(files.anchor, anchor.to_bytes(), mode=0o644)
    signed = sign_keyset(manifest, roots[:_THRESHOLD])
    _write_new(files.keyset, signed, mode=0o644)
    return files


def load_anchor(directory: Path) -> LicenseAnchor:
    """Read the public root keys of a key folder.

    Raises:
        LicenseError: the file is damaged.
    """
    return LicenseAnchor.from_bytes(LicenseKeyFiles(directory).anchor.read_bytes())


def load_keyset_bytes(directory: Path) -> bytes:
    """Return the signed key set as it goes onto a medium."""
    return LicenseKeyFiles(directory).keyset.read_bytes()


def load_keyset(directory: Path) -> Keyset:
    """Read and verify the key set of a key folder.

    Raises:
        LicenseError: it is damaged or not signed by its roots.
    """
    return verify_keyset(load_keyset_bytes(directory), load_anchor(directory))


def issue_license(
    request_file: bytes,
    directory: Path,
    passphrase: bytes,
    terms: LicenseTerms,
    *,
    now: int,
) -> IssuedLicense:
    """Answer a request with a license bound to the host that made it.

    The lineage of the request is renewed with the next sequence; a request without
    one starts a lineage. What was signed is verified as a site would before it counts.

    Args:
        request_file: armored or binary request.
        directory: the key folder.
        passphrase: opens the issuing key.
        terms: what is granted.
        now: seconds UTC, becomes ``iat`` and ``nbf``.

    Raises:
        WeakKeyError: the install key of the request would prove nothing.
        LintError: the terms are nonsense.
        LicenseError: request or keys are damaged.
    """
    files = LicenseKeyFiles(directory)
    data = unarmor(request_file, Label.REQUEST)
    request = verify_request(data)
    use = use_for(terms.kind)
    if use not in _ISSUING_NAMES:
        raise LintError(f"expected a kind with an issuing key, found {terms.kind.name}")
    key = _open_key(files.issuing(use), passphrase)
    license_ = _license(request, request_hash(data), terms, files, now)
    license_ = _with_codes(license_, terms, key)
    check_license(license_, now=now)
    signed = sign_license(license_, key)
    verify_license(signed, load_keyset(directory))
    _register(files.issued, license_)
    name = f"{license_.serial.replace('/', '-')}.alic".lower()
    return IssuedLicense(license_, signed, armor(signed, Label.LICENSE), name)


def extension_code(
    directory: Path, passphrase: bytes, *, lid: bytes, index: int
) -> str:
    """Return an emergency code of the newest license of a lineage, to be read out.

    Raises:
        LintError: nothing was issued in this lineage, or it has no such code.
        KeyFileError: the issuing key does not open.
    """
    files = LicenseKeyFiles(directory)
    newest = max(_issued(files.issued, lid), key=lambda e: int(e["seq"]), default=None)
    count = int(newest["extension_codes"]) if newest else 0
    if newest is None or not 1 <= index <= count:
        raise LintError(f"expected a code from 1 to {count}, found {index}")
    use = use_for(Kind[str(newest["kind"]).upper()])
    key = _open_key(files.issuing(use), passphrase)
    return _chain(key, lid, int(newest["seq"]), count, days=1).codes[index - 1]


def _with_codes(
    license_: License, terms: LicenseTerms, key: Ed25519PrivateKey
) -> License:
    if not terms.extension_codes:
        return license_
    count, days = terms.extension_codes, terms.extension_days
    chain = _chain(key, license_.lid, license_.seq, count, days=days)
    return replace(license_, extension=chain.anchor)


def _chain(
    key: Ed25519PrivateKey, lid: bytes, seq: int, count: int, *, days: int
) -> ExtensionChain:
    """Make the codes of a license again from the issuing key; nothing is stored."""
    message = b"anx-ext-secret\0" + lid + seq.to_bytes(8, "big")
    secret = hmac.digest(key.private_bytes_raw(), message, hashlib.sha256)
    return make_chain(lid, secret, count=count, days=days)


def _license(
    request: Request,
    answered: bytes,
    terms: LicenseTerms,
    files: LicenseKeyFiles,
    now: int,
) -> License:
    lid = request.lid or secrets.token_bytes(16)
    exp = exp_of(terms.through)
    seen = request.fingerprint
    return License(
        lid=lid,
        seq=max(request.seq, _last_seq(files.issued, lid)) + 1,
        customer=_customer(terms),
        name=terms.licensee,
        kind=terms.kind,
        iat=now,
        nbf=now,
        exp=exp,
        term=term_of(exp, terms.grace_days),
        features=terms.features,
        capacity=terms.capacity,
        install_key=request.install_key,
        enrolled=Enrolled(seen) if seen is not None and seen.groups else None,
        request=answered,
        warn_days=terms.warn_days,
        post=terms.post,
    )


def _customer(terms: LicenseTerms) -> bytes:
    name = (terms.customer or terms.licensee).encode()
    return hashlib.sha256(b"anx-customer\0" + name).digest()[:8]


def _register(path: Path, license_: License) -> None:
    """Note an issued license; the next one of its lineage counts on from it."""
    line = {
        "lid": license_.lid.hex(),
        "seq": license_.seq,
        "kind": license_.kind.name.lower(),
        "extension_codes": license_.extension.count if license_.extension else 0,
        "licensee": license_.name,
        "issued": iso(license_.iat),
        "valid_through": valid_through(license_.exp).isoformat(),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _issued(path: Path, lid: bytes) -> list[dict[str, Any]]:
    """Return what was issued in a lineage."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    entries: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [entry for entry in entries if entry["lid"] == lid.hex()]


def _last_seq(path: Path, lid: bytes) -> int:
    """Return the highest sequence issued in a lineage, 0 for none."""
    return max((int(entry["seq"]) for entry in _issued(path, lid)), default=0)


def _new_key() -> Ed25519PrivateKey:
    return private_key_from_seed(secrets.token_bytes(SEED_BYTES))


def _open_key(path: Path, passphrase: bytes) -> Ed25519PrivateKey:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"expected the key {path.name}, found none") from error
    return private_key_from_pem(data, passphrase)


def _write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file that must not exist yet, and make it durable."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
