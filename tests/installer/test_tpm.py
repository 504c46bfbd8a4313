"""A real software TPM (swtpm) is known by its endorsement, whatever else happens."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from installer.tpm import endorsement_digest


def _manufacture(state: Path, *options: str) -> None:
    state.mkdir()
    subprocess.run(
        ["swtpm_setup", "--tpm2", "--tpmstate", state, *options],
        check=True,
        capture_output=True,
    )


@contextmanager
def _powered(state: Path) -> Iterator[int]:
    """Give the host's end of a running chip."""
    host, chip = socket.socketpair()
    command = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={state}"]
    command += ["--flags", "not-need-init,startup-clear", "--fd", str(chip.fileno())]
    with subprocess.Popen(command, pass_fds=[chip.fileno()]) as process:
        chip.close()
        try:
            yield host.fileno()
        finally:
            host.close()
            process.terminate()


def _digest(state: Path) -> str:
    with _powered(state) as chip:
        return endorsement_digest(chip)


def test_a_chip_is_the_same_after_a_restart_and_unlike_another(tmp_path: Path) -> None:
    for name in ("one", "two"):
        _manufacture(tmp_path / name, "--create-ek-cert")

    first, again, other = (_digest(tmp_path / name) for name in ("one", "one", "two"))

    assert len(first) == 64
    assert first == again != other


def test_a_chip_without_a_certificate_is_known_by_its_key(tmp_path: Path) -> None:
    _manufacture(tmp_path / "one", "--createek")

    assert _digest(tmp_path / "one") == _digest(tmp_path / "one")


def test_a_blank_chip_is_no_identity(tmp_path: Path) -> None:
    (tmp_path / "blank").mkdir()

    with pytest.raises(OSError, match="no endorsement"):
        _digest(tmp_path / "blank")


def test_a_chip_that_is_silent_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("installer.tpm._DEADLINE_MS", 1)
    host, chip = socket.socketpair()

    with host, chip, pytest.raises(TimeoutError, match="does not answer"):
        endorsement_digest(host.fileno())


@pytest.mark.parametrize("answer", [b"", b"\x80\x01", bytes(9)])
def test_an_answer_that_is_none_is_an_error(answer: bytes) -> None:
    host, chip = socket.socketpair(type=socket.SOCK_SEQPACKET)
    chip.send(answer)

    with host, chip, pytest.raises(OSError, match="something else"):
        endorsement_digest(host.fileno())
