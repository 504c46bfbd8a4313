"""The key ceremony, by its own program with answers on stdin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from appliance.vendor.ceremony import (
    LICENSE_ROOT,
    RELEASE_ROOT,
    TRANSCRIPT,
    Surroundings,
    hold_ceremony,
)
from appliance.vendor.errors import CeremonyError
from appliance.vendor.keys import KeyFolder
from appliance.vendor.license_keys import load_keyset
from appliance.vendor.license_roots import RootFile
from appliance.vendor.license_rotation import renew_issuing_keys
from bundles.keys import load_release_keys
from bundles.trust.anchor import TrustAnchor
from offline_license.errors import KeyFileError
from tests.support.ceremony import NAMES, OFFICE, People, secret_of, talk_to

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NOW_S = int(NOW.timestamp())


@pytest.fixture
def people(tmp_path: Path) -> People:
    for name in NAMES:
        (tmp_path / name).mkdir()
    return People(tmp_path)


def hold(
    people: People,
    *,
    rehearse: bool = False,
    surroundings: Surroundings = Surroundings(),  # noqa: B008 - it is frozen
) -> str:
    """Hold a ceremony into the folder keys."""
    return hold_ceremony(
        people,
        people.media / "keys",
        now=NOW,
        surroundings=surroundings,
        rehearse=rehearse,
    )


def test_the_program_holds_a_ceremony_with_answers_on_stdin(people: People) -> None:
    keys = people.media / "keys"
    people.first["GO ON"] = ["GO ON"]

    status, shown = talk_to(
        people, "keys", "ceremony", str(keys), env={"SOURCE_DATE_EPOCH": str(NOW_S)}
    )

    assert status == 0, shown
    assert TrustAnchor.read(keys / "trust-anchor.json").fingerprint in shown
    assert (keys / TRANSCRIPT).read_text() in shown


def test_the_program_rehearses_and_leaves_nothing(people: People) -> None:
    before = sorted(people.media.rglob("*"))

    status, shown = talk_to(
        people, "keys", "ceremony", "--rehearse", str(people.media / "keys"), env={}
    )

    assert status == 0, shown
    assert "THESE KEYS DO NOT EXIST" in shown
    assert sorted(people.media.rglob("*")) == before


def test_a_ceremony_leaves_a_key_folder_without_any_root_key(people: People) -> None:
    hold(people)

    folder = KeyFolder(people.media / "keys")
    folder.require()
    assert load_keyset(folder.license).version == 1
    load_release_keys(folder.release, OFFICE.encode())
    assert not [*folder.path.rglob("*root*.pem")]


def test_each_custodian_has_both_root_keys_under_a_passphrase(people: People) -> None:
    hold(people)

    for name in NAMES:
        for file in (LICENSE_ROOT, RELEASE_ROOT):
            assert b"ENCRYPTED" in (people.media / name / file).read_bytes()
            assert (people.media / name / file).stat().st_mode & 0o777 == 0o600


def test_any_two_custodians_can_rotate_the_keys(people: People) -> None:
    hold(people)
    license_keys = KeyFolder(people.media / "keys").license

    for pair in (("Ada", "Grace"), ("Grace", "Hedy"), ("Ada", "Hedy")):
        roots = [
            RootFile(people.media / name / LICENSE_ROOT, secret_of(name).encode())
            for name in pair
        ]
        renew_issuing_keys(license_keys, OFFICE.encode(), now=NOW_S, roots=roots)

    assert load_keyset(license_keys).version == 4


def test_the_office_alone_can_change_no_key(people: People) -> None:
    hold(people)

    with pytest.raises(KeyFileError, match="2 root keys, found 0"):
        renew_issuing_keys(
            KeyFolder(people.media / "keys").license, OFFICE.encode(), now=NOW_S
        )


def test_the_transcript_holds_what_must_be_compared_and_no_secret(
    people: People,
) -> None:
    text = hold(people)

    anchor = TrustAnchor.read(people.media / "keys/trust-anchor.json")
    assert anchor.fingerprint in text
    assert "signed by Ada and Hedy" in text
    assert all(name in text for name in (*NAMES, "Joan, witness"))
    for word in (OFFICE, *map(secret_of, NAMES)):
        assert word not in text


def test_no_passphrase_is_ever_shown(people: People) -> None:
    hold(people)

    shown = "\n".join(people.said + people.asked)
    assert "horse" not in shown
    assert OFFICE not in shown


@pytest.mark.parametrize(
    ("question", "answers", "said"),
    [
        ("Name?", [""], "A name is needed"),
        ("Name?", ["Ada", "Ada"], "somebody else already"),
        ("last group", ["0000"], "another group"),
        ("Again?", ["something else"], "The two differ."),
        ("Which two", ["1 1", "1", "1 4", "one two"], "two different numbers"),
        ("Folder where", ["/nowhere"], "no such folder"),
        ("Folder where", ["Ada", "Ada"], "somebody's medium"),
        ("put it in", ["Grace"], "That is the medium of somebody else."),
        ("put it in", ["keys-to-come"], "no such folder"),
        ("Passphrase of Ada?", ["a wrong one"], "license-root.pem"),
    ],
)
def test_a_wrong_answer_is_asked_again(
    people: People, question: str, answers: list[str], said: str
) -> None:
    folders = "Folder" in question or question == "put it in"
    given = [str(people.media / one) for one in answers] if folders else answers
    people.first[question] = list(given)
    if said == "That is the medium of somebody else.":
        people.first["Passphrase of Ada?"] = [secret_of("Grace")] * 5

        with pytest.raises(CeremonyError, match="somebody else"):
            hold(people)
    else:
        hold(people)

    assert any(said in line for line in people.said)


@pytest.mark.parametrize(
    ("passphrase", "said"),
    [("short", "At least 12"), (secret_of("Ada"), "a passphrase of their own")],
)
def test_a_passphrase_is_long_and_its_custodians_alone(
    people: People, passphrase: str, said: str
) -> None:
    ada = secret_of("Ada")
    people.first["six random words"] = [ada, passphrase]
    people.first["Again?"] = [ada, passphrase]

    hold(people)

    assert any(said in line for line in people.said)


def test_after_five_wrong_answers_the_ceremony_ends(people: People) -> None:
    people.first["Which two"] = [""] * 5

    with pytest.raises(CeremonyError, match="after 5 tries"):
        hold(people)

    assert not (people.media / "keys").exists()


def test_a_network_is_named_and_must_be_accepted(people: People) -> None:
    people.first["GO ON"] = ["no"]

    with pytest.raises(CeremonyError, match="not accepted"):
        hold(people, surroundings=Surroundings(networks=("eth0",), swap=True))

    assert any("eth0" in line for line in people.said)
    assert not list((people.media / "Ada").iterdir())


def test_what_was_accepted_stands_in_the_transcript(people: People) -> None:
    text = hold(people, surroundings=Surroundings(swap=True))

    assert "remark      swap was on" in text


def test_a_folder_with_something_in_it_is_left_alone(people: People) -> None:
    (people.media / "keys").mkdir()
    (people.media / "keys/letter").touch()

    with pytest.raises(CeremonyError, match="new folder"):
        hold(people)

    assert people.asked == []


def test_a_medium_that_cannot_be_written_ends_the_ceremony(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("appliance.vendor.ceremony.write_new", full)

    with pytest.raises(CeremonyError, match="No space left"):
        hold(people)


def test_the_machine_is_looked_at(tmp_path: Path) -> None:
    for name, state in (("lo", "up"), ("eth0", "up"), ("eth1", "down")):
        folder = tmp_path / "sys/class/net" / name
        folder.mkdir(parents=True)
        (folder / "operstate").write_text(f"{state}\n")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/swaps").write_text("Filename\n/swapfile\n")

    assert Surroundings.look(tmp_path) == Surroundings(("eth0",), swap=True)


def test_an_input_that_ends_ends_the_ceremony(people: People) -> None:
    status, shown = talk_to(
        People(people.media / "gone", first={"witness": [""] * 5}),
        "keys",
        "ceremony",
        str(people.media / "keys"),
        env={},
    )

    assert status == 1
    assert "ANX-LIC-57" in shown
    assert not (people.media / "keys").exists()
