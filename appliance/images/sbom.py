"""The bill of materials of an image: CycloneDX 1.6 JSON, the same bytes every time.

Listed is what is really inside: Debian packages of which a file survived, wheels by
their metadata, and our own programs, each with version, package URL and licenses.
"""

import re
import tarfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from appliance.images.packages import DebianPackage, read_record, surviving
from appliance.images.rootfs import RootfsTar

__all__ = ["Contents", "image_sbom"]

_MACHINE_READABLE: Final = "Format:"
_LICENSE_LINE: Final = re.compile(r"^License:[ \t]*([\w.+-][^\n]{0,59})$", re.MULTILINE)
_COPYRIGHT: Final = re.compile(r"usr/share/doc/([^/]+)/copyright")
_OUR_LICENSE: Final = "Apache-2.0"
_TEXT_LIMIT_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Contents:
    """What an image was made from: packages, and the folders of its wheels."""

    rootfs: RootfsTar
    sites: Sequence[Path] = field(default=())


def image_sbom(
    name: str, image_id: str, contents: Contents, *, version: str, created: datetime
) -> bytes:
    """Return the bill of materials of one image.

    Args:
        name: short name of the image.
        image_id: digest of its config; the serial number is derived from it.
        contents: what it was made from.
        version: of the product.
        created: aware time of the release.
    """
    image = Component(
        type=ComponentType.CONTAINER, name=name, version=version, bom_ref=image_id
    )
    parts = [
        *_debian_components(contents.rootfs),
        *_wheel_components(contents.sites),
        _component("anechoic", version, "pypi", [_OUR_LICENSE]),
    ]
    bom = Bom(
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, image_id),
        metadata=BomMetaData(component=image, timestamp=created),
        components=parts,
    )
    bom.register_dependency(image, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2).encode() + b"\n"


def _debian_components(rootfs: RootfsTar) -> Iterator[Component]:
    with tarfile.open(rootfs.tar) as tar:
        paths = [item.name.removeprefix("./") for item in tar if not item.isdir()]
        licenses = dict(_debian_licenses(tar))
    for package in surviving(read_record(rootfs.record), paths):
        yield _component(
            package.name,
            package.version,
            "deb",
            licenses.get(package.name) or [_look_inside(package.name)],
            _debian_url(package),
        )


def _debian_url(package: DebianPackage) -> PackageURL:
    return PackageURL(
        "deb",
        "debian",
        package.name,
        package.version,
        {"arch": package.architecture, "distro": "debian-12"},
    )


def _debian_licenses(tar: tarfile.TarFile) -> Iterator[tuple[str, list[str]]]:
    """Yield package name and license names of each copyright file in Debian's form."""
    for item in tar.getmembers():
        match = _COPYRIGHT.fullmatch(item.name.removeprefix("./"))
        content = tar.extractfile(item) if match and item.isfile() else None
        if match and content:
            text = content.read().decode(errors="replace")
            if text.startswith(_MACHINE_READABLE):
                yield match[1], _LICENSE_LINE.findall(text)


def _look_inside(package: str) -> str:
    """Name the file that tells, for a copyright file that only people can read."""
    return f"see /usr/share/doc/{package}/copyright in the image"


def _wheel_components(sites: Iterable[Path]) -> Iterator[Component]:
    for site in sites:
        for wheel in distributions(path=[str(site)]):
            yield _component(wheel.name, wheel.version, "pypi", _wheel_licenses(wheel))


def _wheel_licenses(wheel: Distribution) -> list[str]:
    """Return the SPDX expression, else the classifiers, else a short free text."""
    metadata = wheel.metadata
    if "License-Expression" in metadata:
        return [metadata["License-Expression"]]
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier", [])
        if line.startswith("License :: ")
    ]
    texts = metadata.get_all("License", [])
    return classifiers or [text for text in texts if len(text) <= _TEXT_LIMIT_CHARS]


def _component(
    name: str,
    version: str,
    kind: str,
    licenses: Iterable[str],
    url: PackageURL | None = None,
) -> Component:
    purl = url or PackageURL(kind, None, name, version)
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=purl.to_string(),
        purl=purl,
        licenses=_licenses(licenses),
    )


def _licenses(names: Iterable[str]) -> list[License]:
    """Return one SPDX expression as such; several names must stand as plain names.

    CycloneDX allows either a single expression or a list of single licenses.
    """
    texts = sorted(set(names))
    if len(texts) == 1:
        return [LicenseFactory().make_from_string(texts[0])]
    return [DisjunctiveLicense(name=text) for text in texts]
