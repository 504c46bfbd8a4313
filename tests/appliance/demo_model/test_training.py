"""The training code does what it says; `make model` runs these, torch is only there."""

# torch is an optional extra: without it, mypy looks away.
# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import math
import random
from functools import cache

import numpy as np
import pytest
import torch
from faster_whisper.feature_extractor import FeatureExtractor

from appliance.demo_model import (
    augment,
    batches,
    features,
    losses,
    network,
    pool,
    train,
    windows,
)
from appliance.demo_model.vocabulary import (
    END,
    NO_SPEECH,
    WORDS,
    Vocabulary,
)

TOKENS = windows.TOKENS


@cache
def small_pool() -> pool.Pool:
    result = pool.Pool(seed=1, rank=0, size=40, refresh=1)
    result.advance(0)
    return result


def test_features_equal_those_of_faster_whisper() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32)

    ours = features.log_mel(torch.from_numpy(samples)[None])[0].numpy()

    assert np.abs(FeatureExtractor()(samples)[:, :300] - ours).max() < 1e-5


def test_padding_appends_zeros_after_the_normalization() -> None:
    padded = features.pad_frames(torch.ones(1, 80, 10), 16)

    assert padded.shape == (1, 80, 16)
    assert padded[..., 10:].abs().max() == 0


def test_a_warp_of_one_is_no_warp() -> None:
    nearest = int(np.argmin(np.abs(np.array(augment.WARPS) - 1.0)))

    assert augment.WARPS[nearest] == pytest.approx(1.0)


def test_labels_of_frames_match_the_spans_of_words() -> None:
    rng = np.random.default_rng(3)
    for frames, dense in ((150, False), (400, True), (1_500, True)):
        window = windows.compose(rng, small_pool(), frames=frames, dense=dense)
        for segment in window.segments:
            for word, (start, end) in zip(segment.words, segment.spans, strict=True):
                inside = window.frame_words[start:end] == word + 1
                assert inside.mean() > 0.8


def test_inputs_targets_and_spans_have_one_length() -> None:
    rng = np.random.default_rng(4)
    window = windows.compose(rng, small_pool(), frames=500, dense=False)

    made = windows.label(rng, window, (1, 2, 3))

    assert len(made.inputs) == len(made.targets) == len(made.spans)
    assert made.targets[-1] == TOKENS.control(END)


def test_a_silent_window_is_labeled_no_speech_and_has_no_words() -> None:
    made = windows.label(np.random.default_rng(5), windows.silence(100), ())

    assert made.targets[0] == TOKENS.control(NO_SPEECH)
    assert not [t for t in made.targets if 0 <= t < len(WORDS)]


def test_compact_tokens_and_unused_ones_make_the_vocabulary() -> None:
    assert len(TOKENS.used) + TOKENS.unused == len(Vocabulary().tokens)
    assert len(set(TOKENS.used)) == len(TOKENS.used)


def test_shared_logit_has_the_weight_of_all_unused_tokens() -> None:
    logits = torch.zeros(1, 3)

    shared = losses.share_unused(logits, 10)

    assert shared[0].tolist() == pytest.approx([0, 0, math.log(10)])


def test_attention_loss_is_zero_when_all_of_it_is_in_the_span() -> None:
    attention = torch.zeros(1, 1, 2, 4)
    attention[0, 0, 0, 1] = 1.0
    spans = torch.tensor([[[1, 2], [-1, -1]]])

    assert float(losses.attention_loss(attention, spans)) == pytest.approx(0.0)


def test_the_encoder_takes_windows_of_any_length() -> None:
    model = network.Whisper(network.Shape(), vocabulary=9, words=3, phonemes=4)
    for frames in (50, 800):
        out = model(torch.zeros(1, 80, 2 * frames), torch.tensor([[1, 2, 3]]))
        assert out.logits.shape == (1, 3, 9)
        assert out.attention.shape == (1, 2, 3, frames)


def test_the_learning_rate_warms_up_stays_and_decays_to_zero() -> None:
    schedule = train.Schedule(
        peak=1.0, warm_up_steps=10, stable_steps=20, decay_steps=10
    )

    assert [schedule.rate(s) for s in (0, 9, 29)] == [0.1, 1.0, 1.0]
    assert schedule.rate(34) == pytest.approx(0.5)
    assert schedule.rate(schedule.steps - 1) == pytest.approx(0.0)


def test_a_batch_is_finite_and_fits_its_targets() -> None:
    made = batches.Batches(seed=2, rank=0, pool=small_pool())
    for step in range(4):
        batch = made.at(step)
        assert torch.isfinite(batch.features).all()
        assert batch.tokens.shape == batch.targets.tokens.shape
        frames = batch.features.shape[-1] // 2
        assert batch.targets.frame_words.shape == (len(batch.tokens), frames)


def test_training_texts_repeat_by_seed() -> None:
    texts = {pool.draw_text(random.Random("training:1:0:5")) for _ in range(3)}

    assert len(texts) == 1
