"""The page about the engine names every request and every step."""

from pathlib import Path

from installer.engine.api import build_api
from installer.engine.operations import Operations
from installer.engine.status import StatusCollector
from tests.support.fake_site import FakeSite

PAGE = Path(__file__).resolve().parents[2] / "docs/engine.md"


def test_every_request_is_documented(tmp_path: Path) -> None:
    site = FakeSite(tmp_path).site()
    operations = Operations(site)
    app = build_api(site, operations, StatusCollector(site, operations.current))
    page = PAGE.read_text("utf-8")

    paths = {str(getattr(route, "path", "")) for route in app.routes}

    missing = [path for path in paths if path.replace("{id}", "ID") not in page]
    assert missing == []


def test_every_step_is_documented(tmp_path: Path) -> None:
    fake = FakeSite(tmp_path)
    steps = Operations(fake.site()).plan(fake.settings()).steps
    page = PAGE.read_text("utf-8")

    names = {
        step.name for step in steps if not step.name.startswith(("load-", "start-asr"))
    }

    assert [name for name in sorted(names) if f"`{name}`" not in page] == []
