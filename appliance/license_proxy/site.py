"""Judge the files of a site: what is genuine and for this host is used.

Whatever is wrong with one file is noted and leaves the others, and what was accepted
before, untouched. Nothing here can stop the program.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.license_proxy.shelf import Shelf
from offline_license.armor import Label, unarmor
from offline_license.errors import KeysetError, LicenseError, UnknownKeyError
from offline_license.fingerprint import Fingerprint
from offline_license.keys import private_key_from_pem, public_bytes
from offline_license.keyset import Keyset, verify_keyset
from offline_license.response import VerifiedResponse, verify_response
from offline_license.revocation import Revocations, verify_revocations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.license_files import SiteFiles
    from offline_license.anchor import LicenseAnchor
    from offline_license.keys import Ed25519PrivateKey
    from offline_license.license import VerifiedLicense

__all__ = ["Accepted", "Site", "judge"]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was accepted earlier and outlives a damaged file.

    Attributes:
        keyset: the newest accepted key set, as bytes.
        licenses: the accepted licenses, as bytes.
        revocations: the newest accepted revocation list, as bytes.
        install_key: the key in use; a file that vanishes takes nothing away.
        highest: the highest sequence ever accepted of each lineage, by the ledger.
        digests: every license ever accepted, by the ledger.
    """

    keyset: bytes | None = None
    licenses: tuple[bytes, ...] = ()
    revocations: bytes | None = None
    install_key: Ed25519PrivateKey | None = field(default=None, repr=False)
    highest: Mapping[bytes, int] = field(default_factory=dict)
    digests: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Site:
    """What a site has.

    Attributes:
        keyset: in force; None without one.
        keyset_bytes: the same as received.
        licenses: genuine and for this installation, the newest of each lineage last.
        fingerprint: of the host now; None when it could not be read.
        install_key: of this installation; None without one.
        problems: what is wrong, by file name.
        revocations: in force; None without any.
        revocations_bytes: the same as received.
        bereft: genuine, but bound to another install key than the one here.
        responses: genuine answers to requests.
    """

    keyset: Keyset | None = None
    keyset_bytes: bytes | None = None
    licenses: tuple[VerifiedLicense, ...] = ()
    fingerprint: Fingerprint | None = None
    install_key: Ed25519PrivateKey | None = field(default=None, repr=False)
    problems: Mapping[str, LicenseError] = field(default_factory=dict)
    revocations: Revocations | None = None
    revocations_bytes: bytes | None = None
    bereft: tuple[VerifiedLicense, ...] = ()
    responses: tuple[VerifiedResponse, ...] = ()

    @property
    def wants_keyset(self) -> bool:
        """Whether a file was refused that a newer key set may allow."""
        newer = (UnknownKeyError, KeysetError)
        return any(isinstance(error, newer) for error in self.problems.values())

    @property
    def floor_s(self) -> int:
        """The newest time that something accepted beside the licenses proves."""
        signed = [0]
        if self.keyset is not None:
            signed.append(self.keyset.manifest.iat)
        if self.revocations is not None:
            signed.append(self.revocations.iat)
        signed += [one.response.iat for one in self.responses]
        return max(signed)


def judge(files: SiteFiles, anchor: LicenseAnchor, before: Accepted) -> Site:
    """Verify every file of a site.

    Args:
        files: as read.
        anchor: the root keys that everything is traced to.
        before: what was accepted earlier; it is verified again.
    """
    judging = _Judging(anchor, dict(files.problems))
    judging.recall(before)
    judging.take_keyset(files.keyset)
    judging.take_revocations(files.revocations)
    for name, content in files.responses.items():
        judging.take_response(name, content)
    install_key = judging.install_key(files.install_key) or before.install_key
    shelf = judging.shelve(files.licenses, install_key, before)
    return Site(
        keyset=judging.keyset,
        keyset_bytes=judging.keyset_bytes,
        licenses=shelf.licenses() if shelf else (),
        fingerprint=judging.fingerprint(files.host),
        install_key=install_key,
        problems=judging.problems,
        revocations=judging.revocations,
        revocations_bytes=judging.revocations_bytes,
        bereft=tuple(shelf.bereft.values()) if shelf else (),
        responses=tuple(judging.responses.values()),
    )


