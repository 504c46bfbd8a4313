"""The fuzzer runs, and it would find a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.runner import fuzz
from tests.fuzz.target import TABLE
from tests.support import bounds, license_readers
from tests.support.license_readers import Reader

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.long


def test_a_sound_reader_passes_and_its_corpus_is_kept(tmp_path: Path) -> None:
    (outcome,) = fuzz(("anchor",), seconds=1, folder=tmp_path)

    assert outcome.problems == ()
    assert outcome.runs > 100
    assert outcome.kept == len(list((tmp_path / "corpus/anchor").iterdir())) > 0


def test_a_planted_fault_is_found_and_its_input_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TABLE, "tests.fuzz.planted")

    (outcome,) = fuzz(("anchor",), seconds=20, folder=tmp_path)

    (crash,) = (tmp_path / "crashes/anchor").iterdir()
    assert crash.read_bytes()[:2] == b"no"
    assert "ZeroDivisionError" in outcome.problems[-1]
    assert str(crash) in outcome.problems[-1]


@pytest.mark.parametrize("cost", ["time", "memory"])
def test_a_reader_that_costs_too_much_breaks_its_bounds(
    cost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "MOST_S", 0.0 if cost == "time" else 60.0)
    greedy = Reader(lambda _: bytearray(bounds.MOST_BYTES + 1), ())

    with pytest.raises(AssertionError, match="expected at most"):
        bounds.check_bounds(greedy, b"")


@pytest.mark.parametrize("name", license_readers.READERS)
def test_every_reader_accepts_one_of_its_seeds(name: str) -> None:
    """A reader that refuses everything would pass every other test."""
    reader = license_readers.READERS[name]

    assert any(license_readers.read(reader, seed) for seed in reader.seeds)


def test_an_unknown_target_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["1", "nonsense"]) == 2
    assert "no such target: nonsense" in capsys.readouterr().out
