"""The Prometheus text, read back with Prometheus' own parser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from installer.dashboard.metrics import _HELP, render_metrics
from installer.gpu import XidEvent, view_json
from installer.nvml.model import GpuView
from installer.protocol import Status
from tests.support.gpus import bare_gpu_device, gpu_device, gpu_report
from tests.support.statuses import NOW, gpu_status, service, status

DAY_S = 86400


def values(**changes: Any) -> dict[tuple[str, frozenset[str]], float]:  # noqa: ANN401
    text = render_metrics(status(**changes), now=NOW.timestamp())
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("anechoic_installed", set(), 1),
        ("anechoic_release_info", {"0.1.0"}, 1),
        ("anechoic_service_up", {"api", "1"}, 1),
        ("anechoic_service_cpu_cores", {"api", "1"}, 0.124),
        ("anechoic_license_state", {"valid"}, 1),
        ("anechoic_license_seconds_until", {"exp"}, 120 * DAY_S),
        ("anechoic_license_seconds_until", {"term"}, 150 * DAY_S),
        ("anechoic_gpu_driver_responding", set(), 1),
        ("anechoic_host_cpu_ratio", set(), 0.235),
        ("anechoic_host_uptime_seconds", set(), 12 * DAY_S + 3 * 3600),
        ("anechoic_findings", {"error"}, 0),
        ("anechoic_operation_running", set(), 0),
    ],
)
def test_what_is_known_is_exported(name: str, labels: set[str], value: float) -> None:
    assert values()[name, frozenset(labels)] == pytest.approx(value)


def test_a_gpu_is_labeled_by_its_uuid() -> None:
    found = values(gpus=gpu_status(gpu_device(0)))
    labels = frozenset({"0", "GPU-5f0c1b52-0000-4000-8000-000000000000"})

    assert found["anechoic_gpu_utilization_ratio", labels] == pytest.approx(0.37)
    assert found["anechoic_gpu_clock_hertz", labels] == 1410e6


def test_what_is_not_known_is_absent_and_not_zero() -> None:
    names = {name for name, _ in values(gpus=gpu_status(bare_gpu_device()))}

    assert "anechoic_gpu_info" in names
    assert "anechoic_gpu_utilization_ratio" not in names
    assert "anechoic_gpu_temperature_celsius" not in names


def test_a_container_without_figures_has_only_its_state() -> None:
    silent = service(
        "asr",
        state="exited",
        cpu_percent=None,
        memory_bytes=None,
        memory_limit_bytes=None,
    )
    names = {name for name, _ in values(services=(silent,))}

    assert (
        names & {"anechoic_service_cpu_cores", "anechoic_service_memory_bytes"} == set()
    )
    assert (
        values(services=(silent,))["anechoic_service_up", frozenset({"asr", "1"})] == 0
    )


def test_faults_and_reasons_of_a_gpu_are_counted() -> None:
    faults = tuple(XidEvent(at, "GPU-a", 79) for at in (1.0, 2.0))
    card = gpu_device(0, slow_reasons=("power limit reached",))
    view = GpuView(report=gpu_report(card, xids=faults), not_responding_since=1.0)

    found = values(gpus=view_json(view))

    assert found["anechoic_gpu_xid_total", frozenset({"GPU-a", "79"})] == 2
    assert found["anechoic_gpu_driver_responding", frozenset()] == 0
    assert any("power limit reached" in labels for _, labels in found)


def test_an_empty_machine_has_metrics_too() -> None:
    text = render_metrics(Status(installed=False), now=NOW.timestamp())

    assert "anechoic_installed 0" in text.splitlines()
    assert "anechoic_service" not in text


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb", "é"])
def test_labels_survive_any_character(name: str) -> None:
    text = render_metrics(status(services=(service(name),)), now=NOW.timestamp())

    labels = {
        sample.labels["service"]
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if family.name == "anechoic_service_up"
    }
    assert labels == {name}


def test_every_metric_is_documented_with_its_words() -> None:
    page = (Path(__file__).parents[3] / "docs/dashboard.md").read_text()

    for name, words in _HELP.items():
        assert f"| `{name}` | {words} |\n" in page
