"""What opening and verifying a medium gives: values, no behavior."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path

from bundles.delta import SignedDelta
from bundles.release import Release
from bundles.texts import Explained, Explanation
from bundles.trust.anchor import TrustAnchor
from bundles.trust.inspect import Signer
from bundles.trust.state import TrustState

__all__ = ["MediumProblem", "Severity", "Signer", "VerifiedMedium"]


class Severity(Enum):
    """Whether a problem forbids to install the medium."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class MediumProblem(Explained):
    """One thing that is wrong with one file of a medium."""

    explanation: Explanation
    path: str
    expected: str
    found: str
    severity: Severity = Severity.ERROR

    @property
    def evidence(self) -> str:
        """The file, and what was expected and found."""
        return f"{self.path}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class VerifiedMedium:
    """A medium whose metadata is trusted; its payload is not read yet.

    ``trust_state`` is what the host should remember once it decides to install
    (``bundles.medium.pin_trust``); opening alone changes nothing on the host.
    """

    path: Path
    anchor: TrustAnchor
    release: Release
    release_json: bytes = field(repr=False)
    keyset_bytes: bytes = field(repr=False)
    signers: tuple[Signer, ...]
    install_by: datetime
    trust_state: TrustState
    revocations_bytes: bytes | None = field(default=None, repr=False)
    own_metadata: bool = True
    """Whether its own metadata vouches for it, not newer ones that this host keeps."""
    delta: SignedDelta | None = None
    """What the medium leaves out; None for a full medium."""
