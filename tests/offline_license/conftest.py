from __future__ import annotations

import pytest

from tests.support.licensing import Issuer


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def stranger() -> Issuer:
    """Another vendor, with other roots and another host."""
    return Issuer("stranger")
