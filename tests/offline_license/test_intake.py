"""Whatever is carried in is recognized by its form (voice, paper, QR and USB)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_license.armor import Label, armor
from offline_license.cose import ObjectType
from offline_license.errors import (
    ExtensionCodeError,
    IntakeError,
    LicenseError,
    SizeError,
    TypeMismatchError,
)
from offline_license.extension import spell_code
from offline_license.frames import PartialFrames, split, whole
from offline_license.intake import ExtensionCode, SignedObject, recognize
from offline_license.scanner import scanner_text
from tests.support.licensing import Issuer

if TYPE_CHECKING:
    from collections.abc import Callable

ISSUER = Issuer()
LICENSE = ISSUER.license_bytes()
OBJECTS = {
    ObjectType.LICENSE: LICENSE,
    ObjectType.REQUEST: ISSUER.request_bytes(),
    ObjectType.MINI_REQUEST: ISSUER.mini_request_bytes(),
    ObjectType.RESPONSE: ISSUER.response_bytes(),
    ObjectType.REVOCATION: ISSUER.revocations_bytes(),
    ObjectType.KEYSET: ISSUER.keyset_bytes(),
}
LABELS = {
    ObjectType.LICENSE: Label.LICENSE,
    ObjectType.REQUEST: Label.REQUEST,
    ObjectType.MINI_REQUEST: Label.REQUEST,
    ObjectType.RESPONSE: Label.RESPONSE,
    ObjectType.REVOCATION: Label.REVOCATIONS,
}
FORMS: dict[str, Callable[[bytes], str]] = {
    "QR": whole,
    "frames": lambda data: "\n".join(split(data, 1_500)),
    "scanner": scanner_text,
}


@pytest.mark.parametrize("type_", OBJECTS)
def test_a_binary_object_is_recognized(type_: ObjectType) -> None:
    assert recognize(OBJECTS[type_]) == SignedObject(type_, OBJECTS[type_])


@pytest.mark.parametrize("type_", LABELS)
def test_a_text_is_recognized_by_its_label(type_: ObjectType) -> None:
    text = armor(OBJECTS[type_], LABELS[type_])

    found = recognize(b"\xef\xbb\xbf\r\n" + text.encode())

    assert found == SignedObject(type_, OBJECTS[type_])


@pytest.mark.parametrize("type_", OBJECTS)
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_other_form_gives_the_same_bytes(
    type_: ObjectType, form: Callable[[bytes], str]
) -> None:
    text = form(OBJECTS[type_])

    assert recognize(text.encode()) == SignedObject(type_, OBJECTS[type_])


def test_incomplete_frames_say_which_are_missing() -> None:
    first, *_ = split(LICENSE, 140)

    assert recognize(first.encode()) == PartialFrames(3, (2, 3))


def test_a_typed_code_is_recognized() -> None:
    code = spell_code(12345).lower()

    assert recognize(f" {code}\n".encode()) == ExtensionCode(code)


def test_a_misheard_code_is_called_so() -> None:
    with pytest.raises(ExtensionCodeError):
        recognize(b"QZ2P-SXV9-3QWJ-70DP-WRZT-22")


@pytest.mark.parametrize(
    "data",
    [
        b"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n",
        "\ufeffANX:".encode("utf-16"),
        b"{'license': 'please', 'more': 'text that says nothing'}",
        b"\x89PNG\r\n\x1a\n",
    ],
)
def test_other_files_are_refused_as_nothing_of_ours(data: bytes) -> None:
    with pytest.raises(IntakeError):
        recognize(data)


@pytest.mark.parametrize("data", [b"", b" " * 65_537])
def test_the_size_comes_first(data: bytes) -> None:
    with pytest.raises(SizeError):
        recognize(data)


def test_an_object_of_a_later_program_is_called_another_kind() -> None:
    unknown = LICENSE.replace(b"anx-lic+1", b"anx-lic+2")

    with pytest.raises(TypeMismatchError):
        recognize(unknown)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_recognized_or_refused_by_one_error(data: bytes) -> None:
    try:
        found = recognize(data)
    except LicenseError:
        return

    assert isinstance(found, ExtensionCode | SignedObject | PartialFrames)
