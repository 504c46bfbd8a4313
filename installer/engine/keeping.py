"""Which releases stay on the host: the installed one and the one before it.

The images of the release before are held by tags of their own, so that neither a
moved tag nor the engine's own cleaning takes away the way back.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, ValidationError

from appliance.engines import EngineError
from installer.bundle_bodies import Kept, KeptThing, Store
from installer.engine.installed import Installed, read_installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from installer.engine.site import Site

__all__ = ["hold_installed", "previous_release", "prune", "store"]

_HELD = "anechoic.invalid/anechoic/held"


class _Receipt(BaseModel):
    """The part of a receipt that tells what was installed."""

    model_config = ConfigDict(extra="ignore")

    installed: Installed


def previous_release(site: Site) -> Installed | None:
    """Return the newest installed release before the one that runs now."""
    now = read_installed(site.paths)
    if now is None:
        return None
    others = (one for one in _receipts(site.paths.receipts) if not _same(one, now))
    return max(others, key=lambda one: one.release.installed_at, default=None)


def hold_installed(site: Site) -> int:
    """Tag what is installed, before another release takes over its names.

    Returns:
        How many images are held.
    """
    installed = read_installed(site.paths)
    if installed is None:
        return 0
    present = {one.image_id for one in site.engine.our_images()}
    held = {s: i for s, i in installed.images.items() if i in present}
    for service, image_id in held.items():
        tag = f"{service}-{installed.release.release_seq}"
        site.engine.tag_image(image_id, _HELD, tag)
    return len(held)


def store(site: Site) -> Store:
    """List our images and models, and why each is here."""
    releases = _Releases(read_installed(site.paths), previous_release(site))
    return Store(things=(*_images(site, releases), *_models(site, releases)))


def prune(site: Site) -> Store:
    """Remove what is unused and return it; what something else uses stays."""
    removed = []
    for thing in store(site).unused:
        if thing.kind == "model":
            shutil.rmtree(site.paths.models / thing.id)
        else:
            try:
                site.engine.remove_image(thing.id)
            except EngineError:
                continue
        removed.append(thing)
    return Store(things=tuple(removed))


def _receipts(folder: Path) -> Iterator[Installed]:
    for path in folder.glob("*.json"):
        try:
            yield _Receipt.model_validate_json(path.read_bytes()).installed
        except (OSError, ValidationError):
            continue


def _same(one: Installed, other: Installed) -> bool:
    return (one.images, one.model) == (other.images, other.model)


@dataclass(frozen=True, slots=True)
class _Releases:
    """The installed release and the one before it, as far as there are any."""

    now: Installed | None
    before: Installed | None

    def why(self, needs: Callable[[Installed], bool]) -> Kept:
        """Say which of the two needs a thing."""
        if self.now is not None and needs(self.now):
            return Kept.INSTALLED
        if self.before is not None and needs(self.before):
            return Kept.PREVIOUS
        return Kept.UNUSED


def _images(site: Site, releases: _Releases) -> Iterator[KeptThing]:
    for image in site.engine.our_images():
        image_id = image.image_id
        yield KeptThing(
            kind="image",
            id=image_id,
            name=", ".join(image.tags) or "without a name",
            size_bytes=image.size_bytes,
            kept=releases.why(partial(_runs, image_id)),
        )


def _models(site: Site, releases: _Releases) -> Iterator[KeptThing]:
    folders = site.paths.models
    for folder in sorted(folders.iterdir()) if folders.is_dir() else ():
        files = (file for file in folder.rglob("*") if file.is_file())
        yield KeptThing(
            kind="model",
            id=folder.name,
            name=folder.name[:16],
            size_bytes=sum(file.stat().st_size for file in files),
            kept=releases.why(partial(_speaks, folder.name)),
        )


def _runs(image_id: str, release: Installed) -> bool:
    return image_id in release.images.values()


def _speaks(model: str, release: Installed) -> bool:
    return model == release.model
