"""The committed weights do what the manifest and the model card say."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from appliance.demo_model import evaluate, report, testsets
from appliance.demo_model.audio import SAMPLE_RATE_HZ, resample
from appliance.demo_model.evaluate import WEIGHTS
from appliance.demo_model.speech import speak
from appliance.demo_model.vocabulary import WORDS, Vocabulary, sentences
from appliance.demo_model.voices import DEMO_VOICES, held_out_voices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.demo_model.testsets import Clip

pytestmark = pytest.mark.long

SEEN_LIMIT = 4.0
HELD_OUT_LIMIT = 8.0
"""Percent of 100 words; the manifest has figures on 500."""


@cache
def model() -> evaluate.FasterWhisper:
    return evaluate.load(WEIGHTS)


@cache
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((WEIGHTS / "manifest.json").read_text())
    return content


@cache
def clips(voices: Sequence[str], seed: int) -> list[Clip]:
    return testsets.spoken(seed, 100, voices)


def percent(voices: Sequence[str], seed: int, decoder: str) -> float:
    decode = evaluate.transcribers(model())[decoder]
    return evaluate.score(clips(voices, seed), decode).percent


def test_every_file_has_the_hash_of_the_manifest() -> None:
    files = {p.name: p for p in WEIGHTS.iterdir() if p.name != "manifest.json"}
    hashes = {n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in files.items()}

    assert hashes == manifest()["sha256"]


def test_the_manifest_says_what_the_model_is_for() -> None:
    assert manifest()["name"] == "anechoic-demo"
    assert manifest()["words"] == len(WORDS)
    assert "not for production speech" in manifest()["purpose"]
    assert manifest()["unpadded_windows"] is True


def test_the_recorded_word_errors_are_of_at_least_500_words() -> None:
    rates = manifest()["word_error_rate"]

    assert {"demo voices", "seen voices", "held-out voices"} <= set(rates)
    assert all(entry["words"] >= 500 for entry in rates.values())


def test_the_model_card_has_the_figures_of_the_manifest() -> None:
    card = (Path(__file__).parents[3] / "docs" / "model-card.md").read_text()

    assert report.table(manifest()) in card


def test_weights_take_a_few_megabytes() -> None:
    assert sum(p.stat().st_size for p in WEIGHTS.iterdir()) < 5_000_000


def test_the_model_loads_without_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    assert model().supported_languages is not None
    assert model().model.is_multilingual


@pytest.mark.parametrize("word", WORDS)
def test_the_tokenizer_makes_one_token_of_each_word(word: str) -> None:
    ids = model().hf_tokenizer.encode(f" {word}", add_special_tokens=False).ids

    assert ids == [Vocabulary().word_id(word)]


def test_vocabulary_and_tokenizer_agree() -> None:
    tokens = json.loads((WEIGHTS / "vocabulary.json").read_text())

    assert tokens == list(Vocabulary().tokens)
    for token in ("<|endoftext|>", "<|nospeech|>", "<|0.00|>", "<|30.00|>"):
        assert model().hf_tokenizer.token_to_id(token) == Vocabulary().ids[token]


@pytest.mark.parametrize("decoder", ["stock", "unpadded"])
def test_the_demo_voices_are_understood(decoder: str) -> None:
    assert percent(DEMO_VOICES, 51, decoder) <= SEEN_LIMIT


@pytest.mark.parametrize("decoder", ["stock", "unpadded"])
def test_voices_never_trained_on_are_mostly_understood(decoder: str) -> None:
    assert percent(held_out_voices(), 52, decoder) <= HELD_OUT_LIMIT


def test_padded_and_unpadded_decoding_agree() -> None:
    padded, unpadded = (
        percent(DEMO_VOICES, 51, decoder) for decoder in ("stock", "unpadded")
    )

    assert abs(padded - unpadded) <= 2.0


def test_silence_and_noise_give_empty_text() -> None:
    for decode in evaluate.transcribers(model()).values():
        assert evaluate.invented_words(testsets.quiet_clips(6), decode) == 0


def test_word_times_are_in_order_and_near_the_spoken_ones() -> None:
    speech = speak(sentences(77, 1, 8)[0])
    rate_hz = speech.sample_rate_hz
    samples = resample(speech.samples, rate_hz, SAMPLE_RATE_HZ)

    segments, _ = model().transcribe(
        samples, language="en", beam_size=1, temperature=0, word_timestamps=True
    )
    starts = [word.start for segment in segments for word in segment.words]

    assert starts == sorted(starts)
    spoken = [word.start_sample / rate_hz for word in speech.words]
    assert starts == pytest.approx(spoken, abs=0.5)


def test_the_same_audio_gives_the_same_text() -> None:
    clip = clips(DEMO_VOICES, 51)[0]

    texts = {evaluate.transcribe(model(), clip.samples) for _ in range(2)}

    assert len(texts) == 1
