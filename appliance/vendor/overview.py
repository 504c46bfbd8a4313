"""What the vendor has: keys and licenses, as lines for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import (
    ISSUING_USES,
    ROOTS,
    load_anchor,
    load_keyset,
)
from bundles.trust.anchor import TrustAnchor
from offline_license.cose import ObjectType, open_sign1
from offline_license.dates import iso, valid_through
from offline_license.keys import key_id, short_id
from offline_license.keyset import KeyStatus
from offline_license.tolerances import DAY_S, TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.vendor.keys import KeyFolder
    from appliance.vendor.lineages import Issued, Lineages
    from offline_license.keyset import IssuingKey, Keyset

__all__ = ["key_lines", "key_named", "license_lines", "void_licenses"]

_SOON_S: Final = 60 * DAY_S
_SHORT_CHARS: Final = 8


def key_lines(folder: KeyFolder, *, now: int) -> Iterator[str]:
    """Yield the keys of a folder and what is due with them."""
    keyset, anchor = load_keyset(folder.license), load_anchor(folder.license)
    trust = TrustAnchor.from_json(folder.anchor.read_bytes())
    here = sum(folder.files.root(n).exists() for n in range(1, ROOTS + 1))
    yield f"trust anchor  {trust.fingerprint}"
    yield f"root keys     {anchor.threshold} of {len(anchor.root_keys)} must sign"
    yield from (f"  {short_id(key_id(public))}" for public in anchor.root_keys)
    where = "move them to three media" if here == ROOTS else "the others elsewhere"
    yield f"  {here} in this folder; {where}"
    if folder.files.former_anchor.exists():
        yield "  the former roots sign too, until `keys retire-roots`"
    yield f"key set       {keyset.version}, signed {iso(keyset.manifest.iat)}"
    for key in keyset.manifest.keys:
        yield f"  {_key_line(key)}"
    yield from _due(keyset, now)


def key_named(keyset: Keyset, name: str) -> IssuingKey:
    """Return the issuing key that a person names.

    Args:
        keyset: the key set.
        name: as ``keys list`` shows it, or more of its digits.

    Raises:
        VendorTermsError: none, or more than one, is called so.
    """
    wanted = name.replace("-", "").strip().lower()
    keys = [k for k in keyset.manifest.keys if k.kid.hex().startswith(wanted)]
    if len(wanted) < _SHORT_CHARS or len(keys) != 1:
        raise VendorTermsError(f"expected the name of one key, found {len(keys)}")
    return keys[0]


def void_licenses(
    lineages: Lineages, kid: bytes, *, cutoff: int, now: int
) -> Iterator[str]:
    """Yield what becomes of the licenses that a withdrawn key signed.

    Args:
        lineages: what was issued; what a later license has replaced is left out.
        kid: 8 bytes, of the key.
        cutoff: seconds UTC, the last second of what lives on for a while.
        now: seconds UTC, when it was withdrawn.
    """
    until = iso(now + TOLERANCES.compromise_s)
    for issued in lineages.all:
        license_ = issued.license
        if _signer(issued) != kid or _is_over(issued, lineages, kid, now):
            continue
        fate = "void at once" if license_.iat > cutoff else f"good until {until}"
        yield f"  {license_.serial:<14} {license_.name:<32} {fate}; issue it again"


def license_lines(lineages: Lineages, *, now: int) -> Iterator[str]:
    """Yield the newest license of each lineage, the next to end first."""
    for issued in sorted(lineages.heads(), key=lambda one: one.license.exp):
        license_ = issued.license
        yield (
            f"{license_.serial:<14} {license_.kind.name.lower():<14} "
            f"{valid_through(license_.exp).isoformat()}  "
            f"{_phase(license_.nbf, license_.exp, license_.term, now):<10} "
            f"{license_.name}"
        )


def _signer(issued: Issued) -> bytes:
    return open_sign1(issued.data, ObjectType.LICENSE).kid


def _is_over(issued: Issued, lineages: Lineages, kid: bytes, now: int) -> bool:
    """Tell whether a license has ended, or one by another key is in its place."""
    license_ = issued.license
    return license_.term <= now or any(
        later.license.lid == license_.lid
        and later.license.seq > license_.seq
        and (later.license.nbf <= now or _signer(later) == kid)
        for later in lineages.all
    )


def _phase(nbf: int, exp: int, term: int, now: int) -> str:
    if now >= term:
        return "ended"
    if now >= exp:
        return "in grace"
    return "starts" if now < nbf else "valid"


def _key_line(key: IssuingKey) -> str:
    status = key.status.name.lower()
    if key.cutoff is not None:
        status += f" after {iso(key.cutoff)}"
    use = key.use.name.lower()
    return f"{short_id(key.kid)}  {use:<20} {iso(key.nbf)} to {iso(key.naf)}  {status}"


def _due(keyset: Keyset, now: int) -> Iterator[str]:
    """Say which uses have no key for long."""
    for use in sorted(ISSUING_USES):
        active = [
            key.naf
            for key in keyset.manifest.keys
            if key.use is use and key.status is KeyStatus.ACTIVE
        ]
        if max(active, default=0) < now + _SOON_S:
            yield f"DUE: no key for {use.name.lower()} beyond 60 days; `keys rotate`"
