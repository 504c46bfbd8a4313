"""A small Whisper in PyTorch, with the parameter names of Hugging Face.

Unlike theirs, the encoder takes windows of any length up to 30 s. Two auxiliary
heads on the encoder (word and phoneme of each frame) and the attention of some
decoder heads are for training only; `export.py` drops them.
"""

# torch is an optional extra: without it, or half typed as it is, mypy looks away.
# mypy: disable-error-code="import-not-found, misc, explicit-override, no-untyped-call, no-any-return, operator"

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import nn
from torch.nn import functional as fn

_FUSED_FROM: Final = 750
"""Keys above which the fused attention of CPUs is faster than plain products."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network."""

    width: int = 128
    heads: int = 4
    feed_forward: int = 512
    encoder_layers: int = 3
    decoder_layers: int = 2
    mels: int = 80
    source_positions: int = 1_500
    target_positions: int = 448
    aligned_heads: int = 2


class Outputs(NamedTuple):
    """What a training pass returns.

    Attributes:
        logits: (batch, tokens, vocabulary).
        word_logits: (batch, frames / 2, words + 1).
        phoneme_logits: (batch, frames / 2, phonemes + 1).
        attention: (batch, aligned heads, tokens, frames / 2), probabilities.
    """

    logits: torch.Tensor
    word_logits: torch.Tensor
    phoneme_logits: torch.Tensor
    attention: torch.Tensor


class Attention(nn.Module):
    """Multi-head attention; the key has no bias, as in Whisper."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.k_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(
        self, x: torch.Tensor, memory: torch.Tensor, *, causal: bool = False
    ) -> torch.Tensor:
        """Attend from `x` (batch, n, width) to `memory` (batch, m, width)."""
        q, k, v = self.q_proj(x), self.k_proj(memory), self.v_proj(memory)
        q, k, v = self._split(q), self._split(k), self._split(v)
        if causal or k.shape[2] > _FUSED_FROM:
            mixed = fn.scaled_dot_product_attention(q, k, v, is_causal=causal)
        else:
            scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)
            mixed = scores.softmax(-1).to(v.dtype) @ v
        out: torch.Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return out

    def with_weights(
        self, x: torch.Tensor, memory: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Attend as `forward`, and return the weights (batch, heads, n, m) too."""
        q, k = self._split(self.q_proj(x)), self._split(self.k_proj(memory))
        v = self._split(self.v_proj(memory))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        weights = scores.float().softmax(-1)
        mixed = (weights.to(v.dtype) @ v).transpose(1, 2).flatten(2)
        return self.out_proj(mixed), weights


class EncoderLayer(nn.Module):
    """Pre-norm self-attention and feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, shape.feed_forward)
        self.fc2 = nn.Linear(shape.feed_forward, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (batch, n, width) to the same shape."""
        y = self.self_attn_layer_norm(x)
        x = x + self.self_attn(y, y)
        return x + self.fc2(fn.gelu(self.fc1(self.final_layer_norm(x))))


class DecoderLayer(EncoderLayer):
    """As the encoder's, causal, with attention to the encoder between."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.encoder_attn = Attention(shape)
        self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)

    def decode(
        self, x: torch.Tensor, memory: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (batch, n, width) and the attention weights on the memory."""
        y = self.self_attn_layer_norm(x)
        x = x + self.self_attn(y, y, causal=True)
        y, weights = self.encoder_attn.with_weights(
            self.encoder_attn_layer_norm(x), memory
        )
        x = x + y
        x = x + self.fc2(fn.gelu(self.fc1(self.final_layer_norm(x))))
        return x, weights


def sinusoids(length: int, width: int) -> torch.Tensor:
    """Return Whisper's fixed positions, shape (length, width)."""
    steps = torch.arange(width // 2) * (-math.log(10_000) / (width // 2 - 1))
    angles = torch.arange(length)[:, None] * steps.exp()[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Encoder(nn.Module):
    """Log-mel frames to hidden states at half the frame rate."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width = shape.width
        self.conv1 = nn.Conv1d(shape.mels, width, 3, padding=1)
        self.conv2 = nn.Conv1d(width, width, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding(shape.source_positions, width)
        self.embed_positions.weight.data.copy_(sinusoids(shape.source_positions, width))
        self.embed_positions.requires_grad_(requires_grad=False)
        self.layers = nn.ModuleList(
            EncoderLayer(shape) for _ in range(shape.encoder_layers)
        )
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Map (batch, 80, frames) to (batch, frames / 2, width)."""
        x = fn.gelu(self.conv2(fn.gelu(self.conv1(features)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        out: torch.Tensor = self.layer_norm(x)
        return out


class Decoder(nn.Module):
    """Tokens and encoder states to hidden states of the next token."""

    def __init__(self, shape: Shape, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, shape.width)
        self.embed_positions = nn.Embedding(shape.target_positions, shape.width)
        self.layers = nn.ModuleList(
            DecoderLayer(shape) for _ in range(shape.decoder_layers)
        )
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(
        self, tokens: torch.Tensor, memory: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Map (batch, n) token numbers to (batch, n, width) and last attention."""
        x = self.embed_tokens(tokens)
        x = x + self.embed_positions.weight[: tokens.shape[1]]
        weights = x
        for layer in self.layers:
            x, weights = layer.decode(x, memory)
        return self.layer_norm(x), weights


class Whisper(nn.Module):
    """Encoder, decoder and the auxiliary heads of training."""

    def __init__(
        self, shape: Shape, *, vocabulary: int, words: int, phonemes: int
    ) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape, vocabulary)
        self.word_head = nn.Linear(shape.width, words + 1)
        self.phoneme_head = nn.Linear(shape.width, phonemes + 1)
        self.aligned_heads = shape.aligned_heads
        for name, parameter in self.named_parameters():
            if parameter.requires_grad and "layer_norm" not in name:
                _initialize(name, parameter)

    def forward(self, features: torch.Tensor, tokens: torch.Tensor) -> Outputs:
        """Run a training pass on (batch, 80, frames) and (batch, n) tokens."""
        memory = self.encoder(features)
        hidden, weights = self.decoder(tokens, memory)
        return Outputs(
            logits=fn.linear(hidden, self.decoder.embed_tokens.weight),
            word_logits=self.word_head(memory),
            phoneme_logits=self.phoneme_head(memory),
            attention=weights[:, : self.aligned_heads],
        )


def _initialize(name: str, parameter: torch.Tensor) -> None:
    """Draw weights of standard deviation 0.02 (more in convolutions), no bias."""
    if name.endswith("bias"):
        parameter.data.zero_()
    else:
        deviation = 0.05 if "conv" in name else 0.03
        parameter.data.normal_(0.0, deviation)
