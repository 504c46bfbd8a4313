"""QR texts: whole, and in numbered frames."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_license import base45
from offline_license.errors import ScanError
from offline_license.frames import (
    CONSOLE_CHARS,
    PartialFrames,
    begins_frames,
    read_frames,
    split,
    whole,
)

DATA = bytes(range(240))
FRAMES = split(DATA)


@given(st.binary(min_size=1, max_size=369))
def test_what_is_split_comes_together(data: bytes) -> None:
    frames = split(data)

    assert all(len(frame) <= CONSOLE_CHARS for frame in frames)
    assert read_frames("\n".join(frames)) == data


def test_every_text_is_made_of_what_a_code_packs_best() -> None:
    """The alphanumeric mode of QR codes: 5.5 bits a character."""
    packed = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")

    assert set("".join([whole(DATA), *FRAMES])) <= packed


@pytest.mark.parametrize(("size", "frames"), [(1, 1), (127, 1), (128, 2), (369, 3)])
def test_as_few_frames_as_possible_are_made(size: int, frames: int) -> None:
    assert len(split(bytes(size))) == frames


@pytest.mark.parametrize(("size", "room"), [(370, 195), (2, 6), (1, 0), (10, 12)])
def test_what_takes_more_than_three_frames_is_wrong_use(size: int, room: int) -> None:
    with pytest.raises(ValueError, match="more than 3"):
        split(bytes(size), room)


def test_one_text_holds_the_whole_object_at_any_size() -> None:
    assert read_frames(whole(DATA)) == DATA
    assert whole(DATA).startswith("ANX:")


@pytest.mark.parametrize("order", [*itertools.permutations(split(bytes(300)))])
def test_the_order_does_not_matter(order: tuple[str, ...]) -> None:
    assert read_frames("\r\n\n".join(order)) == bytes(300)


def test_the_same_frame_twice_does_not_matter() -> None:
    assert read_frames("\n".join([*FRAMES, *FRAMES])) == DATA


@pytest.mark.parametrize(
    ("shown", "missing"), [((0,), (2, 3)), ((2,), (1, 2)), ((0, 2), (2,))]
)
def test_missing_frames_are_named(
    shown: tuple[int, ...], missing: tuple[int, ...]
) -> None:
    frames = split(bytes(300))
    text = "\n".join(frames[at] for at in shown)

    assert read_frames(text) == PartialFrames(3, missing)


def test_frames_of_two_objects_are_not_joined() -> None:
    other = split(bytes(240))

    with pytest.raises(ScanError, match="those of two"):
        read_frames("\n".join([FRAMES[0], other[1]]))


def test_two_whole_objects_are_not_one() -> None:
    with pytest.raises(ScanError, match="those of two"):
        read_frames(f"{whole(DATA)}\n{whole(bytes(9))}")


def test_frames_of_another_number_are_not_joined() -> None:
    with pytest.raises(ScanError, match="those of two"):
        read_frames("\n".join([FRAMES[0], FRAMES[1].replace("2/2", "2/3")]))


def test_a_damaged_frame_is_noticed_before_anything_is_decoded() -> None:
    first, second = FRAMES
    tampered = first[:20] + ("0" if first[20] != "0" else "1") + first[21:]

    with pytest.raises(ScanError, match="one of another"):
        read_frames(f"{tampered}\n{second}")


@pytest.mark.parametrize(
    "line",
    [
        "ANX3/2:" + base45.encode(bytes(9)),
        "ANX1/4:" + base45.encode(bytes(9)),
        "ANX1/2:" + base45.encode(bytes(2)),
        "ANX1/2:",
        "ANX1:BB8",
        "BB8",
        "ANX:?",
        " \n",
    ],
)
def test_a_line_of_another_form_is_refused(line: str) -> None:
    with pytest.raises(ScanError):
        read_frames(line)


@pytest.mark.parametrize("text", [" anx:BB8", "\nANX2/3:BB8"])
def test_a_frame_is_known_by_its_beginning(text: str) -> None:
    assert begins_frames(text)


@pytest.mark.parametrize("text", ["", "ANX", "ANX4-SXV9-3QWJ", "XANX:BB8", "ANX0/3:"])
def test_other_texts_are_no_frames(text: str) -> None:
    assert not begins_frames(text)
