"""Random years of a vendor: whatever happens to keys, a site takes the next answer."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from typing_extensions import override

from appliance.vendor.license_keys import load_anchor
from appliance.vendor.license_roots import (
    change_roots,
    next_roots_in,
    retire_former_roots,
    roots_in,
)
from appliance.vendor.license_rotation import renew_issuing_keys, withdraw_issuing_key
from appliance.vendor.renewal import RenewalOrder, renew_license
from appliance.vendor.revoking import Reason, revoke_license
from offline_license.keyset import KeyStatus, KeyUse, verify_keyset
from offline_license.license import check_install_key
from offline_license.response import verify_response
from offline_license.tolerances import DAY_S
from tests.support.licensing import Issuer
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from offline_license.revocation import Revocations

pytestmark = pytest.mark.long


class VendorHistories(RuleBasedStateMachine):
    """A site that takes every answer, and one that is set up from the anchor alone."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.office = Office.made(Path(self._folder.name) / "keys")
        self.anchor = load_anchor(self.office.keys)
        self.keyset = self.office.keyset()
        self.revocations: Revocations | None = None
        self.license_ = self.office.issue().license
        self.changing = False
        self.others = 0

    @override
    def teardown(self) -> None:
        self._folder.cleanup()

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.office.now += days * DAY_S
        renew_issuing_keys(self.office.keys, PASSPHRASE, now=self.office.now)

    @rule(mini=st.booleans())
    def the_site_renews(self, mini: bool) -> None:
        ask = self.office.mini_request if mini else self.office.request
        answer = renew_license(
            ask(self.license_),
            self.office.keys,
            PASSPHRASE,
            RenewalOrder(through=self._last_day()),
            now=self.office.now,
        )

        taken = verify_response(
            answer.response,
            self.anchor,
            keyset=self.keyset,
            revocations=self.revocations,
        )

        check_install_key(taken.license.license, self.office.site.install_public)
        assert taken.license.license.seq == self.license_.seq + 1
        assert taken.license.dies_at is None
        self.license_ = taken.license.license
        self.keyset, self.revocations = taken.keyset, taken.revocations
        assert self.revocations is None or not self.revocations.revoked_at(
            self.license_
        )

    @rule(use=st.sampled_from([KeyUse.LICENSE_PRODUCTION, KeyUse.REVOCATION]))
    def a_key_is_stolen(self, use: KeyUse) -> None:
        active = [
            key
            for key in self.office.keyset().manifest.keys
            if key.use is use and key.status is KeyStatus.ACTIVE
        ]
        withdraw_issuing_key(
            self.office.keys,
            PASSPHRASE,
            kid=active[-1].kid,
            cutoff=self.office.now - 1,
            now=self.office.now,
        )

    @rule()
    def another_site_is_revoked(self) -> None:
        self.others += 1
        other = self.office.issue(
            site=Issuer(f"other {self.others}"), through=self._last_day()
        )
        revoke_license(
            self.office.keys,
            PASSPHRASE,
            other.license.serial,
            reason=Reason.REPLACED,
            effective=None,
            now=self.office.now,
        )

    @precondition(lambda self: not self.changing)
    @rule()
    def the_roots_change(self) -> None:
        change_roots(
            self.office.keys,
            roots_in(self.office.keys, PASSPHRASE),
            next_roots_in(self.office.keys, PASSPHRASE),
            now=self.office.now,
        )
        self.changing = True

    @precondition(lambda self: self.changing)
    @rule()
    def the_former_roots_retire_when_the_site_knows(self) -> None:
        self.the_site_renews(mini=False)
        retire_former_roots(self.office.keys)
        self.anchor = load_anchor(self.office.keys)
        self.changing = False

    @invariant()
    def a_new_site_believes_the_keyset(self) -> None:
        data = self.office.files.keyset.read_bytes()
        for anchor in (self.anchor, load_anchor(self.office.keys)):
            assert verify_keyset(data, anchor).manifest == self.office.keyset().manifest

    def _last_day(self) -> date:
        """Return a last day that lies ahead."""
        today = datetime.fromtimestamp(self.office.now, UTC).date()
        return today + timedelta(days=300)


TestVendorHistories = VendorHistories.TestCase
TestVendorHistories.settings = settings(
    max_examples=6,
    stateful_step_count=10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
