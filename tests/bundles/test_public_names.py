"""The public face of each module: named, sorted, there, and kept to."""

import ast
import importlib
from pathlib import Path

import pytest

import bundles

ROOT = Path(bundles.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*.py")
    if path.name != "__init__.py"
)


@pytest.mark.parametrize("name", MODULES)
def test_public_names_are_sorted_and_there(name: str) -> None:
    module = importlib.import_module(name)

    assert sorted(module.__all__) == sorted(set(module.__all__))
    assert [public for public in module.__all__ if not hasattr(module, public)] == []


@pytest.mark.parametrize("name", MODULES)
def test_only_public_names_cross_a_module(name: str) -> None:
    tree = ast.parse(
        (ROOT.parent / name.replace(".", "/")).with_suffix(".py").read_text()
    )
    crossing = [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("bundles.")
        for alias in node.names
    ]

    private = [
        f"{module}.{imported}"
        for module, imported in crossing
        if module in MODULES and imported not in importlib.import_module(module).__all__
    ]
    assert private == []
