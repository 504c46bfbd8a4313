from datetime import timedelta

from pydantic import JsonValue

from installer.gpu import Trouble
from installer.gpu.wire import view_json
from installer.nvml.model import GpuReport, GpuView
from installer.tui import readings
from installer.tui.glyphs import ASCII
from installer.tui.panels import addon_facts, gpus, host, license_facts
from tests.support.fake_engine_facts import NOW, no_gpu, two_gpus

LICENSE: dict[str, JsonValue] = {
    "state": "GRACE",
    "license": {
        "licensee": "Harbor",
        "valid_through": "2026-11-19",
        "exp": "2026-11-20T12:00:00Z",
        "term": "2026-12-01T12:00:00Z",
    },
}


def test_a_silent_license_service_is_said() -> None:
    ((label, words),) = license_facts(None, NOW)

    assert label == "License"
    assert "not available" in str(words)


def test_the_license_shows_state_licensee_and_days() -> None:
    shown = {label: str(words) for label, words in license_facts(LICENSE, NOW)}

    assert shown["License"] == "GRACE, 9 days left"
    assert shown["Licensee"] == "Harbor"
    assert shown["Valid"] == "through 2026-11-19"
    assert shown["Service"] == "full to 2026-12-01"


def test_flags_a_late_report_and_add_ons_are_noted_beside_the_license() -> None:
    data = LICENSE | {
        "flags": ["CLOCK_BEHIND", "REPORT_DUE"],
        "addons": [{"serial": "0A1B-2C3D/1"}],
    }
    shown = {label: str(words) for label, words in license_facts(data, NOW)}

    assert shown["Notes"] == "1 flag, report due"
    assert addon_facts(data, 26, "...") == [("Add-ons", "1: 0A1B-2C3D/1")]


def test_a_report_that_is_due_in_a_while_is_not_noted() -> None:
    data = LICENSE | {"ledger": {"report_due": 40 * 86_400}}

    assert "Notes" not in dict(license_facts(data, NOW))


def test_days_left_are_counted_in_words() -> None:
    assert readings.days_left(NOW + timedelta(days=1, hours=1), NOW) == "1 day left"
    assert readings.days_left(NOW + timedelta(hours=1), NOW) == "ends today"
    assert readings.days_left(NOW - timedelta(hours=1), NOW) == "ended today"


def test_a_machine_without_gpu_is_in_cpu_mode() -> None:
    assert "CPU mode" in str(gpus.panel(no_gpu(), ASCII))


def test_a_probe_that_has_not_answered_is_said() -> None:
    assert "not answered yet" in str(gpus.panel(None, ASCII))


def test_a_driver_in_trouble_is_not_called_cpu_mode() -> None:
    report = GpuReport(taken_at=0.0, trouble=Trouble.VERSION_MISMATCH)
    data = view_json(GpuView(report=report))

    assert "CPU mode" not in str(gpus.panel(data, ASCII))


def test_an_unsupported_field_is_never_zero() -> None:
    busy, slowed, mute = str(gpus.panel(two_gpus(), ASCII)).splitlines()

    assert "87 %" in busy
    assert "power limit reached" in slowed
    assert "load n/a" in mute
    assert "0 %" not in mute


def test_a_silent_driver_is_shown_with_the_last_figures() -> None:
    view = readings.read_gpus(two_gpus())
    assert view is not None
    data = view_json(
        GpuView(report=view.report, age_s=12.0, not_responding_since=NOW.timestamp())
    )

    assert "silent for 12 s" in str(gpus.panel(data, ASCII))
    assert "87 %" in str(gpus.panel(data, ASCII))


def test_a_host_without_figures_says_so() -> None:
    assert "no figures" in str(host.panel({}, ASCII))
