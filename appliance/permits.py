"""The seam between the serving programs and the license: may new work start?

`appliance.leases.LeaseClient` is the real implementation, `lease_permits` makes one; tests
bring their own. `appliance.session_gate` counts live sessions against it.
"""

import importlib.metadata
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Protocol

from appliance.environment import Environment, SettingError
from appliance.leases import LeaseClient, PublicFolder
from offline_license.anchor import LicenseAnchor
from offline_license.errors import LicenseError

_MOST_REPLICAS: Final = 1_024


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
    def max_streams(self) -> int | None:
        """How many live sessions at the same time; None is without limit."""

    @property
    def session_s(self) -> int | None:
        """How much live time is left, in seconds; None is without end."""

    @property
    def detail(self) -> str:
        """Which license and which dates, for people; empty while nothing is known."""

    @property
    def basis(self) -> str:
        """What it is based on: ``lease``, ``bootstrap``, ``demo`` or ``nothing``."""

    @property
    def http_status(self) -> int:
        """For a refusal, 403 by the license, 429 busy elsewhere, 503 without an answer."""


class Permits(Protocol):
    """Answers at once from what it knows."""

    def permission(self) -> Permission:
        """Say what is permitted at this moment."""

    def nudge(self) -> None:
        """Take the hint that more is wanted than is permitted."""


@dataclass(frozen=True, slots=True)
class LicenseSettings:
    """Where a serving program finds the license container, and what it can see itself.

    Attributes:
        url: of the license container.
        anchor: file with the root keys, part of the image.
        public: folder with the license, mounted read-only; it may be missing.
        replicas: of the same program, this one included.
    """

    url: str
    anchor: Path
    public: Path
    replicas: int = 1

    @classmethod
    def from_environment(cls, env: Environment) -> "LicenseSettings":
        """Read ``ANECHOIC_LICENSE_{URL,ANCHOR,PUBLIC,REPLICAS}``.

        Raises:
            SettingError: one is missing or makes no sense.
        """
        return cls(
            url=env.text("ANECHOIC_LICENSE_URL"),
            anchor=env.required_path(
                "ANECHOIC_LICENSE_ANCHOR", "/etc/anechoic/license-anchor.cbor"
            ),
            public=env.required_path(
                "ANECHOIC_LICENSE_PUBLIC", "/run/anechoic/license-public"
            ),
            replicas=env.integer(
                "ANECHOIC_LICENSE_REPLICAS", 1, least=1, most=_MOST_REPLICAS
            ),
        )


def lease_permits(
    settings: LicenseSettings, *, instance: str, role: str
) -> LeaseClient:
    """Make the lease client of a program; run it as a task to keep its lease fresh.

    Raises:
        SettingError: the anchor file cannot be used.
    """
    try:
        root_keys = LicenseAnchor.from_bytes(settings.anchor.read_bytes())
    except (OSError, LicenseError) as error:
        raise SettingError(
            f"the license anchor {settings.anchor} cannot be used",
            evidence=type(error).__name__,
        ) from error
    return LeaseClient(
        settings.url,
        anchor=root_keys,
        instance=instance,
        role=role,
        folder=PublicFolder(settings.public),
        replicas=settings.replicas,
        build=_build(),
    )


def state_name(permission: Permission) -> str | None:
    """Name the state of the license in lower case."""
    return None if permission.state is None else permission.state.name.lower()


def _build() -> str:
    try:
        return importlib.metadata.version("anechoic")
    except importlib.metadata.PackageNotFoundError:
        return ""
