"""The generated configuration, judged by the programs that read it."""

import subprocess
from ipaddress import IPv4Network
from pathlib import Path

from appliance.configs import haproxy_cfg, redis_acl
from appliance.topology import Addresses

ADDRESSES = Addresses.of(
    IPv4Network("10.231.77.0/28"), IPv4Network("10.231.78.0/26"), 1
)


def test_haproxy_accepts_its_configuration(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.cfg"
    path.write_text(haproxy_cfg(ADDRESSES))

    done = subprocess.run(
        ["haproxy", "-c", "-f", path], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_redis_acl_names_the_user_by_a_hash_of_64_digits() -> None:
    line = redis_acl("password").splitlines()[1]

    assert len(line.split("#")[1].split()[0]) == 64
