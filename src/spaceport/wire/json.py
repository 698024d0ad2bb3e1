"""The JSON of requests and responses: strict when read, lenient when written.

Read: NaN and Infinity are refused (they are not JSON), and so is nesting deeper than `MAX_DEPTH`.
Written: NaN and ±Infinity become null and unknown objects become text, as in Gradio's own encoder (gradio-wire §1);
unpaired surrogates become U+FFFD.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

import msgspec

MAX_DEPTH = 64
_STRING = re.compile(rb'"[^"]*"')
"""A string without escaped quotes."""
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _unknown(value: Any) -> Any:
    """Convert an object that msgspec does not know to plain JSON: by its own method if it has one, else to text."""
    for method in ("tolist", "model_dump", "to_dict"):
        convert = getattr(value, method, None)
        if callable(convert):
            return convert()
    return str(value)


_encoder = msgspec.json.Encoder(enc_hook=_unknown)
_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON of any value. Never raises for a value that a function returned."""
    try:
        return _encoder.encode(value)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return _encoder.encode(_plain(value, 0))


def _plain(value: Any, depth: int) -> Any:
    """Convert slowly what the encoder refused: keys that are not text, unpaired surrogates, odd sets, cycles."""
    if depth > MAX_DEPTH:
        return str(type(value).__name__)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {_plain(str(k), depth): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, depth + 1) for v in value]
    return _plain(str(value), depth)


def decode(data: bytes | str) -> Any:
    """Parse JSON. Raises `msgspec.DecodeError` for text that is not JSON."""
    return _decoder.decode(data)


def too_deep(data: bytes, limit: int = MAX_DEPTH) -> bool:
    """Whether a JSON document nests deeper than `limit` levels; brackets inside strings do not count.

    Runs before the parser, so that nesting can cost neither stack nor memory. Takes linear time, most of it in C.
    """
    if data.count(b"[") + data.count(b"{") <= limit:
        return False
    if b'"' in data:
        data = _STRING.sub(b"", data.replace(b"\\\\", b"").replace(b'\\"', b""))
    steps = map(_STEP.__getitem__, data.translate(None, _NO_BRACKETS))
    return any(map(limit.__lt__, accumulate(steps)))
