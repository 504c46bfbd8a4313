"""`python -m tests.demo up|down`: the whole appliance on this machine, and away again."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx

from tests.demo.phases import BUILD, Demo, DemoFailed
from tests.demo.speech import Heard, transcribe_sentences
from tests.demo.vendor import Vendor

LARGEST_WER: Final = 0.1
KEY: Final = BUILD / "api-key"
ANSWERS: Final = BUILD / "answers.toml"
REQUEST: Final = BUILD / "host.areq"
LICENSE: Final = BUILD / "host.alic"
VENDOR: Final = Vendor(BUILD)


def up() -> int:
    """Set everything up and show that it works."""
    demo, began = Demo(), time.monotonic()
    with demo.phase("vendor: keys for releases and licenses"):
        VENDOR.make_keys(demo)
    with demo.phase("vendor: images and a signed release medium"):
        VENDOR.build_medium(demo)
    with demo.phase("vendor and operator: a license for this host"):
        demo.run("anechoic", "license", "request", "--output", REQUEST, "--force")
        VENDOR.issue_license(demo, REQUEST, LICENSE)
    with demo.phase("operator: install the medium"):
        _write_answers()
        demo.run("anechoic", "install", VENDOR.medium, "--answers", ANSWERS, "--plain")
        demo.note_process(int(demo.read("anechoic", "engine", "pid")))
        key = _api_key(demo)
    status = json.loads(demo.read("anechoic", "status", "--json"))
    with demo.phase("developer: real speech through the published API"):
        heard = list(_show(transcribe_sentences(status["api_url"], key)))
        demo.note_process(os.getpid())
    _tell_what_is_where(status)
    _write_measurements(demo, heard)
    return _verdict(heard, time.monotonic() - began)


def down() -> int:
    """Remove what `up` made: containers, images, state, firewall table, files."""
    demo = Demo()
    with demo.phase("remove the appliance"):
        demo.run("anechoic", "uninstall", "--yes", "--purge")
    shutil.rmtree(BUILD, ignore_errors=True)
    print("nothing of the demo is left (build/cache keeps downloads; `make clean`)")
    return 0


def _write_answers() -> None:
    ANSWERS.write_text(
        f'trust = "{VENDOR.anchor}"\nlicense = "{LICENSE}"\n', encoding="utf-8"
    )


def _api_key(demo: Demo) -> str:
    if not KEY.exists():
        demo.run("anechoic", "keys", "create", "demo", "--output", KEY)
    return KEY.read_text(encoding="utf-8").strip()


def _show(sentences: Iterator[Heard]) -> Iterator[Heard]:
    for number, one in enumerate(sentences, 1):
        print(f"{number:>2} spoken: {one.spoken}\n   heard:  {one.heard}", flush=True)
        yield one


def _tell_what_is_where(status: dict[str, str]) -> None:
    print(
        f"\nAPI        {status['api_url']}  (key in {_relative(KEY)})"
        f"\ndashboard  {status['dashboard_url']}"
        "\nTUI        make tui"
        "\nremove     make demo-down"
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _write_measurements(demo: Demo, heard: list[Heard]) -> None:
    print("\nphase                                             wall s   peak MiB")
    for phase in demo.phases:
        print(f"{phase.name:<48} {phase.wall_s:>7.1f} {phase.peak_mib:>10.0f}")
    rows = [
        {"phase": phase.name, "wall_s": phase.wall_s, "peak_mib": phase.peak_mib}
        for phase in demo.phases
    ]
    audio_s = sum(one.audio_s for one in heard)
    wall_s = sum(one.wall_s for one in heard)
    result = {"phases": rows, "audio_s": audio_s, "transcription_wall_s": wall_s}
    (BUILD / "measurements.json").write_text(json.dumps(result, indent=1) + "\n")


def _verdict(heard: list[Heard], wall_s: float) -> int:
    words = sum(one.words for one in heard)
    wer = sum(one.errors for one in heard) / words
    audio_s = sum(one.audio_s for one in heard)
    rtf = sum(one.wall_s for one in heard) / audio_s
    word = "ok" if wer <= LARGEST_WER else "failed"
    print(
        f"\ndemo {word}: wer={wer:.3f} words={words} audio={audio_s:.0f}s "
        f"rtf={rtf:.3f} time={wall_s:.0f}s"
    )
    return 0 if wer <= LARGEST_WER else 1


def main(arguments: list[str]) -> int:
    """Run `up` or `down`; failures end with one plain line and status 1."""
    verbs = {"up": up, "down": down}
    if len(arguments) != 1 or arguments[0] not in verbs:
        print("usage: python -m tests.demo up|down")
        return 2
    try:
        return verbs[arguments[0]]()
    except (DemoFailed, httpx.HTTPError) as error:
        print(f"\ndemo failed: {error}")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
