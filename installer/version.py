"""The version of this program."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["PRODUCT_VERSION"]


def _version() -> str:
    try:
        return version("anechoic")
    except PackageNotFoundError:
        return "0"


PRODUCT_VERSION = _version()
"""As the distribution names it; ``0`` outside of an installed one."""
