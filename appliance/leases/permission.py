"""What a service may do now, as a value, and what it is based on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from offline_license.dates import iso, valid_through
from offline_license.refusals import Refusal, refusal

if TYPE_CHECKING:
    from offline_license.model import License
    from offline_license.states import State

__all__ = ["Basis", "Permission", "describe"]


class Basis(StrEnum):
    """What a permission is based on."""

    NOTHING = "nothing"
    LEASE = "lease"
    BOOTSTRAP = "bootstrap"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Permission:
    """What this service may do now.

    Attributes:
        allowed: whether new transcriptions may begin.
        reason_code: ``ANX-LIC-nn`` where something is refused, else empty.
        state: of the license; None while nothing is known.
        max_jobs: transcriptions at the same time; None is without limit.
        max_streams: live sessions at the same time; None is without limit.
        http_status: for a refusal, 403 by the license, 429 while another replica has
            what is permitted, 503 for want of an answer; 0 when allowed.
        detail: which license and which dates, for people.
        session_s: live time that is left; None is without end.
        basis: a lease, the service's own look at the license, or the demo.
    """

    allowed: bool
    reason_code: str = ""
    state: State | None = None
    max_jobs: int | None = 0
    max_streams: int | None = 0
    http_status: int = 0
    detail: str = ""
    session_s: int | None = None
    basis: Basis = Basis.NOTHING

    @property
    def refusal(self) -> Refusal | None:
        """The words for the reason; None where nothing is refused."""
        return refusal(self.reason_code) if self.reason_code else None


def describe(license_: License) -> str:
    """Name the license and its dates for people."""
    return (
        f"License {license_.serial} is valid through "
        f"{valid_through(license_.exp).isoformat()}; full service continues to "
        f"{iso(license_.term)}."
    )
