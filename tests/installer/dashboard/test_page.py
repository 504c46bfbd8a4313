"""What the page says about appliances in every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from installer.dashboard import build_page
from installer.dashboard.model import Card, Level, Page, Row, Section
from installer.findings import Finding, Severity
from installer.gpu import (
    GpuProcess,
    GpuReport,
    GpuView,
    Trouble,
    Unsupported,
    Value,
    kinds,
    parse_view,
    view_findings,
    view_json,
)
from installer.license_view import license_view
from installer.nvml.model import MigDevice, RemappedRows, lost_device
from installer.preflight import kinds as host_kinds
from installer.protocol import Operation, OperationState, Status, StepState, StepStatus
from tests.support.gpus import TAKEN_AT, bare_gpu_device, gpu_device
from tests.support.statuses import (
    GIB,
    MIB,
    NOW,
    gpu_status,
    license_answer,
    service,
    status,
)


def page(**changes: Any) -> Page:  # noqa: ANN401
    return build_page(status(**changes), now=NOW.timestamp())


def section(name: str, **changes: Any) -> Section:  # noqa: ANN401
    return next(one for one in page(**changes).sections if one.name == name)


def card(name: str, **changes: Any) -> Card:  # noqa: ANN401
    return section(name, **changes).cards[0]


def row(label: str, where: Card) -> Row:
    return next(one for one in where.rows if one.label == label)


# headline


def test_a_healthy_appliance_is_serving() -> None:
    assert (page().headline, page().level) == ("The appliance is serving.", Level.OK)


def test_an_empty_machine_says_that_nothing_is_installed() -> None:
    empty = build_page(Status(installed=False), now=NOW.timestamp())

    assert empty.headline == "The appliance is not installed on this machine."
    assert all(not one.cards for one in empty.sections)
    assert all(one.note for one in empty.sections)


def test_a_service_that_is_down_is_named() -> None:
    shown = page(services=(service("api"), service("asr", health="unhealthy")))

    assert shown.level is Level.ERROR
    assert shown.headline == ("The appliance is not serving fully: asr is unhealthy.")


def test_a_running_operation_comes_first() -> None:
    shown = page(operation=operation(OperationState.RUNNING))

    assert shown.headline == "The install is running."
    assert shown.sections[0].name == "operation"


def test_a_warning_is_in_the_headline() -> None:
    clock = Finding.of(
        host_kinds.CLOCK_EARLY, evidence="1970", severity=Severity.WARNING
    )

    shown = page(findings=(clock,))

    assert shown.headline == "The appliance is serving; something needs attention."
    assert shown.findings == (clock,)


def test_a_finding_that_is_told_twice_is_shown_once() -> None:
    gpus = gpu_status(gpu_device(0, pcie_width=4))
    told = view_findings(parse_view(gpus))

    assert page(gpus=gpus, findings=(*told, *told)).findings == told
    assert [one.code for one in told] == [kinds.PCIE_NARROW.code]


# services


def test_a_service_shows_what_it_uses() -> None:
    shown = card("services", services=(service("api", restarts=2),))

    assert shown.title == "api"
    assert row("Processor", shown).value == "12 % of a core"
    assert row("Memory", shown) == Row("Memory", "180 MiB of 1.0 GiB", percent=17.6)
    assert row("Restarts", shown).value == "2"


def test_a_figure_the_engine_does_not_give_is_no_zero() -> None:
    silent = service("asr", cpu_percent=None, memory_bytes=None, replica=2)

    shown = card("services", services=(silent,))

    assert shown.title == "asr 2"
    assert [one.value for one in shown.rows] == ["not available"] * 2
    assert not any(one.known for one in shown.rows)


@pytest.mark.parametrize(
    ("changes", "level", "state"),
    [
        ({"state": "exited"}, Level.ERROR, "exited"),
        ({"health": "unhealthy"}, Level.ERROR, "unhealthy"),
        ({"health": "starting"}, Level.INFO, "starting"),
        ({"health": "none"}, Level.OK, "running"),
        ({}, Level.OK, "healthy"),
    ],
)
def test_the_state_of_a_service_is_a_word(
    changes: dict[str, str], level: Level, state: str
) -> None:
    shown = card("services", services=(service("api", **changes),))

    assert (shown.level, shown.state) == (level, state)


def test_memory_without_a_limit_has_no_bar() -> None:
    shown = card("services", services=(service("api", memory_limit_bytes=None),))

    assert row("Memory", shown) == Row("Memory", "180 MiB")


# license


def test_a_license_shows_both_dates_and_what_is_left() -> None:
    shown = card("license")

    assert shown.title == "Harbor Pilots Association"
    assert row("Valid until", shown) == Row(
        "Valid until", "2027-03-31 09:30 UTC", "120 days left"
    )
    assert row("Full service until", shown).note == "150 days left"
    assert "grace" in shown.note


@pytest.mark.parametrize(
    ("state", "level"),
    [
        ("VALID", Level.OK),
        ("EXPIRING", Level.WARNING),
        ("GRACE", Level.WARNING),
        ("RESTRICTED", Level.ERROR),
        ("REVOKED", Level.ERROR),
        ("PENDING", Level.WARNING),
        ("UNLICENSED", Level.WARNING),
    ],
)
def test_every_state_of_a_license_says_what_comes_next(
    state: str, level: Level
) -> None:
    shown = card("license", license=license_answer(state))

    assert (shown.level, shown.state) == (level, state.lower())
    assert shown.note


def test_the_licenses_own_sentence_wins() -> None:
    answer = license_answer("GRACE", exp_days=-3, term_days=27, banner="Renew it now.")

    shown = card("license", license=answer)

    assert shown.note == "Renew it now."
    assert row("Valid until", shown).note == "3 days ago"


def test_each_flag_says_what_it_means_and_what_to_do() -> None:
    answer = license_answer(flags=["BIND_MISMATCH", "CLOCK_JUMP"])

    first, second = section("license-flags", license=answer).cards

    assert (first.title, first.level) == ("This machine is not recognized", Level.ERROR)
    assert "14 days" in first.note
    assert "confirm them" in row("What to do", second).value


def test_a_flag_does_not_say_that_service_is_less() -> None:
    answer = license_answer(flags=["BIND_MISMATCH"])

    assert page(license=answer).headline.startswith("The appliance is serving;")


def test_add_ons_and_a_late_report_are_shown() -> None:
    addon = {"serial": "0A1B-2C3D/1", "limits": {"streams": 4}}
    answer = license_answer(addons=[addon], ledger={"report_due": -2 * 86_400})
    shown = card("license", license=answer)

    assert row("Add-on", shown).value == "4 streams"
    assert row("Usage report", shown).value == "2 days overdue"


def test_a_drill_is_marked_as_one() -> None:
    until = f"{NOW + timedelta(minutes=9):%Y-%m-%dT%H:%M:%SZ}"
    note = card(
        "license", license=license_answer("GRACE", flags=["DRILL"], drill_until=until)
    ).note

    assert note.startswith("DRILL")
    assert "nothing has ended" in note


def test_a_refused_license_file_is_a_finding() -> None:
    problem = {
        "file": "license.alic",
        "code": "ANX-LIC-03",
        "title": "The signature is wrong",
        "severity": "error",
        "evidence": "license.alic",
        "meaning": "m",
        "remedy": "r",
    }
    answer = license_answer(problems=[problem, {"code": "nonsense"}, 7])

    (finding,) = page(license=answer).findings

    assert finding.code == "ANX-LIC-03"


@pytest.mark.parametrize("answer", [None, {}, {"state": 7}, {"error": "x"}])
def test_a_license_service_that_says_nothing_useful_is_said(
    answer: dict[str, Any] | None,
) -> None:
    shown = section("license", license=answer)

    assert shown.cards == ()
    assert shown.note.startswith("The license service does not answer")


@pytest.mark.parametrize("date", [True, "soon", None, 1e300, [], {}])
def test_a_date_that_is_none_is_left_out(date: Any) -> None:  # noqa: ANN401
    view = license_view({"state": "VALID", "license": {"exp": date}})

    assert view is not None
    assert view.exp is None


def test_dates_may_be_seconds() -> None:
    view = license_view({"state": "VALID", "license": {"exp": NOW.timestamp()}})

    assert view is not None
    assert view.exp == NOW


# GPUs


def test_a_healthy_gpu_shows_every_row() -> None:
    shown = card("gpus")

    assert shown.title == "GPU 0: NVIDIA H100 PCIe"
    assert {one.label: one.value for one in shown.rows} == {
        "In use": "37 %",
        "Memory": "6.0 GiB of 79.6 GiB",
        "Temperature": "54 °C",
        "Power": "212 of 350 W",
        "Clock": "1410 of 1980 MHz",
        "Slowed by": "nothing",
        "PCIe link": "gen 5 x16 of gen 5 x16",
        "Memory errors": "0 since the last restart",
        "Memory repairs": "0",
        "Programs": "process 4711: 5.9 GiB",
    }


def test_a_gpu_that_offers_nothing_keeps_its_layout() -> None:
    shown = card("gpus", gpus=gpu_status(bare_gpu_device()))

    assert [one.label for one in shown.rows] == [one.label for one in card("gpus").rows]
    assert {one.value for one in shown.rows} == {"not available"}
    assert {one.note for one in shown.rows} == {"not supported by this GPU"}


def test_a_lost_gpu_keeps_its_card() -> None:
    shown = card("gpus", gpus=gpu_status(lost_device(3, "fell off the bus")))

    assert (shown.level, shown.state, shown.note) == (
        Level.ERROR,
        "lost",
        "fell off the bus",
    )


def test_a_silent_driver_is_said_with_the_age_of_the_figures() -> None:
    shown = section("gpus", gpus=gpu_status(not_responding_since=TAKEN_AT))

    assert shown.note == (
        "The driver has not responded since 11:06:40 UTC: figures are from then."
    )
    assert {one.state for one in shown.cards} == {"not responding"}


def test_cpu_mode_is_said_and_is_no_trouble() -> None:
    absent = GpuReport(taken_at=TAKEN_AT, trouble=Trouble.LIBRARY_MISSING)
    gpus = view_json(GpuView(report=absent))

    assert section("gpus", gpus=gpus).note == (
        "No NVIDIA GPU: speech is recognized on the CPU."
    )
    assert page(gpus=gpus).level is Level.OK


def test_a_driver_that_never_answered_is_explained() -> None:
    gpus = view_json(GpuView(not_responding_since=TAKEN_AT, pci_gpus=1))

    assert section("gpus", gpus=gpus).note.startswith("NVIDIA driver does not respond.")


def test_an_installed_appliance_without_containers_is_said() -> None:
    note = section("services", services=()).note

    assert note == "The container engine names no service of this appliance."


def test_a_driver_that_does_not_start_is_explained() -> None:
    broken = GpuReport(taken_at=TAKEN_AT, trouble=Trouble.VERSION_MISMATCH)
    gpus = view_json(GpuView(report=broken, pci_gpus=1))

    assert section("gpus", gpus=gpus).note.startswith(
        "NVIDIA driver and library versions differ."
    )


@pytest.mark.parametrize("gpus", [None, {"report": 7}, view_json(GpuView())])
def test_gpus_that_were_not_read_are_not_claimed_absent(
    gpus: dict[str, Any] | None,
) -> None:
    assert section("gpus", gpus=gpus).note == "The GPUs have not been read yet."


@pytest.mark.parametrize(
    ("changes", "label", "value"),
    [
        (
            {"slow_reasons": ("power limit reached",)},
            "Slowed by",
            "power limit reached",
        ),
        (
            {"remapped": RemappedRows(1, 2, pending=False, failed=False)},
            "Memory repairs",
            "3",
        ),
        (
            {"remapped": RemappedRows(0, 1, pending=True, failed=False)},
            "Memory repairs",
            "one waits for a restart",
        ),
        (
            {"remapped": RemappedRows(0, 1, pending=True, failed=True)},
            "Memory repairs",
            "a replacement failed",
        ),
        ({"processes": ()}, "Programs", "none"),
        (
            {"processes": (GpuProcess(7, None), GpuProcess(8, MIB))},
            "Programs",
            "process 7, process 8: 1 MiB",
        ),
        ({"pcie_gen": Unsupported("no")}, "PCIe link", "x16 of gen 5 x16"),
        ({"pcie_width_max": Unsupported("no")}, "PCIe link", "gen 5 x16"),
    ],
)
def test_details_of_a_gpu_come_in_words(
    changes: dict[str, object], label: str, value: str
) -> None:
    shown = card("gpus", gpus=gpu_status(gpu_device(0, **changes)))

    assert row(label, shown).value == value


def test_a_split_gpu_shows_its_slices() -> None:
    part = MigDevice(Value("MIG-1"), Value("1g.10gb"), Value(GIB), Value(0))
    device = gpu_device(0)
    split = type(device)(
        **{name: getattr(device, name) for name in device.__slots__}
        | {"mig_devices": (part,), "mig_enabled": Value(value=True)}
    )

    shown = card("gpus", gpus=gpu_status(split))

    assert row("Split by MIG", shown).value == "1 slices"


# host and operation


def test_the_machine_shows_processor_memory_and_disks() -> None:
    cards = section("host").cards

    assert [one.title for one in cards] == ["Processor", "Memory", "Disk: system"]
    assert row("Up for", cards[0]).value == "12 days 3 h"
    assert row("In use", cards[1]).value == "50.0 GiB of 251.0 GiB"


def test_a_nearly_full_disk_is_a_warning() -> None:
    figures = status().host | {
        "disks": [
            {"label": "system", "path": "/", "total_bytes": 100, "free_bytes": 4}
        ],
        "swap_used_bytes": 5 * MIB,
        "cpu_percent": None,
    }

    cards = section("host", host=figures).cards

    assert (cards[2].level, cards[2].state) == (Level.WARNING, "nearly full")
    assert row("Swapped out", cards[1]).value == "5 MiB"
    assert row("In use", cards[0]).value == "not available"


def operation(state: OperationState) -> Operation:
    steps = (
        StepStatus(name="a", title="Check the host", state=StepState.DONE),
        StepStatus(name="b", title="Verify the medium", state=StepState.SKIPPED),
        StepStatus(
            name="c",
            title="Load image asr",
            state=StepState.RUNNING,
            done_bytes=30 * MIB,
            total_bytes=120 * MIB,
            detail="layer 2 of 3",
        ),
        StepStatus(name="d", title="Start services"),
    )
    return Operation(
        id="1", kind="install", state=state, steps=steps, started=NOW - timedelta(0)
    )


def test_a_running_step_shows_its_bytes_and_a_finished_one_that_it_is() -> None:
    shown = card("operation", operation=operation(OperationState.RUNNING))

    assert row("Progress", shown).value == "2 of 4 steps"
    assert row("Verify the medium", shown).value == "done earlier"
    assert row("Load image asr", shown) == Row(
        "Load image asr", "30 MiB of 120 MiB", "layer 2 of 3", 25.0
    )
    assert "Start services" not in {one.label for one in shown.rows}
