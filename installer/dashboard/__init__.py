"""The dashboard as a local web page: it shows, and can change nothing.

Everything it needs is served from this package; it works with the network
unplugged. What it says is decided here in Python, the script only draws it.
"""

from installer.dashboard.app import dashboard_app
from installer.dashboard.page import build_page

__all__ = ["build_page", "dashboard_app"]
