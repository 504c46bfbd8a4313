"""What an image is made of, before and after it is written."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

from bundles.digests import DIGEST_PATTERN
from bundles.errors import BuildError
from bundles.strict_json import canonical_json, parse_json

__all__ = ["BuiltImage", "ImageConfig", "ImageSpec", "Layer"]

_LAYER_RECORD_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Layer:
    """One written layer.

    ``digest`` and ``size_bytes`` describe the zstd blob; ``diff_id`` and
    ``uncompressed_bytes`` the tar inside, which does not depend on a compressor.
    """

    digest: str
    size_bytes: int
    diff_id: str
    uncompressed_bytes: int
    created_by: str

    def to_json(self) -> bytes:
        """Return a record of the layer, for a cache of the caller."""
        return canonical_json(asdict(self))

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a record that ``to_json`` wrote.

        Raises:
            ValueError: any other bytes.
        """
        value = parse_json(data, limit_bytes=_LAYER_RECORD_LIMIT_BYTES)
        match value:
            case {
                "digest": str(digest),
                "size_bytes": int(size_bytes),
                "diff_id": str(diff_id),
                "uncompressed_bytes": int(uncompressed_bytes),
                "created_by": str(created_by),
            } if DIGEST_PATTERN.fullmatch(digest) and DIGEST_PATTERN.fullmatch(diff_id):
                return cls(digest, size_bytes, diff_id, uncompressed_bytes, created_by)
            case _:
                pass
        raise ValueError("expected the record of a layer")


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """How a container of the image starts."""

    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    working_dir: str = "/"
    exposed_ports: tuple[str, ...] = ()
    """For example ``8080/tcp``."""
    labels: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """An image to write.

    ``name`` is the short name of the release ("api"); ``reference`` the full name with
    a tag.  References start with a host name that cannot exist, so that every engine
    keeps them unchanged and none tries to pull them.
    """

    name: str
    reference: str
    config: ImageConfig
    architecture: str = "amd64"
    os: str = "linux"

    def __post_init__(self) -> None:
        """Refuse references that an engine would rewrite."""
        host, _, rest = self.reference.partition("/")
        if "." not in host or ":" not in rest or "@" in rest:
            raise BuildError(f"expected host.name/path:tag, found {self.reference!r}")


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image that is written: everything a release says about it."""

    name: str
    reference: str
    architecture: str
    os: str
    config_digest: str
    config_size_bytes: int
    manifest_digest: str
    manifest_size_bytes: int
    layers: tuple[Layer, ...]
