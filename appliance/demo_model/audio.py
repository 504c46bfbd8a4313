"""Sample-rate conversion and test distortions, in numpy alone.

All signals are mono float32, shape (n,), in [-1, 1].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE_HZ: Final = 16_000
_FAST_LENGTH: Final = 2_048
_TELEPHONE_HZ: Final = (300, 3_400)


def resample(
    samples: NDArray[np.float32], source_hz: float, target_hz: float
) -> NDArray[np.float32]:
    """Change the sample rate with a band-limited filter in the frequency domain.

    Args:
        samples: shape (n,), at `source_hz`.
        source_hz: rate of the input.
        target_hz: rate of the result.

    Returns:
        Shape (round(n * target_hz / source_hz),).
    """
    if source_hz == target_hz or len(samples) == 0:
        return samples
    blocks = -(-(len(samples) + 512) // _FAST_LENGTH)
    padded = blocks * _FAST_LENGTH
    longer = round(padded * target_hz / source_hz)
    spectrum = np.fft.rfft(samples, padded)
    wanted = np.zeros(longer // 2 + 1, dtype=spectrum.dtype)
    kept = min(len(wanted), len(spectrum))
    wanted[:kept] = spectrum[:kept]
    result = np.fft.irfft(wanted, longer) * (longer / padded)
    return result[: round(len(samples) * target_hz / source_hz)].astype(np.float32)


def change_speed(samples: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """Play faster (> 1) or slower (< 1); pitch and formants move along."""
    return resample(samples, speed, 1.0)


def telephone_band(
    samples: NDArray[np.float32], rate_hz: int = SAMPLE_RATE_HZ
) -> NDArray[np.float32]:
    """Keep 300 to 3400 Hz only, as an 8 kHz telephone line does."""
    spectrum = np.fft.rfft(samples)
    frequency_hz = np.fft.rfftfreq(len(samples), 1 / rate_hz)
    low_hz, high_hz = _TELEPHONE_HZ
    spectrum[(frequency_hz < low_hz) | (frequency_hz > high_hz)] = 0
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def white_noise(count: int, *, level: float, seed: int) -> NDArray[np.float32]:
    """Return `count` samples of Gaussian noise with the standard deviation `level`."""
    noise = np.random.default_rng(seed).standard_normal(count)
    return (level * noise).astype(np.float32)


def add_noise(
    samples: NDArray[np.float32], *, snr_db: float, seed: int
) -> NDArray[np.float32]:
    """Add white noise so that the speech is `snr_db` above it."""
    level = float(np.sqrt(np.mean(samples**2))) * 10 ** (-snr_db / 20)
    return samples + white_noise(len(samples), level=level, seed=seed)
