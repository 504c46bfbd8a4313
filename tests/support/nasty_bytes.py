"""Bytes made to cost a reader much: false lengths, depth, numbers, long texts.

    python -m tests.support.nasty_bytes

reads all of them with every reader and prints by how many bytes the largest resident
set of the process grew.
"""

from __future__ import annotations

import resource

from offline_license import cbor
from tests.support.license_readers import READERS, read

__all__ = ["NASTY"]

NASTY = {
    "ones": b"\xff" * 65_536,
    "a false length": b"\x9b" + b"\xff" * 8,
    "half a false length": b"\x5b" + b"\x7f" * 8,
    "deep arrays": b"\x81" * 65_536,
    "deep maps": b"\xa1\x00" * 32_768,
    "many values": b"\x99\x0f\xff" + b"\x00" * 4_095,
    "many keys": cbor.encode({number: number for number in range(2_000)}),
    "long text": cbor.encode("\u00e9" * 32_000),
    "long bytes": cbor.encode(bytes(65_000)),
    "json arrays": b"[" * 65_536,
    "json digits": b'{"salt":' + b"9" * 65_000 + b"}",
    "blanks": b" " * 65_536,
    "empty lines": b"\n" * 65_536,
    "readable lines": b"-----BEGIN ANECHOIC LICENSE-----\n" + b"a: b\n" * 13_000,
    "long base64": b"-----BEGIN ANECHOIC LICENSE-----\n\n" + b"A" * 65_400,
    "one byte too many": bytes(65_537),
    "nothing": b"",
}


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _growth_bytes() -> int:
    for reader in READERS.values():
        read(reader, reader.seeds[0])
    before = _most_bytes()
    for reader in READERS.values():
        for data in NASTY.values():
            read(reader, data)
            if reader.sign is not None:
                read(reader, reader.sign(data))
    return _most_bytes() - before


if __name__ == "__main__":
    print(_growth_bytes())
