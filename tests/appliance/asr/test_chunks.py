"""Cutting audio at silences: nothing lost, nothing twice, nothing too long."""

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.asr.chunks import Span, detect, pack, speech, windows
from appliance.asr.decode import SAMPLE_RATE, Samples
from tests.support.demo_model import spoken


@st.composite
def stretches(draw: st.DrawFn) -> list[Span]:
    """Stretches of speech in order, with silence between them."""
    spans, at = [], 0
    for gap, length in draw(
        st.lists(st.tuples(st.integers(1, 50), st.integers(1, 90)))
    ):
        spans.append(Span(at + gap, at + gap + length))
        at += gap + length
    return spans


@given(stretches(), st.integers(1, 40), st.integers(40, 60))
def test_packing_covers_all_speech_once_and_in_order(
    spans: list[Span], join: int, longest: int
) -> None:
    chunks = list(pack(spans, join=join, longest=longest))

    covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    assert all(at in covered for span in spans for at in range(span.start, span.end))
    assert all(chunk.end - chunk.start <= longest for chunk in chunks)
    assert all(a.end <= b.start for a, b in itertools.pairwise(chunks))


def test_neighbors_are_joined_only_while_they_fit() -> None:
    spans = [Span(0, 10), Span(12, 20), Span(25, 45)]

    assert list(pack(spans, join=20, longest=100)) == [Span(0, 20), Span(25, 45)]


def test_windows_cover_everything() -> None:
    assert list(windows(25, longest=10)) == [Span(0, 10), Span(10, 20), Span(20, 25)]
    assert list(windows(0)) == []


@given(stretches(), st.integers(100, 300))
def test_blocks_find_the_same_speech_as_one_look(spans: list[Span], block: int) -> None:
    """Speech on the edge of a block is looked at again, whole, in the next one."""
    length = spans[-1].end + 5 if spans else 20
    track = np.zeros(length, dtype=np.int16)
    for span in spans:
        track[span.start : span.end] = 1

    def loud(samples: Samples) -> list[Span]:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], samples, [0]])))
        return [Span(int(a), int(b)) for a, b in edges.reshape(-1, 2)]

    found = np.zeros(length, dtype=np.int16)
    for span in speech(track, detector=loud, block=block):
        found[span.start : span.end] += 1

    assert np.array_equal(found, track)


def test_the_detector_finds_speech_and_no_silence() -> None:
    samples = spoken(margin_s=2.0)

    spans = detect(samples)

    assert spans
    assert spans[0].start > SAMPLE_RATE
    assert spans[-1].end < len(samples) - SAMPLE_RATE
