"""Make and sign TUF metadata, as the vendor does.

All roles of one release have the version ``release_seq``: numbers that only grow
already exist, and two counters would only drift apart.
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

from bundles.timestamps import utc_seconds

__all__ = [
    "KEYSET_TARGET",
    "LICENSING",
    "ONLINE_ROLES",
    "RELEASE_TARGET",
    "REVOCATIONS_TARGET",
    "ROOT_THRESHOLD",
    "ReleaseTargets",
    "make_root",
    "sign_release",
]

LICENSING: Final = "licensing"
_Signable = TypeVar("_Signable", Root, Timestamp, Snapshot, Targets)
ONLINE_ROLES: Final = ("targets", "snapshot", "timestamp", LICENSING)
ROOT_THRESHOLD: Final = 2
RELEASE_TARGET: Final = "release.json"
KEYSET_TARGET: Final = "licensing/keyset.cbor"
REVOCATIONS_TARGET: Final = "licensing/revocations.cbor"


@dataclass(frozen=True, slots=True)
class ReleaseTargets:
    """What a release signs: two or three small files.

    ``keyset`` and ``revocations`` are opaque here; ``offline_license`` judges them.
    """

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
        named = {RELEASE_TARGET: self.release_json, **self.licensing}
        return {
            TargetFile.from_data(name, data, ["sha256"]).get_prefixed_paths()[0]: data
            for name, data in named.items()
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


def sign_release(
    targets: ReleaseTargets,
    *,
    signers: Mapping[str, CryptoSigner],
    version: int,
    expires: datetime,
) -> dict[str, bytes]:
    """Return file name -> content of all TUF metadata of a release but the root.

    Args:
        targets: the files to sign.
        signers: one per online role.
        version: of all roles; only ever grows.
        expires: aware install-by time.
    """
    until = utc_seconds(expires)
    licensing = Targets(version=version, expires=until)
    for name, data in targets.licensing.items():
        _add_target(licensing, name, data)
    top = Targets(version=version, expires=until, delegations=_delegations(signers))
    _add_target(top, RELEASE_TARGET, targets.release_json)
    files = {
        "licensing": _signed(licensing, [signers[LICENSING]]),
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


def _add_target(role: Targets, name: str, data: bytes) -> None:
    role.targets[name] = TargetFile.from_data(name, data, ["sha256"])


def _signed(signed: _Signable, signers: Sequence[CryptoSigner]) -> bytes:
    metadata: Metadata[_Signable] = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes(JSONSerializer(compact=True, validate=True))
