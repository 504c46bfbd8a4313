"""Every GPU finding: its code, what it means for speech recognition, the remedy.

The only place where the ``ANX-GPU`` codes are written; a test compares it with
docs/preflight.md.
"""

from __future__ import annotations

from installer.errors import ErrorKind

NO_GPU = ErrorKind(
    "ANX-GPU-01",
    "No NVIDIA GPU: CPU mode",
    "Speech is recognized on the CPU: it works, but more slowly and with fewer "
    "streams at a time.",
    "Nothing, if this is intended. For GPU mode, install a supported NVIDIA GPU and "
    "its driver.",
)
LIBRARY_MISSING = ErrorKind(
    "ANX-GPU-02",
    "NVIDIA driver is not installed",
    "A GPU is in this machine, but libnvidia-ml.so.1, which every NVIDIA driver "
    "brings, was not found: the GPU cannot be used.",
    "Install the NVIDIA data-center driver from your own media, restart, then check "
    "again.",
)
DRIVER_NOT_LOADED = ErrorKind(
    "ANX-GPU-03",
    "NVIDIA driver is not loaded",
    "The driver is installed, but its kernel module does not run, so no program can "
    "use the GPU.",
    "Run `modprobe nvidia` and read `dmesg | grep -i nvrm`. After a kernel update "
    "rebuild the module; with Secure Boot, sign it.",
)
VERSION_MISMATCH = ErrorKind(
    "ANX-GPU-04",
    "NVIDIA driver and library versions differ",
    "The driver was updated while the old kernel module kept running. New programs, "
    "our containers too, cannot use the GPU.",
    "Restart this machine, or stop all GPU programs and reload the nvidia modules.",
)
GPU_LOST = ErrorKind(
    "ANX-GPU-05",
    "A GPU is lost",
    "The GPU fell off the PCIe bus and answers nothing; work on it has failed.",
    "Restart the machine. If it happens again, check power cables, seating and "
    "cooling, and look for XID 79 in `dmesg`.",
)
NO_PERMISSION = ErrorKind(
    "ANX-GPU-06",
    "No permission to use the NVIDIA driver",
    "The driver refused this program, so the GPU's state is unknown.",
    "Run as root. If it is root already, check the mode of /dev/nvidiactl and any "
    "SELinux or AppArmor denial.",
)
NOT_RESPONDING = ErrorKind(
    "ANX-GPU-07",
    "NVIDIA driver does not respond",
    "A call into the driver did not come back. Programs that use the GPU are "
    "probably blocked as well.",
    "Read `dmesg | grep -iE 'nvrm|xid'`. A machine in this state usually needs a "
    "restart.",
)
PROBE_CRASHED = ErrorKind(
    "ANX-GPU-08",
    "Reading the GPU failed",
    "The small program that asks the driver ended without an answer, so the GPU's "
    "state is unknown.",
    "Run `nvidia-smi`. If it fails too, install the driver again; if not, report "
    "the evidence to the vendor.",
)
DRIVER_ERROR = ErrorKind(
    "ANX-GPU-09",
    "NVIDIA driver reports an error",
    "The driver could not start its management interface, so the GPU's state is "
    "unknown.",
    "Look up the error in the evidence, and read `dmesg | grep -i nvrm`.",
)
TOOLKIT_MISSING = ErrorKind(
    "ANX-GPU-10",
    "Containers cannot reach the GPU",
    "The GPU works on the host, but the container engine has neither the nvidia "
    "runtime nor a CDI description of the GPU, so recognition runs on the CPU.",
    "Install nvidia-container-toolkit from your own media, run "
    "`nvidia-ctk runtime configure --runtime=docker`, restart the engine.",
)
CAPABILITY_LOW = ErrorKind(
    "ANX-GPU-11",
    "GPU is too old for recognition",
    "Its compute capability is below what the recognition engine is built for; it "
    "cannot be used.",
    "Use a newer GPU, or set compute to cpu.",
)
MEMORY_LOW = ErrorKind(
    "ANX-GPU-12",
    "GPU memory is too small for the model",
    "The model and its working memory do not fit; recognition would fail under load.",
    "Free the GPU of other programs, use a GPU with more memory or a smaller model.",
)
DRIVER_OLD = ErrorKind(
    "ANX-GPU-13",
    "NVIDIA driver is too old",
    "The recognition image is built for a newer CUDA than this driver can run.",
    "Install the NVIDIA driver named in the evidence, or a newer one.",
)
PCIE_NARROW = ErrorKind(
    "ANX-GPU-14",
    "GPU has fewer PCIe lanes than it can use",
    "Loading models and audio is slower than this card allows.",
    "Check the slot, the riser and the seating of the card.",
)
SLOWED = ErrorKind(
    "ANX-GPU-15",
    "GPU slows itself down",
    "The card runs below its normal clock to protect itself, so recognition is slower.",
    "Check cooling, air flow and power supply of the machine.",
)
MEMORY_ERRORS = ErrorKind(
    "ANX-GPU-16",
    "GPU memory had uncorrectable errors",
    "Memory of the card returned wrong data since the last restart; results of that "
    "time may be damaged.",
    "Restart the machine. If the count grows again, have the card replaced.",
)
ROWS_REMAP = ErrorKind(
    "ANX-GPU-17",
    "GPU memory needs repair",
    "The card must replace failing memory rows by spare ones, or could not.",
    "When a repair is pending, restart the machine. When one failed, have the card "
    "replaced.",
)
XID_SEEN = ErrorKind(
    "ANX-GPU-18",
    "Driver reported GPU faults",
    "The driver logged fault numbers (XID) for a GPU; work on it may have failed.",
    "Look the XID up in NVIDIA's list. Repeated 48, 63, 64, 74, 79, 94 or 95 point "
    "to hardware.",
)
GPU_MISSING = ErrorKind(
    "ANX-GPU-19",
    "A GPU of the installation is missing",
    "Fewer GPUs than at install time: capacity is lower.",
    "Check that the card is seated and powered, and read `dmesg` for XID 79. If it "
    "was removed on purpose, install again to record the new inventory.",
)
GPU_CHANGED = ErrorKind(
    "ANX-GPU-20",
    "GPU equipment differs from the installation",
    "Cards or driver changed since the appliance was installed and tested here.",
    "Nothing, if it was intended; install again to record the new inventory.",
)
MIG_ON = ErrorKind(
    "ANX-GPU-21",
    "GPU is split by MIG",
    "The driver gives no utilization for a split GPU, so none is shown.",
    "Nothing. To use the whole card, switch MIG off with `nvidia-smi -mig 0`.",
)
NOUVEAU = ErrorKind(
    "ANX-GPU-22",
    "The nouveau driver holds the GPU",
    "This open display driver keeps NVIDIA's own driver from loading.",
    "Blacklist nouveau, rebuild the initial RAM disk, restart.",
)
CPU_IMAGE = ErrorKind(
    "ANX-GPU-23",
    "The recognition image of this release has no GPU program",
    "It computes on the CPU only, whatever GPUs this machine has; nothing was started.",
    "Set compute to auto or cpu, or ask the vendor for a release medium with GPU "
    "support.",
)
NONE_USABLE = ErrorKind(
    "ANX-GPU-24",
    "No GPU can be used",
    "GPU mode was asked for, but no card both works and reaches containers; nothing "
    "was started.",
    "Run `anechoic preflight --compute gpu` and follow its findings, or set compute "
    "to auto.",
)

GPU_KINDS: tuple[ErrorKind, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, ErrorKind)
)
