"""The GPU, its driver, and the way of containers to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from installer.gpu import kinds as gpu_kinds
from installer.gpu.findings import gpu_findings
from installer.nvml.readings import Value, value_or
from installer.preflight.facts import HostFacts, NvidiaFacts
from installer.preflight.result import Check, Verdict, error, verdict, warning
from installer.settings import Compute

if TYPE_CHECKING:
    from installer.findings import Finding
    from installer.nvml.model import GpuReport
    from installer.preflight.needs import Needs


def gpu_usable(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the GPUs can recognize speech."""
    if needs.compute is Compute.CPU:
        return verdict("not used: compute is cpu")
    nvidia = value_or(facts.nvidia, NvidiaFacts())
    findings = gpu_findings(
        facts.gpu,
        compute=needs.compute,
        pci_gpus=len(nvidia.pci_gpus),
        limits=needs.gpu,
    )
    return verdict(_seen(facts.gpu, findings), [*findings, _nouveau(nvidia)])


def _seen(report: GpuReport, findings: tuple[Finding, ...]) -> str:
    if report.devices:
        names = {value_or(device.name, "unnamed GPU") for device in report.devices}
        return f"{len(report.devices)} x {', '.join(sorted(names))}"
    kinds = [finding.code for finding in findings]
    return "CPU mode" if gpu_kinds.NO_GPU.code in kinds else "not usable"


def _nouveau(nvidia: NvidiaFacts) -> Finding | None:
    if not (nvidia.nouveau and nvidia.pci_gpus):
        return None
    evidence = f"module nouveau is loaded for {', '.join(nvidia.pci_gpus)}"
    return warning(gpu_kinds.NOUVEAU, evidence)


def gpu_in_containers(needs: Needs, facts: HostFacts) -> Verdict:
    """Check that the engine can hand a GPU to a container."""
    if needs.compute is Compute.CPU or not facts.gpu.devices:
        return verdict("not needed")
    match facts.engine:
        case Value(engine) if "nvidia" in engine.runtimes:
            return verdict("nvidia runtime")
        case Value(engine) if any("nvidia" in name for name in engine.cdi_devices):
            return verdict("CDI")
        case Value(engine):
            nvidia = value_or(facts.nvidia, NvidiaFacts())
            evidence = (
                f"runtimes of {engine.name}: {', '.join(engine.runtimes) or 'none'}; "
                f"toolkit: {nvidia.toolkit or 'not found'}; "
                f"CDI files: {', '.join(nvidia.cdi_files) or 'none'}"
            )
            grade = error if needs.compute is Compute.GPU else warning
            return verdict("missing", [grade(gpu_kinds.TOOLKIT_MISSING, evidence)])
        case _:
            return verdict("not known without an engine")


CHECKS: Final = (
    Check("gpu", "GPU", "GPU and driver", gpu_usable),
    Check("gpu-containers", "GPU", "GPU in containers", gpu_in_containers),
)
