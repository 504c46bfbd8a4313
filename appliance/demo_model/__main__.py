"""Command line: `python -m appliance.demo_model train | export | evaluate | speak`."""

# Heavy or optional packages are imported by the functions that need them.
# ruff: noqa: PLC0415

from __future__ import annotations

import argparse
import sys
import wave
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from appliance.demo_model import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

_DESCRIPTION = (
    "Train, export and evaluate the demo speech model: 66 English words for"
    " commissioning, self-tests and CI. Not for production speech."
)


def _train(arguments: argparse.Namespace) -> None:
    from appliance.demo_model.train import Config, train

    config = Config()
    if arguments.ranks is not None:
        config = replace(config, ranks=arguments.ranks)
    train(config, arguments.run)


def _export(arguments: argparse.Namespace) -> None:
    from appliance.demo_model.export import Release, export

    release = Release(arguments.version)
    export(arguments.run, arguments.model, release, precision=arguments.precision)


def _evaluate(arguments: argparse.Namespace) -> None:
    from appliance.demo_model import report

    only = frozenset(arguments.set)
    report.run(
        arguments.model, words=arguments.words, only=only, update=arguments.update
    )


def _speak(arguments: argparse.Namespace) -> None:
    from appliance.demo_model.speech import speak

    speech = speak(arguments.text, voice=arguments.voice, rate_wpm=arguments.rate)
    with wave.open(str(arguments.output), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(speech.sample_rate_hz)
        file.writeframes((speech.samples * 32767).astype(np.int16).tobytes())


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    result = argparse.ArgumentParser(
        prog="python -m appliance.demo_model", description=_DESCRIPTION
    )
    verbs = result.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("train", help="train on CPU (needs torch); can be resumed")
    verb.add_argument(
        "run", type=Path, help="folder of the checkpoint; resumes if there is one"
    )
    verb.add_argument("--ranks", type=int, help="processes, one core each (default 2)")
    verb.set_defaults(act=_train)

    verb = verbs.add_parser(
        "export", help="write a CTranslate2 directory (needs torch)"
    )
    verb.add_argument("run", type=Path, help="folder of the checkpoint")
    verb.add_argument("model", type=Path, help="directory to write")
    verb.add_argument("--version", required=True, help="version for the manifest")
    verb.add_argument("--precision", default="int8", choices=("int8", "float32"))
    verb.set_defaults(act=_export)

    verb = verbs.add_parser("evaluate", help="measure word error rates")
    verb.add_argument("--model", type=Path, default=evaluate.WEIGHTS)
    verb.add_argument("--words", type=int, default=500, help="words in each test set")
    verb.add_argument(
        "--set", action="append", default=[], help="only this test set; repeatable"
    )
    verb.add_argument(
        "--update", action="store_true", help="record the figures in the manifest"
    )
    verb.set_defaults(act=_evaluate)

    verb = verbs.add_parser("speak", help="write a wave file spoken by espeak-ng")
    verb.add_argument("text", help="words separated by spaces")
    verb.add_argument("output", type=Path, help="wave file to write (16-bit mono)")
    verb.add_argument("--voice", default="en", help="espeak-ng voice (default en)")
    verb.add_argument("--rate", type=int, default=160, help="words a minute")
    verb.set_defaults(act=_speak)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return 0, or 1 when an optional package is missing."""
    arguments = parser().parse_args(argv)
    try:
        arguments.act(arguments)
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"{error.name} is not installed, and this verb needs it: for train and"
            " export run pip install 'anechoic[train]', for evaluate 'anechoic[asr]'\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
