"""Findings that the engine makes itself, other than from errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.errors import ErrorKind
from installer.findings import Finding, Severity

if TYPE_CHECKING:
    from appliance.isolation import Exposure

__all__ = [
    "CLOCK_DOUBTED",
    "LICENSE_ATTENTION",
    "NOT_READY",
    "NO_LICENSE",
    "NO_WALLS",
    "WAY_OUT",
    "way_out",
]

WAY_OUT = ErrorKind(
    "ANX-ENG-12",
    "A container has a way out",
    "Speech or transcripts could leave the appliance through it.",
    "Run `anechoic install` again to renew the firewall; if it stays, look for "
    "other software that changes the packet filter, and tell the vendor.",
)
NO_WALLS = ErrorKind(
    "ANX-ENG-16",
    "The firewall table of the appliance is missing",
    "Until it is back, a compromised service could reach other machines.",
    "The engine puts it back within seconds; if this stays, look at the log of "
    "anechoicd and at other software that changes the packet filter.",
)
NO_LICENSE = ErrorKind(
    "ANX-OP-15",
    "No license is installed",
    "The appliance starts and answers health checks, but refuses work.",
    "Make a request with `anechoic license request`, then install the answer with "
    "`anechoic license install FILE`.",
)
NOT_READY = ErrorKind(
    "ANX-OP-16",
    "The appliance runs but refuses work",
    "Requests are answered with an error until the cause is gone.",
    "Look at the license and the workers with `anechoic status`.",
)
CLOCK_DOUBTED = ErrorKind(
    "ANX-OP-20",
    "The clock of this host is past the end of its new license",
    "The license was taken, for it is newer than the one before; while the clock is "
    "wrong, the services may count it as ended.",
    "Set the clock with `date -u -s 'YYYY-MM-DD HH:MM'` and `hwclock -w`.",
)
LICENSE_ATTENTION = ErrorKind(
    "ANX-LIC-30",
    "The license needs attention",
    "The appliance works within the dates named.",
    "Make a request with `anechoic license request` and install the answer.",
)


def way_out(exposure: Exposure) -> Finding:
    """Report one open way out."""
    return Finding.of(
        WAY_OUT,
        evidence=(
            f"{exposure.container}: expected silence from {exposure.target}, "
            f"found: {exposure.detail}"
        ),
        severity=Severity.ERROR,
    )
