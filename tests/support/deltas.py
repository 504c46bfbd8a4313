"""Two releases of one vendor that share all but the application, and deltas of them."""

from dataclasses import dataclass
from pathlib import Path

from bundles.build import MediumSummary, ModelSource
from bundles.build_delta import DeltaBasis, build_delta
from bundles.medium import VerifiedMedium, open_medium
from bundles.oci import BuiltImage, MemoryLayer
from tests.support.media import MediumFactory

WEIGHTS = b"weights " * 4096


@dataclass
class DeltaVendor:
    """Builds release 1, release 2 and what brings a host from one to the other."""

    factory: MediumFactory

    def image(self, application: str, name: str = "api") -> BuiltImage:
        """Write an image of two layers, of which the lower one never changes."""
        return self.factory.image(
            name,
            MemoryLayer({"base/file": b"the base of every image " * 4096}, "base"),
            MemoryLayer({"app/words": application.encode()}, "application"),
        )

    def model(self, words: str) -> ModelSource:
        """Write a model whose weights never change."""
        files = {"model.bin": WEIGHTS, "config.json": words.encode()}
        return self.factory.model(files)

    def full(self, number: int, words: str | None = None) -> MediumSummary:
        """Build a full medium."""
        words = words or f"words of release {number}"
        return self.factory.build(
            f"full-{number}",
            release_seq=number,
            version=f"{number}.0.0",
            images=(self.image(words),),
            models=(self.model(words),),
        )

    def delta(
        self, full: MediumSummary, basis: DeltaBasis, folder: str = "delta"
    ) -> MediumSummary:
        """Build a delta of a full medium."""
        return build_delta(
            self.factory.root / folder,
            full=full.path,
            release_json=full.release.to_json(),
            basis=basis,
            release_keys=self.factory.keys,
        )

    def upgrade(self) -> tuple[MediumSummary, MediumSummary, MediumSummary]:
        """Build release 1, release 2, and the delta between them."""
        one, two = self.full(1), self.full(2)
        basis = DeltaBasis.of_release(one.release.to_json())
        return one, two, self.delta(two, basis)

    def open(self, path: Path) -> VerifiedMedium:
        """Open a medium as a host without memory."""
        factory = self.factory
        return open_medium(path, anchor=factory.anchor, now=factory.now)
