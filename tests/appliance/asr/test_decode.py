"""Hostile and odd uploads: decoded, or refused by name, never more than the bound."""

import io

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.asr.decode import SAMPLE_RATE, decode
from appliance.asr.errors import JobRefusedError
from tests.support.serving_fakes import wav

pytestmark = pytest.mark.long


def encoded(container: str, codec: str, *, rate: int = 48_000) -> bytes:
    """One second of a tone in a container."""
    buffer = io.BytesIO()
    tone = np.sin(np.arange(rate) * 2 * np.pi * 440 / rate) * 9000
    with av.open(buffer, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(
            tone.astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.rate = rate
        resampler = av.AudioResampler(
            format=stream.format.name,
            layout=stream.layout.name,
            rate=rate,
            frame_size=stream.frame_size or 1024,
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("ogg", "libopus"),
        ("webm", "libopus"),
        ("ipod", "aac"),
    ],
)
def test_common_formats_become_the_same_second(container: str, codec: str) -> None:
    upload = encoded(container, codec)

    samples = decode(upload, max_s=10)

    assert len(samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.1)
    assert np.abs(samples).max() > 5000


@pytest.mark.parametrize(
    ("rate", "channels"),
    [(8000, 1), (16_000, 2), (44_100, 1), (96_000, 2), (16_000, 8)],
)
def test_any_rate_and_channels_become_mono_16_khz(rate: int, channels: int) -> None:
    samples = decode(wav(0.5, rate=rate, channels=channels), max_s=10)

    assert samples.dtype == np.int16
    assert len(samples) / SAMPLE_RATE == pytest.approx(0.5, abs=0.01)


def test_one_sample_is_audio() -> None:
    assert len(decode(wav(1 / 16_000), max_s=10)) == 1


def test_audio_above_the_bound_is_refused_early() -> None:
    with pytest.raises(JobRefusedError) as caught:
        decode(wav(3), max_s=2)

    assert caught.value.code == "audio_too_long"


def test_truncated_audio_gives_what_is_there() -> None:
    whole = wav(2)

    samples = decode(whole[: len(whole) // 2], max_s=10)

    assert len(samples) / SAMPLE_RATE == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"RIFF",
        b"hello, world" * 100,
        wav(0.5)[:44],
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.wav\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>',
    ],
)
def test_what_is_no_audio_is_refused(upload: bytes) -> None:
    """Playlists, which would make the library open files or addresses, count as no audio."""
    with pytest.raises(JobRefusedError) as caught:
        decode(upload, max_s=10)

    assert caught.value.code == "invalid_audio"


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 300))
def test_damage_never_does_more_than_refuse(noise: bytes, at: int) -> None:
    upload = bytearray(wav(0.02))
    upload[at : at + len(noise)] = noise

    try:
        samples = decode(bytes(upload), max_s=2)
    except JobRefusedError:
        return

    assert len(samples) <= 2 * SAMPLE_RATE
