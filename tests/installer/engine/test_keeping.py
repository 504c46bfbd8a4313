"""What stays of earlier releases, what is freed, and the way back."""

from dataclasses import replace

from installer.bundle_bodies import Kept
from installer.engine.keeping import previous_release, prune, store
from installer.engine.operations import Operations
from installer.protocol import OperationRequest, OperationState
from tests.installer.engine.conftest import Finish
from tests.support.fake_site import FakeSite


def _insert_release(fake: FakeSite, number: int) -> None:
    """Put another release into the drive: each of its images is another one."""
    summary = fake.world.medium.summary
    images = tuple(
        one.model_copy(update={"image_id": f"sha256:{number}{one.name}"})
        for one in summary.images
    )
    changes = {"images": images, "release_seq": number}
    fake.world.medium = replace(
        fake.world.medium, summary=summary.model_copy(update=changes)
    )


def _install(fake: FakeSite, finish: Finish, *numbers: int) -> None:
    for number in numbers:
        _insert_release(fake, number)
        operations = Operations(fake.site())
        operations.start(OperationRequest(kind="install", settings=fake.settings()))
        assert finish(operations).state is OperationState.SUCCEEDED


def _kept(fake: FakeSite) -> dict[str, Kept]:
    return {one.id: one.kept for one in store(fake.site()).things}


def test_the_release_before_is_the_way_back(fake: FakeSite, finish: Finish) -> None:
    _install(fake, finish, 7, 8, 9)

    before = previous_release(fake.site())

    assert before is not None
    assert before.release.release_seq == 8


def test_the_first_release_has_none_before_it(fake: FakeSite, finish: Finish) -> None:
    _install(fake, finish, 7)

    assert previous_release(fake.site()) is None


def test_installing_the_same_release_again_keeps_the_one_before(
    fake: FakeSite, finish: Finish
) -> None:
    _install(fake, finish, 7, 8, 8)

    before = previous_release(fake.site())

    assert before is not None
    assert before.release.release_seq == 7


def test_what_is_installed_is_held_before_another_release_is_loaded(
    fake: FakeSite, finish: Finish
) -> None:
    """A load moves the names; an image without a name is the engine's to clean."""
    _install(fake, finish, 7, 8)

    assert fake.engine.tags["sha256:7api"] == ["anechoic.invalid/anechoic/held:api-7"]


def test_only_what_no_release_needs_is_freed(fake: FakeSite, finish: Finish) -> None:
    _install(fake, finish, 7, 8, 9)
    (fake.paths.models / "older").mkdir()

    kept = _kept(fake)
    freed = prune(fake.site())

    assert kept["sha256:9api"] is Kept.INSTALLED
    assert kept["sha256:8api"] is Kept.PREVIOUS
    assert kept["sha256:7api"] is Kept.UNUSED
    assert {one.id for one in freed.things} == {
        one for one, why in kept.items() if why is Kept.UNUSED
    }
    assert "sha256:7api" not in fake.engine.images
    assert not (fake.paths.models / "older").exists()
    assert set(_kept(fake).values()) == {Kept.INSTALLED, Kept.PREVIOUS}


def test_a_load_brings_everything_and_touches_nothing_that_runs(
    fake: FakeSite, finish: Finish
) -> None:
    _install(fake, finish, 7)
    running = fake.engine.containers()
    _insert_release(fake, 8)

    operations = Operations(fake.site())
    operations.start(OperationRequest(kind="load", settings=fake.settings()))

    assert finish(operations).state is OperationState.SUCCEEDED
    assert "sha256:8api" in fake.engine.images
    assert fake.engine.containers() == running
