"""Sign and verify the list of what a delta medium leaves out.

The key of the role ``targets`` signs a fixed first line and the document.  Trust
metadata, which the same key signs, begins with a brace: neither can be taken for the
other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Key, Signature
from tuf.api.metadata import Root, Targets

from bundles.delta import (
    DELTA_FILE,
    DELTA_SIGNATURE_FILE,
    Delta,
    SignedDelta,
    may_be_left_out,
)
from bundles.digests import sha256_digest
from bundles.errors import DeltaListError, UnreadableError
from bundles.files import ForbiddenFileError, read_beneath
from bundles.release import Release, first_problem
from bundles.strict_json import MalformedJsonError, canonical_json, parse_json

__all__ = ["read_delta", "sign_delta"]

_DELTA_LIMIT_BYTES: Final = 4 * 1024 * 1024
_SIGNATURE_LIMIT_BYTES: Final = 16 * 1024
_FIRST_LINE: Final = b"anechoic delta list, format 1\n"


def sign_delta(delta: Delta, signer: CryptoSigner) -> SignedDelta:
    """Sign a list with the key of the role ``targets``."""
    document = delta.to_json()
    signature = signer.sign(_FIRST_LINE + document)
    envelope = {"signatures": {signature.keyid: signature.signature}}
    return SignedDelta(delta, document, canonical_json(envelope))


def read_delta(
    medium: Path,
    release: Release,
    release_json: bytes,
    root: Root,
) -> SignedDelta | None:
    """Read and verify the list of a medium; None for a full medium.

    Args:
        medium: its folder.
        release: verified.
        release_json: the signed bytes of it.
        root: the trusted root, which says whose signatures count.

    Raises:
        DeltaListError: unsigned, not valid, of another release, or it leaves out what
            no delta may.
        UnreadableError: the operating system cannot read it.
    """
    document = _read(medium, DELTA_FILE, _DELTA_LIMIT_BYTES)
    signature = _read(medium, DELTA_SIGNATURE_FILE, _SIGNATURE_LIMIT_BYTES)
    if document is None and signature is None:
        return None
    if document is None or signature is None:
        found = "no list" if document is None else "no signature"
        raise DeltaListError(f"expected a list and its signature, found {found}")
    role = root.roles[Targets.type]
    threshold = role.threshold
    keys = {key_id: root.keys[key_id] for key_id in role.keyids if key_id in root.keys}
    good = _good_signatures(document, signature, keys)
    if good < threshold:
        message = f"{DELTA_SIGNATURE_FILE}: expected {threshold} good signatures"
        raise DeltaListError(f"{message}, found {good}")
    delta = _parse(document)
    _require_fitting(delta, release, release_json)
    return SignedDelta(delta, document, signature)


def _read(medium: Path, path: str, limit_bytes: int) -> bytes | None:
    try:
        return read_beneath(medium, path, limit_bytes=limit_bytes)
    except FileNotFoundError:
        return None
    except (ForbiddenFileError, ValueError) as error:
        raise DeltaListError(f"{path}: {error}") from error
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}") from error


def _good_signatures(document: bytes, data: bytes, keys: Mapping[str, Key]) -> int:
    try:
        value = parse_json(data, limit_bytes=_SIGNATURE_LIMIT_BYTES)
    except MalformedJsonError as error:
        raise DeltaListError(f"{DELTA_SIGNATURE_FILE}: {error}") from error
    match value:
        case {"signatures": dict(signatures), **rest} if not rest:
            return sum(
                _is_good(document, keys[key_id], key_id, text)
                for key_id, text in signatures.items()
                if key_id in keys and isinstance(text, str)
            )
        case _:
            raise DeltaListError(f"{DELTA_SIGNATURE_FILE}: expected signatures")


def _is_good(document: bytes, key: Key, key_id: str, text: str) -> bool:
    try:
        key.verify_signature(Signature(key_id, text), _FIRST_LINE + document)
    except (UnverifiedSignatureError, VerificationError):
        return False
    return True


def _parse(document: bytes) -> Delta:
    try:
        value = parse_json(document, limit_bytes=_DELTA_LIMIT_BYTES)
        return Delta.model_validate_json(canonical_json(value))
    except (ValidationError, ValueError) as error:
        raise DeltaListError(f"{DELTA_FILE}: {first_problem(error)}") from error


def _require_fitting(delta: Delta, release: Release, release_json: bytes) -> None:
    digest = sha256_digest(release_json)
    if delta.release != digest:
        message = f"expected the list of the release {digest}, found {delta.release}"
        raise DeltaListError(f"{DELTA_FILE}: {message}")
    allowed = may_be_left_out(release)
    for file in delta.left_out:
        if allowed.get(file.path) != file:
            message = "expected only layers and model files of the release"
            raise DeltaListError(f"{DELTA_FILE}: {message}, found {file.path}")
