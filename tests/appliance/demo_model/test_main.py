"""The command line speaks, explains itself and says what is not installed."""

import sys
import wave
from pathlib import Path

import pytest

from appliance.demo_model.__main__ import main


def test_speak_writes_a_16_bit_mono_wave_file(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"

    assert main(["speak", "hello doctor", str(path)]) == 0

    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getnframes() > file.getframerate() // 2


def test_training_without_torch_names_what_to_install(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "appliance.demo_model.train", raising=False)

    assert main(["train", str(tmp_path)]) == 1
    assert "anechoic[train]" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["train", "export", "evaluate", "speak"])
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([verb, "--help"])

    assert stopped.value.code == 0
    assert verb in capsys.readouterr().out
