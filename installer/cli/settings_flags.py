"""Flags generated from the settings model, so that no face has its own list."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import typer

from installer.settings import parse_settings, read_answers, setting_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from installer.settings import SettingField, Settings

__all__ = ["gather_settings", "with_setting_flags"]

_PATHS = ("medium", "trust", "license")


def with_setting_flags(
    command: Callable[..., None], *, without: tuple[str, ...] = ()
) -> Callable[..., None]:
    """Give a command one flag per setting; they arrive as ``flags: dict``.

    Args:
        command: takes its own parameters and ``flags``.
        without: settings that the command takes in another way.
    """
    fields = [field for field in setting_fields() if field.name not in without]
    names = {field.name for field in fields}
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "flags"]

    def wrapped(**values: object) -> None:
        flags = {name: values.pop(name) for name in names}
        command(**values, flags={k: v for k, v in flags.items() if v is not None})

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    parameters = [*own, *(_parameter(field) for field in fields)]
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped


def _parameter(field: SettingField) -> inspect.Parameter:
    notes = [field.help]
    if field.choices:
        notes.append(f"One of: {', '.join(field.choices)}.")
    if field.default:
        notes.append(f"Default: {field.default}.")
    option = typer.Option(
        None,
        field.flag,
        metavar="FILE" if field.name in _PATHS else "VALUE",
        help=" ".join(notes),
        rich_help_panel="Settings",
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=option,
        annotation=Optional[str],  # noqa: UP045  typer reads the annotation
    )


def gather_settings(
    answers: Path | None, flags: Mapping[str, str], medium: Path | None = None
) -> Settings:
    """Put the answers file, the flags and the medium together; flags win.

    Paths of flags are taken from the working folder; an answers file must name
    absolute ones, because it may be read anywhere.

    Raises:
        InstallerError: the answers file cannot be read.
        SettingsInvalidError: a value is wrong.
    """
    values: dict[str, object] = {} if answers is None else read_answers(answers)
    given: dict[str, object] = dict(flags)
    if medium is not None:
        given["medium"] = str(medium)
    for name in _PATHS:
        if given.get(name):
            given[name] = str(Path(str(given[name])).absolute())
    return parse_settings({**values, **given})
