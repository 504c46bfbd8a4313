"""The only module that touches NVML; it runs in the child process alone.

Any call here may block for ever inside the driver or take the process down, so
nothing else imports it. Every field is read by itself through `_read`, which
turns the three ways to have no value into a `Reading`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import pynvml  # type: ignore[import-untyped]

from installer.nvml import wording
from installer.nvml.model import (
    GpuDevice,
    GpuProcess,
    GpuReport,
    MigDevice,
    RemappedRows,
    XidEvent,
    lost_device,
)
from installer.nvml.readings import Failed, Reading, Unsupported, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
_Handle: TypeAlias = Any
_NOT_UNDER_MIG = "not available under MIG"


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _read(call: Callable[[], T]) -> Reading[T]:
    """Make one NVML call and sort its outcome."""
    try:
        return Value(call())
    except pynvml.NVMLError as error:
        if error.value == wording.NOT_SUPPORTED:
            return Unsupported("not supported by this GPU")
        if error.value in {
            wording.FUNCTION_NOT_FOUND,
            wording.ARGUMENT_VERSION_MISMATCH,
        }:
            return Unsupported("not known to this driver version")
        return Failed(wording.failure_text(error.value))


def _ecc_total(kind: int) -> Callable[[_Handle], int]:
    def read(handle: _Handle) -> int:
        return int(
            pynvml.nvmlDeviceGetTotalEccErrors(handle, kind, pynvml.NVML_VOLATILE_ECC)
        )

    return read


def _slow_mask(handle: _Handle) -> int:
    """Read the clock limits under their new name, or the one before driver 535."""
    try:
        return int(pynvml.nvmlDeviceGetCurrentClocksEventReasons(handle))
    except pynvml.NVMLError_FunctionNotFound:
        return int(pynvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle))


def _remapped(handle: _Handle) -> RemappedRows:
    corrected, uncorrected, pending, failed = pynvml.nvmlDeviceGetRemappedRows(handle)
    return RemappedRows(corrected, uncorrected, bool(pending), bool(failed))


def _processes(handle: _Handle) -> tuple[GpuProcess, ...]:
    found = pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
    return tuple(GpuProcess(one.pid, one.usedGpuMemory) for one in found)


def _capability(handle: _Handle) -> str:
    major, minor = pynvml.nvmlDeviceGetCudaComputeCapability(handle)
    return f"{major}.{minor}"


def _max_clock(kind: int) -> Callable[[_Handle], int]:
    return lambda handle: int(pynvml.nvmlDeviceGetMaxClockInfo(handle, kind))


def _clock(kind: int) -> Callable[[_Handle], int]:
    return lambda handle: int(pynvml.nvmlDeviceGetClockInfo(handle, kind))


_FIELDS: Mapping[str, Callable[[_Handle], object]] = {
    "uuid": lambda h: _text(pynvml.nvmlDeviceGetUUID(h)),
    "name": lambda h: _text(pynvml.nvmlDeviceGetName(h)),
    "bus_id": lambda h: _text(pynvml.nvmlDeviceGetPciInfo(h).busId),
    "serial": lambda h: _text(pynvml.nvmlDeviceGetSerial(h)),
    "memory_total_bytes": lambda h: int(pynvml.nvmlDeviceGetMemoryInfo(h).total),
    "memory_used_bytes": lambda h: int(pynvml.nvmlDeviceGetMemoryInfo(h).used),
    "memory_free_bytes": lambda h: int(pynvml.nvmlDeviceGetMemoryInfo(h).free),
    "utilization_percent": lambda h: int(pynvml.nvmlDeviceGetUtilizationRates(h).gpu),
    "memory_utilization_percent": lambda h: int(
        pynvml.nvmlDeviceGetUtilizationRates(h).memory
    ),
    "temperature_c": lambda h: int(
        pynvml.nvmlDeviceGetTemperature(h, pynvml.NVML_TEMPERATURE_GPU)
    ),
    "temperature_limit_c": lambda h: int(
        pynvml.nvmlDeviceGetTemperatureThreshold(
            h, pynvml.NVML_TEMPERATURE_THRESHOLD_SLOWDOWN
        )
    ),
    "fan_percent": lambda h: int(pynvml.nvmlDeviceGetFanSpeed(h)),
    "power_w": lambda h: pynvml.nvmlDeviceGetPowerUsage(h) / 1000,
    "power_limit_w": lambda h: pynvml.nvmlDeviceGetEnforcedPowerLimit(h) / 1000,
    "clock_sm_mhz": _clock(pynvml.NVML_CLOCK_SM),
    "clock_sm_max_mhz": _max_clock(pynvml.NVML_CLOCK_SM),
    "clock_memory_mhz": _clock(pynvml.NVML_CLOCK_MEM),
    "clock_memory_max_mhz": _max_clock(pynvml.NVML_CLOCK_MEM),
    "performance_state": lambda h: int(pynvml.nvmlDeviceGetPerformanceState(h)),
    "slow_reasons": lambda h: wording.slow_reasons(_slow_mask(h)),
    "pcie_gen": lambda h: int(pynvml.nvmlDeviceGetCurrPcieLinkGeneration(h)),
    "pcie_gen_max": lambda h: int(pynvml.nvmlDeviceGetMaxPcieLinkGeneration(h)),
    "pcie_width": lambda h: int(pynvml.nvmlDeviceGetCurrPcieLinkWidth(h)),
    "pcie_width_max": lambda h: int(pynvml.nvmlDeviceGetMaxPcieLinkWidth(h)),
    "pcie_replays": lambda h: int(pynvml.nvmlDeviceGetPcieReplayCounter(h)),
    "ecc_enabled": lambda h: bool(pynvml.nvmlDeviceGetEccMode(h)[0]),
    "ecc_corrected": _ecc_total(pynvml.NVML_MEMORY_ERROR_TYPE_CORRECTED),
    "ecc_uncorrected": _ecc_total(pynvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED),
    "remapped": _remapped,
    "compute_capability": _capability,
    "persistence": lambda h: bool(pynvml.nvmlDeviceGetPersistenceMode(h)),
    "mig_enabled": lambda h: bool(pynvml.nvmlDeviceGetMigMode(h)[0]),
    "processes": _processes,
}


def _mig_device(handle: _Handle) -> MigDevice:
    return MigDevice(
        uuid=_read(lambda: _text(pynvml.nvmlDeviceGetUUID(handle))),
        name=_read(lambda: _text(pynvml.nvmlDeviceGetName(handle))),
        memory_total_bytes=_read(
            lambda: int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
        ),
        memory_used_bytes=_read(
            lambda: int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
        ),
    )


def _mig_devices(handle: _Handle) -> Iterator[MigDevice]:
    count = _read(lambda: int(pynvml.nvmlDeviceGetMaxMigDeviceCount(handle)))
    for slot in range(count.value if isinstance(count, Value) else 0):
        try:
            yield _mig_device(pynvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, slot))
        except pynvml.NVMLError:
            continue  # an empty slot answers "not found"


def _device(index: int) -> GpuDevice:
    try:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
    except pynvml.NVMLError as error:
        return lost_device(index, wording.failure_text(error.value))
    fields: dict[str, Any] = {
        name: _read(lambda call=call: call(handle))  # type: ignore[misc]
        for name, call in _FIELDS.items()
    }
    split = fields["mig_enabled"] == Value(value=True)
    if split and isinstance(fields["utilization_percent"], Unsupported):
        fields["utilization_percent"] = Unsupported(_NOT_UNDER_MIG)
        fields["memory_utilization_percent"] = Unsupported(_NOT_UNDER_MIG)
    slices = tuple(_mig_devices(handle)) if split else ()
    return GpuDevice(index=index, mig_devices=slices, **fields)


class Nvml:
    """An open connection to the driver.

    Raises:
        pynvml.NVMLError: from the constructor, when the driver cannot be used.
    """

    def __init__(self) -> None:
        pynvml.nvmlInit()
        self._events: _Handle | None = None

    def watch_xids(self) -> None:
        """Ask the driver for fault events; a card that has none is left out."""
        self._events = pynvml.nvmlEventSetCreate()
        for index in range(pynvml.nvmlDeviceGetCount()):
            _read(lambda index=index: self._register(index))  # type: ignore[misc]

    def report(self) -> GpuReport:
        """Read everything once."""
        count = pynvml.nvmlDeviceGetCount()
        return GpuReport(
            taken_at=time.time(),
            driver_version=_read(lambda: _text(pynvml.nvmlSystemGetDriverVersion())),
            nvml_version=_read(lambda: _text(pynvml.nvmlSystemGetNVMLVersion())),
            cuda_version=_read(
                lambda: wording.cuda_version(pynvml.nvmlSystemGetCudaDriverVersion())
            ),
            devices=tuple(_device(index) for index in range(count)),
            xids=tuple(self._new_xids()),
        )

    def _register(self, index: int) -> None:
        handle = pynvml.nvmlDeviceGetHandleByIndex(index)
        pynvml.nvmlDeviceRegisterEvents(
            handle, pynvml.nvmlEventTypeXidCriticalError, self._events
        )

    def _new_xids(self) -> Iterator[XidEvent]:
        while self._events is not None:
            try:
                event = pynvml.nvmlEventSetWait(self._events, 0)
            except pynvml.NVMLError:
                return  # a time-out: nothing new
            uuid = _read(lambda: _text(pynvml.nvmlDeviceGetUUID(event.device)))  # noqa: B023
            yield XidEvent(
                time.time(),
                uuid.value if isinstance(uuid, Value) else "unknown GPU",
                int(event.eventData),
            )


def open_or_trouble() -> Nvml | GpuReport:
    """Open the driver, or report which start-up error it gave."""
    try:
        return Nvml()
    except pynvml.NVMLError as error:
        return GpuReport(
            taken_at=time.time(),
            trouble=wording.trouble_of(error.value),
            detail=f"NVML error {error.value}: {error}",
        )


def report_or_trouble(nvml: Nvml) -> GpuReport:
    """Read everything, or report the error that made all of it impossible."""
    try:
        return nvml.report()
    except pynvml.NVMLError as error:
        return GpuReport(
            taken_at=time.time(),
            trouble=wording.trouble_of(error.value),
            detail=f"NVML error {error.value}: {error}",
        )
