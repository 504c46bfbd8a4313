"""A small network in kernel namespaces: a host, two containers and the outside.

::

    outside 198.51.100.2 -- 198.51.100.1 [host] 10.231.77.1 -- 10.231.77.2 edge
                                                10.231.78.1 -- 10.231.78.2 core

The host forwards and would let everything through; names are this process's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

__all__ = ["Network"]

_OUTSIDE = ("198.51.100.1", "198.51.100.2")
_EDGE = ("10.231.77.1", "10.231.77.2")
_CORE = ("10.231.78.1", "10.231.78.2")
_SERVER = """
import socket, sys, threading
sockets = [socket.create_server(("", 7000))]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(("", 7000))
def echo():
    while True:
        data, sender = udp.recvfrom(99); udp.sendto(data, sender)
threading.Thread(target=echo, daemon=True).start()
print("ready", flush=True)
while True:
    sockets[0].accept()[0].close()
"""


def _run(*command: str, stdin: str = "") -> str:
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr}")
    return done.stdout


@dataclass
class Network:
    """The namespaces, by role."""

    prefix: str

    @classmethod
    def build(cls) -> Network:
        net = cls(f"anx{os.getpid()}")
        for role in ("host", "outside", "edge", "core"):
            _run("ip", "netns", "add", net.name(role))
            net.run(role, "ip", "link", "set", "lo", "up")
        net._link("outside", "up0", *_OUTSIDE, bridge="")
        net._link("edge", "ve0", *_EDGE, bridge="anx-edge")
        net._link("core", "vc0", *_CORE, bridge="anx-core")
        net.run("host", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for role in ("host", "outside", "edge", "core"):
            net._serve(role)
        return net

    def name(self, role: str) -> str:
        return f"{self.prefix}-{role}"

    def run(self, role: str, *command: str, stdin: str = "") -> str:
        return _run("ip", "netns", "exec", self.name(role), *command, stdin=stdin)

    def _link(
        self, role: str, device: str, ours: str, theirs: str, bridge: str
    ) -> None:
        """Join a namespace to the host, through a bridge when one is named."""
        peer = "eth0"
        self.run("host", "ip", "link", "add", device, "type", "veth", "peer", peer,
                 "netns", self.name(role))  # fmt: skip
        holder = device
        if bridge:
            self.run("host", "ip", "link", "add", bridge, "type", "bridge")
            self.run("host", "ip", "link", "set", device, "master", bridge)
            self.run("host", "ip", "link", "set", bridge, "up")
            holder = bridge
        self.run("host", "ip", "link", "set", device, "up")
        self.run("host", "ip", "addr", "add", f"{ours}/24", "dev", holder)
        self.run(role, "ip", "addr", "add", f"{theirs}/24", "dev", peer)
        self.run(role, "ip", "link", "set", peer, "up")
        self.run(role, "ip", "route", "add", "default", "via", ours)

    def _serve(self, role: str) -> None:
        command = [
            "ip",
            "netns",
            "exec",
            self.name(role),
            sys.executable,
            "-c",
            _SERVER,
        ]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        self._servers = [*getattr(self, "_servers", ()), server]

    def reaches(self, role: str, *addresses: str, port: int = 7000) -> set[str]:
        """Return what answers ``role``, as ``tcp ADDRESS`` and ``udp ADDRESS``."""
        pairs = [[address, port] for address in addresses]
        targets = {"tcp": pairs, "udp": pairs}
        program = "import appliance.probe as p; p.main()"
        found: dict[str, Any] = json.loads(
            self.run(role, sys.executable, "-c", program, json.dumps(targets))
        )
        opened = (target.split(":")[0] for target, _ in found["open"])
        return {target for target in opened if not target.startswith("resolver")}

    def remove(self) -> None:
        for server in getattr(self, "_servers", ()):
            server.kill()
            server.wait()
            server.stdout.close()
        for role in ("host", "outside", "edge", "core"):
            subprocess.run(["ip", "netns", "del", self.name(role)], check=False)
