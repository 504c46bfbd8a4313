"""What a gateway tells the license container about finished work, as JSON.

Numbers only: there is no field that could hold a word, a name or an address.
The pair of run and number makes a batch count once, however often it arrives.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Final

from offline_license.errors import DecodeError
from offline_license.usage import Mode, Outcome, UsageRow

__all__ = ["MOST_BYTES", "MOST_ROWS", "Feature", "UsageBatch", "model_id"]

MOST_ROWS: Final = 4096
"""Rows in one batch."""
MOST_BYTES: Final = 1 << 20
"""Bytes of one batch as JSON; 4096 rows take less."""
_MAJOR: Final = 1
_MINOR: Final = 0
_INSTANCE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HEX_8: Final = re.compile(r"[0-9a-f]{16}")
_MOST_UINT: Final = (1 << 53) - 1
_COUNTS: Final = ("requests", "audio_ms", "chars", "peak_streams")


class Feature(IntFlag):
    """What a request used beside the words themselves; a sum of these is ledgered."""

    WORD_TIMES = 1
    LANGUAGE_DETECTION = 2
    PROMPT = 4


def model_id(name: str, version: str) -> bytes:
    """Return the 8 bytes that stand for a served model in the ledger.

    Args:
        name: of a model that a worker announced, never what a caller sent.
        version: of the same.
    """
    return hashlib.sha256(f"{name}\0{version}".encode()).digest()[:8]


@dataclass(frozen=True, slots=True)
class UsageBatch:
    """Rows of finished work of one gateway process.

    Attributes:
        instance: stable name of the gateway's replica.
        run: 8 bytes that name this process.
        number: from 1, one more with each new batch; a retry has the same.
        rows: at most ``MOST_ROWS``.
    """

    instance: str
    run: bytes
    number: int
    rows: tuple[UsageRow, ...]

    @property
    def source(self) -> bytes:
        """8 bytes that name the process among all that ever sent batches."""
        return hashlib.sha256(self.instance.encode() + b"\0" + self.run).digest()[:8]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object."""
        return {
            "version": [_MAJOR, _MINOR],
            "instance": self.instance,
            "run": self.run.hex(),
            "number": self.number,
            "rows": [_row_json(row) for row in self.rows],
        }

    @classmethod
    def from_json(cls, body: bytes) -> UsageBatch:
        """Read a batch strictly; fields of a newer minor version are not looked at.

        Raises:
            DecodeError: it is not of the expected shape.
        """
        if len(body) > MOST_BYTES:
            raise DecodeError(f"expected at most {MOST_BYTES} bytes, found more")
        try:
            found = json.loads(body)
            return cls._read(found)
        except (ValueError, RecursionError, KeyError, TypeError) as error:
            raise DecodeError("expected a batch of usage rows as JSON") from error

    @classmethod
    def _read(cls, found: dict[str, Any]) -> UsageBatch:
        major, _ = found["version"]
        if major != _MAJOR or not _INSTANCE.fullmatch(found["instance"]):
            raise DecodeError(f"expected a batch of version {_MAJOR} of an instance")
        if len(found["rows"]) > MOST_ROWS:
            raise DecodeError(f"expected at most {MOST_ROWS} rows, found more")
        return cls(
            instance=found["instance"],
            run=_hex_8(found["run"]),
            number=_uint(found["number"]),
            rows=tuple(_row(one) for one in found["rows"]),
        )


def _row_json(row: UsageRow) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in _COUNTS}
    return {
        "hour_s": row.hour_s,
        "model": row.model.hex(),
        "mode": int(row.mode),
        "features": row.features,
        "outcome": int(row.outcome),
        **counts,
    }


def _row(found: dict[str, Any]) -> UsageRow:
    return UsageRow(
        hour_s=_uint(found["hour_s"]),
        model=_hex_8(found["model"]),
        mode=Mode(_uint(found["mode"])),
        features=_uint(found["features"]),
        outcome=Outcome(_uint(found["outcome"])),
        **{name: _uint(found[name]) for name in _COUNTS},
    )


def _uint(value: object) -> int:
    if type(value) is not int or not 0 <= value <= _MOST_UINT:
        raise DecodeError("expected a whole number from 0 to 2^53 - 1")
    return value


def _hex_8(value: object) -> bytes:
    if not isinstance(value, str) or not _HEX_8.fullmatch(value):
        raise DecodeError("expected 8 bytes in hexadecimal")
    return bytes.fromhex(value)
