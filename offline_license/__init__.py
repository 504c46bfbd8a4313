"""Decide about offline licenses: format, time, states, fingerprint, ledger, leases.

Pure: time, host facts, randomness and storage are passed in; nothing here reads a
clock or a disk.

    keyset = verify_keyset(keyset_bytes, anchor)
    verified = verify_license(unarmor(file_bytes, Label.LICENSE), keyset)
    check_install_key(verified.license, install_key)
    looked = look(Known(licenses=(verified,)), Remembered(Clock(0)), reading)
    looked.decision.state
    report = verify_report(report_bytes, install_key)
"""

from offline_license.addons import Entitlements, entitlements
from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.choice import choose
from offline_license.clock import Clock, EffectiveTime, Reading, effective_time, tick
from offline_license.decide import Decision, decide
from offline_license.errors import LicenseError
from offline_license.fingerprint import (
    Binding,
    Enrolled,
    Fingerprint,
    Group,
    fingerprint_of,
    match,
)
from offline_license.intake import Intake, recognize
from offline_license.keyset import Keyset, verify_keyset
from offline_license.lease import (
    Chain,
    Lease,
    LeaseQuestion,
    issue_lease,
    verify_chain,
    verify_lease,
)
from offline_license.license import (
    VerifiedLicense,
    check_install_key,
    sign_license,
    verify_license,
)
from offline_license.look import Known, Look, Remembered, look
from offline_license.mini import MiniRequest, mini_request, verify_mini_request
from offline_license.model import Capacity, Kind, License, Post
from offline_license.refusals import Refusal, refusal
from offline_license.report import Level, Report, countersign, verify_report
from offline_license.request import Request, sign_request, verify_request
from offline_license.response import (
    Response,
    VerifiedResponse,
    sign_response,
    verify_response,
)
from offline_license.revocation import (
    Revocation,
    Revocations,
    sign_revocations,
    verify_revocations,
)
from offline_license.standing import Standing, redeem
from offline_license.states import EXIT_CODES, Flag, Permit, Service, State
from offline_license.usage import Mode, Outcome, Totals, UsageRow

__all__ = [
    "EXIT_CODES",
    "Binding",
    "Capacity",
    "Chain",
    "Clock",
    "Decision",
    "EffectiveTime",
    "Enrolled",
    "Entitlements",
    "Fingerprint",
    "Flag",
    "Group",
    "Intake",
    "Keyset",
    "Kind",
    "Known",
    "Label",
    "Lease",
    "LeaseQuestion",
    "Level",
    "License",
    "LicenseAnchor",
    "LicenseError",
    "Look",
    "MiniRequest",
    "Mode",
    "Outcome",
    "Permit",
    "Post",
    "Reading",
    "Refusal",
    "Remembered",
    "Report",
    "Request",
    "Response",
    "Revocation",
    "Revocations",
    "Service",
    "Standing",
    "State",
    "Totals",
    "UsageRow",
    "VerifiedLicense",
    "VerifiedResponse",
    "armor",
    "check_install_key",
    "choose",
    "countersign",
    "decide",
    "effective_time",
    "entitlements",
    "fingerprint_of",
    "issue_lease",
    "look",
    "match",
    "mini_request",
    "recognize",
    "redeem",
    "refusal",
    "sign_license",
    "sign_request",
    "sign_response",
    "sign_revocations",
    "tick",
    "unarmor",
    "verify_chain",
    "verify_keyset",
    "verify_lease",
    "verify_license",
    "verify_mini_request",
    "verify_report",
    "verify_request",
    "verify_response",
    "verify_revocations",
]
