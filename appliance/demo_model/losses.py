"""The four losses of training.

Token cross-entropy teaches the transcript. The frame-wise word and phoneme
cross-entropy teach the encoder, and guided attention teaches two decoder heads
where each word is; without these three a model of this size does not converge on
a CPU.
"""

# torch is an optional extra: without it, mypy takes it for Any.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional as fn

if TYPE_CHECKING:
    from appliance.demo_model.network import Outputs

IGNORED = -100


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each loss; the token loss has weight 1."""

    frame_words: float = 0.3
    frame_phonemes: float = 0.4
    attention: float = 0.3


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should give.

    Attributes:
        tokens: (batch, n) compact token numbers, `IGNORED` where not trained.
        frame_words: (batch, frames / 2) word number + 1, or 0 between words.
        frame_phonemes: (batch, frames / 2) phoneme number + 1, or 0.
        spans: (batch, n, 2) first and last + 1 encoder frame of the word that the
            token is, or (-1, -1).
    """

    tokens: torch.Tensor
    frame_words: torch.Tensor
    frame_phonemes: torch.Tensor
    spans: torch.Tensor


@dataclass(frozen=True, slots=True)
class Losses:
    """The sum that is minimized, its parts, and the share of right tokens."""

    total: torch.Tensor
    token: torch.Tensor
    frame_word: torch.Tensor
    frame_phoneme: torch.Tensor
    attention: torch.Tensor
    accuracy: torch.Tensor


def share_unused(logits: torch.Tensor, unused: int) -> torch.Tensor:
    """Give the last logit, shared by `unused` tokens, the weight of all of them."""
    bias = torch.zeros(logits.shape[-1])
    bias[-1] = math.log(unused)
    return logits.float() + bias


def attention_loss(attention: torch.Tensor, spans: torch.Tensor) -> torch.Tensor:
    """Return the mean -log of the attention inside each word's span.

    Args:
        attention: (batch, heads, n, frames / 2), probabilities.
        spans: (batch, n, 2), see `Targets`.
    """
    rows, columns = (spans[..., 0] >= 0).nonzero(as_tuple=True)
    if len(rows) == 0:
        return attention.sum() * 0.0
    frame = torch.arange(attention.shape[-1])
    span = spans[rows, columns]
    inside = (frame >= span[:, :1]) & (frame < span[:, 1:])
    picked = attention[rows, :, columns]
    mass = (picked * inside[:, None]).sum(-1)
    return -mass.clamp_min(1e-4).log().mean()


def _frames(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return fn.cross_entropy(logits.float().flatten(0, 1), target.flatten())


def losses(
    outputs: Outputs, targets: Targets, *, weights: Weights, unused: int
) -> Losses:
    """Compute all losses of one batch; `unused` tokens share the last logit."""
    logits = share_unused(outputs.logits, unused).flatten(0, 1)
    wanted = targets.tokens.flatten()
    token = fn.cross_entropy(logits, wanted, ignore_index=IGNORED)
    word = _frames(outputs.word_logits, targets.frame_words)
    phoneme = _frames(outputs.phoneme_logits, targets.frame_phonemes)
    guided = attention_loss(outputs.attention, targets.spans)
    total = (
        token
        + weights.frame_words * word
        + weights.frame_phonemes * phoneme
        + weights.attention * guided
    )
    trained = wanted != IGNORED
    accuracy = (logits.argmax(-1) == wanted)[trained].float().mean()
    return Losses(total, token, word, phoneme, guided, accuracy)
