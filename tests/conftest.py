"""What every test shares: property tests have no deadline, machines may be busy."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("anechoic", deadline=None)
settings.load_profile("anechoic")
