"""The license object: sign, verify, and the map of its payload.

The order of work is part of the security: size, envelope, issuing key by ``kid``,
signature over the received bytes, strict payload, then what the key may sign.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.dates import iso
from offline_license.errors import IssuerError, NotForThisInstallError, SchemaError
from offline_license.fields import Fields, array, uint
from offline_license.fingerprint import SALT_BYTES, Enrolled, Fingerprint
from offline_license.keys import check_public_key, key_id, short_id
from offline_license.keyset import KeyUse
from offline_license.model import (
    Capacity,
    ExtensionAnchor,
    Kind,
    LedgerAck,
    License,
    Post,
    ReportCadence,
    ReportMode,
)
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.keyset import Keyset

__all__ = [
    "VerifiedLicense",
    "check_install_key",
    "decode_license",
    "encode_license",
    "peek_license",
    "sign_license",
    "use_for",
    "verify_license",
]

_NAMES = {
    1: "schema",
    2: "lid",
    3: "seq",
    4: "cust",
    5: "name",
    6: "kind",
    7: "iat",
    8: "nbf",
    9: "exp",
    10: "term",
    11: "feat",
    12: "lim",
    13: "ik",
    14: "fp",
    15: "req",
    16: "rep",
    17: "ack",
    18: "ext",
    19: "mbd",
    20: "ksv",
    21: "warn",
    22: "post",
    23: "sup",
    24: "parent",
}
_LIMITS = {
    1: "streams",
    2: "gpus",
    3: "audio_hours",
    4: "hosts",
    5: "overdraft_percent",
}
_USES = {
    Kind.PRODUCTION: KeyUse.LICENSE_PRODUCTION,
    Kind.EVALUATION: KeyUse.LICENSE_EVALUATION,
    Kind.NON_PRODUCTION: KeyUse.LICENSE_PRODUCTION,
    Kind.STANDBY: KeyUse.LICENSE_PRODUCTION,
    Kind.EMERGENCY: KeyUse.EMERGENCY,
}
_UNBOUND_KINDS = frozenset({Kind.EVALUATION, Kind.EMERGENCY})
_MAX_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class VerifiedLicense:
    """A genuine license.

    Attributes:
        license: its terms.
        digest: SHA-256 of the object's bytes, its identity.
        data: the object's bytes.
        kid: the issuing key.
        dies_at: when it ends because its key was withdrawn, seconds; None is never.
    """

    license: License
    digest: bytes
    data: bytes
    kid: bytes
    dies_at: int | None = None


def use_for(kind: Kind) -> KeyUse:
    """Return the use a key must have to sign licenses of this kind."""
    return _USES[kind]


def sign_license(license_: License, key: Ed25519PrivateKey) -> bytes:
    """Sign the terms with an issuing key and return the COSE_Sign1 bytes."""
    return sign1(ObjectType.LICENSE, encode_license(license_), key)


def verify_license(data: bytes, keyset: Keyset) -> VerifiedLicense:
    """Verify a license against the key set.

    Raises:
        LicenseError: a child names the cause; the license must not be used.
    """
    signed = open_sign1(data, ObjectType.LICENSE)
    issuing = keyset.key(signed.kid)
    license_ = decode_license(signed.verify(issuing.public))
    issuing.check_use(use_for(license_.kind))
    issuing.check_window(license_.iat)
    if license_.keyset_version is not None:
        keyset.check_version(license_.keyset_version)
    return VerifiedLicense(
        license_,
        hashlib.sha256(data).digest(),
        data,
        signed.kid,
        keyset.end_of(signed.kid),
    )


def peek_license(data: bytes) -> License:
    """Read the terms without verifying anything: for showing a refused file only.

    Raises:
        LicenseError: the bytes are no license at all.
    """
    return decode_license(open_sign1(data, ObjectType.LICENSE).payload)


def check_install_key(license_: License, install_key: bytes | None) -> None:
    """Refuse a license that is bound to another installation.

    Args:
        license_: a genuine license.
        install_key: 32 bytes of this installation; None when it has none yet.

    Raises:
        NotForThisInstallError: it names both installations.
    """
    bound = license_.install_key
    if bound is None or bound == install_key:
        return
    mine = short_id(key_id(install_key)) if install_key is not None else "none"
    raise NotForThisInstallError(
        f"license {license_.serial}: expected installation {mine}, "
        f"found {short_id(key_id(bound))}"
    )


def encode_license(license_: License) -> bytes:
    """Return the payload: deterministic CBOR, absent fields left out."""
    every: dict[int, object] = {
        1: 1,
        2: license_.lid,
        3: license_.seq,
        4: license_.customer,
        5: license_.name,
        6: int(license_.kind),
        7: license_.iat,
        8: license_.nbf,
        9: license_.exp,
        10: license_.term,
        11: list(license_.features),
        12: _limits(license_.capacity),
        13: license_.install_key,
        14: _enrolled(license_.enrolled),
        15: license_.request,
        16: _pair(license_.report),
        17: license_.ack and license_.ack.to_value(),
        18: _extension(license_.extension),
        19: license_.max_build_date,
        20: license_.keyset_version,
        21: list(license_.warn_days),
        22: int(license_.post),
        23: list(license_.superseded) or None,
        24: license_.parent,
    }
    return cbor.encode({key: one for key, one in every.items() if one is not None})


def _limits(capacity: Capacity) -> dict[int, int]:
    found = {key: getattr(capacity, name) for key, name in _LIMITS.items()}
    return {key: value for key, value in found.items() if value is not None}


def _enrolled(enrolled: Enrolled | None) -> list[cbor.Value] | None:
    if enrolled is None:
        return None
    seen = enrolled.fingerprint
    return [enrolled.percent, list(seen.to_value()), seen.salt]


def _pair(report: ReportCadence | None) -> list[int] | None:
    return None if report is None else [report.days, int(report.mode)]


def _extension(extension: ExtensionAnchor | None) -> list[object] | None:
    if extension is None:
        return None
    return [extension.count, extension.days, extension.anchor]


def decode_license(payload: bytes) -> License:
    """Read the payload strictly.

    Raises:
        DecodeError, SchemaError, WeakKeyError, IssuerError: it is refused.
    """
    fields = Fields(payload, _NAMES)
    fields.exactly(1, 1)
    license_ = License(
        lid=fields.octets(2, 16),
        seq=fields.uint(3),
        customer=fields.octets(4, 8),
        name=fields.text(5, TOLERANCES.name_bytes),
        kind=Kind(fields.uint(6, max(Kind))),
        iat=fields.uint(7),
        nbf=fields.uint(8),
        exp=fields.uint(9),
        term=fields.uint(10),
        features=fields.uints(11),
        capacity=_read_capacity(fields.raw(12)),
        install_key=fields.optional(
            13, lambda k: check_public_key(fields.octets(k, 32))
        ),
        enrolled=fields.optional(14, lambda k: _read_enrolled(fields.raw(k))),
        request=fields.optional(15, lambda k: fields.octets(k, 16)),
        report=fields.optional(16, lambda k: _read_report(fields.raw(k))),
        ack=fields.optional(17, lambda k: LedgerAck.from_value(fields.raw(k))),
        extension=fields.optional(18, lambda k: _read_extension(fields.raw(k))),
        max_build_date=fields.optional(19, fields.uint),
        keyset_version=fields.optional(20, fields.uint),
        warn_days=fields.uints(21, _MAX_DAYS),
        post=Post(fields.uint(22, max(Post))),
        superseded=fields.optional(23, lambda k: fields.many_octets(k, 16)) or (),
        parent=fields.optional(24, lambda k: fields.octets(k, 16)),
    )
    _check_dates(license_)
    return license_


def _check_dates(license_: License) -> None:
    """Hold the dates to what any genuine license keeps."""
    if not license_.nbf < license_.exp <= license_.term:
        raise SchemaError(
            f"expected a start before the end, and the end of grace after it, found "
            f"{iso(license_.nbf)}, {iso(license_.exp)} and {iso(license_.term)}"
        )
    if license_.iat > license_.exp:
        raise SchemaError(
            f"expected a date of issue before the end, found {iso(license_.iat)} and "
            f"{iso(license_.exp)}"
        )
    if license_.exp - license_.iat > TOLERANCES.validity_s:
        raise IssuerError(
            f"license {license_.serial}: expected at most 5 years from issue to end, "
            f"found {iso(license_.iat)} to {iso(license_.exp)}"
        )
    if license_.install_key is None and license_.kind not in _UNBOUND_KINDS:
        raise SchemaError(f"ik: expected an install key for kind {int(license_.kind)}")


def _read_capacity(value: cbor.Value) -> Capacity:
    limits = Fields.nested(value, _LIMITS)
    return Capacity(
        **{name: limits.optional(key, limits.uint) for key, name in _LIMITS.items()}
    )


def _read_enrolled(value: cbor.Value) -> Enrolled:
    match value:
        case [percent, groups, bytes() as salt] if len(salt) == SALT_BYTES:
            share = uint(percent, "fp share", 100)
            return Enrolled(Fingerprint.from_value(salt, groups), share)
        case _:
            raise SchemaError("fp: expected [share, groups, salt of 16 bytes]")


def _read_report(value: cbor.Value) -> ReportCadence:
    match array(value, "rep"):
        case [days, mode]:
            checked = uint(mode, "rep mode", max(ReportMode))
            return ReportCadence(uint(days, "rep days", _MAX_DAYS), ReportMode(checked))
        case _:
            raise SchemaError("rep: expected [days, mode]")


def _read_extension(value: cbor.Value) -> ExtensionAnchor:
    match array(value, "ext"):
        case [count, days, bytes() as anchor] if len(anchor) == 13:  # noqa: PLR2004
            return ExtensionAnchor(
                uint(count, "ext count", 255), uint(days, "ext days", _MAX_DAYS), anchor
            )
        case _:
            raise SchemaError("ext: expected [count, days, 13 bytes]")
