"""Batches of training windows, mixed from the first step.

Each step has windows of one length: short or middle ones unpadded (how the
appliance decodes), short ones padded with zeros (how stock faster-whisper decodes)
and dense ones of up to 30 s. What a step holds depends on seed, rank and step only.
"""

# torch is an optional extra: without it, mypy takes it for Any.
# mypy: disable-error-code="import-not-found"

# The numbers compared with chances are the recipe itself, named by what they guard.
# ruff: noqa: PLR2004

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from appliance.demo_model import augment
from appliance.demo_model.features import log_mel, pad_frames
from appliance.demo_model.losses import IGNORED, Targets
from appliance.demo_model.vocabulary import WORDS
from appliance.demo_model.windows import (
    NO_SPAN,
    TOKENS,
    WHOLE_WINDOW,
    Labels,
    Window,
    compose,
    label,
    silence,
)

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from appliance.demo_model.pool import Pool


@dataclass(frozen=True, slots=True)
class Mix:
    """How often a step has which windows, and how much audio in it.

    Attributes:
        short, middle, padded: shares of the steps; the rest is dense windows.
        audio_s: seconds in a batch of short or middle windows.
        long_audio_s: seconds, padding included, in other batches.
        silent: share of windows without speech.
        previous: share of windows with text before them in the prompt.
    """

    short: float = 0.45
    middle: float = 0.2
    padded: float = 0.2
    audio_s: float = 56.0
    long_audio_s: float = 60.0
    silent: float = 0.04
    previous: float = 0.12


@dataclass(frozen=True, slots=True)
class Plan:
    """The windows of one step: how many, their frames and frames with padding."""

    count: int
    frames: int
    padded_frames: int
    dense: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Features (batch, 80, 2 * frames), tokens (batch, n), targets, seconds."""

    features: torch.Tensor
    tokens: torch.Tensor
    targets: Targets
    audio_s: float


def plan(rng: Generator, mix: Mix) -> Plan:
    """Draw the lengths of a step; the same generator gives all ranks one plan."""
    kind = rng.random()
    if kind < mix.short:
        frames = 5 * round(10 * min(rng.uniform(1.0, 9.0), rng.uniform(2.0, 9.0)))
        return Plan(max(1, round(mix.audio_s * 50 / frames)), frames, frames, False)
    if kind < mix.short + mix.middle:
        frames = 5 * round(10 * rng.uniform(8.0, 17.0))
        return Plan(max(1, round(mix.audio_s * 50 / frames)), frames, frames, True)
    if kind < mix.short + mix.middle + mix.padded:
        frames = 5 * round(10 * rng.uniform(1.5, 12.0))
        padded = WHOLE_WINDOW
        if rng.random() < 0.4:
            padded = int(rng.integers(frames, WHOLE_WINDOW + 1))
        count = max(2, round(mix.long_audio_s * 50 / padded))
        return Plan(count, frames, padded, False)
    frames = WHOLE_WINDOW
    if rng.random() < 0.3:
        frames = 5 * round(10 * rng.uniform(17.0, 30.0))
    count = max(2, round(mix.long_audio_s * 50 / frames))
    return Plan(count, frames, frames, bool(rng.random() < 0.7))


@dataclass
class Batches:
    """Makes the batch of any step.

    Attributes:
        seed: of the training.
        rank: which of the training processes this is.
        pool: utterances of this rank.
        mix: shares of window kinds.
        distortion: of waveforms and features.
    """

    seed: int
    rank: int
    pool: Pool
    mix: Mix = field(default_factory=Mix)
    distortion: augment.Augmentation = field(default_factory=augment.Augmentation)

    def at(self, step: int) -> Batch:
        """Return the batch of `step`."""
        self.pool.advance(step)
        shared = np.random.default_rng([self.seed, step])
        chosen = plan(shared, self.mix)
        rng = np.random.default_rng([self.seed, step, self.rank])
        windows = [self._window(rng, chosen) for _ in range(chosen.count)]
        labels = [label(rng, window, self._previous(rng)) for window in windows]
        features = self._features(rng, windows, chosen)
        tokens, targets = _stack(labels, windows, chosen)
        return Batch(features, tokens, targets, chosen.count * chosen.frames / 50)

    def _window(self, rng: Generator, chosen: Plan) -> Window:
        if rng.random() < self.mix.silent:
            return silence(chosen.frames)
        return compose(rng, self.pool, frames=chosen.frames, dense=chosen.dense)

    def _previous(self, rng: Generator) -> tuple[int, ...]:
        if rng.random() >= self.mix.previous:
            return ()
        return tuple(int(w) for w in rng.integers(0, len(WORDS), rng.integers(1, 25)))

    def _wave(self, rng: Generator, window: Window) -> NDArray[np.float32]:
        """Distort a window; a silent one keeps silence or gets noise."""
        gain = 10 ** (rng.uniform(*self.distortion.gain_db) / 20)
        babble = np.zeros(len(window.samples), dtype=np.float32)
        if rng.random() < self.distortion.babble and window.segments:
            for _ in range(3):
                other = self.pool.draw(rng, longest=None).samples[: len(babble)]
                start = int(rng.integers(0, len(babble) - len(other) + 1))
                babble[start : start + len(other)] += other
        samples = augment.distort_wave(rng, window.samples, babble, self.distortion)
        return (samples * gain).astype(np.float32)

    def _features(
        self, rng: Generator, windows: list[Window], chosen: Plan
    ) -> torch.Tensor:
        waves, warps, curves = [], [], []
        for window in windows:
            clean = rng.random() < self.distortion.clean
            config = augment.UNDISTORTED if clean else self.distortion
            warps.append(augment.draw_warp(rng, config))
            curves.append(augment.draw_equalizer(rng, config))
            gain = np.float32(10 ** (rng.uniform(*self.distortion.gain_db) / 20))
            waves.append(window.samples * gain if clean else self._wave(rng, window))
        features = log_mel(
            torch.from_numpy(np.stack(waves)),
            augment.warped_filters()[warps],
            torch.from_numpy(np.stack(curves)),
        )
        features = augment.mask_features(rng, features, self.distortion)
        return pad_frames(features, 2 * chosen.padded_frames)


def _stack(
    labels: list[Labels], windows: list[Window], chosen: Plan
) -> tuple[torch.Tensor, Targets]:
    """Pad the labels of all windows to one length and make tensors of them."""
    longest = max(len(item.inputs) for item in labels)

    def pad(rows: list[list[int]], value: int) -> torch.Tensor:
        return torch.tensor([row + [value] * (longest - len(row)) for row in rows])

    spans = [i.spans + [NO_SPAN] * (longest - len(i.spans)) for i in labels]
    frames = (0, chosen.padded_frames - chosen.frames)
    words = torch.from_numpy(np.stack([w.frame_words for w in windows]))
    phonemes = torch.from_numpy(np.stack([w.frame_phonemes for w in windows]))
    targets = Targets(
        tokens=pad([item.targets for item in labels], IGNORED),
        frame_words=torch.nn.functional.pad(words, frames),
        frame_phonemes=torch.nn.functional.pad(phonemes, frames),
        spans=torch.tensor(spans),
    )
    return pad([item.inputs for item in labels], TOKENS.count - 1), targets
