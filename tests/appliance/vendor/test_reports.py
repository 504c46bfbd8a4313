"""Usage reports at the vendor: counted once, forks and gaps told apart (case 39)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.vendor.accounts import Accounts
from appliance.vendor.errors import (
    LedgerForkError,
    LedgerGapError,
    UnknownLineageError,
)
from appliance.vendor.register import Event
from appliance.vendor.renewal import RenewalOrder, renew_license
from appliance.vendor.reports import Ingested, ingest_report
from offline_license.errors import LicenseError, ReportProofError
from offline_license.keys import key_id, public_bytes
from offline_license.model import ReportCadence, ReportMode
from offline_license.report import countersign
from offline_license.report_intake import Verdict
from offline_license.tolerances import DAY_S
from tests.support.ledger_site import LedgerSite
from tests.support.licensing import IAT, Issuer, test_key
from tests.support.vendor_office import PASSPHRASE, Office

if TYPE_CHECKING:
    from pathlib import Path

    from offline_license.model import License

OFFICER = test_key("officer")
A_REQUEST_MS = 60_000


@pytest.fixture
def license_(office: Office) -> License:
    return office.issue().license


@pytest.fixture
def site(office: Office, tmp_path: Path) -> LedgerSite:
    return LedgerSite(tmp_path / "ledger", office.site.install_key)


def report(site: LedgerSite, license_: License, *, since: int = 0) -> bytes:
    """Export a report that names the license."""
    return site.report(since=since, license_=(license_.lid, license_.seq))


def ingest(office: Office, data: bytes, *, reason: str = "") -> Ingested:
    """Take a report in."""
    return ingest_report(data, office.keys, now=IAT + 90 * DAY_S, reason=reason)


def counted_ms(office: Office) -> int:
    """Return the audio that the vendor has counted."""
    account = Accounts(office.entries).account(office.site.install_public)
    return account.totals.audio_ms if account else 0


def test_a_report_is_counted_and_acknowledged_in_the_next_license(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=3)

    taken = ingest(office, report(site, license_))

    assert taken.verdict is Verdict.NEW
    assert taken.finding is None
    assert taken.serials == (license_.serial,)
    assert taken.fresh.audio_ms == counted_ms(office) == 30 * A_REQUEST_MS
    renewed = renew_license(
        office.request(license_), office.keys, PASSPHRASE, RenewalOrder(), now=IAT
    )
    ack = renewed.issued.license.ack
    assert ack is not None
    assert (ack.index, ack.head) == taken.acknowledged.ack


def test_the_same_report_again_changes_nothing(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=3)
    data = report(site, license_)
    ingest(office, data)
    before = office.entries

    again = ingest(office, data)

    assert again.verdict is Verdict.KNOWN
    assert office.entries == before


def test_overlapping_reports_count_each_day_once(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=3)
    ingest(office, report(site, license_))
    site.work(days=2)

    taken = ingest(office, report(site, license_))

    assert taken.fresh.audio_ms == 20 * A_REQUEST_MS
    assert counted_ms(office) == 50 * A_REQUEST_MS


def test_a_report_from_the_acknowledged_place_on_goes_on(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=3)
    first = ingest(office, report(site, license_))
    site.work(days=2)

    taken = ingest(office, report(site, license_, since=first.acknowledged.index))

    assert taken.verdict is Verdict.NEW
    assert counted_ms(office) == 50 * A_REQUEST_MS
    assert taken.acknowledged.index > first.acknowledged.index


def test_a_gap_is_told_and_not_acknowledged_until_it_is_filled(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=2)
    middle = place_now(site, license_)
    site.work(days=2)

    late = ingest(office, report(site, license_, since=middle))

    assert isinstance(late.finding, LedgerGapError)
    assert "found one from record" in str(late.finding)
    assert late.acknowledged.index == 0
    whole = ingest(office, report(site, license_))
    assert whole.finding is None
    assert whole.acknowledged.index == whole.report.head.index
    assert counted_ms(office) == 40 * A_REQUEST_MS


def place_now(site: LedgerSite, license_: License) -> int:
    """Return a place where a report can begin, without taking it in."""
    site.report(license_=(license_.lid, license_.seq))
    return site.book.status().index


def test_a_gap_can_be_accepted_with_a_reason(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=2)
    middle = place_now(site, license_)
    site.work(days=2)

    taken = ingest(
        office, report(site, license_, since=middle), reason="the stick was lost"
    )

    assert taken.finding is None
    assert taken.acknowledged.index == taken.report.head.index
    entry = office.entries[-1]
    assert entry.fields["reason"] == "the stick was lost"


@pytest.fixture
def forked(
    site: LedgerSite, license_: License, tmp_path: Path
) -> tuple[bytes, LedgerSite]:
    """A report of the original, and the clone that goes its own way."""
    site.work(days=2)
    twin = site.clone(tmp_path / "twin")
    site.work(days=2)
    twin.work(days=3, requests=7)
    return report(site, license_), twin


def test_two_branches_of_one_snapshot_are_a_fork(
    office: Office, license_: License, forked: tuple[bytes, LedgerSite]
) -> None:
    original, twin = forked
    first = ingest(office, original)

    taken = ingest(office, report(twin, license_))

    assert taken.verdict is Verdict.FORK
    assert isinstance(taken.finding, LedgerForkError)
    assert "LEDGER_FORK" in taken.finding.title
    assert "cloned" in taken.finding.meaning
    assert taken.acknowledged == first.acknowledged
    assert counted_ms(office) == 40 * A_REQUEST_MS


def test_a_fork_is_kept_as_evidence_and_stops_no_renewal(
    office: Office, license_: License, forked: tuple[bytes, LedgerSite]
) -> None:
    original, twin = forked
    ingest(office, original)
    branch = report(twin, license_)
    ingest(office, branch)
    ingest(office, branch)

    verdicts = [e.fields["verdict"] for e in office.entries if e.event is Event.REPORT]
    assert verdicts == ["new", "fork"]
    kept = {file.read_bytes() for file in (office.keys / "reports").iterdir()}
    assert kept == {original, branch}
    assert renew_license(
        office.request(license_), office.keys, PASSPHRASE, RenewalOrder(), now=IAT
    )


def test_a_fork_is_accepted_after_talking_to_the_site(
    office: Office, license_: License, forked: tuple[bytes, LedgerSite]
) -> None:
    original, twin = forked
    ingest(office, original)

    taken = ingest(office, report(twin, license_), reason="restored after a fire")

    assert taken.finding is None
    assert taken.acknowledged == taken.report.head
    assert counted_ms(office) == (40 + 21) * A_REQUEST_MS
    twin.work()
    assert ingest(office, report(twin, license_)).verdict is Verdict.NEW


def test_a_restored_backup_that_was_told_is_no_fork(
    office: Office, site: LedgerSite, license_: License, tmp_path: Path
) -> None:
    site.work(days=2)
    backup = site.clone(tmp_path / "backup")
    site.work(days=2)
    ingest(office, report(site, license_))
    backup.say_restored()
    backup.work()

    taken = ingest(office, report(backup, license_))

    assert taken.verdict is Verdict.RESTORED
    assert taken.finding is None
    assert taken.acknowledged == taken.report.head


def test_an_old_report_that_comes_late_changes_nothing(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work(days=2)
    old = report(site, license_)
    site.work(days=2)
    newer = ingest(office, report(site, license_))

    late = ingest(office, old)

    assert late.finding is None
    assert late.acknowledged == newer.acknowledged
    assert counted_ms(office) == 40 * A_REQUEST_MS


def test_a_report_of_a_stranger_is_not_taken_in(
    office: Office, license_: License, tmp_path: Path
) -> None:
    stranger = LedgerSite(tmp_path / "stranger", Issuer("stranger").install_key)
    stranger.work()

    with pytest.raises(UnknownLineageError, match="license of ours"):
        ingest(office, report(stranger, license_))


def test_a_changed_report_is_refused(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work()
    data = report(site, license_)
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]

    with pytest.raises(LicenseError):
        ingest(office, changed)

    assert not [e for e in office.entries if e.event is Event.REPORT]


def test_the_counter_signature_of_the_officer_is_demanded_and_kept(
    office: Office, site: LedgerSite, license_: License
) -> None:
    site.work()
    plain = report(site, license_)
    officer = public_bytes(OFFICER)

    with pytest.raises(ReportProofError):
        ingest_report(plain, office.keys, now=IAT, officers=[officer])
    ingest_report(countersign(plain, OFFICER), office.keys, now=IAT, officers=[officer])

    assert office.entries[-1].fields["officers"] == [key_id(officer).hex()]


def test_a_report_fulfills_the_condition_of_the_renewal(
    office: Office, site: LedgerSite
) -> None:
    cadence = ReportCadence(30, ReportMode.CONDITION_OF_RENEWAL)
    license_ = office.issue(report=cadence).license
    site.work(days=2)
    ingest(office, report(site, license_))

    renewal = renew_license(
        office.request(license_),
        office.keys,
        PASSPHRASE,
        RenewalOrder(),
        now=IAT + 91 * DAY_S,
    )

    assert renewal.issued.license.seq == 2


@pytest.mark.parametrize("shift", [-1, 0])
def test_a_request_of_a_rolled_back_ledger_is_noticed(
    office: Office, site: LedgerSite, license_: License, shift: int
) -> None:
    """Case 58 from the vendor's side: the head is before what was acknowledged."""
    site.work(days=2)
    mark = ingest(office, report(site, license_)).acknowledged
    request = office.request(license_, ledger=(mark.index + shift, bytes(16)))

    renewal = renew_license(request, office.keys, PASSPHRASE, RenewalOrder(), now=IAT)

    assert any("LEDGER_FORK" in note for note in renewal.notes)


@pytest.mark.parametrize("mini", [False, True])
@pytest.mark.parametrize("ahead", [0, 9])
def test_a_request_of_the_acknowledged_ledger_brings_no_note(
    office: Office, site: LedgerSite, license_: License, ahead: int, mini: bool
) -> None:
    site.work(days=2)
    mark = ingest(office, report(site, license_)).acknowledged
    ask = office.mini_request if mini else office.request
    head = bytes(16) if ahead else mark.ack[1]
    request = ask(license_, ledger=(mark.index + ahead, head))

    renewal = renew_license(request, office.keys, PASSPHRASE, RenewalOrder(), now=IAT)

    assert renewal.notes == ()
