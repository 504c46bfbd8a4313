"""Any bytes at all give one typed error or a valid object (case 17).

The same readers run under the coverage-guided fuzzer (`make fuzz`).
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from offline_license import cbor
from offline_license.errors import LicenseError
from tests.support.bounds import MOST_BYTES, MOST_S, check_bounds
from tests.support.license_readers import READERS, Reader, read
from tests.support.nasty_bytes import NASTY
from tests.support.timing import cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS = tuple(seed for reader in READERS.values() for seed in reader.seeds)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return a genuine object with a few bytes overwritten, cut or doubled."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        patch = draw(st.binary(max_size=4))
        data[at : at + draw(st.integers(0, 4))] = patch
    return bytes(data)


def read_in_time(reader: Reader, data: bytes) -> None:
    """Read within 50 ms of CPU; nothing but a LicenseError may come out."""
    assert cpu_s(lambda: read(reader, data)) <= MOST_S


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@given(data=st.binary(max_size=300) | mutated())
@settings(deadline=None, max_examples=60)
@example(data=b"\x9b" + b"\xff" * 8)
def test_any_bytes_are_read_or_refused(reader: Reader, data: bytes) -> None:
    read_in_time(reader, data)
    if reader.sign is not None:
        read_in_time(reader, reader.sign(data))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@pytest.mark.parametrize("data", NASTY.values(), ids=NASTY.keys())
def test_the_nastiest_bytes_cost_little_time_and_memory(
    reader: Reader, data: bytes
) -> None:
    check_bounds(reader, data)
    if reader.sign is not None:
        check_bounds(reader, reader.sign(data))


def test_a_process_that_reads_all_of_it_hardly_grows() -> None:
    """What libraries in C and Rust take counts too, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.nasty_bytes"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) <= MOST_BYTES


VALUES = st.recursive(
    st.integers(-5, 2**64 - 1) | st.binary(max_size=33) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 30), inner, max_size=4)
    ),
    max_leaves=8,
)


def map_payloads(reader: Reader) -> Iterator[dict[int, cbor.Value]]:
    """Give the payloads among the seeds of a reader."""
    for seed in reader.seeds:
        with contextlib.suppress(LicenseError):
            payload = cbor.decode(seed)
            if isinstance(payload, dict):
                yield payload


SIGNED = {
    name: payload
    for name, reader in READERS.items()
    if reader.sign is not None
    for payload in map_payloads(reader)
}


def test_every_signed_object_is_tried() -> None:
    missing = {"license", "request", "keyset", "lease", "proxy-key"} - set(SIGNED)

    assert missing == set()
    assert {"response", "revocations", "mini-request"} <= set(SIGNED)


@pytest.mark.parametrize("name", SIGNED)
@given(data=st.data(), value=VALUES)
@settings(deadline=None, max_examples=60)
def test_any_signed_field_is_read_or_refused(
    name: str, data: st.DataObject, value: object
) -> None:
    """Even the holder of a key cannot make a reader stumble."""
    key = data.draw(st.sampled_from([*SIGNED[name], 99, 101]))
    sign = READERS[name].sign
    assert sign is not None

    signed = sign(cbor.encode({**SIGNED[name], key: value}))

    read_in_time(READERS[name], signed)
