"""The protocol of the conformance client, over real HTTP on this machine."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from tests.support.media import MediumFactory

pytestmark = pytest.mark.long

CLIENT = Path(__file__).with_name("tuf_client")


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    @override
    def log_request(self, *_result: object) -> None:
        self.server.requests.append(self.path)  # type: ignore[attr-defined]

    @override
    def log_message(self, *_words: object) -> None:
        """Keep errors that the tests expect off the screen."""


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> MediumFactory:
    factory = MediumFactory(tmp_path_factory.mktemp("vendor"))
    factory.build("old", release_seq=1)
    factory.build("new", release_seq=2)
    return factory


class Repository:
    """A client's folder, and a server that serves one medium at a time."""

    def __init__(self, factory: MediumFactory, folder: Path, server: str) -> None:
        self.factory = factory
        self.metadata_dir = folder / "metadata"
        self.target_dir = folder / "targets"
        self.requests: list[str] = []
        self.medium = "old"
        self._server = server

    def init(self, root: Path | None = None) -> int:
        self.metadata_dir.mkdir(exist_ok=True)
        root = root or self.factory.keys_dir / "root/1.root.json"
        return self._call("init", str(root))

    def refresh(self) -> int:
        url = f"{self._server}/{self.medium}/tuf"
        return self._call("--metadata-url", url, "refresh")

    def download(self, *names: str) -> int:
        self.target_dir.mkdir(exist_ok=True)
        options = ["--metadata-url", f"{self._server}/{self.medium}/tuf"]
        options += ["--target-base-url", f"{self._server}/{self.medium}/release"]
        options += ["--target-dir", str(self.target_dir)]
        wanted = [word for name in names for word in ("--target-name", name)]
        return self._call(*options, *wanted, "download")

    def _call(self, *options: str) -> int:
        command = [
            sys.executable,
            str(CLIENT),
            "--metadata-dir",
            str(self.metadata_dir),
        ]
        return subprocess.run(
            [*command, *options], check=False, capture_output=True
        ).returncode


@pytest.fixture
def repository(factory: MediumFactory, tmp_path: Path) -> Iterator[Repository]:
    handler = partial(Handler, directory=str(factory.root))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        repository = Repository(factory, tmp_path, url)
        server.requests = repository.requests  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield repository
        server.shutdown()
        thread.join()


def test_init_stores_the_root_and_asks_nothing(repository: Repository) -> None:
    assert repository.init() == 0

    assert (repository.metadata_dir / "root.json").is_file()
    assert repository.requests == []


def test_refresh_follows_the_order_of_the_specification(repository: Repository) -> None:
    repository.init()

    assert repository.refresh() == 0

    asked = [path.rpartition("/")[2] for path in repository.requests]
    assert asked == [
        "2.root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ]


def test_targets_of_both_roles_are_downloaded_once(repository: Repository) -> None:
    repository.init()
    names = ("1.release.json", "licensing/keyset.cbor")
    assert repository.download(*names) == 0
    repository.requests.clear()

    assert repository.download(*names) == 0

    found = sorted(path.name for path in repository.target_dir.iterdir())
    assert found == ["1.release.json", "licensing%2Fkeyset.cbor"]
    assert not any("/release/" in path for path in repository.requests)


def test_a_target_that_nobody_signed_is_refused(repository: Repository) -> None:
    repository.init()

    assert repository.download("other.json") == 1


def test_a_step_back_is_refused(repository: Repository) -> None:
    repository.init()
    repository.medium = "new"
    assert repository.refresh() == 0

    repository.medium = "old"

    assert repository.refresh() == 1


def test_metadata_of_a_stranger_is_refused(
    repository: Repository, tmp_path: Path
) -> None:
    stranger = MediumFactory(tmp_path / "stranger")
    repository.init(stranger.keys_dir / "root/1.root.json")

    assert repository.refresh() == 1
