"""The language between anechoicd and its viewers, as far as it is about licenses.

Everything carried in (a file, a paste, the text of a QR code, what a scanner typed,
an emergency code) travels as bytes and is recognized by the engine.
"""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003  pydantic reads the annotation
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from installer.findings import Finding  # noqa: TC001  pydantic reads it
from installer.wire import WireModel

__all__ = [
    "SWAPS",
    "ExtensionBody",
    "LicenseBytes",
    "LicensePath",
    "LicenseRequestBody",
    "LicenseSummary",
    "LicenseTrust",
    "MinutesBody",
    "OperatorBody",
    "SimulateBody",
    "SimulatedChange",
    "SimulatedService",
    "SimulationBody",
]

SWAPS = (
    "tpm",
    "product-uuid",
    "serial",
    "machine-id",
    "volume",
    "nic",
    "gpu",
)
"""The parts of a host whose swap can be rehearsed, as the operator writes them."""

_MOST_BYTES = 96 * 1024
_MOST_MINUTES = 24 * 60


class LicenseTrust(WireModel):
    """By what a license is judged before anything is installed.

    Attributes:
        medium: a release medium, whose key set counts; None uses what is pinned.
        trust: the anchor file of the vendor, when none is pinned.
    """

    medium: str | None = None
    trust: str | None = None


class LicensePath(LicenseTrust):
    """A license file on the host."""

    path: str
    accept_loss: bool = False


class LicenseBytes(LicenseTrust):
    """Whatever was carried in, to be recognized; base64 on the wire."""

    data: Annotated[bytes, Field(max_length=_MOST_BYTES, repr=False)]
    accept_loss: bool = False

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class LicenseSummary(WireModel):
    """A verified license; ``exp`` starts grace, ``term`` starts restriction.

    Attributes:
        state: what it would be, or is, in force here and now.
        starts: when it comes into force.
        valid_through: the last day of validity.
        form: what was carried in.
        gains, losses: what changes against the license in force, line by line.
        updates: what else was carried in, such as ``key set 3``.
        replaces: serial of the license in whose place it comes.
        outcome: ``same`` was installed already, ``waiting`` starts later.
        slot: where it is kept: in force now, next, or beside as an add-on.
    """

    license_id: str
    customer: str
    state: str
    exp: datetime
    term: datetime
    entitlements: dict[str, JsonValue] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    starts: datetime | None = None
    valid_through: date | None = None
    form: Literal["license", "response", "code"] = "license"
    gains: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    replaces: str | None = None
    outcome: Literal["checked", "installed", "same", "waiting"] = "checked"
    slot: Literal["now", "next", "addon"] = "now"


class LicenseRequestBody(WireModel):
    """A license request of this host in every form that can be carried out.

    Attributes:
        armored: the full form as text, for a file.
        filename: a name for that file.
        installation: short name of the install key, as the text shows it.
        serial: the license in use; None when there is none.
        whole: the full form as the text of one QR code.
        frames: the same as up to three QR codes.
        mini: the short form as QR texts, normally one; empty without a license.
        mini_armored: the short form as text.
    """

    armored: str
    filename: str
    installation: str = ""
    serial: str | None = None
    whole: str = ""
    frames: tuple[str, ...] = ()
    mini: tuple[str, ...] = ()
    mini_armored: str = ""


class ExtensionBody(WireModel):
    """An emergency code, as read out."""

    code: str = Field(max_length=80, repr=False)


class OperatorBody(WireModel):
    """Who asks, as the number of the user; it goes into the usage ledger."""

    uid: int = Field(default=0, ge=0, lt=2**32)


class MinutesBody(WireModel):
    """For how long to rehearse; 0 ends it."""

    minutes: int = Field(ge=0, le=_MOST_MINUTES)


class SimulateBody(WireModel):
    """What to rehearse.

    Attributes:
        at: the date to look at; None is now.
        clock: what the wall clock does: empty is right, else ``1970``, a date, or a
            shift such as ``+5d`` or ``-12h``.
        swaps: parts of the host that are exchanged.
    """

    at: datetime | None = None
    clock: Annotated[str, Field(max_length=40)] = ""
    swaps: tuple[str, ...] = Field(default=(), max_length=len(SWAPS))


class SimulatedService(WireModel):
    """What one part of the service would do."""

    name: str
    words: str
    open: bool


class SimulatedChange(WireModel):
    """A state that would be entered."""

    at: datetime
    state: str
    words: str


class SimulationBody(WireModel):
    """What would be, by the code that decides in production.

    Attributes:
        at: the moment looked at.
        binding: how the host would be recognized.
    """

    at: datetime
    state: str
    flags: tuple[str, ...]
    banner: str
    exp: datetime | None
    term: datetime | None
    service: tuple[SimulatedService, ...]
    timeline: tuple[SimulatedChange, ...]
    binding: str = ""
