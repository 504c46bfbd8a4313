"""The chain of trust behind a lease, from the root keys down to the proxy key.

    anchor ── signs ──> key set ── names ──> issuing key ── signs ──> license
    license ── names ──> install key ── signs ──> proxy key

A program that answers in place of the license container cannot certify a proxy key
without the install key. An unbound license (evaluation, emergency) names no install
key; its substitute is the site's own public install key, which the host's installer
puts, read-only, beside the license: the caller passes it as the pinned key. Where it
is missing, the first install key seen is held to for as long as the service runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offline_license import cbor
from offline_license.cose import ObjectType, open_sign1, sign1
from offline_license.errors import SignatureError
from offline_license.fields import Fields
from offline_license.keys import (
    KEY_BYTES,
    check_public_key,
    key_id,
    public_bytes,
    short_id,
)
from offline_license.keyset import verify_keyset
from offline_license.license import VerifiedLicense, verify_license

if TYPE_CHECKING:
    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.keyset import Keyset

__all__ = ["Chain", "ProxyKey", "VerifiedChain", "certify_proxy_key", "verify_chain"]

_PROXY_NAMES = {1: "schema", 2: "install key", 3: "proxy key", 4: "epoch"}


@dataclass(frozen=True, slots=True)
class ProxyKey:
    """The key of one run of the license container, certified by the install key."""

    install_key: bytes
    proxy_key: bytes
    epoch: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything between the anchor and a lease, as bytes that may come from anyone."""

    keyset: bytes
    license: bytes
    proxy_key: bytes


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """A chain that was traced to the anchor; leases are verified against it."""

    keyset: Keyset
    license: VerifiedLicense
    proxy: ProxyKey


def certify_proxy_key(
    install_key: Ed25519PrivateKey, proxy_key: bytes, epoch: int
) -> bytes:
    """Let the install key certify the public key of one run of the proxy."""
    payload = {1: 1, 2: public_bytes(install_key), 3: proxy_key, 4: epoch}
    return sign1(ObjectType.PROXY_KEY, cbor.encode(payload), install_key)


def verify_chain(
    chain: Chain,
    anchor: LicenseAnchor,
    *,
    site_key: bytes | None = None,
    pinned_install_key: bytes | None = None,
    installed: Keyset | None = None,
) -> VerifiedChain:
    """Trace key set, license and proxy key to the anchor.

    Args:
        chain: as received.
        anchor: the root keys that this service was built with.
        site_key: the public install key that the host's installer put beside the
            license; it may certify as well as the one that the license names, so
            that an appliance that lost its install key is served while it enrolls
            anew. Whether, and for how long, is for the license container to decide.
        pinned_install_key: without either of both, the install key seen first.
        installed: the key set seen before; an older one is refused.

    Raises:
        LicenseError: a child names the cause.
    """
    keyset = verify_keyset(chain.keyset, anchor, installed=installed)
    verified = verify_license(chain.license, keyset)
    proxy = _verify_proxy_key(chain.proxy_key)
    named = {key for key in (verified.license.install_key, site_key) if key}
    accepted = named or {pinned_install_key or proxy.install_key}
    if proxy.install_key not in accepted:
        names = " or ".join(sorted(short_id(key_id(key)) for key in accepted))
        raise SignatureError(
            f"expected a proxy key certified by install key {names}, "
            f"found {short_id(key_id(proxy.install_key))}"
        )
    return VerifiedChain(keyset, verified, proxy)


def _verify_proxy_key(data: bytes) -> ProxyKey:
    """Verify the certificate with the install key inside it."""
    signed = open_sign1(data, ObjectType.PROXY_KEY)
    fields = Fields(signed.payload, _PROXY_NAMES)
    fields.exactly(1, 1)
    install_key = check_public_key(fields.octets(2, KEY_BYTES))
    signed.verify(install_key)
    return ProxyKey(
        install_key, check_public_key(fields.octets(3, KEY_BYTES)), fields.uint(4)
    )
