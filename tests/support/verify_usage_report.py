"""Verify a usage report from docs/usage-report.md alone, without our packages.

    python verify_usage_report.py REPORT PUBLIC_KEY_HEX

Prints the payload when every proof holds; raises an exception otherwise.
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KINDS = [
    "usage",
    "start",
    "install",
    "redeem",
    "clock_confirmed",
    "restored",
    "gap",
    "lossy",
    "broken",
    "revoked",
    "overage",
    "day",
    "checkpoint",
]
WORDS = {
    "kind": KINDS,
    "mode": ["batch", "interactive", "live"],
    "outcome": ["served", "refused", "failed", "canceled"],
}
TIMES = {"time", "at", "proved"}


def record(shown: dict[str, Any]) -> tuple[list[Any], bytes]:
    """Return the values of a record and its bytes."""
    values = [value(shown["kind"], name, one) for name, one in shown.items()]
    parts = [*values[:4], values[4:]]
    return parts, cbor2.dumps(parts, canonical=True)


def value(kind: str, name: str, shown: Any) -> Any:  # noqa: ANN401
    """Return the value that is shown: a number, a time, a word, or digits."""
    if isinstance(shown, int):
        return shown
    if name in WORDS:
        return WORDS[name].index(shown)
    if name in TIMES and kind + name != "brokenat":
        moment = datetime.strptime(shown, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return int(moment.timestamp())
    return bytes.fromhex(shown)


def root(leaves: list[bytes]) -> bytes:
    """Return the root of the tree over some leaves."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    pair = root(leaves[:split]) + root(leaves[split:])
    return hashlib.sha256(b"\x04" + pair).digest()


def leaf(row: dict[str, Any]) -> bytes:
    """Return the leaf of a row that is shown, or only counted."""
    if "hidden" in row:
        return bytes.fromhex(row["hidden"])
    return hashlib.sha256(b"\x03" + record(row)[1]).digest()


def verify_records(records: Iterable[dict[str, Any]], public: bytes) -> None:
    """Follow the summary chain from checkpoint to checkpoint."""
    key = Ed25519PublicKey.from_public_bytes(public)
    seed = b"\x02anechoic ledger" + public
    count, summary, pending = 0, hashlib.sha256(seed).digest(), 0
    for number, shown in enumerate(records):
        parts, data = record(shown)
        if shown["kind"] != "checkpoint":
            summary = hashlib.sha256(b"\x02" + summary + data).digest()
            count, pending = count + 1, pending + 1
            continue
        *head, body = parts
        message = b"\x01" + cbor2.dumps([*head, body[:-1]], canonical=True)
        key.verify(body[-1], message)
        if (body[1], body[2]) != (count, summary):
            assert pending == 0, "records that no checkpoint confirms"
            print("begins" if number == 0 else "records are missing", file=sys.stderr)
        count, summary, pending = body[1], body[2], 0
    assert pending == 0, "records that no checkpoint confirms"


def main(path: str, public_hex: str) -> None:
    """Verify a file and print what it says."""
    public = bytes.fromhex(public_hex)
    envelope = json.loads(Path(path).read_text(encoding="utf-8"))
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    message = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
    key_id = hashlib.sha256(public).hexdigest()[:16]
    (signature,) = (s for s in envelope["signatures"] if s["keyid"] == key_id)
    key = Ed25519PublicKey.from_public_bytes(public)
    key.verify(base64.b64decode(signature["sig"]), message)
    report = json.loads(payload)
    verify_records(report["records"], public)
    days = {one["index"]: one for one in report["records"] if one["kind"] == "day"}
    for rows in report["hours"]:
        found = root([leaf(row) for row in rows["rows"]]).hex()
        assert found == days[rows["day"]]["root"], "rows of another day"
    print(payload.decode(), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
