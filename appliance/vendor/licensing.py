"""Issue licenses and emergency codes on the vendor's side.

The keys are in a folder that ``appliance.vendor.license_keys`` describes. Each license
is noted in its register, from which a renewal counts on. Nothing here prints.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from appliance.vendor.license_keys import (
    ISSUING_USES,
    LicenseKeyFiles,
    create_license_keys,
    load_anchor,
    load_keyset,
    load_keyset_bytes,
    open_key,
)
from offline_license.armor import Label, armor, unarmor
from offline_license.dates import exp_of, iso, term_of, valid_through
from offline_license.errors import LintError
from offline_license.extension import ExtensionChain, make_chain
from offline_license.fingerprint import Enrolled
from offline_license.license import sign_license, use_for, verify_license
from offline_license.lint import check_license
from offline_license.model import UNLIMITED, WARN_DAYS, Capacity, Kind, License, Post
from offline_license.request import request_hash, verify_request

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from offline_license.keys import Ed25519PrivateKey
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
    if use not in ISSUING_USES:
        raise LintError(f"expected a kind with an issuing key, found {terms.kind.name}")
    key = open_key(files.issuing(use), passphrase)
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
    key = open_key(files.issuing(use), passphrase)
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
