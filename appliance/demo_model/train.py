"""Training of the demo model on CPU ranks.

Each rank is one single-threaded process with its own utterances; gradients are
averaged over gloo. The schedule counts steps, not seconds, and every batch is a
function of seed, rank and step, so a run can be stopped, resumed and repeated.
"""

# torch is an optional extra: without it, or half typed as it is, mypy looks away.
# mypy: disable-error-code="import-not-found, no-untyped-call, attr-defined"

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import torch
import torch.distributed as dist
from torch import multiprocessing

from appliance.demo_model.batches import Batches, Mix
from appliance.demo_model.losses import Weights, losses
from appliance.demo_model.network import Shape, Whisper
from appliance.demo_model.pool import Pool, phoneme_numbers
from appliance.demo_model.vocabulary import WORDS
from appliance.demo_model.windows import TOKENS

CHECKPOINT: Final = "checkpoint.pt"
_MATRIX: Final = 2


@dataclass(frozen=True, slots=True)
class Schedule:
    """Learning rate by step: linear warm-up, stable, then cosine decay to zero.

    Attributes:
        peak: learning rate of the stable phase.
        warm_up_steps: from zero to the peak.
        stable_steps: at the peak.
        decay_steps: from the peak to zero.
    """

    peak: float = 2e-3
    warm_up_steps: int = 300
    stable_steps: int = 3_450
    decay_steps: int = 3_000

    @property
    def steps(self) -> int:
        """All steps of a run."""
        return self.warm_up_steps + self.stable_steps + self.decay_steps

    def rate(self, step: int) -> float:
        """Return the learning rate of `step`, counted from 0."""
        if step < self.warm_up_steps:
            return self.peak * (step + 1) / self.warm_up_steps
        past = step - self.warm_up_steps - self.stable_steps
        if past < 0:
            return self.peak
        part = min(1.0, (past + 1) / self.decay_steps)
        return self.peak * 0.5 * (1 + float(torch.cos(torch.tensor(part * torch.pi))))


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that decides what the weights become."""

    seed: int = 7
    ranks: int = 2
    pool_size: int = 1_600
    pool_refresh: int = 5
    schedule: Schedule = field(default_factory=Schedule)
    shape: Shape = field(default_factory=Shape)
    mix: Mix = field(default_factory=Mix)
    weights: Weights = field(default_factory=Weights)
    weight_decay: float = 0.02
    clip_norm: float = 1.0
    save_every: int = 250
    report_every: int = 50
    muon: bool = True


def build(config: Config) -> Whisper:
    """Return a fresh network for the vocabulary of training."""
    torch.manual_seed(config.seed)
    return Whisper(
        config.shape,
        vocabulary=TOKENS.count,
        words=len(WORDS),
        phonemes=len(phoneme_numbers()),
    )


def _optimizers(model: Whisper, config: Config) -> list[torch.optim.Optimizer]:
    """Use Muon for the matrices of the layers and AdamW for everything else."""
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    matrices = [
        p for n, p in trained if config.muon and ".layers." in n and p.ndim == _MATRIX
    ]
    chosen = {id(p) for p in matrices}
    others = [p for _, p in trained if id(p) not in chosen]
    result: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, betas=(0.9, 0.98), weight_decay=config.weight_decay)
    ]
    if matrices:
        result.append(
            torch.optim.Muon(
                matrices,
                weight_decay=config.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    return result


class Trainer:
    """One rank of a training run."""

    def __init__(self, config: Config, rank: int, folder: Path) -> None:
        self.config = config
        self.rank = rank
        self.folder = folder
        self.model = build(config)
        self.optimizers = _optimizers(self.model, config)
        pool = Pool(
            seed=config.seed,
            rank=rank,
            size=config.pool_size,
            refresh=config.pool_refresh,
        )
        self.batches = Batches(config.seed, rank, pool, config.mix)
        self.step = 0
        self.audio_s = 0.0
        self.sums = torch.zeros(6)
        self._load()

    def _load(self) -> None:
        path = self.folder / CHECKPOINT
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.audio_s = state["step"], state["audio_s"]

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "audio_s": self.audio_s,
        }
        temporary = self.folder / f"{CHECKPOINT}.new"
        torch.save(state, temporary)
        temporary.replace(self.folder / CHECKPOINT)

    def _average_gradients(self) -> None:
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        flat /= self.config.ranks
        at = 0
        for gradient in gradients:
            gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
            at += gradient.numel()

    def train_step(self) -> None:
        """Make one batch and one update."""
        batch = self.batches.at(self.step)
        with torch.autocast("cpu", torch.bfloat16):
            outputs = self.model(batch.features, batch.tokens)
        result = losses(
            outputs, batch.targets, weights=self.config.weights, unused=TOKENS.unused
        )
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=False)
        result.total.backward()
        if self.config.ranks > 1:
            self._average_gradients()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.config.schedule.rate(self.step)
            optimizer.step()
        self.step += 1
        self.audio_s += batch.audio_s * self.config.ranks
        self.sums += torch.stack([p.detach() for p in _parts(result)])

    def report(self, started: float, audio_before_s: float) -> str:
        """Return one line on the steps since the last report."""
        total, token, word, phoneme, guided, accuracy = (
            self.sums / self.config.report_every
        ).tolist()
        self.sums.zero_()
        speed = (self.audio_s - audio_before_s) / (time.monotonic() - started)
        return (
            f"step {self.step} audio {self.audio_s / 3600:.2f} h ({speed:.0f} x)"
            f" loss {total:.3f} token {token:.3f} word {word:.3f}"
            f" phoneme {phoneme:.3f} attention {guided:.3f} right {accuracy:.3f}"
        )

    def run(self) -> None:
        """Train to the end of the schedule, saving and reporting on the way."""
        started, before = time.monotonic(), self.audio_s
        while self.step < self.config.schedule.steps:
            self.train_step()
            if self.rank != 0:
                continue
            if self.step % self.config.report_every == 0:
                sys.stdout.write(self.report(started, before) + "\n")
                sys.stdout.flush()
            if self.step % self.config.save_every == 0:
                self.save()
        if self.rank == 0:
            self.save()


def _parts(result: object) -> list[torch.Tensor]:
    names = ("total", "token", "frame_word", "frame_phoneme", "attention", "accuracy")
    return [getattr(result, name) for name in names]


def _rank(rank: int, config: Config, folder: str) -> None:
    torch.set_num_threads(1)
    if config.ranks > 1:
        store = f"file://{folder}/rendezvous"
        dist.init_process_group(
            "gloo", init_method=store, rank=rank, world_size=config.ranks
        )
    Trainer(config, rank, Path(folder)).run()


def train(config: Config, folder: Path) -> None:
    """Train in `folder`, from its checkpoint if it has one."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rendezvous").unlink(missing_ok=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if config.ranks == 1:
        _rank(0, config, str(folder))
        return
    multiprocessing.spawn(_rank, (config, str(folder)), nprocs=config.ranks)
