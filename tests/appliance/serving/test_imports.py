"""Each image holds only its own libraries, so each program imports only those."""

import subprocess
import sys

import pytest

API_HAS_NOT = (
    *("faster_whisper", "ctranslate2", "av", "numpy", "onnxruntime", "tokenizers"),
    *("docker", "textual", "typer", "tuf", "psutil", "pynvml", "appliance.asr"),
)
ASR_HAS_NOT = (
    *("fastapi", "uvicorn", "starlette", "python_multipart", "pydantic"),
    *("docker", "textual", "typer", "tuf", "psutil", "pynvml", "appliance.api"),
)


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("appliance.api.__main__", API_HAS_NOT),
        ("appliance.asr.__main__", ASR_HAS_NOT),
        ("appliance.health", (*API_HAS_NOT, *ASR_HAS_NOT, "redis", "httpx")),
    ],
)
def test_a_program_imports_nothing_that_its_image_lacks(
    program: str, absent: tuple[str, ...]
) -> None:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent!r}))\n"
        f"import importlib; importlib.import_module({program!r})"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, text=True
    )

    assert done.returncode == 0, done.stderr
