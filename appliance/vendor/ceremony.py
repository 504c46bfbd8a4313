"""The key ceremony: three custodians make the root keys on a machine without a network.

Each custodian gets a medium with one root key for licenses and one for releases, under
a passphrase that nobody else knows. Two of the three then sign the first key set with
keys read back from their media, which proves before anyone leaves that the media and
the passphrases work. What stays is a key folder without any root key, and a transcript
for the safe.

A rehearsal asks the same questions, takes any folder for a medium, writes only to a
temporary folder and deletes it. Nothing is in its final place before the ceremony is
complete. ``docs/key-ceremony.md`` is the script for the people.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.vendor.ceremony_questions import (
    MEDIUM_FOLDER,
    Questions,
    Surroundings,
)
from appliance.vendor.ceremony_transcript import Member, Minutes, key_fingerprint
from appliance.vendor.console import ask_until
from appliance.vendor.errors import CeremonyError
from appliance.vendor.keys import ROOT_LIFE, KeyFolder
from appliance.vendor.license_keys import (
    ROOT_THRESHOLD,
    ROOTS,
    LicenseKeyFiles,
    new_key,
    open_key,
    write_issuing_keys,
    write_new,
)
from bundles.files import fsync_directory, write_durably
from bundles.keys import create_release_keys
from bundles.trust.anchor import TrustAnchor
from offline_license.anchor import LicenseAnchor
from offline_license.errors import KeyFileError
from offline_license.keys import private_key_pem, public_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from appliance.vendor.console import Console
    from offline_license.keys import Ed25519PrivateKey

__all__ = [
    "LICENSE_ROOT",
    "RELEASE_ROOT",
    "TRANSCRIPT",
    "Surroundings",
    "hold_ceremony",
]

LICENSE_ROOT: Final = f"{MEDIUM_FOLDER}/license-root.pem"
RELEASE_ROOT: Final = f"{MEDIUM_FOLDER}/release-root.pem"
TRANSCRIPT: Final = "key-ceremony.txt"


@dataclass(slots=True)
class _Custodian:
    """One custodian, while the ceremony lasts."""

    number: int
    name: str
    license_key: Ed25519PrivateKey = field(repr=False)
    release_key: Ed25519PrivateKey = field(repr=False)
    secret: bytes = field(repr=False)

    @property
    def member(self) -> Member:
        """What the transcript says of the custodian."""
        keys = (self.license_key, self.release_key)
        return Member(self.number, self.name, *map(public_bytes, keys))


def hold_ceremony(
    console: Console,
    output: Path,
    *,
    now: datetime,
    surroundings: Surroundings,
    rehearse: bool = False,
) -> str:
    """Walk three custodians through making the keys and return the transcript.

    Args:
        console: where people read and type.
        output: the new key folder; not touched by a rehearsal.
        now: aware time.
        surroundings: of this machine.
        rehearse: practice, without consequences.

    Raises:
        CeremonyError: it ended early; no site trusts what was made.
    """
    if not rehearse:
        _check_output(output)
        return _Ceremony(console, output, None, now, surroundings).hold()
    with tempfile.TemporaryDirectory(prefix="anechoic-rehearsal-") as folder:
        stage = Path(folder)
        return _Ceremony(console, stage / "keys", stage, now, surroundings).hold()


def _check_output(output: Path) -> None:
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise CeremonyError(f"expected a new folder, found something in {output}")


class _Ceremony:
    """One ceremony, from the welcome to the transcript."""

    def __init__(
        self,
        console: Console,
        output: Path,
        stage: Path | None,
        now: datetime,
        surroundings: Surroundings,
    ) -> None:
        self._console = console
        self._questions = Questions(console, stage)
        self._output = output
        self._stage = stage
        self._now = now
        self._surroundings = surroundings

    def hold(self) -> str:
        """Ask, make, prove, write."""
        say = self._console.say
        say("KEY CEREMONY" + (" - REHEARSAL, nothing is kept" if self._stage else ""))
        say(f"It makes {ROOTS} root keys, of which {ROOT_THRESHOLD} must sign.")
        remarks = self._remarks()
        witness = self._questions.name("Name of the witness?")
        custodians: list[_Custodian] = []
        for number in range(1, ROOTS + 1):
            custodians.append(self._custodian(number, custodians))
        say("\nThe keys that issue licenses and sign releases, for the office.")
        office = self._questions.passphrase(
            "office", [one.secret for one in custodians]
        )
        signers = self._signers(custodians)
        anchor = self._write(custodians, signers, office)
        names = [custodians[number - 1].name for number in sorted(signers)]
        minutes = Minutes(
            now=self._now,
            rehearsal=self._stage is not None,
            witness=witness,
            members=tuple(one.member for one in custodians),
            signers=tuple(names),
            remarks=tuple(remarks),
        )
        text = minutes.text(anchor, KeyFolder(self._output))
        write_durably(self._output / TRANSCRIPT, text.encode())
        say("\n" + text)
        return text

    def _remarks(self) -> list[str]:
        """Say what speaks against this machine, and let people decide."""
        remarks = []
        if self._surroundings.networks:
            names = ", ".join(self._surroundings.networks)
            remarks.append(f"network interfaces were up: {names}")
        if self._surroundings.swap:
            remarks.append("swap was on: secrets may have reached a disk")
        for remark in remarks:
            self._console.say(f"  WARNING: {remark}")
        if remarks and self._stage is None:
            question = "Type GO ON to accept this, or anything else to end:"
            if self._console.ask(question) != "GO ON":
                raise CeremonyError("the machine was not accepted")
        return remarks

    def _custodian(self, number: int, others: Sequence[_Custodian]) -> _Custodian:
        """Make the keys of one custodian and write them to a medium."""
        say = self._console.say
        say(f"\nCUSTODIAN {number} of {ROOTS}")
        name = self._questions.name("Name?", [one.name for one in others])
        medium = self._questions.medium(
            number, "Folder where the medium is mounted?", new=True
        )
        secret = self._questions.passphrase("medium", [one.secret for one in others])
        made = _Custodian(number, name, new_key(), new_key(), secret)
        self._fill(medium, made)
        say(f"  Written and read back. The license root key of {name}:")
        say(f"    {key_fingerprint(made.member.license_root)}")
        self._questions.confirm(key_fingerprint(made.member.license_root))
        self._console.ask("Take the medium out, then press Enter.")
        return made

    def _fill(self, medium: Path, made: _Custodian) -> None:
        """Write both root keys to a medium and read them back."""
        files = {LICENSE_ROOT: made.license_key, RELEASE_ROOT: made.release_key}
        try:
            (medium / MEDIUM_FOLDER).mkdir(mode=0o700)
            for name, key in files.items():
                write_new(medium / name, private_key_pem(key, made.secret))
            fsync_directory(medium / MEDIUM_FOLDER)
            fsync_directory(medium)
        except OSError as error:
            raise CeremonyError(f"{medium}: {error.strerror}") from error
        for name, key in files.items():
            if public_bytes(open_key(medium / name, made.secret)) != public_bytes(key):
                raise CeremonyError(f"{medium}: expected the key that was written")

    def _signers(
        self, custodians: Sequence[_Custodian]
    ) -> dict[int, Ed25519PrivateKey]:
        """Have two custodians open their keys again, from their media."""
        self._console.say(
            "\nTwo custodians now sign with their media: that proves they work."
        )
        chosen = [custodians[number - 1] for number in self._questions.signers()]
        return {one.number: self._open(one) for one in chosen}

    def _open(self, custodian: _Custodian) -> Ed25519PrivateKey:
        """Open the license root key on a custodian's medium."""
        number, name = custodian.number, custodian.name
        question = f"Medium of {name}: put it in. Folder?"
        opened: list[Ed25519PrivateKey] = []

        def wrong(secret: str) -> str:
            try:
                opened.append(open_key(medium / LICENSE_ROOT, secret.encode()))
            except KeyFileError as error:
                return f"{error}."
            if public_bytes(opened[-1]) != custodian.member.license_root:
                return "That is the medium of somebody else."
            return ""

        medium = self._questions.medium(number, question, new=False)
        ask_until(
            self._console,
            lambda: self._console.secret(f"Passphrase of {name}?").decode(),
            wrong,
        )
        return opened[-1]

    def _write(
        self,
        custodians: Sequence[_Custodian],
        signers: dict[int, Ed25519PrivateKey],
        office: bytes,
    ) -> TrustAnchor:
        """Make the key folder under another name and move it into place whole."""
        partial = self._output.with_name(f".{self._output.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        try:
            partial.mkdir(mode=0o700, parents=True)
            anchor = self._make(KeyFolder(partial), custodians, signers, office)
            if self._output.exists():
                self._output.rmdir()
            partial.rename(self._output)
        except OSError as error:
            raise CeremonyError(f"{self._output}: {error.strerror}") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        fsync_directory(self._output.parent)
        return anchor

    def _make(
        self,
        folder: KeyFolder,
        custodians: Sequence[_Custodian],
        signers: dict[int, Ed25519PrivateKey],
        office: bytes,
    ) -> TrustAnchor:
        roots = tuple(sorted(one.member.license_root for one in custodians))
        license_anchor = LicenseAnchor(roots, ROOT_THRESHOLD)
        release = create_release_keys(
            folder.release,
            office,
            root_expires=self._now + ROOT_LIFE,
            root_keys=[one.release_key for one in custodians],
        )
        folder.license.mkdir(mode=0o700)
        write_issuing_keys(
            LicenseKeyFiles(folder.license),
            office,
            license_anchor,
            tuple(signers.values()),
            now=int(self._now.timestamp()),
        )
        anchor = TrustAnchor(release.newest_root, license_anchor.to_bytes(), self._now)
        write_durably(folder.anchor, anchor.to_json())
        return anchor
