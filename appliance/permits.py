"""The seam between the serving programs and the license: may new work start?

`appliance.leases.LeaseClient` is the real implementation, `lease_permits` makes one; tests
bring their own.
"""

from enum import IntEnum
from pathlib import Path
from typing import Protocol

from appliance.environment import SettingError
from appliance.leases import LeaseClient
from offline_license.anchor import LicenseAnchor
from offline_license.errors import LicenseError


class Permission(Protocol):
    """The answer, as a value that can be shown."""

    @property
    def allowed(self) -> bool:
        """Whether new work may start."""

    @property
    def reason_code(self) -> str:
        """A stable code that says why something is refused, else empty."""

    @property
    def state(self) -> IntEnum | None:
        """The state of the license, None while nothing is known."""

    @property
    def max_jobs(self) -> int | None:
        """How many transcriptions at the same time; None is without limit."""

    @property
    def http_status(self) -> int:
        """For a refusal, 403 by the license and 503 for want of an answer."""


class Permits(Protocol):
    """Answers at once from what it knows."""

    def permission(self) -> Permission:
        """Say what is permitted at this moment."""


def lease_permits(url: str, *, anchor: Path, instance: str, role: str) -> LeaseClient:
    """Make the lease client of a program; run it as a task to keep its lease fresh.

    Raises:
        SettingError: the anchor file cannot be used.
    """
    try:
        root_keys = LicenseAnchor.from_bytes(anchor.read_bytes())
    except (OSError, LicenseError) as error:
        raise SettingError(
            f"the license anchor {anchor} cannot be used", evidence=type(error).__name__
        ) from error
    return LeaseClient(url, anchor=root_keys, instance=instance, role=role)


def state_name(permission: Permission) -> str | None:
    """Name the state of the license in lower case."""
    return None if permission.state is None else permission.state.name.lower()
