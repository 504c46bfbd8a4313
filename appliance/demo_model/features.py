"""Log-mel features in torch, exactly as faster-whisper computes them.

The one rule that matters: a short window is padded with 0.0 **after** the
normalization (`pad_frames`), not with silence before it. The speaker warp and the
equalizer of training act here, on the power spectrum, where they cost nothing.
"""

# torch is an optional extra: without it, mypy takes it for Any.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

from typing import Final

import numpy as np
import torch

SAMPLE_RATE_HZ: Final = 16_000
FFT: Final = 400
HOP: Final = 160
MELS: Final = 80
BINS: Final = FFT // 2 + 1
MAX_FRAMES: Final = 3_000
_LINEAR_MELS: Final = 15.0


def mel_filters(warp: float = 1.0) -> torch.Tensor:
    """Return the Slaney mel filters, shape (80, 201).

    Args:
        warp: multiplies the frequency of every bin, as a shorter (> 1) or longer
            (< 1) vocal tract does; 1.0 gives the filters of faster-whisper.

    Source: librosa.filters.mel, which Whisper's filter file came from.
    """
    bins_hz = np.linspace(0, SAMPLE_RATE_HZ / 2, BINS) * warp
    mels = np.linspace(0.0, 45.245640471924965, MELS + 2)
    edges_hz = np.where(
        mels < _LINEAR_MELS,
        mels * 200.0 / 3,
        1000.0 * np.exp((mels - _LINEAR_MELS) * np.log(6.4) / 27),
    )
    ramps = edges_hz[:, None] - bins_hz[None, :]
    width = np.diff(edges_hz)[:, None]
    weights = np.maximum(0, np.minimum(-ramps[:-2] / width[:-1], ramps[2:] / width[1:]))
    weights *= (2.0 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return torch.from_numpy(weights.astype(np.float32))


def log_mel(
    samples: torch.Tensor,
    filters: torch.Tensor | None = None,
    equalizer: torch.Tensor | None = None,
) -> torch.Tensor:
    """Compute log-mel features of equally long windows.

    Args:
        samples: shape (batch, n), 16 kHz, float32 in [-1, 1].
        filters: mel filters, (80, 201) or (batch, 80, 201); default unwarped.
        equalizer: gain of the power spectrum, (batch, 201); default flat.

    Returns:
        Shape (batch, 80, n // 160), one frame per 10 ms, not padded.
    """
    padded = torch.nn.functional.pad(samples, (0, HOP))
    window = torch.hann_window(FFT)
    spectrum = torch.stft(
        padded, FFT, HOP, window=window, center=True, return_complex=True
    )
    frames = samples.shape[-1] // HOP
    power = spectrum[..., :frames].abs().square()
    if equalizer is not None:
        power = power * equalizer[:, :, None]
    mel = (mel_filters() if filters is None else filters) @ power
    logs = mel.clamp_min(1e-10).log10()
    floor = logs.amax(dim=(1, 2), keepdim=True) - 8.0
    return (torch.maximum(logs, floor) + 4.0) / 4.0


def pad_frames(features: torch.Tensor, frames: int = MAX_FRAMES) -> torch.Tensor:
    """Append frames of 0.0, as faster-whisper does after normalizing."""
    return torch.nn.functional.pad(features, (0, frames - features.shape[-1]))
