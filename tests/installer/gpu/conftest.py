from pathlib import Path

import pytest

from tests.support.nvml.stub import StubDriver, build_stub


@pytest.fixture(scope="session")
def stub_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_stub(tmp_path_factory.mktemp("nvml"))


@pytest.fixture
def driver(stub_library: Path, tmp_path: Path) -> StubDriver:
    stub = StubDriver(stub_library, tmp_path / "nvml.ini")
    stub.set()
    return stub
