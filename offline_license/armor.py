"""The text form of licenses and requests, for paper and mail.

    -----BEGIN ANECHOIC LICENSE-----
    Licensee: Example GmbH
    Valid through: 2027-09-30
    Serial: 1F2E-3D4C/3

    0oRYGaMBMgRI...
    -----END ANECHOIC LICENSE-----

The readable lines are rendered again from the signed content and must be the same,
so that the paper which was approved is what is installed. Byte order mark, line
ends and blanks are normalized; everything else in the base64 is strict. Identity is
the SHA-256 of the decoded bytes, never of the text.
"""

from __future__ import annotations

import base64
import binascii
from enum import Enum
from typing import TYPE_CHECKING

from offline_license.cose import SIGN1_TAG
from offline_license.dates import iso, valid_through
from offline_license.errors import (
    ArmorError,
    HeaderMismatchError,
    SizeError,
    TrailingError,
    TypeMismatchError,
)
from offline_license.keys import key_id, short_id
from offline_license.license import peek_license
from offline_license.request import peek_request
from offline_license.tolerances import TOLERANCES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Label", "armor", "unarmor"]

_WIDTH = 64
_BOM = b"\xef\xbb\xbf"


class Label(Enum):
    """What stands after BEGIN and END."""

    LICENSE = "ANECHOIC LICENSE"
    REQUEST = "ANECHOIC REQUEST"

    @property
    def begin(self) -> str:
        """The first line."""
        return f"-----BEGIN {self.value}-----"

    @property
    def end(self) -> str:
        """The last line."""
        return f"-----END {self.value}-----"


def armor(data: bytes, label: Label) -> str:
    """Write an object as text with its readable lines.

    Raises:
        LicenseError: the bytes are no such object.
    """
    lines = [f"{name}: {value}" for name, value in _readable(data, label).items()]
    text = base64.b64encode(data).decode()
    body = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join([label.begin, *lines, "", *body, label.end, ""])


def unarmor(data: bytes, label: Label) -> bytes:
    """Return the object's bytes from its text form, or from the bytes themselves.

    Args:
        data: a file, a paste, or the binary object.
        label: what is expected.

    Raises:
        SizeError: empty or too large.
        ArmorError: the text is damaged.
        HeaderMismatchError: the readable lines differ from the signed content.
        TrailingError: something follows the block.
        TypeMismatchError: it is the text of another kind of object.
        LicenseError: the object inside is damaged.
    """
    if not 0 < len(data) <= TOLERANCES.object_bytes:
        raise SizeError(
            f"expected 1 to {TOLERANCES.object_bytes} bytes, found {len(data)}"
        )
    if data.startswith(SIGN1_TAG):
        return data
    lines = _block(_text(data), label)
    blank = lines.index("") if "" in lines else -1
    if blank < 0:
        raise ArmorError("expected an empty line after the readable lines")
    decoded = _base64("".join(lines[blank + 1 :]))
    _compare(lines[:blank], _readable(decoded, label))
    return decoded


def _text(data: bytes) -> str:
    try:
        return data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArmorError("expected UTF-8 text or a binary license") from error


def _block(text: str, label: Label) -> list[str]:
    """Return the lines between the markers, without outer blanks."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    for other in Label:
        if other is not label and lines and lines[0] == other.begin:
            raise TypeMismatchError(f"expected {label.value}, found {other.value}")
    if not lines or lines[0] != label.begin:
        raise ArmorError(f"expected {label.begin} as the first line")
    if label.end not in lines:
        raise ArmorError(f"expected {label.end} as the last line")
    end = lines.index(label.end)
    if end != len(lines) - 1:
        raise TrailingError(f"expected nothing after {label.end}")
    return lines[1:end]


def _base64(body: str) -> bytes:
    """Decode strictly: alphabet, padding and zero tail bits; blanks are dropped."""
    compact = "".join(body.split())
    try:
        decoded = base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArmorError("expected base64 between the markers") from error
    if base64.b64encode(decoded).decode() != compact:
        raise ArmorError("expected base64 with zero tail bits")
    return decoded


def _compare(lines: list[str], expected: Mapping[str, str]) -> None:
    found = dict(_split(line) for line in lines)
    if len(found) != len(lines) or found != expected:
        names = sorted({name for name, _ in set(found.items()) ^ set(expected.items())})
        raise HeaderMismatchError(
            "expected the readable lines to repeat the signed content, "
            f"found a difference in {', '.join(names) or 'a repeated line'}"
        )


def _split(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(": ")
    if not colon:
        raise ArmorError("expected readable lines of the form Name: value")
    return name, value


def _readable(data: bytes, label: Label) -> Mapping[str, str]:
    """Render the readable lines from an object."""
    if label is Label.LICENSE:
        license_ = peek_license(data)
        return {
            "Licensee": " ".join(license_.name.split()),
            "Valid through": valid_through(license_.exp).isoformat(),
            "Serial": license_.serial,
        }
    request = peek_request(data)
    return {
        "Installation": short_id(key_id(request.install_key)),
        "Made": iso(request.wall_s),
    }
