"""Everything that can be wrong with a licensing object, one class per cause.

    LicenseError
    ├── SizeError ─────────── too large or empty, refused before parsing
    ├── DecodeError ───────── not deterministic CBOR, or not our envelope
    │   └── TrailingError ─── something follows the object
    ├── ArmorError ────────── the text form is damaged
    │   ├── HeaderMismatchError
    │   └── ScanError ─────── a scanned or typed form is damaged
    ├── IntakeError ───────── nothing that could be installed at all
    ├── TypeMismatchError ─── one kind of object presented as another
    ├── AlgorithmError ────── not Ed25519
    ├── UnknownKeyError ───── signed by a key that is not known here
    ├── KeyUseError ───────── signed by a key for another purpose
    ├── CompromisedKeyError ─ signed by a withdrawn key
    ├── SignatureError ────── the signature does not match
    ├── SchemaError ───────── genuine, but a field is not as the format demands
    ├── WeakKeyError ──────── a public key that proves nothing
    ├── IssuerError ───────── dates the issuing key does not permit
    ├── LintError ─────────── the vendor is about to issue nonsense
    ├── KeysetError ───────── rollback, fast-forward or too few signatures
    ├── NotForThisInstallError
    ├── SupersededError ───── a newer license is already installed
    ├── LineageError ──────── a license that replaces none of those here
    ├── RevocationError ───── rollback, fast-forward or not announced in time
    ├── LeaseError ────────── a lease for another question or another asker
    │   └── LeaseVersionError
    ├── KeyFileError ──────── a private key file cannot be opened
    ├── ExtensionCodeError ── an emergency code that does not fit
    ├── LedgerError ───────── records of the usage ledger that do not follow
    └── ReportError ───────── no usage report, or one of another form
        └── ReportProofError  a report that does not prove what it says

The message says what happened, with expected and found; it never holds a secret.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ERROR_TYPES",
    "AlgorithmError",
    "ArmorError",
    "CompromisedKeyError",
    "DecodeError",
    "ExtensionCodeError",
    "HeaderMismatchError",
    "IntakeError",
    "IssuerError",
    "KeyFileError",
    "KeyUseError",
    "KeysetError",
    "LeaseError",
    "LeaseVersionError",
    "LedgerError",
    "LicenseError",
    "LineageError",
    "LintError",
    "NotForThisInstallError",
    "ReportError",
    "ReportProofError",
    "RevocationError",
    "ScanError",
    "SchemaError",
    "SignatureError",
    "SizeError",
    "SupersededError",
    "TrailingError",
    "TypeMismatchError",
    "UnknownKeyError",
    "WeakKeyError",
]

_NOT_USED = "The file was not used; what is installed stays as it is."
_ASK_AGAIN = "Copy the file again from the vendor's medium or mail, unchanged."


class LicenseError(Exception):
    """A licensing object was refused.

    Attributes:
        code: stable name, ``ANX-LIC-nn``.
        title: the cause in a few words.
        meaning: the consequence for the operator.
        remedy: the next step.
        evidence: what was observed; the message unless told otherwise.
    """

    code: ClassVar[str] = "ANX-LIC-00"
    title: ClassVar[str] = "The license file is not usable"
    meaning: ClassVar[str] = _NOT_USED
    remedy: ClassVar[str] = _ASK_AGAIN

    def __init__(self, message: str, *, evidence: str = "") -> None:
        super().__init__(message)
        self.evidence = evidence or message


class SizeError(LicenseError):
    """The object is empty or larger than any object of its kind."""

    code = "ANX-LIC-01"
    title = "The license file has an impossible size"


class DecodeError(LicenseError):
    """The bytes are not deterministic CBOR in our envelope."""

    code = "ANX-LIC-02"
    title = "The license file is damaged"


class TrailingError(DecodeError):
    """Bytes follow the object; two files may have been joined."""

    code = "ANX-LIC-03"
    title = "Something follows the license in the file"
    remedy = "Give each license as a file of its own."


class ArmorError(LicenseError):
    """The text form is damaged."""

    code = "ANX-LIC-04"
    title = "The text of the license is damaged"
    remedy = "Copy the whole block from BEGIN to END again, without editing it."


class HeaderMismatchError(ArmorError):
    """The readable lines say something else than the signed content."""

    code = "ANX-LIC-05"
    title = "The readable lines differ from the signed license"
    remedy = "Do not trust the paper copy. Ask the vendor for the original file."


class TypeMismatchError(LicenseError):
    """One kind of object was presented as another."""

    code = "ANX-LIC-06"
    title = "This is another kind of file"
    remedy = "Choose the file the vendor named as the license."


class AlgorithmError(LicenseError):
    """The signature algorithm is not Ed25519."""

    code = "ANX-LIC-07"
    title = "The license names a signature algorithm that is not allowed"
    remedy = "Ask the vendor for a new file and report this one."


class UnknownKeyError(LicenseError):
    """The signing key is not among the known keys."""

    code = "ANX-LIC-08"
    title = "The license is signed by a key that is not known here"
    remedy = "Update the key set from the newest release medium, then try again."


class KeyUseError(LicenseError):
    """The signing key exists, but for another purpose."""

    code = "ANX-LIC-09"
    title = "The license is signed by a key for another purpose"
    remedy = "Ask the vendor to issue the license again with the right key."


class SignatureError(LicenseError):
    """The signature does not match the content."""

    code = "ANX-LIC-10"
    title = "The signature does not match the content"


class SchemaError(LicenseError):
    """The object is genuine or well formed, but a field is not as demanded."""

    code = "ANX-LIC-11"
    title = "A field of the license is not as the format demands"
    remedy = "Update the software if the file is newer than it; else ask the vendor."


class WeakKeyError(LicenseError):
    """A public key of low order or in a non-canonical form proves nothing."""

    code = "ANX-LIC-12"
    title = "A public key is not acceptable"
    meaning = "Anyone could forge signatures for this key, so it was refused."
    remedy = "Make a new install key and a new request."


class IssuerError(LicenseError):
    """The dates of the license are not permitted to its issuing key."""

    code = "ANX-LIC-13"
    title = "The license has dates that its issuing key does not permit"
    remedy = "Ask the vendor to issue the license again."


class KeysetError(LicenseError):
    """The key set is older, too far ahead, or not signed by enough roots."""

    code = "ANX-LIC-14"
    title = "The key set is not acceptable"
    meaning = "The key set in use stays as it is."
    remedy = "Use the key set of the newest release medium."


class NotForThisInstallError(LicenseError):
    """The license is bound to the install key of another appliance."""

    code = "ANX-LIC-15"
    title = "The license belongs to another installation"
    remedy = "Make a request on this host and have the vendor answer it."


class SupersededError(LicenseError):
    """A newer license of the same lineage is installed."""

    code = "ANX-LIC-16"
    title = "A newer license is already installed"
    remedy = "Nothing needs to be done; keep the newer license."


class CompromisedKeyError(LicenseError):
    """The issuing key was withdrawn."""

    code = "ANX-LIC-17"
    title = "The license was signed by a withdrawn key"
    remedy = "Ask the vendor to issue the license again with the current key."


class LeaseError(LicenseError):
    """A lease answers another question, another asker, or another license."""

    code = "ANX-LIC-18"
    title = "The lease is not for this service"
    meaning = "The service keeps its last lease and asks again."
    remedy = "If it stays, restart the license container and look at its log."


class LeaseVersionError(LeaseError):
    """The lease has a major version that this service does not know."""

    code = "ANX-LIC-19"
    title = "License container and service are of different generations"
    remedy = "Install one release medium as a whole, so that both are updated."


class KeyFileError(LicenseError):
    """A private key file cannot be opened."""

    code = "ANX-LIC-20"
    title = "A private key cannot be opened"
    meaning = "Nothing was signed."
    remedy = "Check the passphrase and that the file is an Ed25519 key."


class LintError(LicenseError):
    """The vendor is about to issue a license with nonsense in it."""

    code = "ANX-LIC-21"
    title = "The license to be issued makes no sense"
    meaning = "Nothing was signed."
    remedy = "Correct the dates or the terms and issue again."


class ExtensionCodeError(LicenseError):
    """An emergency code is misspelled or belongs to another license."""

    code = "ANX-LIC-22"
    title = "The extension code does not fit"
    meaning = "Nothing was extended; the license stays as it is."
    remedy = "Have the code read out again, or install a license file."


class LedgerError(LicenseError):
    """Records of the usage ledger do not follow one another as they were written."""

    code = "ANX-LIC-23"
    title = "The usage ledger is damaged or incomplete"
    meaning = "Service goes on; the next report says which records are missing."
    remedy = (
        "Check the disk. After restoring a backup, say so with the restored command."
    )


class ReportError(LicenseError):
    """The file is no usage report, or one of another form."""

    code = "ANX-LIC-24"
    title = "This is no usable usage report"
    meaning = "Nothing was taken from the file."
    remedy = "Copy the report again, unchanged, or export it again at the site."


class ReportProofError(ReportError):
    """The report does not prove what it says."""

    code = "ANX-LIC-25"
    title = "The usage report does not prove what it says"
    meaning = "It was changed, or belongs to another installation; nothing was counted."
    remedy = "Check that the key is that of the site, and export the report again."


class RevocationError(LicenseError):
    """The revocation list is older, too far ahead, or not announced in time."""

    code = "ANX-LIC-26"
    title = "The revocation list is not acceptable"
    meaning = "The revocation list in use stays as it is."
    remedy = "Use the revocation list of the newest release medium."


class ScanError(ArmorError):
    """A scanned, photographed or typed form of an object is damaged."""

    code = "ANX-LIC-27"
    title = "What was scanned is damaged"
    remedy = "Scan it again, every part of it, with a scanner set to send plain text."


class IntakeError(LicenseError):
    """The bytes are no form of anything that licensing knows."""

    code = "ANX-LIC-28"
    title = "This is no license, response or code"
    remedy = "Give the license file, its whole text, its scanned text or a typed code."


class LineageError(LicenseError):
    """A license of another lineage that replaces none of those here."""

    code = "ANX-LIC-29"
    title = "The license replaces none of those installed here"
    remedy = "Make a request on this host and have the vendor answer it."


ERROR_TYPES: tuple[type[LicenseError], ...] = (
    SizeError,
    DecodeError,
    TrailingError,
    ArmorError,
    HeaderMismatchError,
    TypeMismatchError,
    AlgorithmError,
    UnknownKeyError,
    KeyUseError,
    SignatureError,
    SchemaError,
    WeakKeyError,
    IssuerError,
    KeysetError,
    NotForThisInstallError,
    SupersededError,
    CompromisedKeyError,
    LeaseError,
    LeaseVersionError,
    KeyFileError,
    LintError,
    ExtensionCodeError,
    LedgerError,
    ReportError,
    ReportProofError,
    RevocationError,
    ScanError,
    IntakeError,
    LineageError,
)
