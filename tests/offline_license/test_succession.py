"""What may follow what (cases 34 and 37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from offline_license.errors import LineageError, SupersededError
from offline_license.model import Kind
from offline_license.succession import Succession, check_succession
from tests.support.licensing import EXP

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

OTHER = bytes(16)


def test_the_first_license_is_welcome(issuer: Issuer) -> None:
    assert check_succession(issuer.license(), ()) is Succession.FIRST


def test_the_same_object_again_is_no_step(issuer: Issuer) -> None:
    here = (issuer.license(), issuer.license(seq=2))

    assert check_succession(issuer.license(), here) is Succession.SAME


@pytest.mark.parametrize("seq", [3, 9])
def test_a_renewal_may_leave_numbers_out(issuer: Issuer, seq: int) -> None:
    here = (issuer.license(seq=2),)

    assert check_succession(issuer.license(seq=seq), here) is Succession.RENEWAL


def test_an_older_one_is_refused_with_both_dates(issuer: Issuer) -> None:
    here = (issuer.license(seq=2, exp=EXP + 86_400),)

    with pytest.raises(SupersededError, match=r"2028-01-13.* 2028-01-14"):
        check_succession(issuer.license(), here)


def test_another_license_of_the_same_sequence_is_refused(issuer: Issuer) -> None:
    with pytest.raises(SupersededError):
        check_succession(issuer.license(name="Other"), (issuer.license(),))


def test_what_was_seen_counts_even_without_its_file(issuer: Issuer) -> None:
    lid = issuer.terms().lid

    with pytest.raises(SupersededError, match="/5"):
        check_succession(issuer.license(), (), {lid: 5})
    with pytest.raises(SupersededError, match="/5"):
        check_succession(issuer.license(seq=3), (issuer.license(),), {lid: 5})
    assert check_succession(issuer.license(seq=6), (), {lid: 5}) is Succession.RENEWAL


def test_another_lineage_must_say_what_it_replaces(issuer: Issuer) -> None:
    here, lid = (issuer.license(),), issuer.terms().lid
    replacing = issuer.license(lid=OTHER, superseded=(lid,))
    add_on = issuer.license(lid=OTHER, parent=lid)

    assert check_succession(replacing, here) is Succession.REPLACEMENT
    assert check_succession(add_on, here) is Succession.ADD_ON
    with pytest.raises(LineageError, match="replaces or extends"):
        check_succession(issuer.license(lid=OTHER), here)


def test_an_emergency_needs_no_lineage(issuer: Issuer) -> None:
    help_ = issuer.license(lid=OTHER, kind=Kind.EMERGENCY, install_key=None)

    assert check_succession(help_, (issuer.license(),)) is Succession.EMERGENCY
