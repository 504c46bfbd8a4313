"""What is refused, why, and that nothing is half done afterwards."""

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.demo.phases import PROGRAMS, Demo
from tests.demo.vendor import Vendor
from tests.support.site import Done, Site, our_containers

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]


@pytest.fixture(scope="module")
def licensed(site: Site) -> Site:
    site.get_license()
    return site


@pytest.fixture
def copied(vendor: Vendor, tmp_path: Path) -> Path:
    """A medium that a test may damage."""
    return Path(shutil.copytree(vendor.medium, tmp_path / "medium"))


def _code(done: Done) -> str:
    finding = done.json_lines()[-1].get("finding") or {}
    return str(finding.get("code", done))


@pytest.mark.parametrize("pattern", ["oci/blobs/sha256/*", "models/blobs/sha256/*",
                                     "release/*.release.json", "tuf/*.targets.json"])  # fmt: skip
def test_one_flipped_bit_anywhere_is_refused(
    licensed: Site, copied: Path, pattern: str
) -> None:
    largest = max(copied.glob(pattern), key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(data)

    done = licensed.install(copied)

    assert done.status == 4, done
    assert _code(done).startswith("ANX-MED-")
    assert our_containers() == []


def test_a_medium_of_another_vendor_is_refused(licensed: Site, tmp_path: Path) -> None:
    other = Vendor(tmp_path / "other")
    other.make_keys(Demo())

    done = licensed.install(trust=str(other.anchor))

    assert done.status == 4, done
    assert our_containers() == []


def test_the_license_of_another_host_is_refused(
    vendor: Vendor, licensed: Site, tmp_path: Path
) -> None:
    other = Site(tmp_path / "other", vendor)
    foreign = other.get_license()

    done = licensed.install(license=str(foreign))

    other.uninstall()
    assert done.status == 5, done
    assert our_containers() == []


def test_a_folder_that_is_no_medium_is_refused(licensed: Site, tmp_path: Path) -> None:
    done = licensed.install(tmp_path)

    assert done.status == 4, done


def test_a_port_in_use_stops_before_anything_changes(licensed: Site) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()

        done = licensed.install(port=holder.getsockname()[1])

    assert done.status == 3, done
    assert our_containers() == []


def test_an_unknown_answer_is_named(licensed: Site) -> None:
    done = licensed.install(prot=8080)

    assert done.status == 2, done
    assert "prot" in done.output + done.errors


def test_an_engine_killed_in_the_middle_carries_on_when_run_again(
    licensed: Site,
) -> None:
    engine = _kill_engine_during(licensed)

    again = licensed.install()

    assert not psutil.pid_exists(engine)
    assert again.status == 0, again
    steps = again.json_lines()[-1]["steps"]
    assert {step["state"] for step in steps} == {"done", "skipped"}
    assert any(step["state"] == "skipped" for step in steps)


def _kill_engine_during(site: Site) -> int:
    """Start an installation and kill the engine once images are being loaded."""
    viewer = subprocess.Popen(
        [PROGRAMS / "anechoic", "install", site.vendor.medium,
         "--answers", site.answers(), "--json"],
        env=site.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert viewer.stdout is not None
    with viewer.stdout as lines:
        for line in lines:
            running = [s for s in json.loads(line)["steps"] if s["state"] == "running"]
            if running and running[0]["name"].startswith("load"):
                break
        engine = site.engine_pid()
        os.kill(engine, signal.SIGKILL)
        viewer.communicate(timeout=60)
    return engine
