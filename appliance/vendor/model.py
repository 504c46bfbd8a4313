"""Check that a folder is a speech model that the appliance can run."""

import json
import re
from pathlib import Path
from typing import Final

from appliance.errors import ApplianceError

_NEEDED: Final = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES: Final = ("vocabulary.json", "vocabulary.txt")
_MANIFEST: Final = "manifest.json"


class ModelFolderError(ApplianceError):
    """The folder is not a CTranslate2 Whisper model that loads offline."""

    code = "ANX-ENG-93"
    title = "This is not a model that can be shipped"
    meaning = "The recognizer would fail, or would look for missing files online."
    remedy = (
        "Name a folder with a Whisper model converted for CTranslate2, with its "
        "tokenizer.json and preprocessor_config.json."
    )


def check_model(folder: Path) -> None:
    """Check that all files are there without which a worker would go online or fail.

    Raises:
        ModelFolderError: it names what is missing.
    """
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if missing:
        raise ModelFolderError(f"{folder}: expected {', '.join(missing)}, found none")


def model_name(folder: Path) -> str:
    """Return the name in the model's manifest, else the folder's, as a plain word."""
    manifest = folder / _MANIFEST
    name = folder.resolve().name
    if manifest.is_file():
        name = str(json.loads(manifest.read_text(encoding="utf-8")).get("name", name))
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "model"
