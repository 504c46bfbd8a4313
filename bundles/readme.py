"""README.txt of a medium: what it is, for the person who holds it."""

from datetime import datetime
from typing import Final

from bundles.release import Release
from bundles.timestamps import to_rfc3339

__all__ = ["README_FILE", "readable_size", "readme_text"]

README_FILE: Final = "README.txt"
_STEP: Final = 1000


def readme_text(
    release: Release, install_by: datetime, glibc: str | None = None
) -> str:
    """Return the text, plain ASCII, at most 79 columns.

    Args:
        release: what is on the medium.
        install_by: until when it may be installed.
        glibc: the oldest version that the program runs on; None without a program.
    """
    images = [_row(i.name, i.size_bytes, i.config_digest) for i in release.images]
    models = [_row(m.name, m.size_bytes, m.digest) for m in release.models]
    return _TEXT.format(
        version=release.product_version,
        number=release.release_seq,
        created=to_rfc3339(release.created),
        install_by=to_rfc3339(install_by),
        size=readable_size(release.payload_bytes),
        images="\n".join(images) or "  none",
        models="\n".join(models) or "  none",
        program=_PROGRAM.format(glibc=glibc) if glibc else "",
        setup=_SETUP if glibc else "",
    )


def readable_size(size_bytes: int) -> str:
    """Return ``1.2 GB``, in steps of 1000 as drives are sold."""
    size, units = float(size_bytes), ["B", "kB", "MB", "GB", "TB"]
    while size >= _STEP and len(units) > 1:
        size /= _STEP
        units.pop(0)
    return f"{size:.0f} B" if units[0] == "B" else f"{size:.1f} {units[0]}"


def _row(name: str, size_bytes: int, digest: str) -> str:
    short = digest.removeprefix("sha256:")[:16]
    return f"  {name:<24} {readable_size(size_bytes):>10}   {short}"


_SETUP: Final = """\
  FOLDER/program/anechoic setup        (once; brings the command "anechoic")
"""

_PROGRAM: Final = """\
  program/    the operator's program; needs Linux on x86-64, glibc {glibc} or newer
"""

_TEXT: Final = """\
Anechoic {version}: release medium
==================================

This folder installs or upgrades the Anechoic speech-to-text appliance on a
host that has no connection to any network.  If README-DELTA.txt lies beside
this file, it is not a full medium: read that file first.

  Release          {version} (number {number})
  Built            {created}
  Install by       {install_by}
  Payload          {size}

To install, as root on the host, with the trust anchor and the license that
your vendor gave you apart from this medium:

{setup}  anechoic install FOLDER --trust ANCHOR --license LICENSE

Compare the fingerprint of the anchor with your vendor by telephone.

The program verifies the signatures before it reads anything else, and every
file before it installs anything.  It never writes to this medium.

To check the copy with ordinary tools (this finds accidents, not attackers):

  cd FOLDER && sha256sum -c SHA256SUMS

Images (the last column begins the image ID)

{images}

Models

{models}

Folders

  tuf/        who signed this release, and until when it may be installed
  release/    the signed description of the release
  oci/        container images, an OCI image layout
  models/     speech models, by the digest of their content
{program}  sbom/       what is inside each image, with licenses (CycloneDX)
"""
