"""The steps of a removal: everything that the records name, in reverse."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.engines.errors import EngineError
from appliance.topology import CORE, EDGE
from installer.engine.installed import read_installed
from installer.engine.journal import RecordKind, journals
from installer.engine.steps import Step
from installer.findings import Finding, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from installer.engine.journal import Record
    from installer.engine.site import Site
    from installer.engine.steps import StepContext

__all__ = ["Uninstall", "anything_to_remove"]

_TAGS = "anechoic.invalid/anechoic/"
"""What the tags of our images, and of half-loaded ones, begin with."""


def anything_to_remove(site: Site, *, keep_license: bool) -> bool:
    """Tell whether an install, finished or not, left something."""
    return bool(
        site.paths.installed.exists()
        or (not keep_license and site.paths.license.exists())
        or journals(site.paths.journal)
        or site.engine.containers()
        or any(network.ours for network in site.engine.networks())
    )


@dataclass(frozen=True, slots=True)
class Uninstall:
    """One removal.

    Attributes:
        records: what all operations so far may have written.
        keep_license: leave the license, its key and state, and the pinned trust.
    """

    site: Site
    records: tuple[Record, ...]
    keep_license: bool

    @classmethod
    def of(cls, site: Site, *, keep_license: bool) -> Uninstall:
        """Collect the records of every journal, the newest first."""
        records = (
            record
            for past in journals(site.paths.journal)
            for record in reversed(past.records)
        )
        return cls(site, tuple(dict.fromkeys(records)), keep_license)

    def steps(self) -> tuple[Step, ...]:
        """Return all steps in order."""
        return (
            Step("stop-services", "Stop the services", self._containers, estimate_s=20),
            Step("remove-networks", "Remove the networks", self._networks),
            Step("remove-images", "Remove the images", self._images, estimate_s=10),
            Step("remove-service", "Remove the engine's unit", self._service),
            Step("remove-firewall", "Remove the firewall table", self._firewall),
            Step("remove-files", "Remove the files", self._files),
        )

    def _targets(self, kind: RecordKind) -> tuple[str, ...]:
        return tuple(r.target for r in self.records if r.kind is kind)

    def _containers(self, context: StepContext) -> str:
        engine = self.site.engine
        names = {state.name for state in engine.containers()}
        for count, name in enumerate(sorted(names), start=1):
            engine.remove_container(name)
            context.progress(count, len(names))
        return f"{len(names)} containers removed"

    def _networks(self, _context: StepContext) -> str:
        for name in (EDGE, CORE):
            self.site.engine.remove_network(name)
        return "removed"

    def _images(self, context: StepContext) -> str:
        ids = set(self._targets(RecordKind.IMAGE))
        installed = read_installed(self.site.paths)
        ids |= set(installed.images.values()) if installed else set()
        for image_id in sorted(ids):
            try:
                self.site.engine.remove_image(image_id)
            except EngineError as error:
                context.warn(_left(error))
        self.site.engine.drop_tags(_TAGS)
        return f"{len(ids)} images removed"

    def _service(self, _context: StepContext) -> str:
        if self.site.supervisor.unit is None:
            return "there is none"
        self.site.supervisor.remove()
        return "removed"

    def _firewall(self, _context: StepContext) -> str:
        self.site.firewall.remove()
        return "removed"

    def _files(self, _context: StepContext) -> str:
        paths = self.site.paths
        kept = {paths.journal}
        if self.keep_license:
            kept |= {paths.license, paths.license_state, paths.tuf}
        if paths.state.is_dir():
            for entry in paths.state.iterdir():
                if entry not in kept:
                    _delete(entry)
        if self.keep_license:
            _delete(paths.settings)
        else:
            _delete(paths.etc)
        return "license and trust are kept" if self.keep_license else "removed"


def _left(error: EngineError) -> Finding:
    finding = Finding.from_error(error)
    return Finding(
        code=finding.code,
        title=finding.title,
        severity=Severity.WARNING,
        evidence=finding.evidence,
        meaning="An image is used by something else and was left.",
        remedy="Remove it by hand when nothing needs it.",
    )


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def forget_journals(site: Site) -> None:
    """Remove the journals and every folder of ours that is then empty."""
    paths = site.paths
    _delete(paths.journal)
    if paths.state.is_dir() and not any(paths.state.iterdir()):
        paths.state.rmdir()
