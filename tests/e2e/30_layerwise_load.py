"""Images of our writer, fed layer by layer into the real engine of this machine."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docker
import pytest
from docker.errors import ImageNotFound
from docker.models.images import Image

from bundles.errors import BlobError
from bundles.load import CHECKPOINT_REPOSITORY, layer_archives
from bundles.medium import VerifiedMedium, open_medium, verify_payload
from bundles.oci import BuiltImage, ImageConfig, MemoryFile, MemoryLayer
from bundles.oci.layer import blob_path
from tests.support.images import known_layers
from tests.support.media import MediumFactory

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("containers")]

PROGRAM = """\
#include <stdio.h>
#include <unistd.h>
int main(void) {
  char text[64] = "";
  FILE *file = fopen("/etc/greeting", "r");
  if (!file || !fgets(text, sizeof text, file)) return 1;
  printf("%s from uid %d\\n", text, (int)getuid());
  return 0;
}
"""


@dataclass
class Loader:
    """Feeds media to the engine and removes what it brought."""

    client: docker.DockerClient
    factory: MediumFactory
    program: bytes
    name: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:12]}")
    built: list[BuiltImage] = field(default_factory=list)

    def medium(self, greeting: str) -> VerifiedMedium:
        """Build a medium with one image of three layers; two never change."""
        image = self.factory.image(
            self.name,
            MemoryLayer({"base/noise": self.name.encode() * 9000}, "base"),
            MemoryLayer({"bin/greet": MemoryFile(self.program, True)}, "program"),
            MemoryLayer({"etc/greeting": greeting.encode()}, "application"),
            config=ImageConfig(user="10001:10001", cmd=("/bin/greet",)),
        )
        self.built.append(image)
        number = len(self.built)
        built = self.factory.build(f"m{number}", release_seq=number, images=(image,))
        return open_medium(built.path, anchor=self.factory.anchor, now=self.factory.now)

    def load(self, medium: VerifiedMedium, *, at_most: int = 99) -> list[int]:
        """Feed up to ``at_most`` archives; return the positions that were fed."""
        image = medium.release.images[0]
        fed: list[int] = []
        for archive in layer_archives(medium, image, known_layers(self.client)):
            if len(fed) == at_most:
                break
            # The stub knows bytes and files; requests also streams a generator.
            loaded = self.client.images.load(archive.chunks)  # type: ignore[arg-type]
            assert [found.id for found in loaded] == [archive.image_id]
            fed.append(archive.position)
        return fed

    def find(self, name: str) -> Image | None:
        try:
            return self.client.images.get(name)
        except ImageNotFound:
            return None

    def clean(self) -> None:
        for image in self.built:
            checkpoints = [f"{CHECKPOINT_REPOSITORY}:{self.name}-{k}" for k in (1, 2)]
            for name in (image.reference, image.config_digest, *checkpoints):
                if self.find(name) is not None:
                    self.client.images.remove(name, force=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a static program, so that an image needs no distribution."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "greet.c").write_text(PROGRAM)
    command = ["gcc", "-static", "-Os", "-s", "-o", "greet", "greet.c"]
    subprocess.run(command, cwd=folder, check=True)
    return (folder / "greet").read_bytes()


@pytest.fixture
def loader(tmp_path: Path, program: bytes) -> Iterator[Loader]:
    client = docker.from_env()
    loader = Loader(client, MediumFactory(tmp_path), program)
    yield loader
    loader.clean()
    client.close()


def test_the_engine_calls_the_image_by_its_signed_digest(loader: Loader) -> None:
    medium = loader.medium("hello")

    assert loader.load(medium) == [1, 2, 3]

    image = medium.release.images[0]
    found = loader.find(image.reference)
    assert found is not None
    assert found.id == image.config_digest
    assert found.attrs["RootFS"]["Layers"] == list(image.diff_ids)


def test_a_loaded_image_runs_as_its_own_user(loader: Loader) -> None:
    medium = loader.medium("hello")
    loader.load(medium)

    output = loader.client.containers.run(
        medium.release.images[0].config_digest,
        remove=True,
        read_only=True,
        network_mode="none",
        cap_drop=["ALL"],
    )

    assert output == b"hello from uid 10001\n"


def test_an_upgrade_feeds_only_the_layer_that_changed(loader: Loader) -> None:
    loader.load(loader.medium("hello"))

    upgrade = loader.medium("good day")

    assert loader.load(upgrade) == [3]
    assert loader.find(upgrade.release.images[0].config_digest) is not None


def test_a_second_load_feeds_no_layer_at_all(loader: Loader) -> None:
    medium = loader.medium("hello")
    loader.load(medium)
    for layer in medium.release.images[0].layers:
        blob_path(medium.path / "oci", layer.digest).unlink()

    assert loader.load(medium) == [3]


def test_an_interrupted_load_goes_on_where_it_stopped(loader: Loader) -> None:
    medium = loader.medium("hello")
    loader.load(medium, at_most=2)

    assert loader.load(medium) == [3]
    assert loader.find(medium.release.images[0].config_digest) is not None


def damage_end(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


@pytest.mark.parametrize("damage", [damage_end, truncate])
def test_a_damaged_layer_is_refused_and_leaves_nothing(
    loader: Loader, damage: Callable[[Path], None]
) -> None:
    medium = loader.medium("hello")
    image = medium.release.images[0]
    damage(blob_path(medium.path / "oci", image.layers[0].digest))

    with pytest.raises(BlobError):
        loader.load(medium)

    assert len(verify_payload(medium)) == 1
    assert loader.find(f"{CHECKPOINT_REPOSITORY}:{loader.name}-1") is None
    assert loader.find(image.reference) is None
    assert image.layers[0].diff_id not in {
        layer for chain in known_layers(loader.client) for layer in chain
    }


def test_without_checkpoints_the_image_keeps_its_layers(loader: Loader) -> None:
    medium = loader.medium("hello")
    loader.load(medium)

    for position in (1, 2):
        loader.client.images.remove(f"{CHECKPOINT_REPOSITORY}:{loader.name}-{position}")

    assert loader.client.containers.run(
        medium.release.images[0].config_digest, remove=True, network_mode="none"
    )
