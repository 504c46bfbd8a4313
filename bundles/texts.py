"""What every trouble with a medium is called, means and asks for.

This is the only place with sentences for operators in this package.  The table in
``docs/media.md`` lists the same codes; a test keeps the two together.
"""

from dataclasses import dataclass
from typing import Protocol

__all__ = ["EXPLANATIONS", "Explained", "Explanation"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One kind of trouble: a stable code, and words for the operator."""

    code: str
    title: str
    meaning: str
    remedy: str


class _HasExplanation(Protocol):
    @property
    def explanation(self) -> Explanation: ...


class Explained:
    """Something with an explanation, whose parts it says as its own."""

    __slots__ = ()

    @property
    def code(self: _HasExplanation) -> str:
        """Stable code, ``ANX-MED-nn``."""
        return self.explanation.code

    @property
    def title(self: _HasExplanation) -> str:
        """Short name of the trouble."""
        return self.explanation.title

    @property
    def meaning(self: _HasExplanation) -> str:
        """What it means for the operator."""
        return self.explanation.meaning

    @property
    def remedy(self: _HasExplanation) -> str:
        """What to do about it."""
        return self.explanation.remedy


NOT_A_MEDIUM = Explanation(
    "ANX-MED-01",
    "This is not a release medium",
    "The folder does not have the files that every Anechoic medium has.",
    "Mount the medium and give the folder that holds README.txt and tuf/.",
)
TOO_FEW_SIGNATURES = Explanation(
    "ANX-MED-02",
    "Signatures are missing or wrong",
    "The medium was changed after it was signed, or not signed by enough key holders.",
    "Do not install it. Ask your vendor for a new medium and say this code.",
)
FOREIGN_VENDOR = Explanation(
    "ANX-MED-03",
    "The medium was signed by another vendor",
    "The trust anchor of this host and the medium come from different key holders.",
    "Check that medium and trust anchor belong together: compare the fingerprint "
    "of the anchor with your vendor by telephone.",
)
ROLLBACK = Explanation(
    "ANX-MED-04",
    "The medium is older than what this host has already trusted",
    "Installing it would bring back faults that a newer release repaired.",
    "Use the newest medium. To go back on purpose, use the rollback of the appliance.",
)
EXPIRED = Explanation(
    "ANX-MED-05",
    "The install-by date has passed",
    "The vendor signed this medium for installation up to a date that is over.",
    "Check the date of this host. If it is right, ask your vendor for a newer medium.",
)
CLOCK_BEHIND = Explanation(
    "ANX-MED-06",
    "The clock of this host is behind",
    "The clock shows a time before this software was signed, so no date can be judged.",
    "Set the clock (date --set) and run the command again.",
)
METADATA_DAMAGED = Explanation(
    "ANX-MED-07",
    "The trust metadata is damaged",
    "A file in tuf/ or release/ cannot be what the vendor signed.",
    "Copy the medium again from its source; if it stays, ask for a new medium.",
)
RELEASE_INVALID = Explanation(
    "ANX-MED-08",
    "The release description is not valid",
    "The description is signed, but this program finds it contradictory.",
    "Tell your vendor this code and the evidence: the medium was built wrongly.",
)
RELEASE_TOO_NEW = Explanation(
    "ANX-MED-09",
    "The medium needs a newer installer",
    "The release description has a format that this program does not know.",
    "Use the installer program that came with the medium.",
)
FILE_DIFFERS = Explanation(
    "ANX-MED-10",
    "A file differs from what was signed",
    "The medium was damaged in transport or changed by someone.",
    "Copy the medium again and verify it; if it stays, ask for a new medium.",
)
FILE_MISSING = Explanation(
    "ANX-MED-11",
    "A signed file is missing",
    "The copy of the medium is not complete.",
    "Copy the medium again, with all files, and verify it.",
)
FILE_SIZE = Explanation(
    "ANX-MED-12",
    "A file has the wrong size",
    "The copy ended early, or the file was changed.",
    "Copy the medium again and verify it. Mind the 4 GiB limit of FAT32.",
)
FORBIDDEN_TYPE = Explanation(
    "ANX-MED-13",
    "The medium holds something that is not a plain file",
    "Links, devices, sockets and pipes can lead a reader out of the medium.",
    "Do not use this medium. Copy the files from their source again, without links.",
)
NOT_COVERED = Explanation(
    "ANX-MED-14",
    "A file is not covered by the signature",
    "Nobody vouches for this file. It is never read, but it should not be there.",
    "Remove the file from the copy, or copy the medium again.",
)
UNREADABLE = Explanation(
    "ANX-MED-15",
    "The medium cannot be read",
    "The operating system reports an error while it reads the medium.",
    "Check the drive, the cable and the mount; try another reader or a new copy.",
)
SUMS_DIFFER = Explanation(
    "ANX-MED-16",
    "SHA256SUMS does not tell the truth",
    "The list for sha256sum differs from the signed digests.",
    "Trust this program and not the list; copy the medium again.",
)
CHANGED_WHILE_READ = Explanation(
    "ANX-MED-17",
    "The medium changed while it was read",
    "Bytes differ from the signature at the moment they were handed to the engine. "
    "Nothing of this file was installed.",
    "Check the drive, verify the medium again and carry on with the same command.",
)
ANCHOR_INVALID = Explanation(
    "ANX-MED-18",
    "The trust anchor cannot be used",
    "The file is no trust anchor of this product, or it is damaged.",
    "Get the anchor from your vendor again and compare its fingerprint.",
)
STATE_DAMAGED = Explanation(
    "ANX-MED-19",
    "The trust records of this host are damaged",
    "The files that remember which releases were trusted cannot be read.",
    "Move the folder named in the evidence away and run the command again with the "
    "trust anchor file. The number of the installed release still prevents a rollback.",
)
KEYS_UNUSABLE = Explanation(
    "ANX-MED-20",
    "A signing key cannot be used",
    "The key file is missing or damaged, or the passphrase is wrong.",
    "Check the key folder and type the passphrase again.",
)
BUILD_INPUT = Explanation(
    "ANX-MED-21",
    "The medium cannot be built from this input",
    "A file or a value given to the build is missing or contradictory.",
    "Correct the input named in the evidence and build again.",
)
TARGET_WRITE = Explanation(
    "ANX-MED-22",
    "Files cannot be written on this host",
    "The disk is full, read-only or failing; nothing half-written stays behind.",
    "Free the space named in the evidence and run the command again.",
)

DELTA_BASE = Explanation(
    "ANX-MED-35",
    "This delta medium does not fit this host",
    "It leaves out what another host, or this one earlier, had. What runs is untouched.",
    "Use the full medium of this release, or run `anechoic passport --output FILE` and "
    "ask your vendor for a delta medium made from that file.",
)
DELTA_LIST = Explanation(
    "ANX-MED-36",
    "The list of a delta medium is not valid",
    "Nobody who may sign a release vouches for what this medium leaves out.",
    "Do not install it. Copy it again or use the full medium of this release.",
)
PASSPORT_INVALID = Explanation(
    "ANX-MED-37",
    "The passport cannot be used",
    "It is no passport of a host, it is damaged, or it does not fit this release.",
    "Ask the site to run `anechoic passport --output FILE` again.",
)

REVOKED = Explanation(
    "ANX-MED-30",
    "The release was revoked",
    "The vendor has withdrawn this release; nothing of it is installed.",
    "Do not use this medium. Ask your vendor for a medium of a newer release.",
)
UPDATE_UNREADABLE = Explanation(
    "ANX-MED-31",
    "This is not a trust update",
    "The file is damaged, too large, or something else. Nothing was changed.",
    "Copy the file again from its source; if it stays, ask your vendor for a new one.",
)
UPDATE_OLDER = Explanation(
    "ANX-MED-32",
    "The trust update is older than what this host has already trusted",
    "This host knows newer statements of the vendor. Nothing was changed.",
    "Nothing needs to be done. If your vendor asked for this update, get the newest one.",
)
INSTALLED_REVOKED = Explanation(
    "ANX-MED-33",
    "The installed release was revoked",
    "The vendor has withdrawn the release that runs here. It goes on running.",
    "Ask your vendor for a medium of a newer release and install it soon.",
)
UPDATE_INPUT = Explanation(
    "ANX-MED-34",
    "The trust update cannot be made from this input",
    "A release or a date given is not one that an update can speak of.",
    "Correct the input named in the evidence; `releases.jsonl` lists the releases.",
)

EXPLANATIONS: tuple[Explanation, ...] = tuple(
    value for value in list(globals().values()) if isinstance(value, Explanation)
)
