"""`anechoic trust` against the engine's real API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from installer.exit_codes import ExitCode
from tests.support.desk import Desk, engine_of
from tests.support.fake_site import FakeSite
from tests.support.media import MediumFactory
from tests.support.trust_updates import UpdateDesk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("ANECHOIC_ROOT", str(tmp_path))
    with engine_of(FakeSite(tmp_path).site()) as desk:
        yield desk


@pytest.fixture
def carried(tmp_path: Path) -> tuple[str, ...]:
    """An update that revokes one release, and the anchor, as arguments."""
    vendor = UpdateDesk(MediumFactory(tmp_path / "vendor"))
    bad = vendor.factory.build("bad", version="1.4.0")
    good = vendor.factory.build("good", release_seq=2, version="1.5.0")
    update = vendor.update(7, [good], revoked=[bad])
    (tmp_path / "update").write_bytes(update.to_json())
    (tmp_path / "anchor").write_bytes(vendor.factory.anchor.to_json())
    return (str(tmp_path / "update"), "--trust", str(tmp_path / "anchor"))


def test_a_host_that_trusts_nothing_says_so(desk: Desk) -> None:
    plain, lines = desk.run("trust", "show"), desk.run("trust", "show", "--json")

    assert "not trusted any release yet" in plain.output
    assert json.loads(lines.output) is None


def test_an_update_is_shown_before_it_is_applied(
    desk: Desk, carried: tuple[str, ...]
) -> None:
    done = desk.run("trust", "show", *carried)

    assert done.exit_code == ExitCode.OK, done.output
    assert "version    7" in done.output
    assert "good       1.5.0, number 2, install by 2035-12-31" in done.output
    assert "revoked    1.4.0, number 1, on 2026-01-02 by version 7" in done.output
    assert "not trusted any" in desk.run("trust", "show").output


def test_an_applied_update_is_what_the_host_trusts(
    desk: Desk, carried: tuple[str, ...]
) -> None:
    done = desk.run("trust", "apply", *carried)
    again = desk.run("trust", "apply", carried[0], "--json")

    assert "This host now trusts version 7." in done.output
    assert json.loads(again.output)["known"] == 7
    assert "revoked    1.4.0" in desk.run("trust", "show").output


def test_something_else_than_an_update_is_refused(
    desk: Desk, carried: tuple[str, ...]
) -> None:
    Path(carried[0]).write_bytes(b"\x89PNG")

    done = desk.run("trust", "apply", *carried)

    assert done.exit_code == ExitCode.MEDIUM
    assert "ANX-MED-31" in done.output
