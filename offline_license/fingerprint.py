"""Recognize a host by several facts of which some may change.

Each fact enters as a salted, truncated HMAC, so that no serial leaves the site and
values of two licenses cannot be compared. The salt stands in the license, so a value
of little entropy can be found by trial: pseudonymous, not anonymous.

Accepted is a host whose matching weight is at least the share named in the license
of the enrolled weight that can be read now, and at least 3 (or all, where less is
enrolled). What is accepted but changed is DRIFT: shown, never adopted by itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, TypeAlias

from offline_license.errors import SchemaError
from offline_license.fields import array, uint
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from offline_license import cbor

__all__ = [
    "SALT_BYTES",
    "VALUE_BYTES",
    "Binding",
    "Enrolled",
    "Fingerprint",
    "Group",
    "HostFacts",
    "Match",
    "fingerprint_of",
    "match",
    "normalize",
]

SALT_BYTES = 16
VALUE_BYTES = 8
_MAX_VALUES = 32


class Group(IntEnum):
    """The groups of facts; the number is what files carry."""

    TPM_EK = 1
    PRODUCT_UUID = 2
    BOARD_SERIAL = 3
    MACHINE_ID = 4
    DATA_VOLUME = 5
    NIC_SET = 6
    GPU_SET = 7

    @property
    def weight(self) -> int:
        """How much the group counts."""
        return _WEIGHTS.get(self, 1)

    @property
    def label(self) -> str:
        """The name that enters the HMAC and JSON: ``nic-set``."""
        return self.name.lower().replace("_", "-")


_WEIGHTS = {Group.TPM_EK: 3, Group.PRODUCT_UUID: 2, Group.BOARD_SERIAL: 2}

HostFacts: TypeAlias = Mapping[Group, Sequence[str]]
"""Facts of a host, as read; a group that could not be read is absent."""

_PLACEHOLDERS = frozenset(
    {
        "",
        "0",
        "none",
        "n/a",
        "not specified",
        "not available",
        "unknown",
        "default string",
        "to be filled by o.e.m.",
        "to be filled by o.e.m",
        "system serial number",
        "base board serial number",
        "chassis serial number",
        "oem",
        "invalid",
        "uninitialized",
        "03000200-0400-0500-0006-000700080009",
    }
)
_ONE_CHARACTER = re.compile(r"(.)\1*")


def normalize(value: str) -> str | None:
    """Bring a fact to one spelling; None for a placeholder that says nothing."""
    plain = " ".join(value.split()).lower()
    if plain in _PLACEHOLDERS:
        return None
    if _ONE_CHARACTER.fullmatch(re.sub(r"[-:. ]", "", plain) or "0"):
        return None
    return plain


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The salted values of one host.

    Attributes:
        salt: 16 random bytes made at first enrollment.
        groups: values of 8 bytes per group, sorted; groups without a fact are absent.
    """

    salt: bytes
    groups: Mapping[Group, tuple[bytes, ...]]

    @property
    def weight(self) -> int:
        """The weight of all groups that are present."""
        return sum(group.weight for group in self.groups)

    def to_value(self) -> list[cbor.Value]:
        """Return ``[[group, value, …], …]``, sorted by group."""
        return [[int(g), *self.groups[g]] for g in sorted(self.groups)]

    @classmethod
    def from_value(cls, salt: bytes, value: object) -> Fingerprint:
        """Read ``[[group, value, …], …]``; a group of a later version is kept out.

        Raises:
            SchemaError: not of this shape.
        """
        groups: dict[Group, tuple[bytes, ...]] = {}
        for entry in array(value, "fingerprint"):
            number, values = _entry(entry)
            if number in _NUMBERS:
                groups[Group(number)] = values
        return cls(salt, groups)

    def to_json(self) -> str:
        """Return the content of ``host.json``: salted values only, no facts."""
        groups = {
            g.label: [v.hex() for v in self.groups[g]] for g in sorted(self.groups)
        }
        body = {"version": 1, "salt": self.salt.hex(), "groups": groups}
        return json.dumps(body, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Fingerprint:
        """Read ``host.json``.

        Raises:
            SchemaError: not of this shape.
        """
        try:
            body = json.loads(text)
            salt = bytes.fromhex(body["salt"])
            labels = {group.label: group for group in Group}
            groups = {
                labels[label]: tuple(sorted(bytes.fromhex(v) for v in values))
                for label, values in body["groups"].items()
                if label in labels
            }
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as error:
            raise SchemaError("host.json: expected version, salt and groups") from error
        sizes = {len(value) for values in groups.values() for value in values}
        if len(salt) != SALT_BYTES or sizes - {VALUE_BYTES}:
            raise SchemaError("host.json: expected a salt of 16 and values of 8 bytes")
        return cls(salt, {group: values for group, values in groups.items() if values})


_NUMBERS = frozenset(int(group) for group in Group)


def _entry(entry: object) -> tuple[int, tuple[bytes, ...]]:
    """Read ``[group, value, …]``."""
    match array(entry, "fingerprint"):
        case [int() as number, *values] if 0 < len(values) <= _MAX_VALUES:
            read = tuple(v for v in values if isinstance(v, bytes))
            if len(read) == len(values) and {len(v) for v in read} == {VALUE_BYTES}:
                return uint(number, "fingerprint group", 255), read
    raise SchemaError("fingerprint: expected [group, 1 to 32 values of 8 bytes]")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The fingerprint that a license is bound to, and the share that must match."""

    fingerprint: Fingerprint
    percent: int = TOLERANCES.match_percent


class Binding(Enum):
    """What comparing the host with the license found."""

    UNBOUND = "unbound"
    MATCH = "match"
    DRIFT = "drift"
    MISMATCH = "mismatch"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict with its numbers, for people to follow."""

    binding: Binding
    matched_weight: int
    readable_weight: int
    enrolled_weight: int
    changed: tuple[Group, ...] = ()
    unreadable: tuple[Group, ...] = ()


def fingerprint_of(facts: HostFacts, salt: bytes) -> Fingerprint:
    """Salt and hash the facts of a host; placeholders are left out."""
    groups: dict[Group, tuple[bytes, ...]] = {}
    for group, values in facts.items():
        plain = {one for one in map(normalize, values) if one is not None}
        if plain:
            hashed = sorted(_hash(group, one, salt) for one in plain)
            groups[group] = tuple(hashed[:_MAX_VALUES])
    return Fingerprint(salt, groups)


def _hash(group: Group, value: str, salt: bytes) -> bytes:
    message = group.label.encode() + b"\0" + value.encode()
    digest = hmac.digest(b"anx-fp\0" + salt, message, hashlib.sha256)
    return digest[:VALUE_BYTES]


def match(enrolled: Enrolled | None, seen: Fingerprint | None) -> Match:
    """Compare the host with what a license is bound to.

    Args:
        enrolled: from the license; None means it is not bound to a host.
        seen: the host now, with the salt of the license; None when the facts could
            not be collected at all, which is never held against the site.
    """
    if enrolled is None or not enrolled.fingerprint.groups:
        return Match(Binding.UNBOUND, 0, 0, 0)
    groups = enrolled.fingerprint.groups
    total = enrolled.fingerprint.weight
    if seen is None:
        return Match(Binding.UNREADABLE, 0, 0, total, unreadable=tuple(sorted(groups)))
    readable = sorted(group for group in groups if group in seen.groups)
    same = [g for g in readable if _alike(g, groups[g], seen.groups[g])]
    matched, of = _weight(same), _weight(readable)
    enough = matched * 100 >= enrolled.percent * of
    least = min(TOLERANCES.match_weight, total)
    changed = tuple(group for group in readable if group not in same)
    missing = tuple(sorted(set(groups) - set(readable)))
    binding = Binding.DRIFT if changed else Binding.MATCH
    if not enough or matched < least:
        binding = Binding.MISMATCH
    return Match(binding, matched, of, total, changed, missing)


def _alike(group: Group, then: Sequence[bytes], now: Sequence[bytes]) -> bool:
    """Compare one group: cards come and go one by one, everything else is equal."""
    if group in {Group.NIC_SET, Group.GPU_SET}:
        return not set(then).isdisjoint(now)
    return set(then) == set(now)


def _weight(groups: Sequence[Group]) -> int:
    return sum(group.weight for group in groups)
