"""Write docs/settings.md from the settings model.

`python -m tests.support.setting_docs` prints the page; a test compares it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from installer.settings import setting_fields

__all__ = ["PAGE", "render_page"]

PAGE = Path(__file__).resolve().parents[2] / "docs/settings.md"
_INTRO = """\
# Settings

The same settings stand in the answers file, in the flags of `anechoic install` and in
the wizard; all three are generated from one model (`installer/settings.py`), and so is
this page (`python -m tests.support.setting_docs > docs/settings.md`, compared by a test).

* `anechoic answers example` prints a complete answers file with every default.
* `anechoic answers check FILE` names every error in a file.
* `anechoic answers schema` prints the JSON schema; it is kept in
  [answers.schema.json](answers.schema.json).
* Flags win over the file. Unknown keys and flags are errors. Paths in a file are absolute.
* The installed settings are in `/etc/anechoic/settings.toml`; to change one, install again
  with it: only what depends on it is restarted.

| key | flag | default | what it decides |
|---|---|---|---|
"""


def render_page() -> str:
    """Return the page."""
    rows = []
    for field in setting_fields():
        words = f" One of {', '.join(field.choices)}." if field.choices else ""
        flag = "the argument MEDIUM" if field.name == "medium" else f"`{field.flag}`"
        default = f"`{field.default}`" if field.default else "none"
        rows.append(f"| `{field.name}` | {flag} | {default} | {field.help}{words} |")
    return _INTRO + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render_page())
