"""README-DELTA.txt: what a delta medium is and leaves out, for who holds it."""

from collections.abc import Iterable, Sequence
from typing import Final

from bundles.delta import DeltaSince
from bundles.readme import readable_size
from bundles.release import Release, ReleaseFile

__all__ = ["delta_readme"]


def delta_readme(
    release: Release, since: DeltaSince, left_out: Sequence[ReleaseFile]
) -> str:
    """Return the text, plain ASCII.

    Args:
        release: that the medium installs.
        since: for which host or release it was made.
        left_out: every file of a full medium that is not on it.
    """
    return _TEXT.format(
        version=release.product_version,
        number=release.release_seq,
        since=since.name,
        digest=since.digest,
        count=len(left_out),
        size=readable_size(sum(file.size_bytes for file in left_out)),
        rows="\n".join(_rows(release, left_out)),
    )


def _rows(release: Release, left_out: Iterable[ReleaseFile]) -> Iterable[str]:
    names = _names(release)
    for file in left_out:
        yield f"  {names[file.digest]:<40} {readable_size(file.size_bytes):>10}"
        yield f"    {file.path}"


def _names(release: Release) -> dict[str, str]:
    """Return digest -> the first place where a blob is used."""
    named: dict[str, str] = {}
    for image in release.images:
        for number, layer in enumerate(image.layers, start=1):
            named.setdefault(layer.digest, f"layer {number} of the image {image.name}")
    for model in release.models:
        for file in model.files:
            named.setdefault(file.digest, f"{file.path} of the model {model.name}")
    return named


_TEXT: Final = """\
Anechoic {version}: DELTA medium
================================

This folder is NOT a full release medium. It brings release {version} (number
{number}) only to a host that has what is left out here. It was made for

  {since}
  {digest}

It leaves out {count} files, {size}. The program looks for them on the host
before it changes anything; where one is missing it says which, and refuses.
Then use the full medium of this release, or write a passport of the host

  anechoic passport --output FILE

and ask your vendor for a delta medium made from that file.

README.txt describes the whole release, with what is left out here. The list
below is signed: release/delta.json, release/delta.json.sig

{rows}
"""
