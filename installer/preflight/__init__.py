"""Look at the host before anything is changed.

`collect_facts` reads, `run_checks` decides: each check is a pure function over
the facts, so a simulated machine tests it and one check can be run again alone.
"""

from installer.preflight.collect import collect_facts
from installer.preflight.facts import EngineFacts, HostFacts
from installer.preflight.needs import Needs
from installer.preflight.result import CheckResult
from installer.preflight.run import (
    CHECKS,
    findings_of,
    run_check,
    run_checks,
    run_preflight,
)

__all__ = [
    "CHECKS",
    "CheckResult",
    "EngineFacts",
    "HostFacts",
    "Needs",
    "collect_facts",
    "findings_of",
    "run_check",
    "run_checks",
    "run_preflight",
]
