"""Answer a request with the next license of its lineage.

The terms of the last license are the defaults. The answer is a bundle: license, key
set, revocation list, and the place in the usage ledger that was taken in, so that one
trip by hand brings everything up to date. The host as it shows itself in the request is
enrolled anew; nobody has to explain a new network card.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from appliance.vendor.accounts import Accounts
from appliance.vendor.errors import (
    ReportMissingError,
    RequestMismatchError,
    UnknownLineageError,
)
from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    load_keyset,
    load_keyset_bytes,
    load_revocations_bytes,
    trusting_anchor,
)
from appliance.vendor.licensing import IssuedLicense, issuing_key, put_in_force
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Register
from appliance.vendor.requests import read_request
from appliance.vendor.terms import LicenseTerms, next_through
from offline_license.armor import Label, armor
from offline_license.changes import compare
from offline_license.dates import iso, valid_through
from offline_license.fingerprint import Binding, Enrolled, match
from offline_license.keys import key_id, short_id
from offline_license.model import LedgerAck, ReportMode
from offline_license.response import Response, sign_response, verify_response
from offline_license.tolerances import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from appliance.vendor.lineages import Issued
    from appliance.vendor.requests import Asked
    from offline_license.changes import Changes
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.model import License

__all__ = ["Renewal", "RenewalOrder", "renew_license"]

_CLOCK_S = DAY_S
"""A clock of the site that is further off is worth a word."""


@dataclass(frozen=True, slots=True)
class RenewalOrder:
    """What the vendor says beside the request.

    Attributes:
        through: the last day; None goes on for as long as before.
        lineage: serial of the license to renew; empty takes that of the request.
        new_installation: the request may come from another install key.
        without_report: renew although the terms ask for a report first.
        changes: fields of ``LicenseTerms`` that differ from the last license.
        limits: fields of ``Capacity`` that differ; None is without limit.
    """

    through: date | None = None
    lineage: str = ""
    new_installation: bool = False
    without_report: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renewal:
    """The answer to a request.

    Attributes:
        issued: the new license.
        before: the last one.
        response: the bundle.
        text: the bundle as text.
        filename: a name for it.
        changes: what the new license gives and takes away.
        notes: what the vendor should know about the site, in sentences.
        keyset_is_news: whether the key set has changed since the last license.
    """

    issued: IssuedLicense
    before: License
    response: bytes
    text: str
    filename: str
    changes: Changes
    notes: tuple[str, ...]
    keyset_is_news: bool

    @property
    def carried(self) -> tuple[bytes, str]:
        """What goes onto paper: the license where the site can verify it, else all."""
        if self.keyset_is_news:
            return self.response, self.text
        return self.issued.data, self.issued.text


def renew_license(
    request_file: bytes,
    directory: Path,
    passphrase: bytes,
    order: RenewalOrder,
    *,
    now: int,
) -> Renewal:
    """Issue the next license of a lineage and bundle it.

    Args:
        request_file: the request in any form.
        directory: the key folder.
        passphrase: opens the issuing key.
        order: what differs from the last time.
        now: seconds UTC, becomes ``iat``.

    Raises:
        UnknownLineageError: there is no license to renew in the register.
        RequestMismatchError: the request comes from another installation.
        ReportMissingError: the terms ask for a usage report first.
        LicenseError: request, keys or terms are not acceptable.
    """
    files = LicenseKeyFiles(directory)
    with Register(files.register).open() as book:
        lineages, accounts = Lineages(book.entries), Accounts(book.entries)
        asked = read_request(request_file, lineages)
        before = _before(asked, lineages, order)
        ack = accounts.ack(asked.install_key)
        _check_report(before, accounts, asked, order, now)
        terms = _terms(before.license, asked, order, now)
        key = issuing_key(directory, passphrase, terms.kind)
        license_ = _next(before.license, asked, terms, ack, now)
        issued = put_in_force(book, files, key, passphrase, license_, terms)
    response = _bundle(files, issued, ack, key, now)
    name = issued.filename.removesuffix(".alic") + ".arsp"
    return Renewal(
        issued=issued,
        before=before.license,
        response=response,
        text=armor(response, Label.RESPONSE),
        filename=name,
        changes=compare(before.license, issued.license),
        notes=tuple(_notes(before.license, asked, accounts, now)),
        keyset_is_news=load_keyset(directory).version != before.keyset,
    )


def _before(asked: Asked, lineages: Lineages, order: RenewalOrder) -> Issued:
    """Find the license to go on from, and check who asks."""
    if order.lineage:
        before = lineages.named(order.lineage)
    else:
        before = _of_request(asked, lineages)
    bound = before.license.install_key
    if bound not in {None, asked.install_key} and not order.new_installation:
        raise RequestMismatchError(
            f"license {before.license.serial}: expected a request by installation "
            f"{short_id(key_id(bound or b''))}, found {short_id(key_id(asked.install_key))}"
        )
    return before


def _of_request(asked: Asked, lineages: Lineages) -> Issued:
    """Return the license that a request names, or the one that its key has."""
    if asked.lid is not None:
        found = lineages.newest(asked.lid)
        if found is None:
            raise UnknownLineageError(
                f"expected an issued license, found {short_id(asked.lid)}/{asked.seq}"
            )
        return found
    bound = [b for b in lineages.bound_to(asked.install_key) if not b.license.parent]
    if len(bound) != 1:
        raise UnknownLineageError(
            "expected one license of installation "
            f"{short_id(key_id(asked.install_key))}, found {len(bound)}; name it "
            "with --license"
        )
    return bound[0]


def _check_report(
    before: Issued, accounts: Accounts, asked: Asked, order: RenewalOrder, now: int
) -> None:
    """Hold a contract to its report; a license says so long before."""
    cadence = before.license.report
    if cadence is None or cadence.mode is not ReportMode.CONDITION_OF_RENEWAL:
        return
    last = accounts.last_at(asked.install_key)
    due = max(last or 0, before.license.iat) + cadence.days * DAY_S
    if now >= due and not order.without_report:
        raise ReportMissingError(
            f"license {before.license.serial}: expected a usage report every "
            f"{cadence.days} days, found none since "
            f"{iso(max(last or 0, before.license.iat))}"
        )


def _terms(
    before: License, asked: Asked, order: RenewalOrder, now: int
) -> LicenseTerms:
    """Return the last terms for another period, with what was ordered.

    Where the site has not got the last answer yet, the period stays: asking twice
    does not make two years.
    """
    again = _is_repeated(before, asked) and before.exp > now
    usual = valid_through(before.exp) if again else next_through(before, now=now)
    through = order.through or usual
    terms = LicenseTerms.of(before, through=through)
    capacity = replace(terms.capacity, **order.limits)
    return replace(terms, capacity=capacity, **order.changes)


def _next(
    before: License,
    asked: Asked,
    terms: LicenseTerms,
    ack: LedgerAck | None,
    now: int,
) -> License:
    """Return the next license, bound to the host as it is now."""
    shown = asked.seq if asked.lid == before.lid else 0
    license_ = terms.license(lid=before.lid, seq=max(shown, before.seq) + 1, now=now)
    seen = asked.fingerprint
    enrolled = before.enrolled if asked.mini else seen and Enrolled(seen)
    return replace(
        license_,
        customer=terms.customer_id if terms.customer else before.customer,
        install_key=asked.install_key,
        enrolled=enrolled if enrolled and enrolled.fingerprint.groups else None,
        request=asked.digest,
        ack=ack,
    )


def _bundle(
    files: LicenseKeyFiles,
    issued: IssuedLicense,
    ack: LedgerAck | None,
    key: Ed25519PrivateKey,
    now: int,
) -> bytes:
    """Sign the response and look at it as a site would that knows the roots only."""
    listed = load_revocations_bytes(files.directory)
    keyset = load_keyset_bytes(files.directory)
    signed = sign_response(Response(now, issued.data, keyset, listed, ack), key)
    verify_response(signed, trusting_anchor(files.directory))
    return signed


def _is_repeated(before: License, asked: Asked) -> bool:
    """Tell whether the site asks without having installed the last license."""
    return asked.lid == before.lid and asked.seq < before.seq


def _notes(
    before: License, asked: Asked, accounts: Accounts, now: int
) -> Iterator[str]:
    """Say what the request shows about the site."""
    if before.install_key not in {None, asked.install_key}:
        yield (
            "bound to a new installation; the license before stays with the old one "
            "until its dates, or until it is revoked"
        )
    if _is_repeated(before, asked):
        yield (
            f"the site has not installed {before.serial} yet; "
            "without --through its last day is kept"
        )
    if not asked.mini:
        yield from _host(before, asked)
    if abs(asked.wall_s - now) > _CLOCK_S:
        yield f"the site's clock shows {iso(asked.wall_s)}"
    if asked.flags:
        yield "raised at the site: " + ", ".join(flag.name for flag in asked.flags)
    if asked.ledger and (doubt := accounts.doubt(asked.install_key, *asked.ledger)):
        yield doubt


def _host(before: License, asked: Asked) -> Iterator[str]:
    found = match(before.enrolled, asked.fingerprint)
    if asked.fingerprint is None:
        yield "the request says nothing about the host; it is bound by its key alone"
    elif found.binding in {Binding.DRIFT, Binding.MISMATCH}:
        changed = ", ".join(group.label for group in found.changed)
        yield (
            f"the host has changed ({changed}; {found.matched_weight} of "
            f"{found.enrolled_weight} is the same) and was enrolled as it is now"
        )
