"""Which releases the vendor stands by: the part of TUF's targets metadata that is ours.

Targets metadata of any version lists every release that is still good, each under its
own target name, and names those that were revoked.  So newer metadata, from a later
medium or a trust update, speaks about older media too.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from tuf.api.metadata import TargetFile, Targets

from bundles.errors import MetadataError
from bundles.timestamps import from_rfc3339, to_rfc3339

__all__ = ["Catalog", "ListedRelease", "Revocation", "release_target"]

_FIELD: Final = "x-anechoic-catalog"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"([1-9][0-9]{0,8})\.release\.json")
_MAX_VERSION_LETTERS: Final = 100


def release_target(release_seq: int) -> str:
    """Return the name of the TUF target that describes a release."""
    return f"{release_seq}.release.json"


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A release that may be installed until ``install_by``.

    ``sha256`` (hex) and ``size_bytes`` are those of its release.json.
    """

    release_seq: int
    product_version: str
    sha256: str
    size_bytes: int
    install_by: datetime

    @property
    def file(self) -> str:
        """Name of its release.json below ``release/`` of a medium."""
        return f"{self.sha256}.{release_target(self.release_seq)}"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A release that must not be installed any more, since when and by what.

    ``version`` is that of the metadata that said so first.
    """

    release_seq: int
    product_version: str
    sha256: str
    since: datetime
    version: int

    @property
    def file(self) -> str:
        """Name of its release.json below ``release/`` of a medium."""
        return f"{self.sha256}.{release_target(self.release_seq)}"

    @property
    def told(self) -> str:
        """Say which release was revoked, when and by what."""
        return (
            f"release {self.product_version} (number {self.release_seq}) was revoked on "
            f"{to_rfc3339(self.since)} by trust version {self.version}"
        )


@dataclass(frozen=True, slots=True)
class Catalog:
    """All releases of a vendor that can be told apart, as of ``created``."""

    created: datetime
    good: tuple[ListedRelease, ...] = ()
    revoked: tuple[Revocation, ...] = ()

    def with_release(self, release: ListedRelease) -> Self:
        """Return the catalog with ``release`` in the place of its number."""
        others = (r for r in self.good if r.release_seq != release.release_seq)
        good = sorted((*others, release), key=lambda one: one.release_seq)
        return replace(self, good=tuple(good))

    def release(self, release_seq: int) -> ListedRelease:
        """Return the good release of this number."""
        return next(one for one in self.good if one.release_seq == release_seq)

    def revocation_of(self, release_seq: int) -> Revocation | None:
        """Return why a release is not good any more, None if it was not revoked."""
        found = (one for one in self.revoked if one.release_seq == release_seq)
        return next(found, None)

    def write_to(self, targets: Targets) -> None:
        """Put the catalog into unsigned targets metadata."""
        for one in self.good:
            custom = {
                "install_by": to_rfc3339(one.install_by),
                "product_version": one.product_version,
            }
            name = release_target(one.release_seq)
            targets.targets[name] = TargetFile(
                one.size_bytes, {"sha256": one.sha256}, name, {"custom": custom}
            )
        targets.unrecognized_fields[_FIELD] = {
            "created": to_rfc3339(self.created),
            "revoked": [
                {
                    "release_seq": one.release_seq,
                    "product_version": one.product_version,
                    "sha256": one.sha256,
                    "since": to_rfc3339(one.since),
                    "version": one.version,
                }
                for one in self.revoked
            ],
        }

    @classmethod
    def read_from(cls, targets: Targets) -> Self:
        """Return the catalog of verified targets metadata.

        Raises:
            MetadataError: it has none, or a contradictory one.
        """
        try:
            return cls._read(targets)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"targets: expected a list of releases: {error}"
            raise MetadataError(message) from error

    @classmethod
    def _read(cls, targets: Targets) -> Self:
        field = targets.unrecognized_fields[_FIELD]
        good = (_listed(name, one) for name, one in targets.targets.items())
        revoked = tuple(_revocation(one) for one in field["revoked"])
        ordered = tuple(sorted(good, key=lambda one: one.release_seq))
        _require_apart(ordered, revoked)
        return cls(from_rfc3339(field["created"]), ordered, revoked)


def _listed(name: str, target: TargetFile) -> ListedRelease:
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(f"expected a release, found {name!r}")
    custom = target.custom
    return ListedRelease(
        int(found[1]),
        _version_text(custom["product_version"]),
        _digest(target.hashes["sha256"]),
        target.length,
        from_rfc3339(custom["install_by"]),
    )


def _revocation(value: dict[str, Any]) -> Revocation:
    release_seq, version = value["release_seq"], value["version"]
    if type(release_seq) is not int or type(version) is not int:
        raise ValueError("expected whole numbers in a revocation")
    return Revocation(
        release_seq,
        _version_text(value["product_version"]),
        _digest(value["sha256"]),
        from_rfc3339(value["since"]),
        version,
    )


def _digest(text: str) -> str:
    if _SHA256.fullmatch(text) is None:
        raise ValueError("expected a SHA-256 digest")
    return text


def _version_text(text: str) -> str:
    if not (text.isprintable() and 0 < len(text) <= _MAX_VERSION_LETTERS):
        raise ValueError("expected a product version")
    return text


def _require_apart(
    good: Iterable[ListedRelease], revoked: Iterable[Revocation]
) -> None:
    both = {one.sha256 for one in good} & {one.sha256 for one in revoked}
    if both:
        raise ValueError(f"expected releases that are good or revoked, found {both}")
