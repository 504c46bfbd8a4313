"""Container engines behind one small protocol."""

from appliance.engines.base import (
    ContainerEngine,
    ContainerState,
    EngineInfo,
    NetworkFacts,
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
    "RunResult",
    "Usage",
]
