"""What a worker counts: durations and codes, never anything that was said."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_RATIOS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class AsrMetrics:
    """The worker's instruments, in a registry of their own."""

    def __init__(self) -> None:
        """Create every instrument, so that all of them are there from the start."""
        self.registry = CollectorRegistry()
        self.jobs = Counter(
            "anechoic_asr_jobs",
            "Jobs ended, by how.",
            ["outcome"],
            registry=self.registry,
        )
        self.active = Gauge(
            "anechoic_asr_active_jobs", "Jobs in work.", registry=self.registry
        )
        self.audio_seconds = Counter(
            "anechoic_asr_audio_seconds",
            "Seconds of audio transcribed.",
            registry=self.registry,
        )
        self.infer_seconds = Histogram(
            "anechoic_asr_infer_seconds",
            "Time in the engine for one job.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.decode_seconds = Histogram(
            "anechoic_asr_decode_seconds",
            "Time to decode the upload of one job.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.real_time_factor = Histogram(
            "anechoic_asr_real_time_factor",
            "Time in the engine divided by the length of the audio.",
            buckets=_RATIOS,
            registry=self.registry,
        )
        self.load_seconds = Gauge(
            "anechoic_asr_model_load_seconds",
            "Time to load and warm up the model.",
            registry=self.registry,
        )
        self.allowed = Gauge(
            "anechoic_asr_license_allows",
            "1 when the license permits new work.",
            registry=self.registry,
        )

    def render(self) -> bytes:
        """Write the exposition format that Prometheus reads."""
        return generate_latest(self.registry)
