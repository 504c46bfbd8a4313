"""Every host finding: its code, what it means, what to do.

The only place where the ``ANX-HOST`` codes are written; a test compares it with
docs/preflight.md.
"""

from __future__ import annotations

from installer.errors import ErrorKind

KERNEL_OLD = ErrorKind(
    "ANX-HOST-01",
    "Linux kernel is too old",
    "Containers here need kernel functions that this one does not have.",
    "Update the operating system: Debian 11, RHEL 8, Ubuntu 20.04 or newer.",
)
ARCHITECTURE = ErrorKind(
    "ANX-HOST-02",
    "Processor architecture is not supported",
    "The programs on the medium are built for another kind of processor.",
    "Use a machine with a 64-bit Intel or AMD processor (x86_64).",
)
CGROUPS = ErrorKind(
    "ANX-HOST-03",
    "Control groups are incomplete",
    "Limits on memory, processor or processes of the containers cannot be kept.",
    "Mount cgroup version 2 (`systemd.unified_cgroup_hierarchy=1`), or enable the "
    "named controllers on the kernel's command line.",
)
OVERLAY = ErrorKind(
    "ANX-HOST-04",
    "Overlay file system is not available",
    "The container engine cannot stack image layers efficiently, or not at all.",
    "Run `modprobe overlay`. If that fails, install the kernel's module package.",
)
CPU_FEW = ErrorKind(
    "ANX-HOST-05",
    "Few processor cores",
    "It works, but recognition is slow and live streams may fall behind.",
    "Give the machine more cores; four or more are good in CPU mode.",
)
CPU_FLAGS = ErrorKind(
    "ANX-HOST-06",
    "Processor lacks AVX2",
    "Recognition on this CPU falls back to slow arithmetic, several times slower.",
    "Use a processor of 2013 or later. In a virtual machine choose the CPU type "
    "`host` instead of a generic one.",
)
CPU_SHA = ErrorKind(
    "ANX-HOST-07",
    "Processor has no SHA instructions",
    "Verifying the medium takes longer; nothing else changes.",
    "Nothing.",
)
MEMORY_LOW = ErrorKind(
    "ANX-HOST-08",
    "Not enough memory",
    "The services would be stopped by the kernel under load.",
    "Give the machine more memory, stop other programs, or lower the number of "
    "recognition workers.",
)
MEMORY_TIGHT = ErrorKind(
    "ANX-HOST-09",
    "Memory is tight",
    "It works with a small model; large models or many streams may not fit.",
    "Give the machine more memory, or stop other programs.",
)
SWAP_ON = ErrorKind(
    "ANX-HOST-10",
    "Swap is in use and cannot be limited",
    "The container engine cannot keep the services from swapping, so speech in "
    "memory could reach a disk.",
    "Switch swap off (`swapoff -a`, and remove it from /etc/fstab), or start the "
    "kernel with `swapaccount=1`.",
)
CORE_DUMPS = ErrorKind(
    "ANX-HOST-11",
    "Crash dumps go to a program",
    "The kernel hands the memory of a crashed process to this program, whatever the "
    "limit of the container; speech in memory could reach a disk.",
    "Set `kernel.core_pattern=core` in /etc/sysctl.d, or make that program keep no "
    "dumps.",
)
DISK_FULL = ErrorKind(
    "ANX-HOST-12",
    "Not enough disk space",
    "The release does not fit; nothing was written.",
    "Free space on the named file system, or move the container engine's data to a "
    "larger one.",
)
DISK_FILES = ErrorKind(
    "ANX-HOST-13",
    "File system has few inodes left",
    "There is room in bytes, but not for the number of files in the images.",
    "Delete many small files, or use a file system made with more inodes.",
)
DISK_READ_ONLY = ErrorKind(
    "ANX-HOST-14",
    "File system is read-only",
    "Nothing can be installed there.",
    "Mount it writable. If the kernel made it read-only, check the disk first.",
)
DISK_UNREADABLE = ErrorKind(
    "ANX-HOST-15",
    "Disk space cannot be read",
    "It is unknown whether the release fits.",
    "Check that the named folder is on a disk that answers; a lost network mount "
    "does not.",
)
PORT_HELD = ErrorKind(
    "ANX-HOST-16",
    "Port is in use",
    "Two programs cannot listen on one port; the appliance would not start.",
    "Stop the program named in the evidence, or choose another port in the settings.",
)
ADDRESS_FOREIGN = ErrorKind(
    "ANX-HOST-17",
    "Listen address is not on this host",
    "The API could not be published there.",
    "Choose an address of this host; the evidence lists them. 127.0.0.1 serves this "
    "host only, 0.0.0.0 all its networks.",
)
SUBNET_TAKEN = ErrorKind(
    "ANX-HOST-18",
    "Subnet is in use",
    "The appliance's inner network would cover a network of this host, and one of "
    "them would become unreachable.",
    "Choose another subnet in the settings.",
)
SUBNET_SHADOWS = ErrorKind(
    "ANX-HOST-19",
    "Subnet hides part of a routed network",
    "Machines of your site with addresses in this subnet would be unreachable from "
    "this host, and only from this host.",
    "If such machines exist, choose another subnet in the settings.",
)
CLOCK_EARLY = ErrorKind(
    "ANX-HOST-20",
    "Clock is wrong",
    "It shows a time before this release was built. The license tolerates that for "
    "a while; logs and reports carry wrong times.",
    "Set it with `date -u -s 'YYYY-MM-DD HH:MM'` and `hwclock -w`. If it is lost at "
    "every restart, replace the battery on the mainboard.",
)
CLOCK_FAR = ErrorKind(
    "ANX-HOST-21",
    "Clock is far in the future",
    "It is more than ten years after this release was built; a valid license looks "
    "expired.",
    "Set it with `date -u -s 'YYYY-MM-DD HH:MM'` and `hwclock -w`.",
)
NFT_MISSING = ErrorKind(
    "ANX-HOST-22",
    "nft is not installed",
    "Without it the appliance cannot close its networks against the outside.",
    "Install the package nftables from your own media.",
)
NFT_DEAD = ErrorKind(
    "ANX-HOST-23",
    "nft does not work here",
    "The kernel refused it, so the appliance cannot close its networks against the "
    "outside.",
    "Run as root; run `modprobe nf_tables`. In a container the host must allow it.",
)
ENGINE_ABSENT = ErrorKind(
    "ANX-HOST-24",
    "No container engine",
    "The services run in containers; nothing can be installed without an engine.",
    "Install Docker 20.10 or newer from your own media (Debian: docker.io).",
)
ENGINE_SILENT = ErrorKind(
    "ANX-HOST-25",
    "Container engine does not answer",
    "It is installed, but it does not run or does not let this program in.",
    "Run `systemctl start docker` as root and read `journalctl -u docker`.",
)
ENGINE_OLD = ErrorKind(
    "ANX-HOST-26",
    "Container engine is too old",
    "It lacks functions the installation relies on.",
    "Install Docker 20.10 or newer.",
)
STORAGE_DRIVER = ErrorKind(
    "ANX-HOST-27",
    "Container engine uses a slow storage driver",
    "Every container gets a full copy of its image: more disk, slower starts.",
    "Put the engine's data on ext4 or XFS (ftype=1) and use overlay2.",
)
ENGINE_ROOTLESS = ErrorKind(
    "ANX-HOST-28",
    "Container engine runs without root",
    "The appliance's firewall rules do not reach its networks, so isolation cannot "
    "be kept.",
    "Use the engine of the system, run by root.",
)
NOT_READ = ErrorKind(
    "ANX-HOST-29",
    "A fact about the host could not be read",
    "This check could not decide; the installation may still work.",
    "Read the evidence, correct the cause, then check again.",
)
DISK_NO_EXEC = ErrorKind(
    "ANX-HOST-30",
    "File system forbids programs",
    "The container engine keeps its images there, and no program in them could start.",
    "Mount it without `noexec`, or move the container engine's data elsewhere.",
)

HOST_KINDS: tuple[ErrorKind, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, ErrorKind)
)
