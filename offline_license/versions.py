"""Versions of lists that only move forward, and not too far at once.

A list that went back would bring withdrawn keys or licenses to life; one that leapt
ahead would lock out every later one.

Source: rollback and fast-forward attacks, The Update Framework, section 1.5.2.
"""

from __future__ import annotations

from offline_license.tolerances import TOLERANCES

__all__ = ["wrong_step"]


def wrong_step(version: int, installed: int | None) -> str:
    """Return why a version may not follow the installed one; empty when it may.

    Args:
        version: of another content than the installed one.
        installed: None where there is none yet.
    """
    if installed is None:
        least, most = 0, TOLERANCES.first_version
    else:
        least, most = installed + 1, installed + TOLERANCES.version_step
    if least <= version <= most:
        return ""
    return f"expected a version from {least} to {most}, found {version}"
