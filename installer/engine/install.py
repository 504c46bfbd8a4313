"""The steps of an installation, in order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from appliance.engines.errors import ImageMismatchError
from appliance.topology import SERVICES, networks
from installer.engine.configuration import write_configuration
from installer.engine.findings import NO_LICENSE, way_out
from installer.engine.installed import Installed, addresses_of, topology_of
from installer.engine.journal import Record, RecordKind, read_journal
from installer.engine.services import readiness_warning, wait_healthy
from installer.engine.steps import Step
from installer.errors import InstallerError
from installer.findings import Finding, Severity
from installer.protocol import ReleaseInfo

if TYPE_CHECKING:
    from appliance.topology import Topology
    from installer.engine.site import OpenMedium, Site
    from installer.engine.steps import StepContext
    from installer.protocol import ImageSummary, ModelSummary
    from installer.settings import Settings

__all__ = ["FindingsError", "Install"]

_HASH_BYTES_PER_S = 400e6
_LOAD_BYTES_PER_S = 50e6
_COPY_BYTES_PER_S = 100e6
_TITLES = {
    "redis": "Start the coordination service",
    "license": "Start the license service",
    "api": "Start the gateway",
    "asr": "Start recognition worker",
    "edge": "Start the published entry",
}


class FindingsError(InstallerError):
    """Several findings at once; the error itself is the first of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        Exception.__init__(self, first.evidence)
        self.findings = findings
        self.code, self.title = first.code, first.title
        self.meaning, self.remedy = first.meaning, first.remedy
        self.evidence = first.evidence


