"""The licenses of this host: judged, installed and asked for.

Nothing here is gated by a license: a request is made and a license is taken in every
state, also before anything is installed and while the license container is silent.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from installer.engine.durable import HostFiles
from installer.engine.licensing.judging import (
    Judged,
    code_summary,
    judge,
    refuse_loss,
)
from installer.engine.licensing.offer import carried, read_carried, verify_offer
from installer.engine.licensing.placing import started_next
from installer.engine.licensing.rehearsal import clocks_now, recall, rehearse
from installer.engine.licensing.requesting import Asker, make_request
from installer.engine.licensing.service import proved_s, refusals_of
from installer.engine.licensing.shelf import NOW, LicenseShelf
from installer.engine.licensing.trust import Trust, trust_of
from offline_license.errors import LicenseError
from offline_license.fingerprint import Fingerprint, HostFacts, fingerprint_of
from offline_license.intake import ExtensionCode, SignedObject
from offline_license.license import check_install_key, peek_license, verify_license
from offline_license.look import Known
from offline_license.revocation import NOTHING_REVOKED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic import JsonValue

    from appliance.paths import HostPaths
    from installer.engine.licensing.service import LicenseService
    from installer.engine.site import LicensingSource, OpenMedium
    from installer.protocol import (
        LicenseRequestBody,
        LicenseSummary,
        SimulateBody,
        SimulationBody,
    )
    from offline_license.license import VerifiedLicense
    from offline_license.model import License

__all__ = ["HostLicenses"]

_WRITING = threading.Lock()
"""Two viewers may install at once; one of them waits."""


@dataclass(frozen=True, slots=True)
class HostLicenses:
    """The license files of this host.

    Attributes:
        facts: reads what the host is recognized by; raw values stay here.
        service: the license container, as far as it answers.
        build: version of the software, for requests.
    """

    paths: HostPaths
    facts: Callable[[], HostFacts]
    service: LicenseService
    build: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    files: HostFiles = field(default_factory=HostFiles)

    @property
    def shelf(self) -> LicenseShelf:
        """The files."""
        return LicenseShelf(self.paths, self.files)

    @property
    def present(self) -> bool:
        """Tell whether a license is installed."""
        return any(self.paths.license_public.glob("*.alic"))

    def status(self) -> dict[str, JsonValue] | None:
        """Ask the running license container."""
        return self.service.status()

    # Files, as an installation names them

    def check(self, path: Path, medium: OpenMedium | None) -> LicenseSummary:
        """Verify the license of a file for this host, changing nothing."""
        return self.check_bytes(read_carried(path), medium)

    def install(
        self, path: Path, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        """Put the license of a file in force."""
        return self.install_bytes(read_carried(path), medium, accept_loss=accept_loss)

    def is_installed(self, path: Path) -> bool:
        """Tell whether the license of this file is installed."""
        found = carried(read_carried(path))
        if not isinstance(found, SignedObject):
            return False
        return found.data in (*self.shelf.licenses().values(), self.shelf.response())

    # Whatever was carried in

    def check_bytes(self, data: bytes, medium: OpenMedium | None) -> LicenseSummary:
        """Recognize, verify and judge what was carried in, changing nothing."""
        found = carried(data)
        if isinstance(found, ExtensionCode):
            return self._code(found)
        return self._judge(found, medium, self.facts()).summary

    def install_bytes(
        self, data: bytes, medium: OpenMedium | None, *, accept_loss: bool = False
    ) -> LicenseSummary:
        """Put what was carried in in force; the installed license changes nothing.

        Raises:
            LicenseError: it is refused.
            InstallerError: it grants less and that is not accepted, or there is no
                trust to judge it by, or it cannot be written.
        """
        found = carried(data)
        if isinstance(found, ExtensionCode):
            summary = self._code(found)
            self.service.order("/v1/license/extension", {"code": found.text})
            return summary.model_copy(update={"outcome": "installed"})
        with _WRITING:
            facts = self.facts()
            judged = self._judge(found, medium, facts)
            if not accept_loss:
                refuse_loss(judged.summary)
            self._write(judged, facts)
        waits = judged.place.slot == "next"
        outcome = judged.summary.outcome
        if outcome != "same":
            outcome = "waiting" if waits else "installed"
        objections = refusals_of(self.status(), judged.place.name)
        return judged.summary.model_copy(
            update={
                "outcome": outcome,
                "findings": (*judged.summary.findings, *objections),
            }
        )

    def prepare(self, medium: OpenMedium) -> None:
        """Have the install key, the key set and the host facts in place."""
        with _WRITING:
            self.shelf.have_folders()
            trust = trust_of(self.paths, self.shelf, medium)
            self._put_trust(trust.newer_keyset, trust.newer_revocations)
            self.shelf.install_key()
            self._put_host(self.facts())

    def refresh(self) -> None:
        """Write anew what the license recognizes this host by, when it changed.

        A lost install key is replaced: the license container needs one to go on.
        """
        if self.paths.license.exists():
            with _WRITING:
                self.shelf.have_folders()
                self.shelf.install_key()
                self._put_host(self.facts())

    def request(self) -> LicenseRequestBody:
        """Make a license request for this host; the install key is made once."""
        status = self.status()
        with _WRITING:
            self.shelf.have_folders()
            key, seen = self.shelf.install_key(), self._put_host(self.facts())
        return make_request(
            key,
            seen,
            Asker(self._in_force(status), status, self._wall_s(), self.build),
        )

    def simulate(self, body: SimulateBody, medium: OpenMedium | None) -> SimulationBody:
        """Rehearse a date, a clock and swapped parts, changing nothing."""
        trust = trust_of(self.paths, self.shelf, medium)
        known = Known(
            licenses=tuple(self._kept(trust).values()),
            revocations=trust.revocations or NOTHING_REVOKED,
            seen=fingerprint_of(self.facts(), self._salt()),
            floor_s=max(trust.required().manifest.iat, proved_s(self.status())),
        )
        key = self.shelf.installed_key()
        remembered = recall(self.paths.license_state, key, known.floor)
        return rehearse(body, known, remembered, clocks_now(self._wall_s()))

    def take_trust(self, source: LicensingSource) -> None:
        """Keep a newer key set and list of revocations; services take them up at once.

        Raises:
            LicenseError: the key set is not genuine; nothing is changed.
            InstallerError: it cannot be written.
        """
        with _WRITING:
            trust = trust_of(self.paths, self.shelf, source)
            self.shelf.have_folders()
            self._put_trust(trust.newer_keyset, trust.newer_revocations)

    # How it is judged and written

    def _code(self, found: ExtensionCode) -> LicenseSummary:
        return code_summary(found.text, self._in_force(self.status()), self._wall_s())

    def _judge(
        self, found: SignedObject, medium: OpenMedium | None, facts: HostFacts
    ) -> Judged:
        trust = trust_of(self.paths, self.shelf, medium)
        kept = self._kept(trust) if trust.keyset is not None else {}
        offer = verify_offer(found, trust, kept.get(NOW))
        check_install_key(offer.verified.license, self.shelf.public_key())
        return judge(
            offer,
            self._kept(replace(trust, keyset=offer.keyset)),
            wall_s=self._wall_s(),
            proved_s=proved_s(self.status()),
            facts=facts,
        )

    def _write(self, judged: Judged, facts: HostFacts) -> None:
        """Write what a license is judged by first, then the license: one rename."""
        shelf, offer = self.shelf, judged.offer
        shelf.have_folders()
        shelf.install_key()
        self._promote(judged.proved_s)
        self._put_trust(offer.newer_keyset, offer.newer_revocations)
        if judged.summary.outcome != "same":
            shelf.put_license(judged.place.name, offer.verified.data)
            for name in judged.place.drops:
                shelf.drop_license(name)
        if offer.response is not None:
            shelf.put_response(offer.response)
        self._put_host(facts)

    def _put_trust(self, keyset: bytes | None, revocations: bytes | None) -> None:
        if keyset is not None:
            self.shelf.put_keyset(keyset)
        if revocations is not None:
            self.shelf.put_revocations(revocations)

    def _promote(self, proved: int) -> None:
        """Let the waiting license take its place once it is proved to have begun."""
        name = started_next(self._peeked(), proved_s=proved)
        if name is not None:
            self.shelf.move_license(name, NOW)

    def _kept(self, trust: Trust) -> dict[str, VerifiedLicense]:
        """Return the installed licenses that are genuine and ours, by file name."""
        public, kept = self.shelf.public_key(), {}
        for name, data in self.shelf.licenses().items():
            try:
                verified = verify_license(data, trust.required())
                check_install_key(verified.license, public)
            except LicenseError:
                continue
            kept[name] = verified
        return kept

    def _peeked(self) -> dict[str, License]:
        """Return the installed licenses by file name, not verified."""
        return {
            name: peek_license(data) for name, data in self.shelf.licenses().items()
        }

    def _in_force(
        self, status: Mapping[str, JsonValue] | None = None
    ) -> License | None:
        """Return the license in force, as the container tells, else by its place."""
        own = {n: one for n, one in self._peeked().items() if one.parent is None}
        terms = (status or {}).get("license")
        serial = terms.get("serial") if isinstance(terms, dict) else None
        told = [one for one in own.values() if one.serial == serial]
        return told[0] if told else own.get(NOW) or next(iter(own.values()), None)

    def _salt(self) -> bytes:
        """Return the salt that the license in force was enrolled with, else our own."""
        terms = self._in_force()
        if terms is not None and terms.enrolled is not None:
            return terms.enrolled.fingerprint.salt
        return self.shelf.salt()

    def _put_host(self, facts: HostFacts) -> Fingerprint:
        """Tell the license container what this host looks like."""
        seen = fingerprint_of(facts, self._salt())
        self.shelf.put_host(seen)
        return seen

    def _wall_s(self) -> int:
        return int(self.now().timestamp())
