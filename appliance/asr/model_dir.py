"""Look at a model directory before it is loaded, and read what it says of itself.

faster-whisper would fetch a missing tokenizer from the internet, and would silently take
another feature layout when the preprocessor's settings are missing. So every file is required
here. `manifest.json` is ours and optional.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from appliance.asr.errors import ModelError

_REQUIRED: Final = (
    "model.bin",
    "config.json",
    "tokenizer.json",
    "preprocessor_config.json",
)
_VOCABULARIES: Final = ("vocabulary.json", "vocabulary.txt")
_LANGUAGE: Final = re.compile(r"<\|([a-z]{2,3})\|>")
_MULTILINGUAL_MARK: Final = ""
_JOIN_S: Final = {True: 6, False: 28}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What we know of a model before loading it.

    `unpadded_windows` says that the model was trained on windows shorter than 30 s, so that
    short speech need not be padded. `vad` cuts the audio at silences first; `join_s` is how
    far, in seconds, neighboring stretches of speech are joined to one window.
    """

    name: str
    version: str
    languages: tuple[str, ...]
    unpadded_windows: bool
    beam_size: int
    temperature: float
    vad: bool
    join_s: int


def inspect(directory: Path) -> Manifest:
    """Check the directory's files and read the manifest.

    Raises:
        ModelError: a file is missing or the manifest is wrong.
    """
    missing = [name for name in _REQUIRED if not (directory / name).is_file()]
    vocabulary = [name for name in _VOCABULARIES if (directory / name).is_file()]
    if not vocabulary:
        missing.append(_VOCABULARIES[0])
    if missing:
        raise ModelError(f"the model directory lacks {', '.join(missing)}")
    tokens = _tokens(directory / vocabulary[0])
    return _manifest(_declared(directory / "manifest.json"), directory, tokens)


def _tokens(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".txt":
        return text.splitlines()
    tokens = json.loads(text)
    if not isinstance(tokens, list):
        raise ModelError(f"{path.name} is not a list of tokens")
    return [str(token) for token in tokens]


def _declared(path: Path) -> dict[str, Any]:
    try:
        declared = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ModelError("manifest.json is not JSON") from error
    if not isinstance(declared, dict):
        raise ModelError("manifest.json is not an object")
    return declared


def _manifest(declared: dict[str, Any], directory: Path, tokens: list[str]) -> Manifest:
    unpadded = declared.get("unpadded_windows") is True
    try:
        return Manifest(
            name=str(declared.get("name") or directory.resolve().name),
            version=str(declared.get("version", "")),
            languages=_languages(declared, tokens),
            unpadded_windows=unpadded,
            beam_size=int(declared.get("beam_size", 5)),
            temperature=float(declared.get("temperature", 0.0)),
            vad=bool(declared.get("vad", True)),
            join_s=int(declared.get("join_s", _JOIN_S[unpadded])),
        )
    except (TypeError, ValueError) as error:
        raise ModelError("manifest.json has a field of the wrong type") from error


def _languages(declared: dict[str, Any], tokens: list[str]) -> tuple[str, ...]:
    """Intersect what the manifest says with the language tokens that are really there.

    A language without a token is silently dropped from the prompt by the engine.
    """
    if _MULTILINGUAL_MARK not in tokens:
        return ("en",)
    present = [m[1] for token in tokens if (m := _LANGUAGE.fullmatch(token))]
    wanted = declared.get("languages")
    if wanted is None:
        return tuple(present)
    if absent := sorted(set(map(str, wanted)) - set(present)):
        raise ModelError(f"manifest.json names {absent[0]!r}, the vocabulary does not")
    return tuple(str(language) for language in wanted)
