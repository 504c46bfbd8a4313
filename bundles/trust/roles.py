"""Make and sign TUF metadata, as the vendor does.

All roles signed at one time have one version: a counter that each release and each
trust update raises, and that is never below the number of a release it speaks of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from securesystemslib.signer import CryptoSigner, Key
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from bundles.errors import KeyMaterialError
from bundles.timestamps import utc_seconds
from bundles.trust.catalog import Catalog, release_target

__all__ = [
    "KEYSET_TARGET",
    "LICENSING",
    "ONLINE_ROLES",
    "REVOCATIONS_TARGET",
    "ROOT_THRESHOLD",
    "ReleaseTargets",
    "licensing_files",
    "make_root",
    "next_root",
    "sign_metadata",
]

LICENSING: Final = "licensing"
_Signable = TypeVar("_Signable", Root, Timestamp, Snapshot, Targets)
ONLINE_ROLES: Final = ("targets", "snapshot", "timestamp", LICENSING)
ROOT_THRESHOLD: Final = 2
KEYSET_TARGET: Final = "licensing/keyset.cbor"
REVOCATIONS_TARGET: Final = "licensing/revocations.cbor"


@dataclass(frozen=True, slots=True)
class ReleaseTargets:
    """What a release signs: two or three small files.

    ``keyset`` and ``revocations`` are opaque here; ``offline_license`` judges them.
    """

    release_seq: int
    release_json: bytes
    keyset: bytes
    revocations: bytes | None = None

    @property
    def licensing(self) -> dict[str, bytes]:
        """Target -> content of the delegated role."""
        if self.revocations is None:
            return {KEYSET_TARGET: self.keyset}
        return {KEYSET_TARGET: self.keyset, REVOCATIONS_TARGET: self.revocations}

    def files(self) -> dict[str, bytes]:
        """Return path below ``release/`` -> content, as TUF clients ask for them."""
        release = {release_target(self.release_seq): self.release_json}
        return _hashed(release) | licensing_files(self.licensing)


def licensing_files(licensing: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return path below ``release/`` -> content for licensing targets."""
    return _hashed(licensing)


def _hashed(targets: Mapping[str, bytes]) -> dict[str, bytes]:
    return {
        TargetFile.from_data(name, data, ["sha256"]).get_prefixed_paths()[0]: data
        for name, data in targets.items()
    }


def make_root(  # noqa: PLR0913 - all by name
    *,
    version: int,
    expires: datetime,
    root_signers: Sequence[CryptoSigner],
    online_keys: Mapping[str, Key],
    threshold: int = ROOT_THRESHOLD,
    also_signed_by: Sequence[CryptoSigner] = (),
) -> bytes:
    """Return signed root metadata.

    Args:
        version: 1 for the first; each rotation adds one.
        expires: aware time.
        root_signers: holders of this root; all of them sign.
        online_keys: role -> key, for targets, snapshot and timestamp.
        threshold: how many root signatures count as agreement.
        also_signed_by: holders of the root before; needed for a rotation.
    """
    root = Root(version=version, expires=utc_seconds(expires), consistent_snapshot=True)
    for signer in root_signers:
        root.add_key(signer.public_key, Root.type)
    for role in (Targets.type, Snapshot.type, Timestamp.type):
        root.add_key(online_keys[role], role)
    root.roles[Root.type].threshold = threshold
    return _signed(root, [*root_signers, *also_signed_by])


def next_root(
    newest: bytes,
    *,
    root_signers: Sequence[CryptoSigner],
    online_keys: Mapping[str, Key],
    expires: datetime,
) -> bytes:
    """Return the root after ``newest``, with the same root keys and new online keys.

    Raises:
        KeyMaterialError: fewer of its root keys sign than must.
    """
    root = Metadata[Root].from_bytes(newest).signed
    root.version += 1
    root.expires = utc_seconds(expires)
    for role in (Targets.type, Snapshot.type, Timestamp.type):
        for key_id in list(root.roles[role].keyids):
            root.revoke_key(key_id, role)
        root.add_key(online_keys[role], role)
    known = set(root.roles[Root.type].keyids)
    good = [one for one in root_signers if one.public_key.keyid in known]
    if len({one.public_key.keyid for one in good}) < root.roles[Root.type].threshold:
        message = f"expected {root.roles[Root.type].threshold} root keys of the release"
        raise KeyMaterialError(f"{message}, found {len(good)}")
    return _signed(root, good)


def sign_metadata(
    catalog: Catalog,
    licensing: Mapping[str, bytes],
    *,
    signers: Mapping[str, CryptoSigner],
    version: int,
    expires: datetime,
) -> dict[str, bytes]:
    """Return file name -> content of all TUF metadata but the root.

    Args:
        catalog: the releases to stand by, and those that were revoked.
        licensing: target -> content of the delegated role.
        signers: one per online role.
        version: of all roles; only ever grows.
        expires: aware time from which on nothing of this counts.
    """
    until = utc_seconds(expires)
    delegated = Targets(version=version, expires=until)
    for name, data in licensing.items():
        delegated.targets[name] = TargetFile.from_data(name, data, ["sha256"])
    top = Targets(version=version, expires=until, delegations=_delegations(signers))
    catalog.write_to(top)
    files = {
        "licensing": _signed(delegated, [signers[LICENSING]]),
        "targets": _signed(top, [signers[Targets.type]]),
    }
    meta = {
        f"{role}.json": MetaFile.from_data(version, data, ["sha256"])
        for role, data in files.items()
    }
    snapshot = Snapshot(version=version, expires=until, meta=meta)
    files["snapshot"] = _signed(snapshot, [signers[Snapshot.type]])
    timestamp = Timestamp(
        version=version,
        expires=until,
        snapshot_meta=MetaFile.from_data(version, files["snapshot"], ["sha256"]),
    )
    named = {f"{version}.{role}.json": data for role, data in files.items()}
    named["timestamp.json"] = _signed(timestamp, [signers[Timestamp.type]])
    return named


def _delegations(signers: Mapping[str, CryptoSigner]) -> Delegations:
    key = signers[LICENSING].public_key
    role = DelegatedRole(
        LICENSING, [key.keyid], threshold=1, terminating=True, paths=["licensing/*"]
    )
    return Delegations(keys={key.keyid: key}, roles={LICENSING: role})


def _signed(signed: _Signable, signers: Sequence[CryptoSigner]) -> bytes:
    metadata: Metadata[_Signable] = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes(JSONSerializer(compact=True, validate=True))
