"""Decide about offline licenses: format, time, states, fingerprint, leases.

Pure: time, host facts, randomness and storage are passed in; nothing here reads a
clock or a disk.

    keyset = verify_keyset(keyset_bytes, anchor)
    verified = verify_license(unarmor(file_bytes, Label.LICENSE), keyset)
    check_install_key(verified.license, install_key)
    decision = decide(verified, at=effective_time(wall=now, floor=verified.license.iat))
"""

from offline_license.anchor import LicenseAnchor
from offline_license.armor import Label, armor, unarmor
from offline_license.clock import Clock, EffectiveTime, Reading, effective_time, tick
from offline_license.decide import Decision, Standing, choose, decide
from offline_license.errors import LicenseError
from offline_license.fingerprint import (
    Binding,
    Enrolled,
    Fingerprint,
    Group,
    fingerprint_of,
    match,
)
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
from offline_license.model import Capacity, Kind, License, Post
from offline_license.refusals import Refusal, refusal
from offline_license.request import Request, sign_request, verify_request
from offline_license.states import EXIT_CODES, Flag, Permit, Service, State

__all__ = [
    "EXIT_CODES",
    "Binding",
    "Capacity",
    "Chain",
    "Clock",
    "Decision",
    "EffectiveTime",
    "Enrolled",
    "Fingerprint",
    "Flag",
    "Group",
    "Keyset",
    "Kind",
    "Label",
    "Lease",
    "LeaseQuestion",
    "License",
    "LicenseAnchor",
    "LicenseError",
    "Permit",
    "Post",
    "Reading",
    "Refusal",
    "Request",
    "Service",
    "Standing",
    "State",
    "VerifiedLicense",
    "armor",
    "check_install_key",
    "choose",
    "decide",
    "effective_time",
    "fingerprint_of",
    "issue_lease",
    "match",
    "refusal",
    "sign_license",
    "sign_request",
    "tick",
    "unarmor",
    "verify_chain",
    "verify_keyset",
    "verify_lease",
    "verify_license",
    "verify_request",
]
