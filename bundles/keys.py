"""The vendor's signing keys: one file each, encrypted, never on a site.

Three root keys belong to three people and are used only to make or rotate the root of
trust (2 of 3); ``targets``, ``snapshot``, ``timestamp`` and ``licensing`` sign each
release.  The files are PKCS #8 PEM (PBES2, AES-256) under a passphrase, so any tool
that knows PEM can move them.  PEM stretches a passphrase only a little: choose a long
one (six random words).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

from bundles.errors import KeyMaterialError
from bundles.files import write_durably
from bundles.trust.roles import ONLINE_ROLES, make_root, next_root

__all__ = [
    "MIN_PASSPHRASE_BYTES",
    "ROOT_KEYS",
    "ReleaseKeys",
    "create_release_keys",
    "load_release_keys",
    "load_signer",
    "load_signers",
    "rotate_online_keys",
]

MIN_PASSPHRASE_BYTES: Final = 12
ROOT_KEYS: Final = ("root1", "root2", "root3")
_MAX_ROOTS = 256


@dataclass(frozen=True, slots=True)
class ReleaseKeys:
    """What signs a release: one signer per online role, and the public root chain."""

    signers: Mapping[str, CryptoSigner] = field(repr=False)
    root_chain: tuple[bytes, ...] = field(repr=False)
    """Signed root metadata, version 1 first."""

    @property
    def newest_root(self) -> bytes:
        """The newest signed root metadata: what a trust anchor carries."""
        return self.root_chain[-1]


def create_release_keys(
    directory: Path,
    passphrase: bytes,
    *,
    root_expires: datetime,
    root_keys: Sequence[Ed25519PrivateKey] | None = None,
) -> ReleaseKeys:
    """Make all keys and the first root of trust in a new folder.

    Args:
        directory: made with mode 0700; ``<name>.pem`` and ``root/1.root.json``.
        passphrase: at least 12 bytes.
        root_expires: aware time; far away (ten years), behind an air gap nobody can
            renew it in a hurry.
        root_keys: three root keys that their custodians keep; made here, and written
            into the folder too, unless given.

    Raises:
        KeyMaterialError: keys are there already, or the passphrase is too short.
    """
    if len(passphrase) < MIN_PASSPHRASE_BYTES:
        message = f"expected a passphrase of at least {MIN_PASSPHRASE_BYTES} bytes"
        raise KeyMaterialError(f"{message}, found {len(passphrase)}")
    if directory.exists() and any(directory.iterdir()):
        raise KeyMaterialError(f"expected an empty folder for the keys: {directory}")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    private_keys = {
        name: Ed25519PrivateKey.generate() for name in (*ROOT_KEYS, *ONLINE_ROLES)
    }
    if root_keys is not None:
        private_keys |= dict(zip(ROOT_KEYS, root_keys, strict=True))
    signers = {name: CryptoSigner(key) for name, key in private_keys.items()}
    root = make_root(
        version=1,
        expires=root_expires,
        root_signers=[signers[name] for name in ROOT_KEYS],
        online_keys={role: signers[role].public_key for role in ONLINE_ROLES},
    )
    kept = ONLINE_ROLES if root_keys is not None else tuple(private_keys)
    for name in kept:
        pem = _encrypted_pem(private_keys[name], passphrase)
        write_durably(directory / f"{name}.pem", pem, mode=0o600)
    (directory / "root").mkdir()
    write_durably(directory / "root" / "1.root.json", root)
    return ReleaseKeys({role: signers[role] for role in ONLINE_ROLES}, (root,))


def load_release_keys(directory: Path, passphrase: bytes) -> ReleaseKeys:
    """Load what signs a release; the root keys need not be there.

    Raises:
        KeyMaterialError: a file is missing or damaged, or the passphrase is wrong.
    """
    chain = tuple(_root_chain(directory / "root"))
    signers = {
        role: load_signer(_online_file(directory, role, len(chain)), passphrase)
        for role in ONLINE_ROLES
    }
    return ReleaseKeys(signers, chain)


def rotate_online_keys(
    directory: Path,
    passphrase: bytes,
    *,
    root_signers: Sequence[CryptoSigner],
    expires: datetime,
) -> ReleaseKeys:
    """Make new online keys and the root of trust that names them; drop the old keys.

    The root keys stay.  A media builder uses the new keys from the moment the new root
    is in the folder, so an interrupted rotation has changed nothing.

    Args:
        directory: made by ``create_release_keys``.
        passphrase: of the new keys, as of the old.
        root_signers: at least two of the three root keys.
        expires: aware time for the new root.

    Raises:
        KeyMaterialError: too few root keys, or others than the newest root names.
    """
    chain = tuple(_root_chain(directory / "root"))
    version = len(chain) + 1
    keys = {role: Ed25519PrivateKey.generate() for role in ONLINE_ROLES}
    signers = {role: CryptoSigner(key) for role, key in keys.items()}
    online = {role: signer.public_key for role, signer in signers.items()}
    root = next_root(
        chain[-1], root_signers=root_signers, online_keys=online, expires=expires
    )
    for role, key in keys.items():
        path = directory / f"{role}.{version}.pem"
        write_durably(path, _encrypted_pem(key, passphrase), mode=0o600)
    write_durably(directory / "root" / f"{version}.root.json", root)
    for role in ONLINE_ROLES:
        for old in _online_files(directory, role, version - 1):
            old.unlink(missing_ok=True)
    return ReleaseKeys(signers, (*chain, root))


def load_signers(
    directory: Path, names: Iterable[str], passphrase: bytes
) -> dict[str, CryptoSigner]:
    """Load the signers called ``names`` from their PEM files.

    Raises:
        KeyMaterialError: a file is missing or damaged, or the passphrase is wrong.
    """
    return {name: load_signer(directory / f"{name}.pem", passphrase) for name in names}


def _encrypted_pem(key: Ed25519PrivateKey, passphrase: bytes) -> bytes:
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
    )


def load_signer(path: Path, passphrase: bytes) -> CryptoSigner:
    """Load one signing key from its PEM file.

    Raises:
        KeyMaterialError: it is missing or damaged, or the passphrase is wrong.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = error.strerror if isinstance(error, OSError) else "cannot decrypt it"
        raise KeyMaterialError(f"{path}: {reason}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMaterialError(f"{path}: expected an Ed25519 key")
    return CryptoSigner(key)


def _online_files(directory: Path, role: str, version: int) -> list[Path]:
    """Return where the key of a role may be under roots up to ``version``, newest first."""
    numbered = (f"{role}.{number}.pem" for number in range(version, 1, -1))
    return [directory / name for name in (*numbered, f"{role}.pem")]


def _online_file(directory: Path, role: str, version: int) -> Path:
    files = _online_files(directory, role, version)
    return next((path for path in files if path.exists()), files[-1])


def _root_chain(directory: Path) -> Iterable[bytes]:
    for version in range(1, _MAX_ROOTS + 1):
        path = directory / f"{version}.root.json"
        if not path.exists():
            break
        yield path.read_bytes()
    else:
        raise KeyMaterialError(f"expected at most {_MAX_ROOTS} roots in {directory}")
    if version == 1:
        raise KeyMaterialError(f"expected 1.root.json in {directory}, found none")
