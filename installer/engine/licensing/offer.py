"""Something carried in, recognized and verified; nothing of it is written yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.license_files import read_small
from installer.errors import (
    FRAMES_MISSING,
    LICENSE_UNREADABLE,
    InstallerError,
)
from offline_license.cose import ObjectType
from offline_license.errors import TypeMismatchError
from offline_license.intake import (
    ExtensionCode,
    PartialFrames,
    SignedObject,
    recognize,
)
from offline_license.keyset import newer_keyset
from offline_license.license import verify_license
from offline_license.response import verify_response
from offline_license.revocation import newer_revocations

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from installer.engine.licensing.trust import Trust
    from offline_license.keyset import Keyset
    from offline_license.license import VerifiedLicense
    from offline_license.revocation import Revocations

__all__ = ["Offer", "carried", "read_carried", "verify_offer"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A genuine license, with what came along.

    Attributes:
        keyset: by which it was judged.
        newer_keyset, newer_revocations: bytes that are to replace the installed.
        response: the whole response, which acknowledges the usage ledger.
        floor_s: the newest time that anything in it proves, seconds UTC.
    """

    form: Literal["license", "response"]
    verified: VerifiedLicense
    keyset: Keyset
    revocations: Revocations | None
    newer_keyset: bytes | None = None
    newer_revocations: bytes | None = None
    response: bytes | None = None
    floor_s: int = 0

    @property
    def updates(self) -> tuple[str, ...]:
        """Say what it brings beside the license."""
        lines = []
        if self.newer_keyset is not None:
            lines.append(f"key set {self.keyset.version}")
        if self.newer_revocations is not None and self.revocations is not None:
            lines.append(f"revocation list {self.revocations.version}")
        return tuple(lines)


def read_carried(path: Path) -> bytes:
    """Read a file that was carried in; pipes, devices and giants are refused.

    Raises:
        SizeError: it is no regular file, or too large.
        InstallerError: it cannot be read.
    """
    try:
        return read_small(path)
    except OSError as error:
        raise InstallerError(LICENSE_UNREADABLE, f"{path}: {error.strerror}") from error


def carried(data: bytes) -> SignedObject | ExtensionCode:
    """Recognize what was carried in.

    Raises:
        InstallerError: some frames of a QR code are missing.
        LicenseError: it is nothing that could be installed.
    """
    match recognize(data):
        case PartialFrames(total, missing):
            found = ", ".join(map(str, missing))
            raise InstallerError(
                FRAMES_MISSING, f"expected {total} frames; still missing: {found}"
            )
        case SignedObject() | ExtensionCode() as found_:
            return found_


def verify_offer(
    found: SignedObject, trust: Trust, in_force: VerifiedLicense | None
) -> Offer:
    """Verify a license or a response, or news about the license in force.

    Raises:
        LicenseError: it is not genuine, or another kind of object.
        InstallerError: there is no key set to judge it by.
    """
    match found.type:
        case ObjectType.LICENSE:
            keyset = trust.required()
            verified = verify_license(found.data, keyset)
            return Offer(
                "license",
                verified,
                keyset,
                trust.revocations,
                trust.newer_keyset,
                trust.newer_revocations,
            )
        case ObjectType.RESPONSE:
            return _response(found.data, trust)
        case ObjectType.REVOCATION | ObjectType.KEYSET if in_force is not None:
            return _news(found, trust, in_force)
        case other:
            words = other.name.lower().replace("_", " ")
            raise TypeMismatchError(f"expected a license or a response, found {words}")


def _news(found: SignedObject, trust: Trust, in_force: VerifiedLicense) -> Offer:
    """Verify a revocation list or a key set that came alone."""
    keyset, listed = trust.required(), trust.revocations
    keys = news = None
    if found.type is ObjectType.KEYSET:
        keys = newer_keyset(found.data, trust.anchor, keyset)
    else:
        news = newer_revocations(found.data, keyset, listed)
    return Offer(
        form="response",
        verified=in_force,
        keyset=keys or keyset,
        revocations=news or listed,
        newer_keyset=found.data if keys else trust.newer_keyset,
        newer_revocations=found.data if news else trust.newer_revocations,
        floor_s=max(keys.manifest.iat if keys else 0, news.iat if news else 0),
    )


def _response(data: bytes, trust: Trust) -> Offer:
    answer = verify_response(
        data, trust.anchor, keyset=trust.keyset, revocations=trust.revocations
    )
    times = [answer.response.iat, answer.keyset.manifest.iat]
    if answer.revocations is not None:
        times.append(answer.revocations.iat)
    return Offer(
        form="response",
        verified=answer.license,
        keyset=answer.keyset,
        revocations=answer.revocations,
        newer_keyset=answer.newer_keyset or trust.newer_keyset,
        newer_revocations=answer.newer_revocations or trust.newer_revocations,
        response=data,
        floor_s=max(times),
    )
