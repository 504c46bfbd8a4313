"""Container engines behind one small protocol."""

from appliance.engines.base import (
    ContainerEngine,
    ContainerState,
    EngineInfo,
    NetworkFacts,
    OurImage,
    RunResult,
    Usage,
)
from appliance.engines.errors import EngineError

__all__ = [
    "ContainerEngine",
    "ContainerState",
    "EngineError",
    "EngineInfo",
    "NetworkFacts",
    "OurImage",
    "RunResult",
    "Usage",
]
