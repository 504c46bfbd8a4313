"""A vendor's office for tests: keys, issued licenses, and the site that asks."""

# ruff: noqa: ANN401 - changes go to dataclasses.replace
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from appliance.vendor.license_keys import (
    LicenseKeyFiles,
    create_license_keys,
    load_keyset,
)
from appliance.vendor.licensing import IssuedLicense, LicenseTerms, issue_license
from appliance.vendor.lineages import Lineages
from appliance.vendor.register import Register
from offline_license.mini import mini_request
from offline_license.model import Capacity
from tests.support.licensing import IAT, Issuer

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.vendor.register import Entry
    from offline_license.keyset import Keyset
    from offline_license.model import License

__all__ = ["PASSPHRASE", "TERMS", "Office"]

PASSPHRASE = b"correct horse battery"
TERMS = LicenseTerms(
    "Example Hospital", date(2027, 9, 30), capacity=Capacity(streams=4)
)


@dataclass
class Office:
    """Keys in a folder, and one site.

    Attributes:
        keys: the folder of the license keys.
        site: whose install key and host make the requests.
    """

    keys: Path
    site: Issuer = field(default_factory=lambda: Issuer("site"))
    now: int = IAT

    @classmethod
    def made(cls, folder: Path) -> Office:
        """Make the keys."""
        return cls(create_license_keys(folder, PASSPHRASE, now=IAT).directory)

    @property
    def files(self) -> LicenseKeyFiles:
        """The files of the keys."""
        return LicenseKeyFiles(self.keys)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The register."""
        return Register(self.files.register).entries()

    @property
    def lineages(self) -> Lineages:
        """What was issued."""
        return Lineages(self.entries)

    def keyset(self) -> Keyset:
        """Return the verified key set."""
        return load_keyset(self.keys)

    def issue(self, *, site: Issuer | None = None, **changes: Any) -> IssuedLicense:
        """Issue a first license to the site."""
        request = (site or self.site).request_bytes()
        return issue_license(
            request, self.keys, PASSPHRASE, replace(TERMS, **changes), now=self.now
        )

    def request(self, license_: License, **changes: Any) -> bytes:
        """Return the site's request for a renewal."""
        return self.site.request_bytes(lid=license_.lid, seq=license_.seq, **changes)

    def mini_request(self, license_: License, **changes: Any) -> bytes:
        """Return the same in its short form."""
        request = self.site.request(lid=license_.lid, seq=license_.seq, **changes)
        return mini_request(request, self.site.install_key)
