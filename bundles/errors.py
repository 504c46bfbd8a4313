"""Errors of release media.

::

    BundleError
    |- MediumError           the medium is refused
    |  |- NotAMediumError, SignatureError, ForeignVendorError, RollbackError
    |  |- ExpiredError, ClockBehindError, MetadataError, RevokedError
    |  |- ReleaseError, ReleaseTooNewError
    |  |- DeltaBaseError, DeltaListError
    |  |- BlobError          one file of the payload is wrong
    |  `- ForbiddenTypeError, UnreadableError
    |- AnchorError           the trust anchor is refused
    |- TrustUpdateError      the trust update is refused: OlderUpdateError
    |- TrustStateError       what this host remembers is damaged
    |- PassportError         a passport of a host is refused
    |- KeyMaterialError      a signing key cannot be used
    |- BuildError, UpdateInputError   a medium or a trust update cannot be made
    `- TargetWriteError      this host cannot store the payload

Every instance carries ``code``, ``title``, ``meaning``, ``remedy`` and ``evidence``.
"""

from typing import ClassVar

from bundles import texts

__all__ = [
    "AnchorError",
    "BlobError",
    "BuildError",
    "BundleError",
    "ClockBehindError",
    "DeltaBaseError",
    "DeltaListError",
    "ExpiredError",
    "ForbiddenTypeError",
    "ForeignVendorError",
    "KeyMaterialError",
    "MediumError",
    "MetadataError",
    "NotAMediumError",
    "OlderUpdateError",
    "PassportError",
    "ReleaseError",
    "ReleaseTooNewError",
    "RevokedError",
    "RollbackError",
    "SignatureError",
    "TargetWriteError",
    "TrustStateError",
    "TrustUpdateError",
    "UnreadableError",
    "UpdateInputError",
]


class BundleError(texts.Explained, Exception):
    """Base of all errors of this package."""

    explanation: ClassVar[texts.Explanation]

    def __init__(self, message: str, *, evidence: str = "") -> None:
        super().__init__(message)
        self.evidence = evidence or message


class MediumError(BundleError):
    """The medium is refused."""

    explanation = texts.METADATA_DAMAGED


class NotAMediumError(MediumError):
    """The folder is no release medium."""

    explanation = texts.NOT_A_MEDIUM


class SignatureError(MediumError):
    """A role has fewer good signatures than its threshold."""

    explanation = texts.TOO_FEW_SIGNATURES


class ForeignVendorError(MediumError):
    """The medium hangs off another root than the trust anchor."""

    explanation = texts.FOREIGN_VENDOR


class RollbackError(MediumError):
    """The medium is older than what was trusted before."""

    explanation = texts.ROLLBACK


class ExpiredError(MediumError):
    """The install-by date is over."""

    explanation = texts.EXPIRED


class ClockBehindError(MediumError):
    """The clock is before the trusted time floor."""

    explanation = texts.CLOCK_BEHIND


class MetadataError(MediumError):
    """Trust metadata cannot be parsed or does not fit together."""

    explanation = texts.METADATA_DAMAGED


class RevokedError(MediumError):
    """The vendor has withdrawn the release of this medium."""

    explanation = texts.REVOKED


class ReleaseError(MediumError):
    """release.json is signed but contradictory."""

    explanation = texts.RELEASE_INVALID


class ReleaseTooNewError(MediumError):
    """release.json has a format of a later program."""

    explanation = texts.RELEASE_TOO_NEW


class BlobError(MediumError):
    """Bytes differ from the signature at the moment of use."""

    explanation = texts.CHANGED_WHILE_READ


class ForbiddenTypeError(MediumError):
    """A link, device, pipe or socket stands where a file should be."""

    explanation = texts.FORBIDDEN_TYPE


class UnreadableError(MediumError):
    """The operating system cannot read the medium."""

    explanation = texts.UNREADABLE


class DeltaBaseError(MediumError):
    """The host lacks what the delta medium leaves out."""

    explanation = texts.DELTA_BASE


class DeltaListError(MediumError):
    """The list of a delta medium is unsigned, or contradicts the release."""

    explanation = texts.DELTA_LIST


class AnchorError(BundleError):
    """The trust anchor file is refused."""

    explanation = texts.ANCHOR_INVALID


class TrustUpdateError(BundleError):
    """The file is no trust update."""

    explanation = texts.UPDATE_UNREADABLE


class OlderUpdateError(TrustUpdateError):
    """The trust update is older than what was trusted before."""

    explanation = texts.UPDATE_OLDER


class TrustStateError(BundleError):
    """The trust records of this host are damaged."""

    explanation = texts.STATE_DAMAGED


class PassportError(BundleError):
    """A passport is no passport, or does not fit the release."""

    explanation = texts.PASSPORT_INVALID


class KeyMaterialError(BundleError):
    """A signing key cannot be read or written."""

    explanation = texts.KEYS_UNUSABLE


class BuildError(BundleError):
    """Input of a build is missing or contradictory."""

    explanation = texts.BUILD_INPUT


class UpdateInputError(BundleError):
    """What a trust update shall say is unknown or contradictory."""

    explanation = texts.UPDATE_INPUT


class TargetWriteError(BundleError):
    """Payload cannot be stored on this host."""

    explanation = texts.TARGET_WRITE
