"""Real media, a fake engine: the anchor, the floor, and the feeding."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from typing_extensions import override

from appliance.engines.errors import EngineUnreachableError, LoadRefusedError
from appliance.paths import HostPaths
from bundles.errors import BlobError, ForeignVendorError, RollbackError
from bundles.trust.state import TrustFloor
from installer.engine.anchors import anchor_file
from installer.engine.media import ReleaseMedia
from installer.errors import InstallerError
from tests.support.fake_engine import FakeEngine
from tests.support.media import MediumFactory


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> MediumFactory:
    factory = MediumFactory(tmp_path_factory.mktemp("vendor"))
    factory.build("one", release_seq=1)
    factory.build("two", release_seq=2)
    return factory


@pytest.fixture
def anchor(factory: MediumFactory, tmp_path: Path) -> Path:
    path = tmp_path / "anchor.json"
    path.write_bytes(factory.anchor.to_json())
    return path


@pytest.fixture
def media(factory: MediumFactory, tmp_path: Path) -> ReleaseMedia:
    return _media(tmp_path, factory.now)


def _media(root: Path, now: datetime, floor: TrustFloor | None = None) -> ReleaseMedia:
    return ReleaseMedia(HostPaths(root), lambda: now, lambda: floor)


@dataclass
class LayeredEngine(FakeEngine):
    """Counts what is fed, and can refuse it."""

    fed: list[int] = field(default_factory=list)
    refuse: bool = False

    @override
    def load(self, archive: Iterable[bytes]) -> None:
        self.fed.append(sum(len(chunk) for chunk in archive))
        if self.refuse:
            raise LoadRefusedError("refused")


def test_a_medium_is_described_after_it_was_verified(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    medium = media.open(factory.root / "one", anchor)

    assert medium.summary.product_version == "1.0.0"
    assert medium.summary.images[0].image_id.startswith("sha256:")
    assert medium.summary.install_by is not None
    assert medium.summary.signers


def test_opening_changes_nothing_on_the_host(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    media.open(factory.root / "one", anchor)

    assert not media.paths.state.exists()
    assert not media.paths.etc.exists()


def test_a_pinned_anchor_need_not_be_given_again(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    media.open(factory.root / "one", anchor).pin()

    assert media.open(factory.root / "one", None).summary.release_seq == 1
    assert anchor_file(media.paths).exists()


def test_without_any_anchor_the_medium_is_not_read(
    media: ReleaseMedia, factory: MediumFactory
) -> None:
    with pytest.raises(InstallerError) as refused:
        media.open(factory.root / "one", None)

    assert refused.value.code == "ANX-OP-17"


def test_another_anchor_than_the_pinned_one_is_refused(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path, tmp_path: Path
) -> None:
    media.open(factory.root / "one", anchor).pin()
    other = MediumFactory(tmp_path / "other")
    (tmp_path / "other.json").write_bytes(other.anchor.to_json())

    with pytest.raises(InstallerError) as refused:
        media.open(factory.root / "one", tmp_path / "other.json")

    assert refused.value.code == "ANX-OP-18"


def test_a_medium_of_another_vendor_is_refused(
    media: ReleaseMedia, tmp_path: Path, anchor: Path
) -> None:
    other = MediumFactory(tmp_path / "other")
    other.build("medium")

    with pytest.raises(ForeignVendorError):
        media.open(tmp_path / "other/medium", anchor)


def test_an_older_release_is_refused_after_a_newer_one(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    media.open(factory.root / "two", anchor).pin()

    with pytest.raises(RollbackError):
        media.open(factory.root / "one", None)


def test_a_lost_memory_does_not_allow_a_rollback(
    factory: MediumFactory, anchor: Path, tmp_path: Path
) -> None:
    floor = TrustFloor(factory.created, 2)

    with pytest.raises(RollbackError):
        _media(tmp_path, factory.now, floor).open(factory.root / "one", anchor)


def test_each_layer_is_fed_alone_and_the_tags_between_are_dropped(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    medium, engine = media.open(factory.root / "one", anchor), LayeredEngine()
    seen: list[tuple[int, int]] = []

    detail = medium.load_image(
        medium.summary.images[0], engine, lambda done, total: seen.append((done, total))
    )

    assert len(engine.fed) == 2
    assert detail == "2 of 2 layers loaded"
    assert all(done <= total for done, total in seen)
    assert seen[-1][0] == seen[-1][1]
    assert engine.actions == ["drop tags anechoic.invalid/anechoic/checkpoint:api-"]


def test_present_layers_are_not_fed_again(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    medium, engine = media.open(factory.root / "one", anchor), LayeredEngine()
    layers = medium.medium.release.image("api").diff_ids
    engine.images["sha256:other"] = (layers[0], "sha256:elsewhere")

    detail = medium.load_image(medium.summary.images[0], engine, lambda *_: None)

    assert detail == "1 of 2 layers loaded"


def test_tags_stay_for_the_next_try_when_a_load_is_refused(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    medium = media.open(factory.root / "one", anchor)
    engine = LayeredEngine(refuse=True)

    with pytest.raises(LoadRefusedError):
        medium.load_image(medium.summary.images[0], engine, lambda *_: None)

    assert engine.actions == []


def test_a_damaged_blob_is_found_while_it_is_fed_and_never_fed_whole(
    factory: MediumFactory, anchor: Path, tmp_path: Path
) -> None:
    path = factory.build("damaged", release_seq=3).path
    blob = max(
        (path / "oci/blobs/sha256").iterdir(), key=lambda one: one.stat().st_size
    )
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.write_bytes(data)
    medium = _media(tmp_path, factory.now).open(path, anchor)

    assert medium.check() == ()
    with pytest.raises(BlobError, match=blob.name):
        medium.load_image(medium.summary.images[0], LayeredEngine(), lambda *_: None)


def test_a_model_is_copied_whole(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path, tmp_path: Path
) -> None:
    medium = media.open(factory.root / "one", anchor)
    model = medium.summary.models[0]

    medium.copy_model(model, tmp_path / "model", lambda *_: None)

    assert (tmp_path / "model/model.bin").stat().st_size == 8 * 4096
    assert len(medium.model_folder(model)) == 64


def test_what_is_present_needs_no_room(
    media: ReleaseMedia, factory: MediumFactory, anchor: Path
) -> None:
    medium, engine = media.open(factory.root / "one", anchor), LayeredEngine()
    before = medium.missing_bytes(engine)
    engine.images["sha256:x"] = medium.medium.release.image("api").diff_ids
    (media.paths.models / medium.model_folder(medium.summary.models[0])).mkdir(
        parents=True
    )

    assert before > 8 * 4096
    assert medium.missing_bytes(engine) == 0


def test_without_an_engine_everything_counts_as_missing(
    media: ReleaseMedia,
    factory: MediumFactory,
    anchor: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    medium, engine = media.open(factory.root / "one", anchor), LayeredEngine()
    all_of_it = medium.missing_bytes(engine)

    def dead() -> None:
        raise EngineUnreachableError("nobody answers")

    monkeypatch.setattr(engine, "known_layers", dead)

    assert medium.missing_bytes(engine) == all_of_it
