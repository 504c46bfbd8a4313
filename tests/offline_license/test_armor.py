"""The text form (cases 10, 11, 12, 15)."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license.armor import Label, armor, unarmor
from offline_license.errors import (
    ArmorError,
    HeaderMismatchError,
    LicenseError,
    SizeError,
    TrailingError,
    TypeMismatchError,
)
from tests.support.licensing import Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = Issuer().license_text()
DATA = Issuer().license_bytes()
BODY = TEXT.splitlines()[5]


def test_the_text_shows_licensee_date_and_serial() -> None:
    assert TEXT.splitlines()[:5] == [
        "-----BEGIN ANECHOIC LICENSE-----",
        "Licensee: Example Hospital",
        "Valid through: 2028-01-13",
        "Serial: 630B-A094/1",
        "",
    ]


HARMLESS: dict[str, Callable[[str], bytes]] = {
    "as written": lambda text: text.encode(),
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old mac line ends": lambda text: text.replace("\n", "\r").encode(),
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "outer blank lines": lambda text: f"\n\n{text}\n \n".encode(),
    "indented by mail": lambda text: text.replace("\n", "\n  ").encode(),
    "blanks at line ends": lambda text: text.replace("\n", " \n").encode(),
    "wrapped by mail": lambda text: text.replace(
        BODY, f"{BODY[:30]}\n{BODY[30:]}"
    ).encode(),
    "blanks in the base64": lambda text: text.replace(BODY, " ".join(BODY)).encode(),
    "binary": lambda _: DATA,
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_mail_does_to_text_changes_nothing(
    change: Callable[[str], bytes],
) -> None:
    assert unarmor(change(TEXT), Label.LICENSE) == DATA


DAMAGED: dict[str, Callable[[str], bytes]] = {
    "exclamation mark": lambda text: text.replace(
        BODY, BODY[:5] + "!" + BODY[6:]
    ).encode(),
    "smart quotes": lambda text: text.replace(BODY, f"\u201c{BODY}\u201d").encode(),
    "one letter lost": lambda text: text.replace(BODY, BODY[1:]).encode(),
    "padding in the middle": lambda text: text.replace(BODY, BODY[:-1] + "=").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "no first line": lambda text: "\n".join(text.splitlines()[1:]).encode(),
    "no last line": lambda text: "\n".join(text.splitlines()[:-1]).encode(),
    "no empty line": lambda text: text.replace("\n\n", "\n").encode(),
    "no body": lambda text: text.replace(
        "\n\n", "\n\n-----END ANECHOIC LICENSE-----\n", 1
    ).encode(),
    "header without colon": lambda text: text.replace("Serial: ", "Serial ").encode(),
    "only blanks": lambda _: b"  \n ",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n\xff\xfe",
}


@pytest.mark.parametrize("change", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_text_is_refused(change: Callable[[str], bytes]) -> None:
    with pytest.raises(LicenseError):
        unarmor(change(TEXT), Label.LICENSE)


EDITED: dict[str, Callable[[str], str]] = {
    "valid through": lambda text: text.replace("2028-01-13", "2099-01-13"),
    "licensee": lambda text: text.replace("Hospital", "Hospitals"),
    "serial": lambda text: text.replace("630B", "630A"),
    "an added line": lambda text: text.replace("\n\n", "\nSupport: forever\n\n"),
    "a removed line": lambda text: text.replace("Serial: 630B-A094/1\n", ""),
    "a doubled line": lambda text: text.replace(
        "Serial: 630B-A094/1\n", "Serial: 630B-A094/1\n" * 2
    ),
}


@pytest.mark.parametrize("change", EDITED.values(), ids=EDITED.keys())
def test_an_edited_readable_line_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(HeaderMismatchError):
        unarmor(change(TEXT).encode(), Label.LICENSE)


def test_tail_bits_that_are_not_zero_are_refused() -> None:
    """Base64 has several spellings of one value; only the canonical one is taken."""
    data = next(
        one
        for one in (Issuer().license_bytes(name="x" * n) for n in range(1, 4))
        if base64.b64encode(one).endswith(b"=")
    )
    text = armor(data, Label.LICENSE)
    last = text.splitlines()[-2]
    letter = last.rstrip("=")[-1]
    spelled = last.replace(letter + "=", chr(ord(letter) + 1) + "=")

    with pytest.raises(ArmorError):
        unarmor(text.replace(last, spelled).encode(), Label.LICENSE)


def test_two_licenses_in_one_text_are_refused() -> None:
    with pytest.raises(TrailingError):
        unarmor((TEXT + TEXT).encode(), Label.LICENSE)


def test_a_request_is_not_taken_for_a_license(issuer: Issuer) -> None:
    text = armor(issuer.request_bytes(), Label.REQUEST)

    with pytest.raises(TypeMismatchError, match="found ANECHOIC REQUEST"):
        unarmor(text.encode(), Label.LICENSE)


def test_a_request_shows_its_installation_and_time(issuer: Issuer) -> None:
    data = issuer.request_bytes()

    text = armor(data, Label.REQUEST)

    assert "Installation: 9B27-7AF8\nMade: 2027-01-15T08:00:00Z\n\n" in text
    assert unarmor(text.encode(), Label.REQUEST) == data


@pytest.mark.parametrize("size", [0, 65_537])
def test_the_size_is_checked_first(size: int) -> None:
    with pytest.raises(SizeError):
        unarmor(b"-" * size, Label.LICENSE)


@given(st.text("BEGINANECHOICLICENSE-", min_size=1, max_size=47).map(lambda s: s + "x"))
def test_content_made_of_the_letters_of_the_markers_survives(name: str) -> None:
    """Stripping markers with character sets would eat it."""
    data = Issuer().license_bytes(name=name)

    assert unarmor(armor(data, Label.LICENSE).encode(), Label.LICENSE) == data


READABLE: dict[Label, tuple[bytes, list[str]]] = {
    Label.REQUEST: (
        Issuer().mini_request_bytes(),
        [
            "Installation: 9B27-7AF8",
            "Made: 2027-01-15T08:00:00Z",
            "Serial: 630B-A094/1",
        ],
    ),
    Label.RESPONSE: (
        Issuer().response_bytes(),
        [
            "Licensee: Example Hospital",
            "Valid through: 2028-01-13",
            "Serial: 630B-A094/1",
            "Key set: 1",
            "Revocation list: 1",
            "Usage accepted to: record 7",
        ],
    ),
    Label.REVOCATIONS: (
        Issuer().revocations_bytes(),
        [
            "Revocation list: 1",
            "Made: 2027-01-15T08:00:00Z",
            "Revoked up to: 630B-A094/99",
        ],
    ),
}


@pytest.mark.parametrize("label", READABLE)
def test_every_text_shows_what_a_security_officer_signs_off(label: Label) -> None:
    data, shown = READABLE[label]

    text = armor(data, label)

    assert text.splitlines()[1 : len(shown) + 2] == [*shown, ""]
    assert unarmor(text.encode(), label) == data


def test_a_response_shows_only_what_it_encloses(issuer: Issuer) -> None:
    data = issuer.response_bytes(keyset=None, revocations=None, ack=None)

    assert armor(data, Label.RESPONSE).splitlines()[4] == ""


def test_an_empty_revocation_list_says_none(issuer: Issuer) -> None:
    data = issuer.revocations_bytes(entries=())

    assert "Revoked up to: none" in armor(data, Label.REVOCATIONS)


def test_the_label_must_be_that_of_the_object(issuer: Issuer) -> None:
    text = armor(issuer.response_bytes(), Label.RESPONSE)
    relabeled = text.replace("RESPONSE", "LICENSE")

    with pytest.raises(TypeMismatchError, match="found a response"):
        unarmor(relabeled.encode(), Label.LICENSE)
    with pytest.raises(TypeMismatchError, match="found a keyset"):
        armor(issuer.keyset_bytes(), Label.LICENSE)
