"""A model directory is complete and true, or refused with the missing piece named."""

import json
import shutil
from pathlib import Path

import pytest

from appliance.asr.engine import WhisperEngine
from appliance.asr.errors import ModelError
from appliance.asr.model_dir import inspect
from tests.support.demo_model import MODEL


@pytest.fixture
def model(tmp_path: Path) -> Path:
    copied = tmp_path / "site-model"
    shutil.copytree(MODEL, copied)
    return copied


@pytest.mark.parametrize(
    "name",
    [
        "model.bin",
        "config.json",
        "tokenizer.json",
        "preprocessor_config.json",
        "vocabulary.json",
    ],
)
def test_a_missing_file_is_named(model: Path, name: str) -> None:
    """Without its tokenizer, faster-whisper would look for one on the internet."""
    (model / name).unlink()

    with pytest.raises(ModelError, match=name):
        inspect(model)


def test_without_a_manifest_the_directory_names_the_model(model: Path) -> None:
    (model / "manifest.json").unlink()

    manifest = inspect(model)

    assert manifest.name == "site-model"
    assert manifest.languages == ("en",)
    assert not manifest.unpadded_windows
    assert manifest.join_s == 28


def test_the_manifest_is_read(model: Path) -> None:
    text = {"name": "m", "version": "7", "unpadded_windows": True, "beam_size": 2}
    (model / "manifest.json").write_text(json.dumps(text))

    manifest = inspect(model)

    assert (manifest.name, manifest.version, manifest.beam_size) == ("m", "7", 2)
    assert manifest.join_s == 6


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"beam_size":"many"}', '{"temperature":[]}', '{"languages":["xx"]}'],
)
def test_a_wrong_manifest_is_refused(model: Path, text: str) -> None:
    (model / "manifest.json").write_text(text)

    with pytest.raises(ModelError, match=r"manifest\.json"):
        inspect(model)


def test_a_vocabulary_without_the_mark_is_english_only(model: Path) -> None:
    tokens = json.loads((model / "vocabulary.json").read_text())
    (model / "vocabulary.json").write_text(json.dumps([t for t in tokens if t]))

    assert inspect(model).languages == ("en",)


def test_a_corrupt_model_is_refused_by_the_engine(model: Path) -> None:
    (model / "model.bin").write_bytes(b"not a model")

    with pytest.raises(ModelError, match="refuses"):
        WhisperEngine(model, device="cpu", compute_type="auto", cpu_threads=1, slots=1)
