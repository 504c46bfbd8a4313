"""Issue licenses and emergency codes on the vendor's side.

The keys are in a folder that ``appliance.vendor.license_keys`` describes. Each license
is in its register before it is handed out. Nothing here prints.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    create_license_keys,
    load_anchor,
    load_keyset,
    load_keyset_bytes,
    open_key,
)
from appliance.vendor.lineages import Lineages, license_fields
from appliance.vendor.register import Event, Register
from appliance.vendor.requests import Asked, read_request
from appliance.vendor.terms import LicenseTerms
from offline_license.armor import Label, armor
from offline_license.errors import LicenseError, LintError
from offline_license.extension import ExtensionChain, make_chain
from offline_license.fingerprint import Enrolled
from offline_license.license import sign_license, use_for, verify_license
from offline_license.lint import check_license, lint_license
from offline_license.model import Kind, License

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.vendor.register import Book
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "IssuedLicense",
    "LicenseKeyFiles",
    "LicenseTerms",
    "code_of",
    "create_license_keys",
    "extension_code",
    "issue_license",
    "issuing_key",
    "load_anchor",
    "load_keyset",
    "load_keyset_bytes",
    "put_in_force",
]

_UNBOUND_KINDS = frozenset({Kind.EVALUATION, Kind.EMERGENCY})


@dataclass(frozen=True, slots=True)
class IssuedLicense:
    """A license as issued, binary and as text, with its file name.

    Attributes:
        advice: what is unusual about the terms, in sentences.
    """

    license: License
    data: bytes
    text: str
    filename: str
    advice: tuple[str, ...] = ()


def issue_license(
    request_file: bytes | None,
    directory: Path,
    passphrase: bytes,
    terms: LicenseTerms,
    *,
    now: int,
) -> IssuedLicense:
    """Answer a request with a license bound to the host that made it.

    The lineage of the request goes on with the next sequence; a request without one,
    and an add-on, start a lineage. What was signed is verified as a site would before
    it counts.

    Args:
        request_file: the request in any form; None makes an unbound license, which
            only evaluations and emergencies may be.
        directory: the key folder.
        passphrase: opens the issuing key.
        terms: what is granted.
        now: seconds UTC, becomes ``iat``.

    Raises:
        WeakKeyError: the install key of the request would prove nothing.
        LintError: the terms are nonsense.
        VendorTermsError: a production license without a request.
        LicenseError: request or keys are damaged.
    """
    files = LicenseKeyFiles(directory)
    key = issuing_key(directory, passphrase, terms.kind)
    if request_file is None and terms.kind not in _UNBOUND_KINDS:
        raise VendorTermsError(
            f"expected a request for a {terms.kind.name.lower()} license, found none"
        )
    with Register(files.register).open() as book:
        lineages = Lineages(book.entries)
        asked = read_request(request_file, lineages) if request_file else None
        lid = _lineage(asked, terms)
        shown = asked.seq if asked and asked.lid == lid else 0
        seq = max(shown, lineages.last_seq(lid)) + 1
        license_ = _bound(terms.license(lid=lid, seq=seq, now=now), asked)
        issued = put_in_force(book, files, key, passphrase, license_, terms)
    return replace(issued, advice=(*issued.advice, *_twice(lineages, issued.license)))


def put_in_force(  # noqa: PLR0913, PLR0917 - the parts of one act
    book: Book,
    files: LicenseKeyFiles,
    key: Ed25519PrivateKey,
    passphrase: bytes,
    license_: License,
    terms: LicenseTerms,
) -> IssuedLicense:
    """Lint, sign, verify and register a license; nothing is half done.

    Raises:
        LintError, VendorTermsError: the terms are nonsense.
        LicenseError: the result would be refused at a site.
        RegisterError: it could not be registered.
    """
    license_ = _with_codes(license_, terms, files, passphrase)
    _check(license_)
    signed = sign_license(license_, key)
    keyset = load_keyset(files.directory)
    verify_license(signed, keyset)
    fields = license_fields(license_, signed, keyset.version)
    book.add(Event.LICENSE, at=license_.iat, **fields)
    name = license_.serial.replace("/", "-").lower()
    text = armor(signed, Label.LICENSE)
    return IssuedLicense(license_, signed, text, f"{name}.alic", lint_license(license_))


def issuing_key(directory: Path, passphrase: bytes, kind: Kind) -> Ed25519PrivateKey:
    """Open the key that signs licenses of a kind.

    Raises:
        KeyFileError: it is missing, damaged, or the passphrase is another.
    """
    return open_key(LicenseKeyFiles(directory).issuing(use_for(kind)), passphrase)


def extension_code(
    directory: Path, passphrase: bytes, *, lid: bytes, index: int
) -> str:
    """Return an emergency code of the newest license of a lineage, to be read out.

    Raises:
        VendorTermsError: nothing was issued in this lineage, or it has no such code.
        KeyFileError: the key of the codes does not open.
    """
    files = LicenseKeyFiles(directory)
    newest = Lineages(Register(files.register).entries()).newest(lid)
    if newest is None:
        raise VendorTermsError("expected a code of an issued license, found none")
    return code_of(files, passphrase, newest.license, index)


def code_of(
    files: LicenseKeyFiles, passphrase: bytes, license_: License, index: int
) -> str:
    """Return an emergency code of a license.

    Raises:
        VendorTermsError: it has no such code, or the key of the codes is another than
            at the time of issue.
        KeyFileError: that key does not open.
    """
    anchor = license_.extension
    count = anchor.count if anchor else 0
    if anchor is None or not 1 <= index <= count:
        raise VendorTermsError(
            f"license {license_.serial}: expected a code from 1 to {count}, "
            f"found {index}"
        )
    chain = _chain(files, passphrase, license_, count, anchor.days)
    if chain.anchor != anchor:
        raise VendorTermsError(
            f"license {license_.serial}: expected {files.codes.name} of the time of "
            "its issue, found another; renew the license instead"
        )
    return chain.codes[index - 1]


def _twice(lineages: Lineages, license_: License) -> Iterator[str]:
    """Say when the installation has a license that this one does not go on from."""
    if license_.install_key is None or license_.parent is not None:
        return
    for other in lineages.bound_to(license_.install_key):
        known = other.license
        related = {license_.lid, *license_.superseded}
        if known.lid not in related and known.parent is None:
            yield (
                f"this installation has license {known.serial} already: renew that "
                "one, or name it with --supersedes"
            )


def _check(license_: License) -> None:
    """Refuse nonsense in the vendor's words."""
    try:
        check_license(license_, now=license_.iat)
    except LintError:
        raise
    except LicenseError as error:
        raise VendorTermsError(f"license {license_.serial}: {error}") from error


