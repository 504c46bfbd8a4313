"""What the gateway counts: durations, sizes and codes, never anything that was said."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class ApiMetrics:
    """The gateway's instruments, in a registry of their own."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        """Create every instrument, so that all of them are there from the start."""
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "anechoic_api_requests",
            "Requests answered.",
            ["endpoint", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "anechoic_api_request_seconds",
            "Time from the request line to the last byte of the answer.",
            ["endpoint"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.refusals = Counter(
            "anechoic_api_refusals",
            "Requests refused or failed, by the code of docs/api.md.",
            ["code"],
            registry=self.registry,
        )
        self.audio_seconds = Counter(
            "anechoic_api_audio_seconds",
            "Seconds of audio transcribed.",
            registry=self.registry,
        )
        self.queue_seconds = Histogram(
            "anechoic_api_queue_seconds",
            "Time from acceptance to the result of a job.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.canceled = Counter(
            "anechoic_api_canceled",
            "Jobs whose caller went away.",
            registry=self.registry,
        )
        self.resubmitted = Counter(
            "anechoic_api_resubmitted",
            "Jobs submitted again because Redis came back empty.",
            registry=self.registry,
        )
        self.reports = Counter(
            "anechoic_api_reports",
            "Reports of workers, by what became of them.",
            ["commit"],
            registry=self.registry,
        )
        self.jobs = self._gauge("anechoic_api_jobs", "Jobs in flight.")
        self.held_bytes = self._gauge(
            "anechoic_api_audio_bytes", "Audio held in memory, in bytes."
        )
        self.workers = self._gauge("anechoic_api_workers", "Workers alive.")
        self.queue_waiting = self._gauge(
            "anechoic_api_queue_waiting", "Jobs waiting for a worker."
        )
        self.dead_letters = self._gauge(
            "anechoic_api_dead_letters", "Jobs that three workers could not finish."
        )
        self.allowed = self._gauge(
            "anechoic_api_license_allows", "1 when the license permits new work."
        )

        self.usage_waiting = self._gauge(
            "anechoic_api_usage_waiting",
            "Finished requests that the license container has not taken yet.",
        )

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def render(self) -> bytes:
        """Write the exposition format that Prometheus reads."""
        return generate_latest(self.registry)
