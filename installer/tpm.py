"""What a TPM 2.0 chip is known by: its endorsement certificate, else its key.

Two commands of the chip are spoken directly, which needs no library on the host: the
resource manager of the kernel takes one command per write and gives one answer per read.

Source: TCG TPM 2.0 Library, part 3 (NV_ReadPublic, NV_Read, ReadPublic); TCG EK
Credential Profile, section 2.2.1.4 (places of certificates and keys).
"""

from __future__ import annotations

import hashlib
import os
import select
import struct
from typing import Final

__all__ = ["endorsement_digest"]

_NO_SESSIONS: Final = 0x8001
_SESSIONS: Final = 0x8002
_NV_READ_PUBLIC: Final = 0x0169
_NV_READ: Final = 0x014E
_READ_PUBLIC: Final = 0x0173
_EMPTY_PASSWORD: Final = struct.pack(">IIHBH", 9, 0x40000009, 0, 0, 0)
_CERTIFICATES: Final = (0x01C00002, 0x01C0000A, 0x01C00016)
"""RSA 2048, ECC P-256 and ECC P-384, in this order."""
_KEYS: Final = (0x81010001, 0x81010016)
_HEAD_BYTES: Final = 10
_ANSWER_BYTES: Final = 4096
_CHUNK_BYTES: Final = 512
_MOST_BYTES: Final = 16_384
_DEADLINE_MS: Final = 5_000


def endorsement_digest(chip: int) -> str:
    """Return the SHA-256 of what the chip was endorsed with, in hex.

    Args:
        chip: descriptor open for reading and writing, such as of ``/dev/tpmrm0``.

    Raises:
        OSError: the chip does not answer, or holds neither certificate nor key.
    """
    for place in _CERTIFICATES:
        if certificate := _certificate(chip, place):
            return hashlib.sha256(certificate).hexdigest()
    for handle in _KEYS:
        if public := _ask(chip, _NO_SESSIONS, _READ_PUBLIC, struct.pack(">I", handle)):
            size = struct.unpack_from(">H", public)[0]
            return hashlib.sha256(public[2 : 2 + size]).hexdigest()
    raise OSError("the TPM holds no endorsement certificate and no endorsement key")


def _certificate(chip: int, place: int) -> bytes:
    """Return the content of an NV place; nothing where it is not defined."""
    found = _ask(chip, _NO_SESSIONS, _NV_READ_PUBLIC, struct.pack(">I", place))
    if not found:
        return b""
    policy_bytes = struct.unpack_from(">H", found, 12)[0]
    size = struct.unpack_from(">H", found, 14 + policy_bytes)[0]
    content = b""
    while len(content) < min(size, _MOST_BYTES):
        wanted = min(_CHUNK_BYTES, size - len(content))
        part = _read_part(chip, place, wanted, len(content))
        if not part:
            return b""
        content += part
    return content


def _read_part(chip: int, place: int, size: int, offset: int) -> bytes:
    handles = struct.pack(">II", place, place)
    where = struct.pack(">HH", size, offset)
    answer = _ask(chip, _SESSIONS, _NV_READ, handles + _EMPTY_PASSWORD + where)
    if not answer:
        return b""
    found = struct.unpack_from(">H", answer, 4)[0]
    return answer[6 : 6 + found]


def _ask(chip: int, tag: int, command: int, body: bytes) -> bytes:
    """Send one command; return the answer's body, nothing where the chip refuses.

    Raises:
        OSError: it does not answer in time, or with something else.
    """
    os.write(chip, struct.pack(">HII", tag, _HEAD_BYTES + len(body), command) + body)
    waiting = select.poll()
    waiting.register(chip, select.POLLIN)
    if not waiting.poll(_DEADLINE_MS):
        raise TimeoutError("the TPM does not answer")
    answer = os.read(chip, _ANSWER_BYTES)
    if len(answer) < _HEAD_BYTES:
        raise OSError("expected an answer of the TPM, found something else")
    return answer[_HEAD_BYTES:] if struct.unpack_from(">I", answer, 6)[0] == 0 else b""
