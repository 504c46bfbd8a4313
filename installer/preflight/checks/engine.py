"""The container engine: there, answering, new enough, run by root."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from installer.nvml.readings import Failed, Unsupported, Value
from installer.preflight import kinds
from installer.preflight.result import Check, Verdict, error, verdict, warning

if TYPE_CHECKING:
    from collections.abc import Callable

    from installer.preflight.facts import EngineFacts, HostFacts
    from installer.preflight.needs import Needs

_SLOW_DRIVERS: Final = frozenset({"vfs", "devicemapper"})


def engine_present(_needs: Needs, facts: HostFacts) -> Verdict:
    """Check that an engine is installed and answers."""
    match facts.engine:
        case Value(engine):
            return verdict(f"{engine.name} {engine.version}")
        case Unsupported(why) | Failed(why):
            found = ", ".join(facts.engine_programs)
            if found:
                evidence = f"found {found}; {why}"
                return verdict("silent", [error(kinds.ENGINE_SILENT, evidence)])
            evidence = f"neither dockerd nor podman on the PATH; {why}"
            return verdict("absent", [error(kinds.ENGINE_ABSENT, evidence)])


def _when_present(
    decide: Callable[[Needs, EngineFacts], Verdict],
) -> Callable[[Needs, HostFacts], Verdict]:
    """Decide only where an engine answered; its absence is said once, above."""

    def run(needs: Needs, facts: HostFacts) -> Verdict:
        match facts.engine:
            case Value(engine):
                return decide(needs, engine)
            case _:
                return verdict("not known without an engine")

    return run


@_when_present
def engine_version(needs: Needs, engine: EngineFacts) -> Verdict:
    """Check that the engine has what the installation relies on."""
    if engine.name != "docker":
        return verdict(engine.version)
    parts = [int(part) for part in re.findall(r"\d+", engine.version)[:2]]
    wanted = ".".join(map(str, needs.engine))
    evidence = f"expected {wanted} or newer, found {engine.version}"
    old = error(kinds.ENGINE_OLD, evidence) if tuple(parts) < needs.engine else None
    return verdict(engine.version, [old])


@_when_present
def storage_driver(_needs: Needs, engine: EngineFacts) -> Verdict:
    """Check that image layers are shared, not copied."""
    driver = engine.storage_driver
    slow = (
        warning(kinds.STORAGE_DRIVER, f"expected overlay2, found {driver}")
        if driver in _SLOW_DRIVERS
        else None
    )
    return verdict(driver or "not named", [slow])


@_when_present
def engine_root(_needs: Needs, engine: EngineFacts) -> Verdict:
    """Check that the engine's networks are the host's, where nft reaches them."""
    if not engine.rootless:
        return verdict("run by root")
    evidence = f"{engine.name} {engine.version} is rootless"
    return verdict("rootless", [error(kinds.ENGINE_ROOTLESS, evidence)])


CHECKS: Final = (
    Check("engine", "Containers", "Container engine", engine_present),
    Check("engine-version", "Containers", "Engine version", engine_version),
    Check("storage-driver", "Containers", "Storage driver", storage_driver),
    Check("engine-root", "Containers", "Engine rights", engine_root),
)
