"""Passports: small, readable, and refused when a stranger wrote nonsense."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundles.build_delta import DeltaBasis, left_out
from bundles.errors import PassportError
from bundles.oci import MemoryLayer
from bundles.passport import (
    PASSPORT_LIMIT_BYTES,
    Passport,
    PassportEngine,
    PassportFile,
    PassportRelease,
    parse_passport,
    read_passport,
)
from tests.support.deltas import DeltaVendor
from tests.support.media import CREATED, MediumFactory

ENGINE = PassportEngine(name="Docker", version="20.10.24+dfsg1", store="overlay2")
EMPTY = Passport(
    written=CREATED, release=None, engine=ENGINE, chains=(), model_files=()
)


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def full_passport() -> Passport:
    return Passport(
        written=CREATED,
        release=PassportRelease(product_version="1.0.0", release_seq=1),
        engine=ENGINE,
        chains=((digest(1), digest(2)),),
        model_files=(PassportFile(digest=digest(3), size_bytes=4),),
    )


def changed(**values: object) -> bytes:
    return json.dumps({**json.loads(full_passport().to_json()), **values}).encode()


@pytest.mark.parametrize("passport", [EMPTY, full_passport()])
def test_a_passport_is_read_as_it_was_written(passport: Passport) -> None:
    assert parse_passport(passport.to_json()) == passport


def test_a_passport_can_be_read_by_people() -> None:
    lines = full_passport().to_json().decode().splitlines()

    assert '  "release_seq": 1' in lines
    assert len(lines) > 15


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"product":"anechoic","product":"anechoic"}',
        b" " * (PASSPORT_LIMIT_BYTES + 1),
        b"[" * 100_000,
        changed(format=2),
        changed(kind="release"),
        changed(host_name="db.example"),
        changed(written="yesterday"),
        changed(release={"product_version": "1.0.0", "release_seq": True}),
        changed(release={"product_version": "1.0.0", "release_seq": 0}),
        changed(release={"product_version": "../../etc", "release_seq": 1}),
        changed(engine={"name": "\x1b[2J", "version": "1", "store": "x"}),
        changed(chains=[[]]),
        changed(chains=[["sha256:short"]]),
        changed(chains=[[digest(1)] * 128]),
        changed(chains=[[digest(1)]] * 513),
        changed(model_files=[{"digest": digest(1), "size_bytes": -1}]),
        changed(model_files=[{"digest": digest(1), "size_bytes": 1}] * 4097),
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(PassportError):
        parse_passport(data)


@given(data=st.binary(max_size=200))
def test_any_bytes_are_a_passport_or_refused(data: bytes) -> None:
    with pytest.raises(PassportError):
        parse_passport(data)


_ANY: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    name=st.sampled_from(["product", "kind", "release", "engine", "chains", "written"]),
    value=_ANY,
)
def test_a_field_of_any_kind_is_taken_or_refused(name: str, value: object) -> None:
    try:
        parse_passport(changed(**{name: value}))
    except PassportError:
        return


def test_the_refusal_does_not_repeat_what_it_found() -> None:
    with pytest.raises(PassportError) as refused:
        parse_passport(changed(chains="\x1b]0;owned"))

    assert "owned" not in refused.value.evidence


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(PassportError, match="plain file"):
        read_passport(tmp_path / "pipe")


def test_a_long_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "long").open("wb") as file:
        file.truncate(1 << 40)

    with pytest.raises(PassportError, match="expected at most"):
        read_passport(tmp_path / "long")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PassportError, match="No such file"):
        read_passport(tmp_path / "none")


def test_an_empty_host_gets_everything(factory: MediumFactory) -> None:
    vendor = DeltaVendor(factory)
    full = vendor.full(1)
    basis = DeltaBasis.of_passport(EMPTY.to_json())

    whole = vendor.delta(full, basis)

    assert left_out(full.release, basis) == ()
    assert whole.digest == full.digest
    assert vendor.open(whole.path).delta is None


def test_a_delta_names_the_passport_it_was_made_for(factory: MediumFactory) -> None:
    vendor = DeltaVendor(factory)
    one, two = vendor.full(1), vendor.full(2)
    chains = tuple(image.diff_ids for image in one.release.images)
    passport = full_passport().model_copy(update={"chains": chains})

    delta = vendor.delta(two, DeltaBasis.of_passport(passport.to_json()))

    signed = vendor.open(delta.path).delta
    assert signed is not None
    assert signed.delta.since.kind == "passport"
    assert signed.delta.since.release_seq == 1
    assert "with release 1.0.0 (number 1)" in signed.delta.since.name


def test_a_layer_that_one_image_lacks_is_shipped_for_all(
    factory: MediumFactory,
) -> None:
    vendor = DeltaVendor(factory)
    api = vendor.image("words")
    asr = factory.image("asr", MemoryLayer({"app/words": b"words"}, "application"))
    full = factory.build("full", images=(api, asr), models=())
    assert api.layers[1].digest == asr.layers[0].digest
    passport = EMPTY.model_copy(update={"chains": ((asr.layers[0].diff_id,),)})

    basis = DeltaBasis.of_passport(passport.to_json())

    assert left_out(full.release, basis) == ()
