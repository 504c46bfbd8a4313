"""The host firewall of the appliance: one nftables table, ours alone.

A bridge option is no wall: an internal network still reaches services of the
host, and without masquerading packets still leave. The table ``inet anechoic``
can only forbid: its chains run before the engine's own (priority -10), a drop
there is final, and an accept there leaves the engine's rules in force.

* Containers talk within their own bridge.
* A container answers a connection that came in; it never opens one, neither to
  another network nor to a service of the host, by IPv4 or IPv6.
* From outside only connections to the published port come in.

Matching by bridge and by subnet covers forged source addresses; the rules may
be loaded before the bridges exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.process import CommandError, run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.specs import NetworkSpec

__all__ = ["TABLE", "FirewallError", "apply", "is_applied", "remove", "render"]

TABLE = "inet anechoic"
_TIMEOUT_S = 30.0


class FirewallError(ApplianceError):
    """The packet filter could not be changed."""

    code = "ANX-ENG-11"
    title = "The firewall of the appliance could not be set"
    meaning = "The containers are not walled in, so they were not started."
    remedy = (
        "Install nftables (Debian: the package nftables), check that the kernel has "
        "nf_tables, then run again."
    )


def render(networks: Iterable[NetworkSpec]) -> str:
    """Write the table as an nft script that replaces an earlier one at once."""
    specs = tuple(networks)
    bridges = ", ".join(f'"{spec.bridge}"' for spec in specs)
    subnets = ", ".join(spec.subnet for spec in specs)
    within = "\n".join(
        f'        iifname "{s.bridge}" oifname "{s.bridge}" '
        f"ip saddr {s.subnet} ip daddr {s.subnet} accept"
        for s in specs
    )
    return f"""\
table {TABLE}
delete table {TABLE}
table {TABLE} {{
    set bridges {{ type ifname; elements = {{ {bridges} }}; }}
    set subnets {{ type ipv4_addr; flags interval; elements = {{ {subnets} }}; }}

    chain forward {{
        type filter hook forward priority -10; policy accept;
{within}
        iifname @bridges jump answer
        ip saddr @subnets jump answer
        oifname @bridges jump enter
        ip daddr @subnets jump enter
    }}

    chain input {{
        type filter hook input priority -10; policy accept;
        iifname @bridges jump answer
        ip saddr @subnets jump answer_from_bridge
    }}

    chain answer_from_bridge {{
        iifname "lo" return
        jump answer
    }}

    chain answer {{
        meta nfproto ipv4 ct state established accept
        meta nfproto ipv4 meta l4proto icmp ct state related accept
        counter drop
    }}

    chain enter {{
        meta nfproto ipv4 ct state established accept
        meta nfproto ipv4 meta l4proto icmp ct state related accept
        meta nfproto ipv4 ct status dnat accept
        counter drop
    }}
}}
"""


def apply(networks: Iterable[NetworkSpec]) -> None:
    """Put the table in force, in one transaction; repeating changes nothing."""
    _nft(render(networks).encode())


def remove() -> None:
    """Have no such table."""
    _nft(f"table {TABLE}\ndelete table {TABLE}\n".encode())


def is_applied() -> bool:
    """Tell whether the table is in force."""
    try:
        run(["nft", "list", "table", *TABLE.split()], timeout_s=_TIMEOUT_S)
    except CommandError:
        return False
    return True


def _nft(script: bytes) -> None:
    try:
        run(["nft", "-f", "-"], stdin=script, timeout_s=_TIMEOUT_S)
    except CommandError as error:
        raise FirewallError(str(error), evidence=error.evidence) from error
