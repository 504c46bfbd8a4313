"""The dashboard in a real browser: what a person sees, and what leaves the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from installer.nvml.model import lost_device
from tests.support.browser import Tab, browser_tab
from tests.support.gpus import bare_gpu_device, gpu_device
from tests.support.statuses import gpu_status, license_answer, service, status
from tests.support.web import Site, served_dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from installer.protocol import Status

pytestmark = pytest.mark.browser

DRAWN = "document.querySelectorAll('.card').length > 0"
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
TEXT = "document.body.innerText"
CONTRASTS = """
(() => {
  const light = (rgb) => {
    const [r, g, b] = rgb.match(/[0-9.]+/g).map((c) => c / 255)
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    while (node) {
      const color = getComputedStyle(node).backgroundColor;
      if (color !== "rgba(0, 0, 0, 0)") return light(color);
      node = node.parentElement;
    }
    return 1;
  };
  const all = [...document.querySelectorAll("h1,h2,h3,p,dt,dd,a,.badge,footer span")];
  return all.filter((node) => node.innerText).map((node) => {
    const [a, b] = [light(getComputedStyle(node).color), behind(node)].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), node.innerText];
  });
})()
"""


def troubled() -> Status:
    """An appliance with everything that can be shown, good and bad."""
    return status(
        services=(
            service("api", health="starting"),
            service("asr", state="exited", cpu_percent=None, memory_bytes=None),
            service("edge"),
        ),
        license=license_answer("GRACE", exp_days=-3, term_days=27),
        gpus=gpu_status(
            gpu_device(0, pcie_width=4), bare_gpu_device(1), lost_device(2, "lost")
        ),
    )


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser_tab(tmp_path_factory.mktemp("profile")) as one:
        one.open("about:blank")
        yield one


@pytest.fixture
def site() -> Iterator[Site]:
    with served_dashboard(status()) as one:
        yield one


def visit(tab: Tab, site: Site) -> None:
    tab.requests.clear()
    tab.complaints.clear()
    tab.look(1280, 900)
    tab.call("Page.navigate", url=site.url)
    tab.wait_for(f"location.href.startsWith('{site.url}') && {DRAWN}")


def test_the_state_of_the_appliance_is_on_the_page(tab: Tab, site: Site) -> None:
    visit(tab, site)

    text = tab.evaluate(TEXT)

    for words in (
        "The appliance is serving.",
        "0.1.0 (number 7)",
        "180 MiB of 1.0 GiB",
        "Harbor Pilots Association",
        "120 days left",
        "GPU 1: NVIDIA H100 PCIe",
        "50.0 GiB of 251.0 GiB",
    ):
        assert words in text


def test_nothing_is_asked_of_any_other_host(tab: Tab, site: Site) -> None:
    site.status = troubled()

    visit(tab, site)

    assert {url.removeprefix(site.url) for url in tab.requests} <= {
        "/",
        "/assets/page.css",
        "/assets/page.js",
        "/assets/icon.svg",
        "/api/page",
    }
    assert tab.complaints == []


def test_the_policy_stops_a_request_to_elsewhere(tab: Tab, site: Site) -> None:
    visit(tab, site)

    outcome = tab.evaluate(
        "fetch('http://192.0.2.1/').then(() => 'sent', (error) => String(error))"
    )

    assert "Failed to fetch" in outcome
    assert any("Content Security Policy" in one for one in tab.complaints)


@pytest.mark.parametrize("width", [320, 500, 800, 1280, 1920])
def test_no_width_needs_sideways_scrolling(tab: Tab, site: Site, width: int) -> None:
    site.status = troubled()
    visit(tab, site)
    tab.look(width, 900)

    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(tab: Tab, site: Site, scheme: str) -> None:
    """WCAG 2.2 level AA: at least 4.5 to 1."""
    site.status = troubled()
    visit(tab, site)
    tab.look(1280, 900, "dark" if scheme == "dark" else "light")

    faint = [one for one in tab.evaluate(CONTRASTS) if one[0] < 4.5]

    assert faint == []


def test_names_are_text_and_never_markup(tab: Tab, site: Site) -> None:
    name = "<img src=x onerror=alert(1)>"
    site.status = status(services=(service(name),))

    visit(tab, site)

    assert name in tab.evaluate(TEXT)
    assert tab.evaluate("document.querySelectorAll('main img').length") == 0


def test_a_silent_engine_is_said_and_the_last_figures_stay(
    tab: Tab, site: Site
) -> None:
    visit(tab, site)
    site.status = None

    tab.evaluate(LOOK_AGAIN)
    tab.wait_for("!document.getElementById('connection').hidden")

    text = tab.evaluate(TEXT)
    assert "The engine gives no status: ConnectionRefusedError." in text
    assert "What you see is from" in text
    assert "Harbor Pilots Association" in text


def test_an_engine_that_is_back_ends_the_notice(tab: Tab, site: Site) -> None:
    visit(tab, site)
    site.status = None
    tab.evaluate(LOOK_AGAIN)
    tab.wait_for("!document.getElementById('connection').hidden")
    site.status = troubled()

    tab.evaluate(LOOK_AGAIN)

    tab.wait_for("document.getElementById('connection').hidden")
    assert "asr is exited" in tab.evaluate(TEXT)


def test_what_did_not_change_is_not_drawn_again(tab: Tab, site: Site) -> None:
    """Selected text and focus stay while the page refreshes."""
    visit(tab, site)
    tab.evaluate("document.getElementById('license').dataset.mark = 'same'")
    site.status = status(services=(service("api", cpu_percent=77.0),))

    tab.evaluate(LOOK_AGAIN)
    tab.wait_for(f"{TEXT}.includes('77 % of a core')")

    assert tab.evaluate("document.getElementById('license').dataset.mark") == "same"
