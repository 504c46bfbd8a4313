"""Resampling and test distortions keep what they should."""

import numpy as np
import pytest
from numpy.typing import NDArray

from appliance.demo_model.audio import (
    SAMPLE_RATE_HZ,
    add_noise,
    change_speed,
    resample,
    telephone_band,
    white_noise,
)


def tone(
    frequency_hz: float, rate_hz: int, seconds: float = 1.0
) -> NDArray[np.float32]:
    time_s = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.sin(2 * np.pi * frequency_hz * time_s).astype(np.float32)


def peak_hz(samples: NDArray[np.float32], rate_hz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * rate_hz / len(samples))


def test_resampling_keeps_the_pitch_and_the_length_in_seconds() -> None:
    samples = resample(tone(440, 22_050), 22_050, SAMPLE_RATE_HZ)

    assert len(samples) == SAMPLE_RATE_HZ
    assert peak_hz(samples, SAMPLE_RATE_HZ) == pytest.approx(440, abs=2)


def test_resampling_removes_what_the_lower_rate_cannot_hold() -> None:
    samples = resample(tone(9_500, 22_050), 22_050, SAMPLE_RATE_HZ)

    assert np.abs(samples[500:-500]).max() < 0.02


def test_a_higher_speed_is_shorter_and_higher() -> None:
    samples = change_speed(tone(400, SAMPLE_RATE_HZ), 1.25)

    assert len(samples) == round(SAMPLE_RATE_HZ / 1.25)
    assert peak_hz(samples, SAMPLE_RATE_HZ) == pytest.approx(500, abs=3)


def test_the_telephone_band_has_nothing_above_3400_hz() -> None:
    mixed = tone(1_000, SAMPLE_RATE_HZ) + tone(5_000, SAMPLE_RATE_HZ)

    spectrum = np.abs(np.fft.rfft(telephone_band(mixed)))

    assert spectrum[1_000] > 1_000
    assert spectrum[3_401:].max() < 1.0


def test_noise_has_the_wanted_distance_to_the_speech() -> None:
    speech = tone(300, SAMPLE_RATE_HZ)

    noise = add_noise(speech, snr_db=10, seed=1) - speech

    ratio = float(np.mean(speech**2) / np.mean(noise**2))
    assert 10 * np.log10(ratio) == pytest.approx(10, abs=0.3)


def test_noise_repeats_by_seed() -> None:
    first = white_noise(100, level=0.1, seed=4)

    assert np.array_equal(first, white_noise(100, level=0.1, seed=4))
