"""The systemd unit, as text; hosts without systemd have none."""

from pathlib import Path

from appliance.paths import HostPaths
from installer.engine.supervisor import Systemd, unit_text


def test_the_walls_stand_before_the_container_engine_starts() -> None:
    text = unit_text(("/opt/anechoic/anechoicd",), Path("/var/lib/x/firewall.nft"))

    assert "Before=docker.service" in text
    assert "ExecStartPre=-nft -f /var/lib/x/firewall.nft" in text
    assert "ExecStart=/opt/anechoic/anechoicd" in text


def test_another_root_has_no_unit(tmp_path: Path) -> None:
    assert Systemd(HostPaths(tmp_path)).unit is None
