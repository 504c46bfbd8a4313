"""Write the passport of this host: what of our releases is here, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bundles.passport import Passport, PassportEngine, PassportFile, PassportRelease
from bundles.timestamps import utc_seconds
from installer.engine.installed import read_installed
from installer.engine.model_files import digest_of, files_of_models

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.engines import ContainerEngine
    from installer.engine.site import Site
    from installer.protocol import ReleaseInfo

__all__ = ["passport_of"]

_FOREIGN = re.compile(r"[^0-9A-Za-z .+_~-]")


def passport_of(site: Site) -> Passport:
    """Look at the engine and the models, which are read and hashed.

    Raises:
        EngineError: no container engine answers.
        OSError: a file of a model cannot be read.
    """
    installed = read_installed(site.paths)
    return Passport(
        written=utc_seconds(site.now()),
        release=None if installed is None else _release(installed.release),
        engine=_engine(site.engine),
        chains=tuple(sorted(set(_chains(site.engine)))),
        model_files=tuple(sorted(set(_files(site.paths.models)), key=_digest)),
    )


def _release(release: ReleaseInfo) -> PassportRelease:
    return PassportRelease(
        product_version=release.product_version, release_seq=release.release_seq
    )


def _engine(engine: ContainerEngine) -> PassportEngine:
    info = engine.info()
    return PassportEngine(
        name=_word(info.name),
        version=_word(info.version),
        store=_word(info.storage_driver),
    )


def _word(text: str) -> str:
    """Keep letters that a passport may hold, for it shows no others."""
    return _FOREIGN.sub("", text).lstrip(" .+_~-")[:64] or "unknown"


def _chains(engine: ContainerEngine) -> Iterator[tuple[str, ...]]:
    for image in engine.our_images():
        layers = engine.image_layers(image.image_id)
        if layers:
            yield layers


def _files(folder: Path) -> Iterator[PassportFile]:
    for path in files_of_models(folder):
        yield PassportFile(digest=digest_of(path), size_bytes=path.stat().st_size)


def _digest(file: PassportFile) -> str:
    return file.digest
