"""Write docs/findings.md from the tables of all packages.

`python -m tests.support.finding_docs` prints the page; a test compares it.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGE", "codes_in_sources", "entries", "render_page"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/findings.md"
_PACKAGES = ("appliance", "bundles", "installer", "offline_license")
_CODE = re.compile(r"""["'](ANX-(?:LIC|MED|ENG|HOST|GPU|OP|API)-\d\d)["']""")
_FAMILIES = {
    "HOST": ("The host", "Found by preflight, before anything is changed."),
    "GPU": ("GPUs", "Found by preflight and by the status screens."),
    "MED": ("Release media", "A refused medium changes nothing on the host."),
    "LIC": ("Licenses", "Refused files, and why new work is refused."),
    "ENG": ("Container engine, firewall, isolation", ""),
    "OP": ("Operations and settings", ""),
    "API": ("Speech serving", "Answers of the API and troubles of its services."),
}


_INTRO = """\
# Findings

Everything that preflight, the installer, the services and the status screens can find,
by code. A finding always comes with its evidence: what was expected and what was found.
This page is generated (`python -m tests.support.finding_docs > docs/findings.md`), and a
test compares it. [exit-codes.md](exit-codes.md) says how commands end.
"""


class Entry(NamedTuple):
    """What is always the same about one code."""

    code: str
    title: str
    meaning: str
    remedy: str


def _modules() -> Iterator[str]:
    """Name the modules whose source holds a code."""
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if _CODE.search(path.read_text("utf-8")):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def codes_in_sources() -> set[str]:
    """Return every code that stands in a source, base classes left out."""
    found: set[str] = set()
    for name in _modules():
        path = ROOT / Path(*name.split(".")).with_suffix(".py")
        found |= set(_CODE.findall(path.read_text("utf-8")))
    return {code for code in found if not code.endswith("-00")}


def entries() -> Iterator[Entry]:
    """Yield every kind of finding of all packages."""
    for name in _modules():
        values = list(vars(import_module(name)).values())
        for value in values:
            many = value.values() if isinstance(value, dict) else (value,)
            for one in many:
                fields = [getattr(one, field, None) for field in Entry._fields]
                if all(isinstance(field, str) for field in fields):
                    yield Entry(*(str(field) for field in fields))


def render_page() -> str:
    """Return the page."""
    known = {one.code: one for one in entries() if not one.code.endswith("-00")}
    lines = _INTRO.splitlines()
    for family, (title, intro) in _FAMILIES.items():
        lines += ["", f"## {title} (ANX-{family})", ""]
        lines += [intro, ""] if intro else []
        lines += [
            "| code | finding | what it means | what to do |",
            "|---|---|---|---|",
        ]
        for code in sorted(known):
            if code.split("-")[1] == family:
                one = known[code]
                lines.append(f"| {code} | {one.title} | {one.meaning} | {one.remedy} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_page())
