"""Read emergency codes out, and remember that they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.vendor.errors import VendorTermsError
from appliance.vendor.license_keys import LicenseKeyFiles
from appliance.vendor.licensing import code_of
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Event, Register

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.vendor.register import Book
    from offline_license.model import License

__all__ = ["GivenCode", "give_out_code"]


@dataclass(frozen=True, slots=True)
class GivenCode:
    """A code to be read out; the code itself is kept nowhere.

    Attributes:
        license: the license that it extends.
        index: which of its codes, from 1.
        count: how many there are.
        days: what each index grants beyond the last one redeemed.
        code: in groups of four.
        again: whether this one was given out before.
        newer: number of a later license that the site could install instead.
    """

    license: License
    index: int
    count: int
    days: int
    code: str
    again: bool
    newer: int | None


def give_out_code(  # noqa: PLR0913 - all by name
    directory: Path,
    passphrase: bytes,
    name: str,
    *,
    index: int | None = None,
    note: str = "",
    now: int,
) -> GivenCode:
    """Spell a code of a license: of the number that the site shows, or the newest.

    Args:
        directory: the key folder.
        passphrase: opens the key of the codes.
        name: serial of the license, as the site shows it.
        index: which code; None is the first that was not given out yet.
        note: who asked, for the register.
        now: seconds UTC.

    Raises:
        UnknownLineageError: nothing was issued under this name.
        VendorTermsError: it has no such code, or none is left.
    """
    files = LicenseKeyFiles(directory)
    with Register(files.register).open() as book:
        lineages = Lineages(book.entries)
        license_ = lineages.numbered(name).license
        newest = lineages.last_seq(license_.lid)
        given = _given_out(book, license_)
        extension = license_.extension
        if extension is None:
            raise VendorTermsError(
                f"license {license_.serial}: expected extension codes, found none"
            )
        chosen = max(given, default=0) + 1 if index is None else index
        code = code_of(files, passphrase, license_, chosen)
        book.add(
            Event.CODE,
            at=now,
            lid=license_.lid.hex(),
            serial=license_.serial,
            index=chosen,
            note=note,
        )
    return GivenCode(
        license=license_,
        index=chosen,
        count=extension.count,
        days=extension.days,
        code=code,
        again=chosen in given,
        newer=newest if newest > license_.seq else None,
    )


def _given_out(book: Book, license_: License) -> set[int]:
    """Return which codes of a license were given out."""
    return {
        int(entry.fields["index"])
        for entry in book.of(Event.CODE)
        if entry.fields.get("serial") == license_.serial
        and entry.fields.get("lid") == license_.lid.hex()
    }
