"""What anechoicd and its viewers say about trust: keys, good releases, revoked ones."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  pydantic reads the annotation

from installer.findings import Finding  # noqa: TC001  pydantic reads the annotation
from installer.wire import WireModel

__all__ = ["GoodRelease", "RevokedRelease", "TrustMemory", "TrustRequest", "TrustView"]


class TrustRequest(WireModel):
    """A trust update to look at or apply, and the anchor when none is pinned yet."""

    path: str
    trust: str | None = None


class GoodRelease(WireModel):
    """A release that may be installed before ``install_by``."""

    release_seq: int
    product_version: str
    install_by: datetime


class RevokedRelease(WireModel):
    """A release that is not installed any more; ``version`` is what revoked it."""

    release_seq: int
    product_version: str
    since: datetime
    version: int


class TrustView(WireModel):
    """What a vendor says about its keys and releases.

    Attributes:
        version: of these statements; it only grows.
        known: version that this host had before, None before the first one.
        root_version: how often the vendor has changed who may sign, from 1.
        expires: from then on the statements count no more.
        findings: what this means for the installed release.
    """

    version: int
    known: int | None
    root_version: int
    created: datetime
    expires: datetime
    good: tuple[GoodRelease, ...]
    revoked: tuple[RevokedRelease, ...]
    signers: tuple[str, ...]
    anchor_fingerprint: str
    findings: tuple[Finding, ...] = ()


class TrustMemory(WireModel):
    """What this host has trusted last; None before the first time."""

    newest: TrustView | None
