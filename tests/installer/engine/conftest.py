"""A site in a temporary folder, and operations that are waited for."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from installer.engine.operations import Operations
from installer.protocol import Operation, OperationRequest
from tests.support.fake_site import FakeSite

DEADLINE_S = 20.0
Finish = Callable[[Operations], Operation]


@pytest.fixture
def fake(tmp_path: Path) -> FakeSite:
    return FakeSite(tmp_path)


@pytest.fixture
def operations(fake: FakeSite) -> Operations:
    return Operations(fake.site())


@pytest.fixture
def finish() -> Finish:
    """Wait for the running operation and return how it ended."""

    def wait(operations: Operations) -> Operation:
        deadline = time.monotonic() + DEADLINE_S
        while operations.running and time.monotonic() < deadline:
            operations.join(0.05)
        operation = operations.current()
        assert operation is not None
        return operation

    return wait


@pytest.fixture
def install(fake: FakeSite) -> OperationRequest:
    return OperationRequest(kind="install", settings=fake.settings())
