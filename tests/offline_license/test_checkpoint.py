"""Checkpoints sign both chains."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from offline_license import cbor
from offline_license.checkpoint import (
    Mark,
    Stamp,
    genesis,
    mark_before,
    sign_checkpoint,
    verify_checkpoint,
)
from offline_license.errors import LicenseError, SignatureError
from offline_license.ledger_schema import RecordKind
from tests.support.ledgers import INSTALL_KEY, INSTALL_PUBLIC, MIDNIGHT

STAMP = Stamp(MIDNIGHT, MIDNIGHT - 5, boot=2, flags=6, closed=7)


def test_the_chains_begin_with_the_install_key() -> None:
    mark = genesis(INSTALL_PUBLIC)

    seed = b"anechoic ledger" + INSTALL_PUBLIC
    assert mark.digest == hashlib.sha256(b"\x00" + seed).digest()
    assert mark.summary == hashlib.sha256(b"\x02" + seed).digest()
    assert (mark.index, mark.count) == (0, 0)


def test_a_row_moves_one_chain_and_an_event_both() -> None:
    mark = genesis(INSTALL_PUBLIC)

    behind_row = mark.after(b"row", RecordKind.USAGE)
    behind_event = mark.after(b"event", RecordKind.START)

    assert behind_row == replace(
        mark, index=1, digest=hashlib.sha256(b"\x00" + mark.digest + b"row").digest()
    )
    assert (behind_event.index, behind_event.count) == (1, 1)
    assert (
        behind_event.summary
        == hashlib.sha256(b"\x02" + mark.summary + b"event").digest()
    )


def test_a_checkpoint_says_what_it_confirms() -> None:
    mark = genesis(INSTALL_PUBLIC).after(b"event", RecordKind.START)

    record = sign_checkpoint(mark, STAMP, INSTALL_KEY)

    verify_checkpoint(record, INSTALL_PUBLIC)
    assert mark_before(record) == mark
    assert record.t == STAMP.wall_s
    assert record.number("proved") == STAMP.proved_s
    assert record.number("flags") == 6
    assert record.number("closed") == 7


@pytest.mark.parametrize("name", ["index", "t", "boot"])
def test_no_word_of_a_checkpoint_can_be_changed(name: str) -> None:
    record = sign_checkpoint(genesis(INSTALL_PUBLIC), STAMP, INSTALL_KEY)

    changed = replace(record, **{name: getattr(record, name) + 1})

    with pytest.raises(SignatureError):
        verify_checkpoint(changed, INSTALL_PUBLIC)


@pytest.mark.parametrize("at", range(6))
def test_no_field_of_a_checkpoint_can_be_changed(at: int) -> None:
    record = sign_checkpoint(genesis(INSTALL_PUBLIC), STAMP, INSTALL_KEY)
    body = list(record.body)
    value = body[at]
    body[at] = value + 1 if isinstance(value, int) else bytes(32)

    with pytest.raises(SignatureError):
        verify_checkpoint(replace(record, body=tuple(body)), INSTALL_PUBLIC)


def test_a_place_survives_its_bytes_and_has_a_short_form() -> None:
    mark = genesis(INSTALL_PUBLIC).after(b"event", RecordKind.START)

    assert Mark.from_bytes(mark.to_bytes()) == mark
    assert mark.ack == (1, mark.digest[:16])


@pytest.mark.parametrize("value", [7, [1, b"", 1, b""], [1, bytes(32), 1, "x"]])
def test_other_bytes_are_no_place(value: object) -> None:
    with pytest.raises(LicenseError):
        Mark.from_bytes(cbor.encode(value))
