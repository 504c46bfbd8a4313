"""What every body between anechoicd and its viewers has in common."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

__all__ = ["OperationKind", "WireModel"]

OperationKind: TypeAlias = Literal["install", "uninstall", "load"]


class WireModel(BaseModel):
    """A body that is never changed and has no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