@dataclass(frozen=True, slots=True)
class Install:
    """One installation: what it is made from, and its steps."""

    site: Site
    settings: Settings
    medium: OpenMedium
    operation_id: str

    def steps(self) -> tuple[Step, ...]:
        """Return all steps in order."""
        return (
            *self._checking(),
            *(self._load(image) for image in self.medium.summary.images),
            self._model_step(),
            *self._wiring(),
            *self._starting(),
            *self._finishing(),
        )

    def _checking(self) -> tuple[Step, ...]:
        payload = self.medium.payload_bytes
        return (
            Step("preflight", "Check the host", self._preflight, estimate_s=5),
            Step(
                "verify-medium",
                "Verify the medium",
                self._verify,
                size_bytes=payload,
                estimate_s=payload / _HASH_BYTES_PER_S,
            ),
            Step("pin-trust", "Pin the trust anchor", self._pin),
            Step("install-license", "Install the license", self._license),
        )

    def _preflight(self, context: StepContext) -> str:
        findings = self.site.host.preflight(self.settings, self.medium.unpacked_bytes)
        for finding in findings:
            if finding.severity is not Severity.ERROR:
                context.warn(finding)
        _raise_errors(findings)
        return "no errors"

    def _verify(self, context: StepContext) -> str:
        _raise_errors(self.medium.verify(context.progress))
        return f"release {self.medium.summary.product_version} is intact"

    def _pin(self, context: StepContext) -> str:
        for folder in (self.site.paths.trust, self.site.paths.tuf):
            context.record(Record(RecordKind.DIRECTORY, str(folder)))
        self.medium.pin()
        return "pinned"

    def _license(self, context: StepContext) -> str:
        licenses = self.site.licenses
        context.record(Record(RecordKind.DIRECTORY, str(self.site.paths.license)))
        licenses.prepare(self.medium)
        if self.settings.license is not None:
            summary = licenses.install(self.settings.license, self.medium)
            for finding in summary.findings:
                context.warn(finding)
            return f"{summary.license_id}, {summary.state}"
        if licenses.present:
            return "the installed license is kept"
        context.warn(
            Finding.of(
                NO_LICENSE,
                evidence="expected a license file, found none",
                severity=Severity.WARNING,
            )
        )
        return "none"

    def _load(self, image: ImageSummary) -> Step:
        return Step(
            f"load-{image.name}",
            f"Load the image {image.name}",
            partial(self._load_image, image),
            holds=lambda: self.site.engine.image_layers(image.image_id) is not None,
            size_bytes=image.size_bytes,
            estimate_s=image.size_bytes / _LOAD_BYTES_PER_S,
        )

    def _load_image(self, image: ImageSummary, context: StepContext) -> str:
        engine = self.site.engine
        context.record(Record(RecordKind.IMAGE, image.image_id))
        if engine.image_layers(image.image_id) is not None:
            return "already present"
        detail = self.medium.load_image(image, engine, context.progress)
        if engine.image_layers(image.image_id) is None:
            raise ImageMismatchError(f"expected {image.image_id} after loading")
        return detail

    @property
    def _model(self) -> ModelSummary:
        return self.medium.summary.models[0]

    def _model_step(self) -> Step:
        size = self._model.size_bytes
        target = self.site.paths.models / self.medium.model_folder(self._model)
        return Step(
            "install-model",
            f"Install the model {self._model.name}",
            self._copy_model,
            holds=target.is_dir,
            size_bytes=size,
            estimate_s=size / _COPY_BYTES_PER_S,
        )

    def _copy_model(self, context: StepContext) -> str:
        target = self.site.paths.models / self.medium.model_folder(self._model)
        context.record(Record(RecordKind.DIRECTORY, str(target)))
        self.site.files.directory(target.parent)
        self.medium.copy_model(self._model, target, context.progress)
        self.site.files.directory(target)
        return self._model.name

    def _wiring(self) -> tuple[Step, ...]:
        return (
            Step(
                "write-config",
                "Write the configuration",
                self._write_config,
                holds=self.site.paths.settings.exists,
            ),
            Step(
                "networks",
                "Make the networks",
                self._networks,
                holds=self._networks_exist,
            ),
            Step(
                "firewall",
                "Close every way out",
                self._firewall,
                holds=self.site.firewall.is_applied,
            ),
        )

    def _write_config(self, context: StepContext) -> str:
        write_configuration(
            self.site, self.settings, addresses_of(self.settings), context.record
        )
        return "written"

    def _networks(self, context: StepContext) -> str:
        wanted = {spec.name for spec in self._topology().containers}
        for state in self.site.engine.containers():
            if state.name not in wanted:
                self.site.engine.remove_container(state.name)
        for spec in self._topology().networks:
            context.record(Record(RecordKind.NETWORK, spec.name))
            self.site.engine.ensure_network(spec)
        return f"{self.settings.edge_subnet}, {self.settings.core_subnet}"

    def _networks_exist(self) -> bool:
        present = {facts.name for facts in self.site.engine.networks()}
        return {spec.name for spec in self._topology().networks} <= present

    def _firewall(self, context: StepContext) -> str:
        context.record(Record(RecordKind.FIREWALL, "inet anechoic"))
        self.site.firewall.apply(
            networks(self.settings.edge_subnet, self.settings.core_subnet)
        )
        return "closed"

    def _images(self) -> dict[str, str]:
        return {image.name: image.image_id for image in self.medium.summary.images}

    def _topology(self) -> Topology:
        folder = self.medium.model_folder(self._model)
        return topology_of(self.site, self.settings, self._images(), folder)

    def _starting(self) -> tuple[Step, ...]:
        workers = self.settings.asr_workers
        return tuple(
            self._start_step(service, replica)
            for service in SERVICES
            for replica in range(1, (workers if service == "asr" else 1) + 1)
        )

    def _start_step(self, service: str, replica: int) -> Step:
        suffix = f" {replica}" if service == "asr" else ""
        return Step(
            f"start-{service}" + (f"-{replica}" if service == "asr" else ""),
            _TITLES[service] + suffix,
            partial(self._start, service, replica),
            holds=partial(self._runs, service, replica),
            estimate_s=3,
        )

    def _start(self, service: str, replica: int, context: StepContext) -> str:
        for spec in self._topology().containers:
            if (spec.service, spec.replica) == (service, replica):
                context.record(Record(RecordKind.CONTAINER, spec.name))
                self.site.engine.ensure_container(spec)
        return "started"

    def _runs(self, service: str, replica: int) -> bool:
        wanted = {
            (spec.name, spec.digest)
            for spec in self._topology().containers
            if (spec.service, spec.replica) == (service, replica)
        }
        running = {
            (state.name, state.spec_digest)
            for state in self.site.engine.containers()
            if state.state == "running"
        }
        return wanted <= running

    def _finishing(self) -> tuple[Step, ...]:
        steps = [
            Step("wait-health", "Wait for health", self._wait, estimate_s=20),
            Step(
                "prove-isolation", "Try every way out", self._isolation, estimate_s=15
            ),
            Step("receipt", "Write the receipt", self._receipt),
        ]
        unit = self.site.supervisor.unit
        if unit is not None:
            step = Step(
                "install-service",
                "Start the engine with the host",
                self._service,
                holds=unit.exists,
            )
            steps.insert(2, step)
        return tuple(steps)

    def _wait(self, context: StepContext) -> str:
        body = wait_healthy(
            self.site, self._topology(), self.settings, context.check, context.progress
        )
        warning = readiness_warning(body)
        if warning is not None:
            context.warn(warning)
        return "all services are healthy"

    def _isolation(self, _context: StepContext) -> str:
        topology = self._topology()
        exposures = self.site.prober.exposures(topology, self.site.host.addresses())
        _raise_errors(tuple(way_out(exposure) for exposure in exposures))
        return f"no way out of {len(topology.containers)} containers"

    def _service(self, context: StepContext) -> str:
        context.record(Record(RecordKind.SERVICE, str(self.site.supervisor.unit)))
        self.site.supervisor.install()
        return "enabled"

    def _receipt(self, context: StepContext) -> str:
        paths, now = self.site.paths, self.site.now()
        summary = self.medium.summary
        installed = Installed(
            release=ReleaseInfo(
                product_version=summary.product_version,
                release_seq=summary.release_seq,
                created=summary.created,
                installed_at=now,
            ),
            images=self._images(),
            model=self.medium.model_folder(self._model),
            operation=self.operation_id,
            proven_at=now,
        )
        past = read_journal(paths.journal / f"{self.operation_id}.jsonl")
        receipt = {
            "version": 1,
            "installed": installed.model_dump(mode="json"),
            "settings": self.settings.model_dump(mode="json"),
            "signers": list(summary.signers),
            "steps": past.done if past else {},
            "records": [[r.kind, r.target] for r in past.records] if past else [],
        }
        target = paths.receipts / f"{self.operation_id}.json"
        context.record(Record(RecordKind.FILE, str(target)))
        self.site.files.write(target, json.dumps(receipt, indent=1).encode() + b"\n")
        context.record(Record(RecordKind.FILE, str(paths.installed)))
        self.site.files.write(
            paths.installed, installed.model_dump_json(indent=1).encode() + b"\n"
        )
        return str(target)


def _raise_errors(findings: tuple[Finding, ...]) -> None:
    errors = tuple(f for f in findings if f.severity is Severity.ERROR)
    if errors:
        raise FindingsError(errors)