class _Judging:
    """What is in force so far, while the files are looked at one by one."""

    def __init__(
        self, anchor: LicenseAnchor, problems: dict[str, LicenseError]
    ) -> None:
        self._anchor = anchor
        self.problems = problems
        self.keyset: Keyset | None = None
        self.keyset_bytes: bytes | None = None
        self.revocations: Revocations | None = None
        self.revocations_bytes: bytes | None = None
        self.responses: dict[str, VerifiedResponse] = {}

    def recall(self, before: Accepted) -> None:
        """Take what was in force before, if it is still traced to the anchor."""
        with contextlib.suppress(LicenseError):
            if before.keyset is not None:
                self._use_keyset(
                    verify_keyset(before.keyset, self._anchor), before.keyset
                )
        with contextlib.suppress(LicenseError):
            if before.revocations is not None and self.keyset is not None:
                found = verify_revocations(before.revocations, self.keyset)
                self._use_revocations(found, before.revocations)

    def take_keyset(self, data: bytes | None) -> None:
        """Take the newer acceptable key set of the file and the one in use."""
        if data is None:
            return
        try:
            found = verify_keyset(data, self._anchor, installed=self.keyset)
        except LicenseError as error:
            self.problems["keyset.cbor"] = error
        else:
            self._use_keyset(found, data)

    def take_revocations(self, data: bytes | None) -> None:
        """Take the newer acceptable list of the file and the one in use."""
        if data is None or self.keyset is None:
            return
        try:
            found = verify_revocations(data, self.keyset, installed=self.revocations)
        except LicenseError as error:
            self.problems["revocations.cbor"] = error
        else:
            self._use_revocations(found, data)

    def take_response(self, name: str, content: bytes) -> None:
        """Take what a response brings that is newer than what is in force."""
        try:
            found = verify_response(
                unarmor(content, Label.RESPONSE),
                self._anchor,
                keyset=self.keyset,
                revocations=self.revocations,
            )
        except LicenseError as error:
            self.problems[name] = error
            return
        self.responses[name] = found
        if found.newer_keyset is not None:
            self._use_keyset(found.keyset, found.newer_keyset)
        if found.newer_revocations is not None and found.revocations is not None:
            self._use_revocations(found.revocations, found.newer_revocations)

    def shelve(
        self,
        files: Mapping[str, bytes],
        install_key: Ed25519PrivateKey | None,
        before: Accepted,
    ) -> Shelf | None:
        """Judge every license; None without a key set to judge by."""
        if self.keyset is None:
            return None
        public = None if install_key is None else public_bytes(install_key)
        shelf = Shelf(self.keyset, public, before)
        for name, content in files.items():
            try:
                shelf.put(unarmor(content, Label.LICENSE))
            except LicenseError as error:
                self.problems[name] = error
        for name, response in self.responses.items():
            try:
                shelf.put(response.response.license)
            except LicenseError as error:
                self.problems[name] = error
        return shelf

    def install_key(self, data: bytes | None) -> Ed25519PrivateKey | None:
        """Read the install key, or note that it is damaged."""
        try:
            return None if data is None else private_key_from_pem(data)
        except LicenseError as error:
            self.problems["install.key"] = error
            return None

    def fingerprint(self, data: bytes | None) -> Fingerprint | None:
        """Read the facts of the host, or note that they are damaged."""
        try:
            return None if data is None else Fingerprint.from_json(data)
        except LicenseError as error:
            self.problems["host.json"] = error
            return None

    def _use_keyset(self, keyset: Keyset, data: bytes) -> None:
        self.keyset, self.keyset_bytes = keyset, data

    def _use_revocations(self, revocations: Revocations, data: bytes) -> None:
        self.revocations, self.revocations_bytes = revocations, data
