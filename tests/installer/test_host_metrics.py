from __future__ import annotations

from typing import TYPE_CHECKING

from installer.host_metrics import HostMetrics, HostSampler

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_sample_does_not_invent_a_processor_load() -> None:
    assert HostSampler().sample({}).cpu_percent is None


def test_a_later_sample_gives_a_share_of_all_cores() -> None:
    sampler = HostSampler()
    while (load := sampler.sample({}).cpu_percent) is None:
        pass  # the kernel counts in hundredths of a second

    assert 0 <= load <= 100


def test_a_shared_file_system_is_shown_once_and_an_absent_folder_not(
    tmp_path: Path,
) -> None:
    places = {"state": tmp_path, "again": tmp_path, "gone": tmp_path / "absent"}

    metrics = HostSampler().sample(places)

    assert [disk.label for disk in metrics.disks] == ["state"]
    assert metrics.disks[0].free_bytes <= metrics.disks[0].total_bytes


def test_the_figures_survive_the_way_over_json(tmp_path: Path) -> None:
    metrics = HostSampler(wall=lambda: 1e9).sample({"state": tmp_path})

    assert HostMetrics.from_json(metrics.to_json()) == metrics
