"""What a worker is made of, brought together once."""

from dataclasses import dataclass

from appliance.asr.engine import Engine
from appliance.asr.gateway import GatewayClient
from appliance.asr.metrics import AsrMetrics
from appliance.asr.settings import AsrSettings
from appliance.asr.state import WorkerState
from appliance.permits import Permits
from appliance.queue import JobQueue


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one worker process."""

    settings: AsrSettings
    queue: JobQueue
    gateway: GatewayClient
    engine: Engine
    permits: Permits
    state: WorkerState
    metrics: AsrMetrics

    @property
    def lease_ms(self) -> int:
        """After how long without renewal a job belongs to whoever asks."""
        return self.settings.lease_s * 1000
