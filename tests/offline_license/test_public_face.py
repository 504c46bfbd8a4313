"""The public face of the package."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import offline_license

MODULES = [module.name for module in pkgutil.iter_modules(offline_license.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_of_a_module_exists(name: str) -> None:
    module = importlib.import_module(f"offline_license.{name}")

    assert all(hasattr(module, public) for public in module.__all__)


def test_every_name_of_the_face_exists_and_is_listed_once() -> None:
    names = offline_license.__all__

    assert len(set(names)) == len(names)
    assert all(hasattr(offline_license, name) for name in names)
