"""Lineages as the register knows them: the newest license, what it answers to."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from appliance.vendor.errors import RegisterError, UnknownLineageError
from appliance.vendor.register import Event
from offline_license.errors import LicenseError
from offline_license.keys import key_id, short_id
from offline_license.license import peek_license

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.vendor.register import Entry
    from offline_license.model import License

__all__ = ["Issued", "Lineages", "license_fields", "stored"]


@dataclass(frozen=True, slots=True)
class Issued:
    """A license that was issued.

    Attributes:
        license: its terms.
        data: the signed object.
        at: when it was registered, seconds UTC.
        keyset: version of the key set at that time.
    """

    license: License
    data: bytes
    at: int
    keyset: int


class Lineages:
    """Everything issued, by lineage."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)

    @cached_property
    def all(self) -> tuple[Issued, ...]:
        """Every license, in the order of issue.

        Raises:
            RegisterError: an entry holds no license.
        """
        return tuple(_issued(e) for e in self._entries if e.event is Event.LICENSE)

    def newest(self, lid: bytes) -> Issued | None:
        """Return the license of the highest sequence in a lineage."""
        mine = [issued for issued in self.all if issued.license.lid == lid]
        return max(mine, key=lambda issued: issued.license.seq, default=None)

    def last_seq(self, lid: bytes) -> int:
        """Return the highest sequence in a lineage, 0 for none."""
        newest = self.newest(lid)
        return 0 if newest is None else newest.license.seq

    def heads(self) -> tuple[Issued, ...]:
        """Return the newest license of every lineage, oldest lineage first."""
        lids = dict.fromkeys(issued.license.lid for issued in self.all)
        heads = (self.newest(lid) for lid in lids)
        return tuple(head for head in heads if head is not None)

    def named(self, name: str) -> Issued:
        """Return the newest license of the lineage that a person names.

        Args:
            name: a serial with or without its number (``1F2E-3D4C/3``), or the start
                of the lineage's hexadecimal digits, at least eight.

        Raises:
            UnknownLineageError: none, or more than one, is called so.
        """
        wanted = name.partition("/")[0].replace("-", "").strip().lower()
        found = [h for h in self.heads() if h.license.lid.hex().startswith(wanted)]
        if len(wanted) < 8 or len(found) != 1:  # noqa: PLR2004 - a short serial
            raise UnknownLineageError(
                f"expected the serial of one license, found {len(found)} for {name!r}"
            )
        return found[0]

    def numbered(self, name: str) -> Issued:
        """Return the license with exactly this serial; without a number the newest.

        Raises:
            UnknownLineageError: none, or more than one, is called so.
        """
        newest = self.named(name)
        _, slash, number = name.partition("/")
        if not slash:
            return newest
        for issued in self.all:
            mine = issued.license.lid == newest.license.lid
            if mine and str(issued.license.seq) == number.strip():
                return issued
        raise UnknownLineageError(
            f"expected an issued license, found {name}; "
            f"the newest is {newest.license.serial}"
        )

    def bound_to(self, install_key: bytes) -> tuple[Issued, ...]:
        """Return the newest licenses that are bound to an installation."""
        return tuple(h for h in self.heads() if h.license.install_key == install_key)

    def install_key(self, kid: bytes) -> bytes:
        """Return the install key of this 8-byte name.

        Raises:
            UnknownLineageError: no license was bound to such a key.
        """
        for issued in self.all:
            public = issued.license.install_key
            if public is not None and key_id(public) == kid:
                return public
        raise UnknownLineageError(
            f"expected a known installation, found {short_id(kid)}; "
            "ask for the request as a file"
        )


def license_fields(license_: License, data: bytes, keyset: int) -> dict[str, object]:
    """Return what the register keeps of a license."""
    return {
        "lid": license_.lid.hex(),
        "serial": license_.serial,
        "seq": license_.seq,
        "kind": license_.kind.name.lower(),
        "licensee": license_.name,
        "keyset": keyset,
        "object": base64.b64encode(data).decode(),
    }


def stored(entry: Entry, name: str = "object") -> bytes:
    """Return the bytes that an entry holds.

    Raises:
        RegisterError: it holds none.
    """
    try:
        return base64.b64decode(entry.fields[name], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError) as error:
        raise RegisterError(f"entry {entry.number}: expected its {name}") from error


def _issued(entry: Entry) -> Issued:
    data = stored(entry)
    try:
        license_ = peek_license(data)
    except LicenseError as error:
        raise RegisterError(f"entry {entry.number}: {error}") from error
    return Issued(license_, data, entry.at, int(entry.fields.get("keyset", 0)))
