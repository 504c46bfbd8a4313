"""Distortions that make training speech unlike clean synthesis.

Waveform distortions work on one window (numpy); spectral ones give a gain curve
and a frequency warp for the feature computation (torch). All are drawn from the
generator that is passed in, so a seed repeats a batch exactly.
"""

# torch is an optional extra: without it, mypy takes it for Any.
# mypy: disable-error-code="import-not-found"

# The numbers compared with chances are the recipe itself, named by what they guard.
# ruff: noqa: PLR2004

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from appliance.demo_model.features import BINS, MELS, SAMPLE_RATE_HZ, mel_filters

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

WARPS: Final = tuple(float(w) for w in np.linspace(0.84, 1.19, 36))
_NOISE_SAMPLES: Final = 1 << 20
_COLORS: Final = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How often (probability per window) and how strongly to distort.

    Attributes:
        clean: windows that get no distortion but a gain.
        noise, babble, reverb, clip: waveform distortions.
        warp, tilt, equalizer, band: spectral distortions.
        masks: features hidden in bands and moments.
        snr_db: range of the speech-to-noise ratio.
        gain_db: range of the gain.
    """

    clean: float = 0.22
    noise: float = 0.6
    babble: float = 0.12
    reverb: float = 0.3
    clip: float = 0.05
    warp: float = 0.6
    tilt: float = 0.5
    equalizer: float = 0.5
    band: float = 0.2
    masks: float = 0.3
    snr_db: tuple[float, float] = (0.0, 35.0)
    gain_db: tuple[float, float] = (-22.0, 6.0)


@cache
def noise_bank() -> NDArray[np.float32]:
    """Return colored noise of unit power, shape (colors, 2**20)."""
    rng = np.random.default_rng(20)
    frequency = np.fft.rfftfreq(_NOISE_SAMPLES, 1 / SAMPLE_RATE_HZ) + 20.0
    rows = []
    for color in _COLORS:
        spectrum = np.fft.rfft(rng.standard_normal(_NOISE_SAMPLES))
        row = np.fft.irfft(spectrum * frequency ** (-color), _NOISE_SAMPLES)
        rows.append((row / row.std()).astype(np.float32))
    return np.stack(rows)


def draw_noise(rng: Generator, count: int) -> NDArray[np.float32]:
    """Return `count` samples of noise of a random color, unit power."""
    bank = noise_bank()
    start = int(rng.integers(0, bank.shape[1] - count))
    row = bank[int(rng.integers(len(bank))), start : start + count]
    if rng.random() < 0.3:
        swing_hz = rng.uniform(0.1, 4.0)
        time_s = np.arange(count, dtype=np.float32) / SAMPLE_RATE_HZ
        swing = 1 + 0.8 * np.sin(2 * np.pi * swing_hz * time_s)
        row = (row * swing).astype(np.float32)
    return row


def reverberate(rng: Generator, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add the tail of a random room; the direct sound stays where it is."""
    count = int(rng.uniform(0.05, 0.45) * SAMPLE_RATE_HZ)
    time = np.arange(count, dtype=np.float32) / count
    room = rng.standard_normal(count, dtype=np.float32) * np.exp(-6.0 * time)
    room *= rng.uniform(0.1, 0.8) / np.sqrt(np.sum(room**2))
    room[0] = 1.0
    size = 1 << (len(samples) + count - 1).bit_length()
    size = size * 3 // 4 if size * 3 // 4 >= len(samples) + count else size
    tail = torch.fft.rfft(torch.from_numpy(room), size)
    wet = torch.fft.irfft(torch.fft.rfft(torch.from_numpy(samples), size) * tail, size)
    result: NDArray[np.float32] = wet[: len(samples)].numpy()
    return result


def distort_wave(
    rng: Generator,
    samples: NDArray[np.float32],
    babble: NDArray[np.float32],
    config: Augmentation,
) -> NDArray[np.float32]:
    """Distort one window.

    Args:
        rng: source of all choices.
        samples: speech, shape (n,), perhaps all zeros.
        babble: other voices, shape (n,); may be all zeros.
        config: probabilities and strengths.
    """
    if rng.random() < config.reverb:
        samples = reverberate(rng, samples)
    power = float(np.sqrt(np.mean(samples**2))) or 0.05
    if rng.random() < config.noise:
        level = power * 10 ** (-rng.uniform(*config.snr_db) / 20)
        samples = samples + level * draw_noise(rng, len(samples))
    loud = float(np.sqrt(np.mean(babble**2)))
    if loud > 0:
        level = power * 10 ** (-rng.uniform(6.0, 25.0) / 20)
        samples = samples + (level / loud) * babble
    if rng.random() < config.clip:
        limit = float(np.abs(samples).max()) * rng.uniform(0.15, 0.6)
        samples = np.clip(samples, -limit, limit)
    return samples


def draw_warp(rng: Generator, config: Augmentation) -> int:
    """Return the index of a warp in `WARPS`."""
    if rng.random() < config.warp:
        return int(rng.integers(len(WARPS)))
    return int(np.argmin(np.abs(np.array(WARPS) - 1.0)))


def draw_equalizer(rng: Generator, config: Augmentation) -> NDArray[np.float32]:
    """Return a gain of the power spectrum, shape (201,)."""
    frequency_hz = np.linspace(0, SAMPLE_RATE_HZ / 2, BINS)
    octaves = np.log2(np.maximum(frequency_hz, 60.0) / 1000.0)
    gain_db = np.zeros(BINS)
    if rng.random() < config.tilt:
        gain_db += rng.uniform(-5.0, 4.0) * octaves
    if rng.random() < config.equalizer:
        knots = np.linspace(octaves[0], octaves[-1], 8)
        gain_db += np.interp(octaves, knots, rng.normal(0.0, 4.0, 8))
    if rng.random() < config.band:
        low_hz, high_hz = rng.uniform(50.0, 400.0), rng.uniform(3000.0, 7500.0)
        outside = (frequency_hz < low_hz) | (frequency_hz > high_hz)
        gain_db[outside] -= rng.uniform(20.0, 120.0)
    return (10 ** (gain_db / 10)).astype(np.float32)


@cache
def warped_filters() -> torch.Tensor:
    """Return the mel filters of every warp, shape (36, 80, 201)."""
    return torch.stack([mel_filters(warp) for warp in WARPS])


def mask_features(
    rng: Generator, features: torch.Tensor, config: Augmentation
) -> torch.Tensor:
    """Hide random bands and moments of (batch, 80, frames), in place."""
    for window in features:
        if rng.random() >= config.masks:
            continue
        floor = float(window.min())
        for _ in range(int(rng.integers(1, 3))):
            low = int(rng.integers(0, MELS - 10))
            window[low : low + int(rng.integers(2, 11))] = floor
        at = int(rng.integers(0, window.shape[1]))
        window[:, at : at + int(rng.integers(2, 12))] = floor
    return features


UNDISTORTED: Final = Augmentation(
    noise=0, babble=0, reverb=0, clip=0, warp=0, tilt=0, equalizer=0, band=0, masks=0
)
