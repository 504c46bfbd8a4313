"""Recognizing a host that changed a little (cases 46 to 49)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.errors import SchemaError
from offline_license.fingerprint import (
    Binding,
    Enrolled,
    Fingerprint,
    Group,
    fingerprint_of,
    match,
    normalize,
)
from tests.support.licensing import FACTS, SALT

if TYPE_CHECKING:
    from tests.support.licensing import Issuer

Facts: TypeAlias = Mapping[Group, tuple[str, ...]]

METAL: Facts = {**FACTS, Group.TPM_EK: ("0a1b2c3d4e5f",)}
VIRTUAL: Facts = {
    group: FACTS[group]
    for group in FACTS
    if group not in {Group.TPM_EK, Group.BOARD_SERIAL}
}


def verdict(
    then: Facts,
    changed: set[Group],
    missing: frozenset[Group] = frozenset(),
) -> tuple[Binding, int, int]:
    """Compare a host with itself after groups were swapped or became unreadable."""
    now: Facts = {
        group: ("swapped",) if group in changed else values
        for group, values in then.items()
        if group not in missing
    }
    found = match(Enrolled(fingerprint_of(then, SALT)), fingerprint_of(now, SALT))
    return found.binding, found.matched_weight, found.readable_weight


def test_the_weights_add_up_to_eleven_on_metal_and_six_in_a_vm() -> None:
    assert fingerprint_of(METAL, SALT).weight == 11
    assert fingerprint_of(VIRTUAL, SALT).weight == 6


@pytest.mark.parametrize(
    ("then", "changed", "expected"),
    [
        (METAL, set(), (Binding.MATCH, 11, 11)),
        (METAL, {Group.NIC_SET}, (Binding.DRIFT, 10, 11)),
        (METAL, {Group.GPU_SET}, (Binding.DRIFT, 10, 11)),
        (
            METAL,
            {Group.GPU_SET, Group.NIC_SET, Group.MACHINE_ID, Group.DATA_VOLUME},
            (Binding.DRIFT, 7, 11),
        ),
        (
            METAL,
            {Group.TPM_EK, Group.PRODUCT_UUID, Group.BOARD_SERIAL, Group.NIC_SET},
            (Binding.MISMATCH, 3, 11),
        ),
        (VIRTUAL, {Group.GPU_SET}, (Binding.DRIFT, 5, 6)),
        (
            VIRTUAL,
            {Group.PRODUCT_UUID, Group.NIC_SET, Group.GPU_SET},
            (Binding.MISMATCH, 2, 6),
        ),
        (VIRTUAL, {Group.PRODUCT_UUID, Group.NIC_SET}, (Binding.DRIFT, 3, 6)),
    ],
)
def test_the_worked_examples_come_out_as_written(
    then: Facts,
    changed: set[Group],
    expected: tuple[Binding, int, int],
) -> None:
    assert verdict(then, changed) == expected


@pytest.mark.parametrize("pair", list(itertools.combinations(Group, 2)))
def test_every_pair_of_swaps_leaves_metal_recognized(
    pair: tuple[Group, Group],
) -> None:
    lost = sum(group.weight for group in pair)

    binding, matched, _ = verdict(METAL, set(pair))

    assert matched == 11 - lost
    assert binding is Binding.DRIFT


@given(st.sets(st.sampled_from(Group)), st.frozensets(st.sampled_from(Group)))
def test_every_subset_follows_the_weight_rule(
    changed: set[Group], missing: frozenset[Group]
) -> None:
    readable = sum(group.weight for group in Group if group not in missing)
    matched = sum(group.weight for group in Group if group not in changed | missing)

    binding, found, of = verdict(METAL, changed, missing)

    assert (found, of) == (matched, readable)
    accepted = matched * 2 >= readable and matched >= 3
    assert (binding is not Binding.MISMATCH) == accepted


def test_a_card_among_several_may_go(issuer: Issuer) -> None:
    enrolled = Enrolled(issuer.host())

    one_left = match(enrolled, issuer.host(nic_set=("d0:94:66:2a:11:02", "new")))

    assert one_left.binding is Binding.MATCH


def test_a_serial_among_several_may_not_change(issuer: Issuer) -> None:
    enrolled = Enrolled(issuer.host(board_serial=("a1", "b2")))

    found = match(enrolled, issuer.host(board_serial=("a1", "c3")))

    assert found.changed == (Group.BOARD_SERIAL,)


def test_a_host_that_cannot_be_read_is_not_held_against_the_site(
    issuer: Issuer,
) -> None:
    found = match(Enrolled(issuer.host()), None)

    assert found.binding is Binding.UNREADABLE


@pytest.mark.parametrize("enrolled", [None, Enrolled(Fingerprint(SALT, {}))])
def test_a_license_without_fingerprint_is_for_any_host(
    issuer: Issuer, enrolled: Enrolled | None
) -> None:
    assert match(enrolled, issuer.host()).binding is Binding.UNBOUND


def test_where_little_is_enrolled_all_of_it_must_match() -> None:
    light: Facts = {Group.MACHINE_ID: ("a1b2",), Group.NIC_SET: ("c3d4",)}

    assert verdict(light, set())[0] is Binding.MATCH
    assert verdict(light, {Group.NIC_SET})[0] is Binding.MISMATCH


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "Default string",
        "To Be Filled By O.E.M.",
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
        "00:00:00:00:00:00",
        "xxxxxxx",
        "---",
    ],
)
def test_a_placeholder_is_not_enrolled(value: str) -> None:
    assert normalize(value) is None
    assert fingerprint_of({Group.PRODUCT_UUID: (value,)}, SALT).groups == {}


def test_spelling_does_not_matter() -> None:
    assert normalize("  4C4C4544 ABCD ") == normalize("4c4c4544  abcd")


def test_no_fact_is_found_in_what_is_written_down(issuer: Issuer) -> None:
    text = issuer.host().to_json()

    for values in FACTS.values():
        assert not any(value in text for value in values)


def test_two_salts_give_values_that_cannot_be_compared() -> None:
    one = fingerprint_of(FACTS, SALT).groups[Group.MACHINE_ID]
    other = fingerprint_of(FACTS, bytes(16)).groups[Group.MACHINE_ID]

    assert one != other


def test_host_json_survives_its_file(issuer: Issuer) -> None:
    seen = issuer.host()

    assert Fingerprint.from_json(seen.to_json()) == seen


def test_host_json_of_a_later_version_is_read_in_part(issuer: Issuer) -> None:
    body = json.loads(issuer.host().to_json())
    body["groups"]["new-group"] = ["00" * 8]
    body["groups"]["tpm-ek"] = []

    assert Fingerprint.from_json(json.dumps(body)) == issuer.host()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"salt": 7, "groups": {}}',
        '{"salt": "00", "groups": {}}',
        '{"salt": "%s", "groups": []}' % ("00" * 16),
        '{"salt": "%s", "groups": {"nic-set": ["00"]}}' % ("00" * 16),
        '{"salt": "%s", "groups": {"nic-set": [7]}}' % ("00" * 16),
        "[" * 100_000,
    ],
)
def test_a_damaged_host_json_is_one_typed_error(text: str) -> None:
    with pytest.raises(SchemaError):
        Fingerprint.from_json(text)


def test_more_values_than_a_file_takes_are_left_out() -> None:
    facts = {Group.NIC_SET: tuple(f"card {n}" for n in range(40))}

    assert len(fingerprint_of(facts, SALT).groups[Group.NIC_SET]) == 32
