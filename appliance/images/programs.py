"""The modules of this project that a program needs: its imports, followed to the end.

An image holds what its entry points import and nothing else, so that code of one
container never travels in another.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import appliance
from appliance.errors import ApplianceError

SOURCES: Final = Path(appliance.__file__).resolve().parents[1]
_PACKAGES: Final = ("appliance", "bundles", "offline_license")


class SourcesMissingError(ApplianceError):
    """The vendor's program does not run from a source tree."""

    code = "ANX-ENG-91"
    title = "The sources to build from are not here"
    meaning = "Images are built from a clone of the project, and none was found."
    remedy = "Run anechoic-vendor from a clone of the project."


def program_files(entries: Iterable[str]) -> Mapping[str, bytes]:
    """Return the source files of these modules and of all they import, by path.

    Args:
        entries: dotted names; a package stands for its `__main__`.

    Raises:
        SourcesMissingError: an entry is not in the sources.
    """
    found: dict[str, bytes] = {}
    waiting = []
    for entry in entries:
        main = _file_of(f"{entry}.__main__") or _file_of(entry)
        if main is None:
            raise SourcesMissingError(f"expected the program {entry}")
        waiting += [entry, f"{entry}.__main__"]
    while waiting:
        module = waiting.pop()
        for file in _files_on_the_way(module):
            name = file.relative_to(SOURCES).as_posix()
            if name not in found:
                found[name] = file.read_bytes()
                waiting += _imports(ast.parse(found[name]))
    return found


def _files_on_the_way(module: str) -> Iterator[Path]:
    """Yield the file of a module and those of the packages around it."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        file = _file_of(".".join(parts[:depth]))
        if file is not None:
            yield file


def _file_of(module: str) -> Path | None:
    path = SOURCES.joinpath(*module.split("."))
    for file in (path / "__init__.py", path.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules of this project that run-time imports name."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from (name for child in node.orelse for name in _imports(child))
            case ast.Import(names=names):
                yield from (one.name for one in names if _is_ours(one.name))
            case ast.ImportFrom(module=str(module), names=names) if _is_ours(module):
                yield from (f"{module}.{one.name}" for one in names)
            case _:
                yield from _imports(node)


def _is_ours(module: str) -> bool:
    return module.split(".", maxsplit=1)[0] in _PACKAGES
