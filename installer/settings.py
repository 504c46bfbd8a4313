"""The settings of an installation: one typed model behind every face.

The answers file, the flags of ``anechoic install``, the fields of the wizard
and the published JSON schema are all generated from ``Settings``; unknown keys
are refused everywhere.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path  # noqa: TC003  pydantic reads the annotation
from typing import TYPE_CHECKING, Annotated, Self

import tomli_w
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict  # noqa: TC002

from installer.errors import SETTINGS_INVALID, SETTINGS_UNREADABLE, InstallerError
from installer.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Compute",
    "SettingField",
    "Settings",
    "SettingsInvalidError",
    "dump_answers",
    "load_answers",
    "parse_settings",
    "setting_fields",
    "settings_schema",
]

_MAX_ANSWERS_BYTES = 64 * 1024
_MAX_WORKERS = 16
_PREFIXES = range(24, 29)
_ADVANCED: JsonDict = {"advanced": True}


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        msg = "expected a number, found a truth value"
        raise ValueError(msg)  # noqa: TRY004  pydantic reports ValueError
    return value


_Count = Annotated[int, BeforeValidator(_no_truth_value)]
_Port = Annotated[_Count, Field(ge=1, le=65535)]


class Compute(StrEnum):
    """Where speech is recognized."""

    AUTO = "auto"
    CPU = "cpu"
    GPU = "gpu"


class Settings(BaseModel):
    """Everything an operator decides about an installation."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="Anechoic answers")

    medium: Path | None = Field(
        default=None,
        title="Release medium",
        description="Folder of the release medium, for example a mounted USB disk.",
    )
    trust: Path | None = Field(
        default=None,
        title="Trust anchor",
        description=(
            "Trust anchor file, carried apart from the medium. Leave it empty when "
            "an anchor is already pinned on this host."
        ),
    )
    license: Path | None = Field(
        default=None,
        title="License",
        description=(
            "License file for this host. Leave it empty to keep the installed one; "
            "without any, the appliance starts but refuses work."
        ),
    )
    listen_address: IPv4Address = Field(
        default=IPv4Address("127.0.0.1"),
        title="Listen address",
        description=(
            "Address of this host where the API is published. 127.0.0.1 serves this "
            "host only; 0.0.0.0 serves every network of the host."
        ),
    )
    port: _Port = Field(
        default=8080, title="API port", description="TCP port of the published API."
    )
    dashboard_port: _Port = Field(
        default=9470,
        title="Dashboard port",
        description="TCP port of the web dashboard, always on 127.0.0.1.",
    )
    asr_workers: _Count = Field(
        default=1,
        ge=1,
        le=_MAX_WORKERS,
        title="Recognition workers",
        description="How many recognition containers run; one per GPU is usual.",
    )
    compute: Compute = Field(
        default=Compute.AUTO,
        title="Compute",
        description=(
            "auto uses a GPU when there is one; cpu never does; gpu stops the "
            "installation when none is usable."
        ),
    )
    edge_subnet: IPv4Network = Field(
        default=IPv4Network("10.231.77.0/28"),
        title="Edge subnet",
        description=(
            "Private subnet of the container with the published port; must not "
            "overlap a network of your site."
        ),
        json_schema_extra=_ADVANCED,
    )
    core_subnet: IPv4Network = Field(
        default=IPv4Network("10.231.78.0/26"),
        title="Core subnet",
        description=(
            "Private subnet of all services; must not overlap a network of your site."
        ),
        json_schema_extra=_ADVANCED,
    )

    @field_validator("medium", "trust", "license", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("medium", "trust", "license")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_absolute():
            msg = f"expected an absolute path, found {value}"
            raise ValueError(msg)
        return value

    @field_validator("edge_subnet", "core_subnet")
    @classmethod
    def _usable_subnet(cls, value: IPv4Network) -> IPv4Network:
        if not value.is_private or value.prefixlen not in _PREFIXES:
            msg = f"expected a private network of /24 to /28, found {value}"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.edge_subnet.overlaps(self.core_subnet):
            msg = f"edge_subnet {self.edge_subnet} overlaps core_subnet"
            raise ValueError(msg)
        if self.port == self.dashboard_port:
            msg = f"port and dashboard_port are both {self.port}"
            raise ValueError(msg)
        needed = self.asr_workers + _FIXED_CORE_ADDRESSES
        if self.core_subnet.num_addresses < needed:
            msg = f"core_subnet {self.core_subnet} is too small for {needed} addresses"
            raise ValueError(msg)
        return self


_FIXED_CORE_ADDRESSES = 16
"""Network, gateway, broadcast and the services other than workers, rounded up."""


class SettingsInvalidError(InstallerError):
    """One or more settings are wrong; ``findings`` names them all."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(SETTINGS_INVALID, "; ".join(f.evidence for f in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a form or a flag shows it.

    Attributes:
        default: the default as text, empty when there is none.
        choices: the permitted words, empty when the value is free.
        advanced: leave it out of the first view of a form.
    """

    name: str
    title: str
    help: str
    default: str
    choices: tuple[str, ...]
    advanced: bool

    @property
    def flag(self) -> str:
        """The flag of ``anechoic install`` for this setting."""
        return "--" + self.name.replace("_", "-")


def setting_fields() -> tuple[SettingField, ...]:
    """Describe every setting, in the order of the model."""
    fields = []
    for name, info in Settings.model_fields.items():
        extra = info.json_schema_extra
        choices = tuple(Compute) if info.annotation is Compute else ()
        fields.append(
            SettingField(
                name=name,
                title=info.title or name,
                help=info.description or "",
                default="" if info.default is None else str(info.default),
                choices=tuple(str(choice) for choice in choices),
                advanced=isinstance(extra, dict) and bool(extra.get("advanced")),
            )
        )
    return tuple(fields)


def parse_settings(values: Mapping[str, object]) -> Settings:
    """Check values from any face.

    Text is accepted for every setting, because flags and forms give text.

    Raises:
        SettingsInvalidError: with a finding for every error.
    """
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsInvalidError(_findings(error)) from None


def _findings(error: ValidationError) -> tuple[Finding, ...]:
    return tuple(
        Finding.of(
            SETTINGS_INVALID,
            evidence=": ".join(
                (".".join(str(part) for part in one["loc"]) or "settings", one["msg"])
            ),
        )
        for one in error.errors(include_url=False, include_input=False)
    )


def load_answers(path: Path) -> Settings:
    """Read and check an answers file.

    Raises:
        InstallerError: the file cannot be read or is no TOML.
        SettingsInvalidError: a key or value is wrong.
    """
    return parse_settings(read_answers(path))


def read_answers(path: Path) -> dict[str, object]:
    """Read an answers file without checking its values."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_ANSWERS_BYTES + 1)
    except OSError as error:
        raise InstallerError(
            SETTINGS_UNREADABLE, f"{path}: {error.strerror}"
        ) from error
    if len(data) > _MAX_ANSWERS_BYTES:
        raise InstallerError(SETTINGS_UNREADABLE, f"{path}: larger than 64 KiB")
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstallerError(SETTINGS_UNREADABLE, f"{path}: {error}") from None


def dump_answers(settings: Settings) -> str:
    """Write a complete answers file: every setting, also the defaults."""
    values = settings.model_dump(mode="json")
    blocks = []
    for field in setting_fields():
        value = values[field.name]
        entry = tomli_w.dumps({field.name: "" if value is None else value})
        blocks.append(f"# {field.title}. {field.help}\n{entry}")
    return "\n".join(blocks)


def settings_schema() -> str:
    """Return the JSON schema of the answers file."""
    schema = Settings.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2) + "\n"
