"""nft, which closes the appliance's networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.nvml.readings import Failed, Unsupported, Value
from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, error, over, verdict

if TYPE_CHECKING:
    from installer.preflight.facts import FirewallFacts, HostFacts
    from installer.preflight.needs import Needs


def nft_works(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that nft is there and that the kernel lets it read its tables."""

    def decide(firewall: FirewallFacts) -> Verdict:
        if not firewall.program:
            evidence = "no nft on the PATH"
            return verdict("absent", [error(kinds.NFT_MISSING, evidence)])
        match firewall.answer:
            case Value(words):
                return verdict(words)
            case Unsupported(why) | Failed(why):
                return verdict("refused", [error(kinds.NFT_DEAD, why)])

    return over(facts.firewall, "firewall", decide)


CHECKS: Final = (Check("firewall", "Network", "Packet filter (nft)", nft_works),)
