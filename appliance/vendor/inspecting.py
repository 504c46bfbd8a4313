"""Show what any licensing file says, who signed it, and what is wrong with it.

Nothing is trusted for being shown: the fields are read without verifying, and beside
them stands whether signature, key and rules hold. Without the vendor's keys only what
proves itself (a request, a usage report) can be verified.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from appliance.errors import ApplianceError
from appliance.vendor.plain import flat, plain
from appliance.vendor.readers import READERS, Known, Reader
from offline_license.changes import compare
from offline_license.cose import ObjectType, open_sign, open_sign1
from offline_license.errors import LicenseError, UnknownKeyError
from offline_license.intake import ExtensionCode, PartialFrames, recognize
from offline_license.keys import key_id, short_id
from offline_license.license import peek_license
from offline_license.lint import check_license, lint_license
from offline_license.report import Report, verify_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from offline_license.intake import SignedObject

__all__ = ["Inspection", "differences", "inspect_file"]

_NOT_VERIFIED: Final = "NOT VERIFIED: no keys were given"
_VERIFIED: Final = "verified"
_REFUSED: Final = "REFUSED"


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file, looked at.

    Attributes:
        kind: what it says it is.
        verdict: verified, not verified, or refused.
        fields: what stands in it, as JSON.
        signers: who signed it, as names of keys.
        problems: why it is refused, each with its code.
        advice: what is allowed but unusual.
        data: the object's bytes; empty for what is none.
    """

    kind: str
    verdict: str
    fields: dict[str, Any] = field(default_factory=dict)
    signers: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    data: bytes = field(default=b"", repr=False)

    def lines(self) -> Iterator[str]:
        """Yield everything for people."""
        yield f"{self.kind}: {self.verdict}"
        yield from (f"  signed by  {signer}" for signer in self.signers)
        yield from (f"  problem    {problem}" for problem in self.problems)
        yield from (f"  unusual    {advice}" for advice in self.advice)
        yield from (
            f"  {name:<24} {value}" for name, value in flat(self.fields).items()
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything for programs."""
        return {
            "kind": self.kind,
            "verdict": self.verdict,
            "signers": list(self.signers),
            "problems": list(self.problems),
            "advice": list(self.advice),
            "fields": self.fields,
        }


def inspect_file(data: bytes, known: Known) -> Inspection:
    """Look at a file of any kind; whatever is wrong with it becomes a problem.

    Args:
        data: text, binary, QR text, scan or code.
        known: what to verify with.
    """
    try:
        if data.lstrip()[:1] == b"{":
            return _report(data)
        match recognize(data):
            case ExtensionCode(text):
                return Inspection("extension code", "well spelled", {"code": text})
            case PartialFrames(total, missing):
                lacking = ", ".join(map(str, missing))
                problem = f"expected {total} frames, found all but {lacking}"
                return Inspection("part of a QR code", _REFUSED, problems=(problem,))
            case found:
                return _object(found, known)
    except LicenseError as error:
        return Inspection("unreadable", _REFUSED, problems=(_problem(error),))


def differences(old: Inspection, new: Inspection) -> Iterator[str]:
    """Yield what differs between two files, and for licenses what the site gains."""
    before, after = flat(old.fields), flat(new.fields)
    for name in dict.fromkeys([*before, *after]):
        was, becomes = before.get(name, "-"), after.get(name, "-")
        if was != becomes:
            yield f"{name}: {was} -> {becomes}"
    if old.kind == new.kind == "license":
        changes = compare(peek_license(old.data), peek_license(new.data))
        yield from (f"gains: {line}" for line in changes.gains)
        yield from (f"loses: {line}" for line in changes.losses)


def _object(found: SignedObject, known: Known) -> Inspection:
    reader = READERS[found.type]
    verdict, problems = _verdict(reader, found.data, known)
    return Inspection(
        kind=found.type.name.lower().replace("_", " "),
        verdict=verdict,
        fields=reader.read(found.data),
        signers=tuple(_signers(found, known)),
        problems=problems,
        advice=_advice(found),
        data=found.data,
    )


def _verdict(reader: Reader, data: bytes, known: Known) -> tuple[str, tuple[str, ...]]:
    try:
        return (_VERIFIED if reader.verify(data, known) else _NOT_VERIFIED), ()
    except (ApplianceError, LicenseError) as error:
        return _REFUSED, (_problem(error),)


def _advice(found: SignedObject) -> tuple[str, ...]:
    if found.type is not ObjectType.LICENSE:
        return ()
    license_ = peek_license(found.data)
    try:
        check_license(license_, now=license_.iat)
    except LicenseError as error:
        return (str(error), *lint_license(license_))
    return lint_license(license_)


def _signers(found: SignedObject, known: Known) -> Iterator[str]:
    """Name the keys that an object says it is signed by."""
    if found.type is ObjectType.KEYSET:
        roots = known.anchor.by_kid if known.anchor else {}
        for signature in open_sign(found.data, found.type).signatures:
            role = "a root key of ours" if signature.kid in roots else "root key"
            yield f"{short_id(signature.kid)} ({role})"
        return
    kid = open_sign1(found.data, found.type).kid
    try:
        key = known.keyset and known.keyset.key(kid)
    except UnknownKeyError:
        key = None
    what = (
        f"{key.use.name.lower()}, {key.status.name.lower()}" if key else "unknown here"
    )
    if found.type in {ObjectType.REQUEST, ObjectType.MINI_REQUEST}:
        what = "install key of the site"
    yield f"{short_id(kid)} ({what})"


def _problem(error: ApplianceError | LicenseError) -> str:
    return f"{error.code} {error.title}: {error}"


def _report(data: bytes) -> Inspection:
    try:
        report = verify_report(data, None)
    except LicenseError as error:
        return Inspection("usage report", _REFUSED, problems=(_problem(error),))
    return Inspection(
        kind="usage report",
        verdict="verified with the install key inside it",
        fields=_report_fields(report),
        signers=tuple(short_id(kid) for kid in report.signers)
        + tuple(f"{short_id(kid)} (unknown here)" for kid in report.unknown_signers),
        data=data,
    )


def _report_fields(report: Report) -> dict[str, Any]:
    shown = {
        "license": report.serial,
        "installation": short_id(key_id(report.install_key)),
        "install_key": report.install_key,
        "level": report.level,
        "since_s": report.since_s,
        "until_s": report.until_s,
        "from_index": report.start.index if report.start else 0,
        "to_index": report.head.index,
        "head": report.head.digest,
        "totals": report.totals,
        "holes": report.breaks,
    }
    return {name: plain(value, name) for name, value in shown.items()}
