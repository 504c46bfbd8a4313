"""The engine loads and works without a way out, and never asks for one."""

import os
import subprocess
import sys

from tests.support.demo_model import MODEL

CODE = """
import socket, sys
from pathlib import Path
asked = []
def refuse(*arguments, **_):
    asked.append(arguments[0] if arguments else None)
    raise OSError("no way out")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
from appliance.asr.engine import WhisperEngine
from appliance.asr.decode import decode
from tests.support.serving_fakes import wav
from appliance.queue import SpeechRequest
engine = WhisperEngine(
    Path(sys.argv[1]), device="cpu", compute_type="auto", cpu_threads=1, slots=1
)
engine.warm_up()
request = SpeechRequest("demo", word_timestamps=True)
engine.transcribe(decode(wav(2), max_s=9), request, keep_going=lambda: True)
print("asked", asked)
"""


def test_the_engine_works_in_a_network_namespace_without_routes() -> None:
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", CODE, str(MODEL)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},  # noqa: PTH109
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "asked []"
