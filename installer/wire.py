"""What every body between anechoicd and its viewers has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["WireModel"]


class WireModel(BaseModel):
    """A body that is never changed and has no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)