def _lineage(asked: Asked | None, terms: LicenseTerms) -> bytes:
    """Return the lineage to issue in: that of the request, or a new one."""
    known = asked.lid if asked else None
    if known is None or terms.parent is not None:
        return secrets.token_bytes(16)
    return known


def _bound(license_: License, asked: Asked | None) -> License:
    """Bind a license to the installation and the host that asked."""
    if asked is None:
        return license_
    seen = asked.fingerprint
    return replace(
        license_,
        install_key=asked.install_key,
        enrolled=Enrolled(seen) if seen is not None and seen.groups else None,
        request=asked.digest,
    )


def _with_codes(
    license_: License, terms: LicenseTerms, files: LicenseKeyFiles, passphrase: bytes
) -> License:
    count, days = terms.extension_codes, terms.extension_days
    if not count:
        return license_
    chain = _chain(files, passphrase, license_, count, days)
    return replace(license_, extension=chain.anchor)


def _chain(
    files: LicenseKeyFiles, passphrase: bytes, license_: License, count: int, days: int
) -> ExtensionChain:
    """Make the codes of a license again; no code is stored anywhere."""
    key = open_key(files.codes, passphrase)
    message = b"anx-ext-secret\0" + license_.lid + license_.seq.to_bytes(8, "big")
    secret = hmac.digest(key.private_bytes_raw(), message, hashlib.sha256)
    return make_chain(license_.lid, secret, count=count, days=days)
