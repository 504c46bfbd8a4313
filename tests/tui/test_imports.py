import subprocess
import sys

import pytest

CHECK = "import {module}, sys; print(any(m.startswith('textual') for m in sys.modules))"


@pytest.mark.parametrize(
    "module", ["installer.tui", "installer.cli", "installer.client", "installer.engine"]
)
def test_textual_is_imported_only_when_the_screen_opens(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECK.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "False"
