"""Let weeks pass for the license of an installed site, in seconds of a test.

Time is what tests may fake: the license container is stopped, what it remembers is set
as if the appliance had been running until then under the renewal banner, and it is
started again, with the idle gateway, which then holds a lease of that moment. Everything
else, its two memories and their MAC included, is real.
"""

import os
from dataclasses import replace
from pathlib import Path

import httpx

from appliance.license_proxy.memory import Store, secret_of
from appliance.topology import UID_PYTHON
from offline_license.keys import private_key_from_pem
from offline_license.tolerances import TOLERANCES
from tests.support.redis_server import wait_until
from tests.support.site import Site, docker

GATEWAY = "anechoic-api-1"
_CONTAINER = "anechoic-license"


def pass_time(site: Site, until_s: int) -> None:
    """Let the site's proved time be ``until_s``, seconds UTC, from now on."""
    state = site.root / "var/lib/anechoic"
    key = private_key_from_pem((state / "license/install.key").read_bytes())
    docker("stop", GATEWAY)
    docker("stop", _CONTAINER)
    store = Store(state / "license-state", secret_of(key))
    memory = store.load().memory
    assert memory is not None
    clock = replace(
        memory.clock, floor_s=until_s, run_s=0, stable_s=TOLERANCES.stable_s
    )
    standings = tuple(
        replace(one, banner_s=TOLERANCES.banner_s) for one in memory.standings
    )
    store.save(replace(memory, clock=clock, standings=standings))
    _give_back(state / "license-state")
    docker("start", _CONTAINER)
    docker("start", GATEWAY)
    wait_until(lambda: is_ready(site), timeout_s=60)


def is_ready(site: Site) -> bool:
    """Tell whether the API answers through the edge that it can work."""
    try:
        answer = httpx.get(f"{site.url}/health", timeout=5)
    except httpx.HTTPError:
        return False
    return answer.is_success and answer.json().get("ready") is True


def _give_back(folder: Path) -> None:
    """The container's user must be able to read what root has written."""
    for path in folder.iterdir():
        os.chown(path, UID_PYTHON, UID_PYTHON)
