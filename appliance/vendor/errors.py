"""What can go wrong when the vendor issues, renews, revokes and takes reports."""

from appliance.errors import ApplianceError

__all__ = [
    "CeremonyError",
    "LedgerForkError",
    "LedgerGapError",
    "NotAnObjectError",
    "PassphraseError",
    "RegisterError",
    "ReportMissingError",
    "RequestMismatchError",
    "UnknownLineageError",
    "VendorTermsError",
]


class RegisterError(ApplianceError):
    """The register of what was issued cannot be read, written or believed."""

    code = "ANX-LIC-50"
    title = "The register of issued licenses is damaged or cannot be written"
    meaning = "Nothing was signed: without the register a number could be used twice."
    remedy = "Bring the register back from its newest backup, then try again."


class UnknownLineageError(ApplianceError):
    """Nothing was issued here under this name."""

    code = "ANX-LIC-51"
    title = "This license is not in the register"
    meaning = "There are no earlier terms to go on from; nothing was signed."
    remedy = (
        "Look the serial up with `license list`, or issue a first license with "
        "`license issue`."
    )


class RequestMismatchError(ApplianceError):
    """The request comes from another installation than the license it names."""

    code = "ANX-LIC-52"
    title = "The request comes from another installation"
    meaning = (
        "Its key is not the one the license is bound to: a new host, a copied one, or "
        "another customer's. Nothing was signed."
    )
    remedy = (
        "Ask the site what happened. If the host was set up anew, renew with "
        "--new-installation; the old installation then gets no more licenses."
    )


class ReportMissingError(ApplianceError):
    """The contract asks for a usage report before the renewal."""

    code = "ANX-LIC-53"
    title = "A usage report is due before this renewal"
    meaning = "The terms make a report a condition of renewal. Service is not touched."
    remedy = (
        "Ask the site for `anechoic report export` and take it in with "
        "`usage ingest`, or renew with --without-report."
    )


class LedgerForkError(ApplianceError):
    """Two reports go on from one point in different ways."""

    code = "ANX-LIC-54"
    title = "Two usage reports contradict each other (LEDGER_FORK)"
    meaning = (
        "One installation has gone two ways: a machine was cloned, or an older "
        "snapshot was started again. Nothing stops by itself; the report was kept, "
        "but not acknowledged."
    )
    remedy = (
        "Talk to the site. If it restored a backup, take the report in with "
        "--accept-branch and a reason; if two machines run, license the second one."
    )


class LedgerGapError(ApplianceError):
    """A report begins after the last point that was acknowledged."""

    code = "ANX-LIC-55"
    title = "Usage is missing between two reports (LEDGER_GAP)"
    meaning = (
        "The report begins later than the last one ended, so what lies between is not "
        "known: a report was lost on its way, or was never sent. It was kept, but not "
        "acknowledged."
    )
    remedy = (
        "Ask the site for `anechoic report export --since` with the number below and "
        "take that in; if it cannot be had, use --accept-branch and a reason."
    )


class PassphraseError(ApplianceError):
    """The passphrase is too short, or was not typed the same way twice."""

    code = "ANX-LIC-56"
    title = "The passphrase cannot be used"
    meaning = "No key was made or changed."
    remedy = "Choose six random words and type them the same way twice."


class CeremonyError(ApplianceError):
    """The ceremony cannot go on; what it made so far belongs to nothing."""

    code = "ANX-LIC-57"
    title = "The key ceremony ended early"
    meaning = "No site trusts the keys made so far; they are worth nothing."
    remedy = "Erase the media that were written and begin again."


class VendorTermsError(ApplianceError):
    """What was asked for cannot be signed."""

    code = "ANX-LIC-58"
    title = "This cannot be issued"
    meaning = "Nothing was signed."
    remedy = "Change what the first line names and try again."


class NotAnObjectError(ApplianceError):
    """The file is nothing that licensing knows."""

    code = "ANX-LIC-59"
    title = "This file is no licensing object"
    meaning = "It could be read neither as text nor as a signed object of any kind."
    remedy = "Check that the whole file arrived, and that it is the right one."
