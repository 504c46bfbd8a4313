"""The key set manifest: which keys may issue licenses, for what, and when.

It is signed by the root keys of the anchor, versioned, and judged here alone; a
release medium merely carries it. A newer one is accepted only with the threshold of
the anchor in force and of the new anchor it names, never with a lower version, and
never with a version so far ahead that it would lock later ones out.

Source: the rules of The Update Framework, specification section 5.3, for a root.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.anchor import LicenseAnchor
from offline_license.cose import ALG_ED25519, ObjectType, SignedByMany, open_sign, sign
from offline_license.dates import iso
from offline_license.errors import (
    AlgorithmError,
    CompromisedKeyError,
    IssuerError,
    KeysetError,
    KeyUseError,
    SchemaError,
    SignatureError,
    UnknownKeyError,
)
from offline_license.fields import Fields
from offline_license.keys import check_public_key, key_id, short_id
from offline_license.tolerances import TOLERANCES
from offline_license.versions import wrong_step

if TYPE_CHECKING:
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "MAX_KEYS",
    "IssuingKey",
    "KeyStatus",
    "KeyUse",
    "Keyset",
    "KeysetManifest",
    "encode_keyset",
    "newer_keyset",
    "peek_keyset",
    "sign_keyset",
    "verify_keyset",
]

_NAMES = {1: "schema", 2: "version", 3: "iat", 4: "keys", 5: "next anchor"}
_KEY_NAMES = {
    1: "alg",
    2: "public key",
    3: "use",
    4: "key nbf",
    5: "key naf",
    6: "status",
    7: "iat cutoff",
    8: "withdrawn",
}
MAX_KEYS = 64
"""The most issuing keys that a key set may hold."""


class KeyUse(IntEnum):
    """What an issuing key may sign."""

    LICENSE_PRODUCTION = 0
    LICENSE_EVALUATION = 1
    EMERGENCY = 2
    REVOCATION = 3


class KeyStatus(IntEnum):
    """Whether an issuing key is still to be believed."""

    ACTIVE = 0
    RETIRED = 1
    COMPROMISED = 2


@dataclass(frozen=True, slots=True)
class IssuingKey:
    """One key that may issue.

    Attributes:
        public: 32 bytes.
        use: what it may sign.
        nbf, naf: ``iat`` of what it signs must lie in ``[nbf, naf)``, seconds UTC.
        status: a retired key's licenses live on; a compromised key has a cutoff.
        cutoff: of a compromised key: what was issued after it is void at once.
        withdrawn: of a compromised key: when it was declared to be; what was issued
            before the cutoff has 30 days from then to be issued again.
    """

    public: bytes
    use: KeyUse
    nbf: int
    naf: int
    status: KeyStatus = KeyStatus.ACTIVE
    cutoff: int | None = None
    withdrawn: int | None = None

    def __post_init__(self) -> None:
        check_public_key(self.public)
        if not self.nbf < self.naf:
            raise SchemaError("key set: expected each key to end after it begins")
        compromised = self.status is KeyStatus.COMPROMISED
        for time in (self.cutoff, self.withdrawn):
            if compromised != (time is not None):
                raise SchemaError(
                    "key set: expected a cutoff and a time of withdrawal with a "
                    "compromised key only"
                )

    @property
    def kid(self) -> bytes:
        """The 8-byte name of the key."""
        return key_id(self.public)

    def check_use(self, use: KeyUse) -> None:
        """Refuse an object that this key may not sign.

        Raises:
            KeyUseError: the key is for something else.
        """
        if use is not self.use:
            raise KeyUseError(
                f"key {short_id(self.kid)}: expected use {use.name.lower()}, "
                f"found {self.use.name.lower()}"
            )

    def check_window(self, iat: int) -> None:
        """Refuse an object issued outside the life of this key.

        Raises:
            IssuerError: ``iat`` is outside ``[nbf, naf)``.
            CompromisedKeyError: ``iat`` is after the cutoff.
        """
        if not self.nbf <= iat < self.naf:
            raise IssuerError(
                f"key {short_id(self.kid)}: expected a date of issue from "
                f"{iso(self.nbf)} to {iso(self.naf)}, found {iso(iat)}"
            )
        if self.cutoff is not None and iat > self.cutoff:
            raise CompromisedKeyError(
                f"key {short_id(self.kid)}: expected a date of issue up to "
                f"{iso(self.cutoff)}, when the key was withdrawn, found {iso(iat)}"
            )

    def to_value(self) -> dict[int, cbor.Value]:
        """Return the map that files carry."""
        value: dict[int, cbor.Value] = {
            1: ALG_ED25519,
            2: self.public,
            3: int(self.use),
            4: self.nbf,
            5: self.naf,
            6: int(self.status),
        }
        times = {7: self.cutoff, 8: self.withdrawn}
        return value | {key: at for key, at in times.items() if at is not None}

    @classmethod
    def from_value(cls, value: object) -> IssuingKey:
        """Read the map.

        Raises:
            LicenseError: it is no acceptable key.
        """
        fields = Fields.nested(value, _KEY_NAMES)
        if fields.raw(1) != ALG_ED25519:
            raise AlgorithmError(
                f"expected a key for algorithm {ALG_ED25519}, found {fields.raw(1)!r}"
            )
        return cls(
            public=fields.octets(2, 32),
            use=KeyUse(fields.uint(3, max(KeyUse))),
            nbf=fields.uint(4),
            naf=fields.uint(5),
            status=KeyStatus(fields.uint(6, max(KeyStatus))),
            cutoff=fields.optional(7, fields.uint),
            withdrawn=fields.optional(8, fields.uint),
        )

    def may_issue_at(self, t: int) -> bool:
        """Tell whether something made at ``t`` would be believed."""
        return self.status is KeyStatus.ACTIVE and self.nbf <= t < self.naf


@dataclass(frozen=True, slots=True)
class KeysetManifest:
    """What the roots sign.

    Attributes:
        version: strictly increasing.
        iat: when it was signed, seconds UTC.
        keys: the issuing keys.
        next_anchor: the anchor from here on, when the roots change.
    """

    version: int
    iat: int
    keys: tuple[IssuingKey, ...]
    next_anchor: LicenseAnchor | None = None


@dataclass(frozen=True, slots=True)
class Keyset:
    """A verified key set, ready to judge licenses, and the anchor now in force."""

    manifest: KeysetManifest
    anchor: LicenseAnchor

    @property
    def version(self) -> int:
        """The version of the manifest."""
        return self.manifest.version

    def key(self, kid: bytes) -> IssuingKey:
        """Return the issuing key of this name.

        Raises:
            UnknownKeyError: there is none; a newer key set may have it.
        """
        for key in self.manifest.keys:
            if key.kid == kid:
                return key
        raise UnknownKeyError(
            f"expected a key of key set {self.version}, found {short_id(kid)}; "
            "update keyset"
        )

    def check_version(self, least: int) -> None:
        """Refuse a license that asks for a newer key set.

        Raises:
            KeysetError: this one is too old.
        """
        if self.version < least:
            raise KeysetError(
                f"expected key set {least} or newer, found {self.version}; update keyset"
            )

    def end_of(self, kid: bytes) -> int | None:
        """Return when licenses of a withdrawn key end, seconds; None is never."""
        withdrawn = self.key(kid).withdrawn
        return None if withdrawn is None else withdrawn + TOLERANCES.compromise_s

    def is_stale(self, t: int) -> bool:
        """Tell whether no key for production may issue any more: there is a newer set.

        Args:
            t: effective time, seconds UTC.
        """
        return not any(
            key.may_issue_at(t)
            for key in self.manifest.keys
            if key.use is KeyUse.LICENSE_PRODUCTION
        )


def encode_keyset(manifest: KeysetManifest) -> bytes:
    """Return the payload: deterministic CBOR."""
    value: dict[int, cbor.Value] = {
        1: 1,
        2: manifest.version,
        3: manifest.iat,
        4: [key.to_value() for key in manifest.keys],
    }
    if manifest.next_anchor is not None:
        value[5] = manifest.next_anchor.to_value()
    return cbor.encode(value)


def sign_keyset(
    manifest: KeysetManifest, root_keys: tuple[Ed25519PrivateKey, ...]
) -> bytes:
    """Sign the manifest with root keys and return the COSE_Sign bytes."""
    return sign(ObjectType.KEYSET, encode_keyset(manifest), root_keys)


def verify_keyset(
    data: bytes, anchor: LicenseAnchor, *, installed: Keyset | None = None
) -> Keyset:
    """Verify a key set.

    Args:
        data: the file.
        anchor: built in; the anchor of ``installed`` takes its place when given.
        installed: the key set in use; the same version again is accepted only when
            it is the same.

    Raises:
        KeysetError: too few signatures, rollback or fast-forward.
        LicenseError: it is damaged in another way.
    """
    signed = open_sign(data, ObjectType.KEYSET)
    in_force = anchor if installed is None else installed.anchor
    _check_threshold(signed, in_force)
    manifest = _decode(signed.payload)
    if manifest.next_anchor is not None:
        _check_threshold(signed, manifest.next_anchor)
    _check_step(manifest, installed)
    return Keyset(manifest, manifest.next_anchor or in_force)


def newer_keyset(
    data: bytes, anchor: LicenseAnchor, installed: Keyset | None
) -> Keyset | None:
    """Verify a key set that is newer than the installed one; None where it is not.

    Raises:
        LicenseError: it is newer and must not be used.
    """
    if installed is not None and peek_keyset(data).version <= installed.version:
        return None
    return verify_keyset(data, anchor, installed=installed)


def peek_keyset(data: bytes) -> KeysetManifest:
    """Read a key set without verifying anything: for showing and comparing only.

    Raises:
        LicenseError: the bytes are no key set at all.
    """
    return _decode(open_sign(data, ObjectType.KEYSET).payload)


def _check_threshold(signed: SignedByMany, anchor: LicenseAnchor) -> None:
    """Count the distinct roots that signed; a false signature counts for nothing."""
    roots = anchor.by_kid
    valid = set()
    for signature in signed.signatures[:MAX_KEYS]:
        if signature.kid in roots and signature.kid not in valid:
            try:
                signed.verify(signature, roots[signature.kid])
            except SignatureError:
                continue
            valid.add(signature.kid)
    if len(valid) < anchor.threshold:
        raise KeysetError(
            f"expected {anchor.threshold} root signatures, found {len(valid)}"
        )


def _check_step(manifest: KeysetManifest, installed: Keyset | None) -> None:
    """Refuse rollback and fast-forward; the same again is no step."""
    if installed is not None and manifest == installed.manifest:
        return
    wrong = wrong_step(manifest.version, installed.version if installed else None)
    if wrong:
        raise KeysetError(f"key set: {wrong}")


def _decode(payload: bytes) -> KeysetManifest:
    fields = Fields(payload, _NAMES)
    fields.exactly(1, 1)
    keys = tuple(IssuingKey.from_value(value) for value in fields.array(4)[:MAX_KEYS])
    if len({key.public for key in keys}) != len(fields.array(4)):
        raise SchemaError(f"key set: expected at most {MAX_KEYS} keys, each once")
    return KeysetManifest(
        version=fields.uint(2),
        iat=fields.uint(3),
        keys=keys,
        next_anchor=fields.optional(
            5, lambda k: LicenseAnchor.from_value(fields.raw(k))
        ),
    )
