"""What docs/usage-report.md says is so."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import offline_license
from offline_license.ledger import SLOT_BYTES
from offline_license.ledger_fields import Choice, Instant, Octets, Uint
from offline_license.ledger_schema import BODIES, RecordKind
from offline_license.report import payload_of
from offline_license.report_envelope import PAYLOAD_TYPE
from offline_license.report_intake import Verdict
from offline_license.usage import Mode, Outcome
from tests.support.ledgers import INSTALL_PUBLIC, Ledger
from tests.support.license_vectors import vectors

PAGE = (Path(offline_license.__file__).parents[1] / "docs/usage-report.md").read_text(
    encoding="utf-8"
)


def described(field: Octets | Choice | Instant | Uint) -> str:
    match field:
        case Octets(name=name, size=size):
            return f"`{name}` {size} bytes"
        case Choice(name=name):
            return f"`{name}`"
        case Instant(name=name):
            return f"`{name}` time"
        case Uint(name=name):
            return f"`{name}` number"


@pytest.mark.parametrize("kind", RecordKind)
def test_every_record_is_listed_with_its_fields(kind: RecordKind) -> None:
    body = ", ".join(map(described, BODIES[kind])) or "nothing"

    assert f"| {int(kind)} | `{kind.name.lower()}` | {body} |" in PAGE


@pytest.mark.parametrize("member", [*Mode, *Outcome])
def test_every_choice_is_listed(member: Mode | Outcome) -> None:
    assert f"{int(member)} {member.name.lower()}" in PAGE


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_listed(verdict: Verdict) -> None:
    assert f"| `{verdict.value}` |" in PAGE


def test_the_numbers_of_the_format_are_the_true_ones() -> None:
    assert f"slots of {SLOT_BYTES} bytes" in PAGE
    assert f"`{PAYLOAD_TYPE}`" in PAGE


def test_the_published_row_taken_apart_is_the_published_one() -> None:
    slot = vectors()["ledger"][2 * SLOT_BYTES * 2 :][: SLOT_BYTES * 2]
    apart = PAGE.split("taken apart:")[1].split("## The file")[0]
    lines = re.findall(
        r"^ {4,}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?= )", apart, re.MULTILINE
    )
    whole = "".join(lines).replace(" ", "")

    assert slot.startswith(whole[:-14])
    assert slot.endswith(whole[-8:])


def test_the_commands_for_the_officer_verify_a_report(tmp_path: Path) -> None:
    """The block is run as it stands, with python3 and openssl alone."""
    report = Ledger.of_hours(3).report()
    (tmp_path / "usage.json").write_bytes(report)
    (tmp_path / "install.pub").write_bytes(INSTALL_PUBLIC)
    commands = PAGE.split("```sh\n")[1].split("```")[0]

    done = subprocess.run(
        ["bash", "-e", "-c", commands], cwd=tmp_path, capture_output=True, check=True
    )

    assert b"Signature Verified Successfully" in done.stdout
    assert (tmp_path / "payload.json").read_bytes() == payload_of(report)
