"""The panels of the status page: pure functions from figures to colored text."""

from installer.tui.panels import gpus, host, services
from installer.tui.panels.license import addon_facts, license_facts

__all__ = ["addon_facts", "gpus", "host", "license_facts", "services"]
