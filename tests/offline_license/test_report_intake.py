"""What the vendor makes of reports: once each, and forks are seen (cases 39 and 58)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from offline_license import cbor
from offline_license.checkpoint import genesis
from offline_license.errors import LicenseError
from offline_license.ledger_schema import RecordKind
from offline_license.report import Level, Report
from offline_license.report_intake import Account, Verdict, extends, take_in
from offline_license.tolerances import DAY_S
from offline_license.usage import Totals
from tests.support.ledgers import INSTALL_PUBLIC, MIDNIGHT, Ledger, row


def grow(ledger: Ledger, requests: int) -> None:
    ledger.hour(row(requests=requests))
    ledger.close_days()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger.of_hours(3)


@pytest.fixture
def first(ledger: Ledger) -> Report:
    return ledger.verified()


@pytest.fixture
def account(first: Report) -> Account:
    return take_in(None, first).account


def test_the_first_report_opens_an_account(ledger: Ledger, first: Report) -> None:
    taken = take_in(None, first)

    assert taken.verdict is Verdict.NEW
    assert taken.fresh == taken.account.totals == first.totals
    assert taken.ack == ledger.mark.ack


def test_the_same_report_again_counts_nothing(account: Account, first: Report) -> None:
    taken = take_in(account, first)

    assert (taken.verdict, taken.account) == (Verdict.KNOWN, account)
    assert taken.fresh == Totals()


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("overlaps", [True, False])
def test_each_day_is_counted_once(
    ledger: Ledger, account: Account, level: Level, overlaps: bool
) -> None:
    grow(ledger, 7)
    since = 0 if overlaps else account.head.index

    taken = take_in(account, ledger.verified(level, since=since))

    assert taken.verdict is Verdict.NEW
    assert taken.fresh.requests == 7
    assert taken.account.totals.requests == 67
    assert taken.ack == ledger.mark.ack


def test_an_older_report_that_comes_late_counts_nothing(
    ledger: Ledger, account: Account, first: Report
) -> None:
    grow(ledger, 7)
    newer = take_in(account, ledger.verified()).account

    taken = take_in(newer, first)

    assert (taken.verdict, taken.account) == (Verdict.STALE, newer)


def test_a_ledger_that_was_cut_off_is_behind_what_was_acknowledged(
    ledger: Ledger, account: Account
) -> None:
    """Case 58: truncation behind the last acknowledged checkpoint."""
    short = replace(ledger, slots=ledger.slots[: -192 * 2]).verified()

    assert short.head.index < account.head.index
    assert take_in(account, short).verdict is Verdict.STALE
    assert extends(short, account.head) is Verdict.STALE


def test_a_gap_is_counted_and_named(ledger: Ledger, account: Account) -> None:
    grow(ledger, 7)
    lost = ledger.mark.index
    grow(ledger, 8)

    taken = take_in(account, ledger.verified(since=lost))

    assert taken.verdict is Verdict.GAP
    assert taken.missing == (account.head.index, lost)
    assert taken.fresh.requests == 8


def test_a_gap_can_be_filled_later(ledger: Ledger, account: Account) -> None:
    grow(ledger, 7)
    between = ledger.verified(since=account.head.index)
    lost = ledger.mark.index
    grow(ledger, 8)
    later = take_in(account, ledger.verified(since=lost)).account

    taken = take_in(later, between)

    assert (taken.verdict, taken.fresh.requests) == (Verdict.NEW, 7)
    assert taken.account.totals.requests == 75
    assert taken.account.head == later.head


@pytest.mark.parametrize("level", Level)
def test_two_copies_of_a_ledger_are_a_fork(
    ledger: Ledger, account: Account, level: Level
) -> None:
    """Case 39: a snapshot is restored, and then both branches report."""
    clone = ledger.copy(seed=2)
    for one in (ledger, clone):
        grow(one, 7)
        one.note(RecordKind.START)
    taken = take_in(account, ledger.verified(level, since=account.head.index))

    forked = take_in(taken.account, clone.verified(level, since=account.head.index))

    assert taken.verdict is Verdict.NEW
    assert forked.verdict is Verdict.FORK
    assert forked.at == account.head.count + 1
    assert (forked.account, forked.fresh) == (taken.account, Totals())


def test_a_ledger_that_began_anew_is_a_fork(account: Account) -> None:
    anew = Ledger(seed=3)
    anew.note(RecordKind.GAP, 3_600)

    assert take_in(account, anew.verified()).verdict is Verdict.FORK
    assert extends(anew.verified(), account.head) is Verdict.STALE


def test_a_restored_backup_that_was_told_is_no_fork(
    ledger: Ledger, account: Account
) -> None:
    backup = ledger.copy(seed=2)
    grow(ledger, 7)
    newer = take_in(account, ledger.verified()).account
    backup.note(RecordKind.START)
    backup.note(RecordKind.RESTORED, 0)
    grow(backup, 8)

    taken = take_in(newer, backup.verified())

    assert taken.verdict is Verdict.RESTORED
    assert taken.fresh.requests == 8
    assert taken.account.totals.requests == 75
    assert taken.ack == backup.mark.ack
    assert take_in(taken.account, backup.verified()).verdict is Verdict.KNOWN


def test_one_acknowledged_place_is_enough_to_judge(
    ledger: Ledger, first: Report
) -> None:
    clone = ledger.copy(seed=2)
    grow(ledger, 7)
    grow(clone, 9)
    mark, later = first.head, ledger.verified(since=first.head.index)

    assert extends(first, mark) is Verdict.KNOWN
    assert extends(later, mark) is Verdict.NEW
    assert extends(later, genesis(INSTALL_PUBLIC)) is Verdict.GAP
    assert extends(clone.verified(), later.head) is Verdict.FORK


def test_an_account_is_of_one_installation(account: Account, first: Report) -> None:
    with pytest.raises(ValueError, match="another installation"):
        take_in(replace(account, install_key=bytes(32)), first)


def test_an_account_survives_its_bytes(account: Account) -> None:
    assert Account.from_bytes(account.to_bytes()) == account


def test_an_account_of_years_stays_small() -> None:
    ledger = Ledger()
    for day in range(400):
        ledger.hour(row(hour_s=MIDNIGHT + day * DAY_S))
    account = take_in(None, ledger.verified(Level.DAILY)).account

    assert len(account.to_bytes()) < 16_000


@pytest.mark.parametrize(
    "change",
    [{1: 2}, {2: b""}, {3: 5}, {3: b""}, {4: b"x"}, {4: 5}, {5: [1]}, {5: []}],
    ids=str,
)
def test_other_bytes_are_no_account(
    account: Account, change: dict[int, object]
) -> None:
    value = cbor.decode(account.to_bytes())
    assert isinstance(value, dict)

    with pytest.raises(LicenseError):
        Account.from_bytes(cbor.encode({**value, **change}))
