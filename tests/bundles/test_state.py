import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.errors import RollbackError, TrustStateError
from bundles.files import write_durably
from bundles.medium import VerifiedMedium, open_medium, pin_trust
from bundles.trust.state import TrustFloor, TrustState, load_state, save_state
from tests.support.media import MediumFactory

FLOOR = TrustFloor(datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC), 7)


def test_no_folder_is_no_memory(tmp_path: Path) -> None:
    assert load_state(None) == load_state(tmp_path / "none") == TrustState()


def test_what_is_remembered_is_read_back(tmp_path: Path) -> None:
    files = {"timestamp.json": b"{}", "root_history/1.root.json": b"{}"}

    save_state(tmp_path, TrustState(files, FLOOR))

    state = load_state(tmp_path)
    assert state.files == files
    assert state.floor == FLOOR


def test_the_timestamp_is_written_after_all_it_speaks_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power loss in between leaves an old timestamp, which rejects nothing good."""
    written: list[str] = []
    monkeypatch.setattr(
        "bundles.trust.state.write_durably",
        lambda path, _data: written.append(str(path.relative_to(tmp_path))),
    )
    names = [
        "targets.json",
        "timestamp.json",
        "snapshot.json",
        "root_history/1.root.json",
    ]

    save_state(tmp_path, TrustState(dict.fromkeys(names, b"{}"), FLOOR))

    assert written[0] == "floor.json"
    assert written[1] == "root_history/1.root.json"
    assert written[-1] == "timestamp.json"


def test_a_floor_of_a_later_program_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "floor.json").write_bytes(b'{"version":2}')

    with pytest.raises(TrustStateError, match="version 1"):
        load_state(tmp_path)


def test_a_folder_of_endless_files_is_not_read(tmp_path: Path) -> None:
    for number in range(513):
        (tmp_path / f"{number}.json").touch()

    with pytest.raises(TrustStateError, match="at most 512 files"):
        load_state(tmp_path)


@given(st.binary(max_size=200))
def test_a_damaged_floor_is_an_error_and_never_no_floor(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    directory = tmp_path_factory.mktemp("trust")
    (directory / "floor.json").write_bytes(data)

    with pytest.raises(TrustStateError) as caught:
        load_state(directory)

    assert caught.value.code == "ANX-MED-19"


def test_a_damaged_memory_does_not_pass_for_a_fresh_host(
    vendor: MediumFactory, medium_dir: Path, tmp_path: Path
) -> None:
    """``ngclient`` would ignore an unreadable timestamp and accept a rollback."""
    trust_dir = tmp_path / "trust"
    pin_trust(open_medium(medium_dir, anchor=vendor.anchor, now=vendor.now), trust_dir)
    (trust_dir / "timestamp.json").write_bytes(b"\0" * 500)

    with pytest.raises(TrustStateError, match=r"timestamp\.json"):
        open_medium(
            medium_dir, anchor=vendor.anchor, now=vendor.now, trust_dir=trust_dir
        )


def test_the_higher_floor_counts_in_each_part() -> None:
    other = TrustFloor(datetime(2020, 1, 1, tzinfo=UTC), 9)

    assert FLOOR.raised_to(other) == TrustFloor(FLOOR.time, 9)


class PowerLossError(Exception):
    """The machine stops here."""


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> MediumFactory:
    factory = MediumFactory(tmp_path_factory.mktemp("vendor"))
    factory.build("old", release_seq=1)
    factory.build("new", release_seq=2)
    return factory


@pytest.mark.parametrize("writes", range(8))
def test_power_loss_at_any_write_leaves_a_memory_that_works(
    two_releases: MediumFactory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    writes: int,
) -> None:
    """The newer medium always opens again; the older one never does after a write."""
    vendor, trust_dir, left = two_releases, tmp_path / "trust", [writes]

    def opened(folder: str) -> VerifiedMedium:
        return open_medium(
            vendor.root / folder,
            anchor=vendor.anchor,
            now=vendor.now,
            trust_dir=trust_dir,
        )

    def until_power_loss(path: Path, data: bytes) -> None:
        if left[0] == 0:
            raise PowerLossError
        left[0] -= 1
        write_durably(path, data)

    pin_trust(opened("old"), trust_dir)
    with monkeypatch.context() as patched, contextlib.suppress(PowerLossError):
        patched.setattr("bundles.trust.state.write_durably", until_power_loss)
        pin_trust(opened("new"), trust_dir)

    if writes:
        with pytest.raises(RollbackError):
            opened("old")
    pin_trust(opened("new"), trust_dir)
    assert load_state(trust_dir).floor.release_seq == 2
