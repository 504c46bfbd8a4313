"""What the image recipes promise, without building anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from appliance.images.build import own_files
from appliance.images.recipes import Accelerator, Recipe, recipes
from appliance.topology import SERVICES

RECIPES = recipes()


def _by_name(recipe: Recipe) -> str:
    return recipe.name


def test_every_service_of_the_topology_has_an_image() -> None:
    assert [recipe.name for recipe in RECIPES] == list(SERVICES)


@pytest.mark.parametrize("recipe", RECIPES, ids=_by_name)
def test_no_image_keeps_a_shell_or_a_package_manager(recipe: Recipe) -> None:
    kept = {path.rsplit("/", 1)[-1] for path in recipe.rootfs.keep}

    assert kept.isdisjoint({"*", "apt", "bash", "dash", "dpkg", "perl", "sh"})


def test_an_image_holds_no_program_of_another_container() -> None:
    held = {recipe.name: own_files(recipe, b"") for recipe in RECIPES}

    api = [name for name in held["api"] if "/asr/" in name or "/vendor/" in name]
    asr = [name for name in held["asr"] if "/api/" in name or "/license_proxy/" in name]
    assert (api, asr) == ([], [])


@pytest.mark.parametrize("recipe", RECIPES, ids=_by_name)
def test_the_programs_of_an_image_import_without_the_rest_of_the_project(
    recipe: Recipe, tmp_path: Path
) -> None:
    if not recipe.programs:
        return
    for name, data in own_files(recipe, b"").items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    module = f"{recipe.command[-1]}.__main__"

    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"],
        env={"PYTHONPATH": str(tmp_path / "app")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_telemetry_of_the_voice_activity_detector_is_off() -> None:
    asr = next(recipe for recipe in RECIPES if recipe.name == "asr")

    assert ("ORT_DISABLE_TELEMETRY", "1") in asr.environment


def test_only_the_accelerated_recognition_image_carries_cuda() -> None:
    plain, cuda = recipes(), recipes(Accelerator.CUDA12)

    changed = [new.name for old, new in zip(plain, cuda, strict=True) if old != new]
    assert changed == ["asr"]
    assert cuda[3].wheels == ("asr", "cuda12")
