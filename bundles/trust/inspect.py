"""Say who signed metadata that is verified already, and until when it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuf.api.metadata import Metadata, Root, Targets

from bundles.trust.roles import LICENSING

__all__ = [
    "Signer",
    "expiries",
    "newest_root",
    "root_version",
    "signers_of",
    "version_of",
]

_UNDER_ROOT = ("timestamp", "snapshot", "targets")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key whose good signature stands under a role of a medium."""

    role: str
    key_id: str


def signers_of(files: Mapping[str, bytes]) -> tuple[Signer, ...]:
    """Return each good signature under the roles of verified metadata.

    Args:
        files: as ``bundles.trust.state`` keeps them.
    """
    root_metadata = newest_root(files)
    root = root_metadata.signed
    found = _good_signatures(root, Root.type, root_metadata)
    for role in _UNDER_ROOT:
        found += _good_signatures(root, role, _metadata(files, role))
    targets = Metadata[Targets].from_bytes(files["targets.json"]).signed
    found += _good_signatures(targets, LICENSING, _metadata(files, LICENSING))
    return tuple(found)


def expiries(files: Mapping[str, bytes]) -> dict[str, datetime]:
    """Return role -> aware time from which on its metadata counts no more."""
    found = {
        role: _metadata(files, role).signed.expires
        for role in (*_UNDER_ROOT, LICENSING)
    }
    found[Root.type] = newest_root(files).signed.expires
    return found


def newest_root(files: Mapping[str, bytes]) -> Metadata[Root]:
    """Return the root with the highest version."""
    name = max((n for n in files if n.startswith("root_history/")), key=root_version)
    return Metadata[Root].from_bytes(files[name])


def root_version(name: str) -> int:
    """Return 3 for ``root_history/3.root.json`` or ``tuf/3.root.json``."""
    return int(name.rpartition("/")[2].partition(".")[0])


def version_of(files: Mapping[str, bytes], role: str) -> int:
    """Return the version of the metadata of ``role``."""
    version: int = _metadata(files, role).signed.version
    return version


def _metadata(files: Mapping[str, bytes], role: str) -> Metadata[Any]:
    return Metadata.from_bytes(files[f"{role}.json"])


def _good_signatures(
    delegator: Root | Targets, role: str, metadata: Metadata[Any]
) -> list[Signer]:
    result = delegator.get_verification_result(
        role, metadata.signed_bytes, metadata.signatures
    )
    return [Signer(role, key_id) for key_id in sorted(result.signed)]
