"""The distribution holds what it says, and nothing shadows our names."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import installer

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = ("api", "asr", "installer", "license", "vendor")


def _pins(lock: Path) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9._-]+)==([^ \\;]+)", lock.read_text(), re.MULTILINE)
    )


def test_the_package_named_installer_is_ours() -> None:
    assert installer.__file__ is not None
    assert Path(installer.__file__) == ROOT / "installer/__init__.py"


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_lock_agrees_with_the_lock_of_the_tests(extra: str) -> None:
    tested = _pins(ROOT / "requirements/dev.txt")

    shipped = _pins(ROOT / f"requirements/{extra}.txt")

    assert shipped.items() <= tested.items()


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_lock_holds_every_pin_of_its_extra(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    asked = dict(pin.split("==") for pin in project["optional-dependencies"][extra])

    assert asked.items() <= _pins(ROOT / f"requirements/{extra}.txt").items()


@pytest.mark.parametrize("extra", EXTRAS)
def test_no_runtime_lock_holds_torch(extra: str) -> None:
    assert "torch" not in _pins(ROOT / f"requirements/{extra}.txt")


def test_the_vendors_program_is_not_needed_by_the_operators() -> None:
    probe = "import installer.cli, sys; print('appliance.vendor' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
