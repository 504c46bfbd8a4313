"""From a training checkpoint to the directory that CTranslate2 and others load.

The compact numbers of training are spread over the full vocabulary (unused tokens
get copies of the row they shared), the auxiliary heads are dropped, and the result
goes through `WhisperForConditionalGeneration` and CTranslate2's own loader to int8.
"""

# torch is an optional extra: without it, or half typed as it is, mypy looks away.
# mypy: disable-error-code="import-not-found, import-untyped, no-untyped-call, no-any-return"

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import ctranslate2.converters.transformers as converters
import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from appliance.demo_model.network import Shape
from appliance.demo_model.report import MANIFEST
from appliance.demo_model.train import CHECKPOINT
from appliance.demo_model.vocabulary import (
    CONTROL_TOKENS,
    END,
    LANGUAGE_TOKEN,
    SPACE,
    START,
    TIMESTAMPS,
    WORDS,
    Vocabulary,
    word_merges,
)
from appliance.demo_model.windows import TOKENS

if TYPE_CHECKING:
    from pathlib import Path

PREPROCESSOR: Final = {
    "chunk_length": 30,
    "feature_extractor_type": "WhisperFeatureExtractor",
    "feature_size": 80,
    "hop_length": 160,
    "n_fft": 400,
    "n_samples": 480_000,
    "nb_max_frames": 3_000,
    "padding_side": "right",
    "padding_value": 0.0,
    "return_attention_mask": False,
    "sampling_rate": 16_000,
}


@dataclass(frozen=True, slots=True)
class Release:
    """What the manifest says of the weights."""

    version: str
    name: str = "anechoic-demo"
    purpose: str = "commissioning, self-tests and CI; not for production speech"
    license: str = "Apache-2.0"


def full_embedding(compact: torch.Tensor) -> torch.Tensor:
    """Spread compact rows over the vocabulary.

    Args:
        compact: shape (used + 1, width); the last row is that of all unused tokens.

    Returns:
        Shape (vocabulary, width).
    """
    rows = torch.full((len(Vocabulary().tokens),), TOKENS.count - 1)
    rows[torch.tensor(TOKENS.used)] = torch.arange(len(TOKENS.used))
    return compact[rows]


def hugging_face_config(shape: Shape) -> transformers.WhisperConfig:
    """Return the configuration of the equivalent Hugging Face model."""
    ids = Vocabulary().ids
    return transformers.WhisperConfig(
        vocab_size=len(ids),
        d_model=shape.width,
        encoder_layers=shape.encoder_layers,
        decoder_layers=shape.decoder_layers,
        encoder_attention_heads=shape.heads,
        decoder_attention_heads=shape.heads,
        encoder_ffn_dim=shape.feed_forward,
        decoder_ffn_dim=shape.feed_forward,
        num_mel_bins=shape.mels,
        max_source_positions=shape.source_positions,
        max_target_positions=shape.target_positions,
        bos_token_id=ids[END],
        eos_token_id=ids[END],
        pad_token_id=ids[END],
        decoder_start_token_id=ids[START],
        begin_suppress_tokens=[ids[SPACE]],
        suppress_tokens=[],
    )


def hugging_face_model(
    state: dict[str, torch.Tensor], shape: Shape
) -> transformers.WhisperForConditionalGeneration:
    """Return the trained network as a Hugging Face model.

    The end of text may come first (only the bare space is suppressed there): that
    is how a window without speech gives empty text without timestamps too.
    """
    model = transformers.WhisperForConditionalGeneration(hugging_face_config(shape))
    kept = {f"model.{k}": v for k, v in state.items() if "_head." not in k}
    embedding = "model.decoder.embed_tokens.weight"
    kept[embedding] = full_embedding(kept[embedding])
    kept["proj_out.weight"] = kept[embedding]
    model.load_state_dict(kept, strict=True)
    ids = Vocabulary().ids
    last = shape.decoder_layers - 1
    model.generation_config = transformers.GenerationConfig(
        suppress_tokens=[],
        begin_suppress_tokens=[ids[SPACE]],
        alignment_heads=[[last, head] for head in range(shape.aligned_heads)],
        lang_to_id={LANGUAGE_TOKEN: ids[LANGUAGE_TOKEN]},
    )
    return model.eval()


def tokenizer() -> Tokenizer:
    """Return the byte-level BPE tokenizer in which every `" word"` is one token."""
    vocabulary = Vocabulary()
    text = {token: vocabulary.ids[token] for token in vocabulary.text_tokens}
    result = Tokenizer(models.BPE(vocab=text, merges=list(word_merges())))
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    result.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in CONTROL_TOKENS]
    )
    stamps = vocabulary.tokens[-TIMESTAMPS:]
    result.add_tokens([AddedToken(t, normalized=False, special=False) for t in stamps])
    return result


def convert(
    model: transformers.WhisperForConditionalGeneration, folder: Path, precision: str
) -> None:
    """Write the CTranslate2 model and its vocabulary."""
    loader: Any = converters.WhisperLoader()
    with torch.no_grad():
        spec = loader.get_model_spec(model)
        loader.set_config(spec.config, model, None)
        loader.set_vocabulary(spec, list(Vocabulary().tokens))
        spec.validate()
        spec.optimize(quantization=precision)
        spec.save(str(folder))


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON with a final newline."""
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_manifest(folder: Path, release: Release) -> None:
    """Describe the directory and the SHA-256 of each file but the manifest."""
    files = sorted(p for p in folder.iterdir() if p.name != MANIFEST)
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    manifest = {
        "name": release.name,
        "version": release.version,
        "languages": ["en"],
        "unpadded_windows": True,
        "words": len(WORDS),
        "purpose": release.purpose,
        "license": release.license,
        "sha256": hashes,
        "word_error_rate": {},
    }
    write_json(folder / MANIFEST, manifest)


def export(
    run: Path, folder: Path, release: Release, *, precision: str = "int8"
) -> None:
    """Export the checkpoint in `run` to the CTranslate2 directory `folder`."""
    checkpoint = torch.load(run / CHECKPOINT, weights_only=True)
    folder.mkdir(parents=True, exist_ok=True)
    model = hugging_face_model(checkpoint["model"], Shape())
    convert(model, folder, precision)
    tokenizer().save(str(folder / "tokenizer.json"))
    write_json(folder / "preprocessor_config.json", PREPROCESSOR)
    write_manifest(folder, release)
