"""The JSON of requests and responses: strict when read, lenient when written.

Read: NaN and Infinity are refused (they are not JSON), and so is nesting deeper than `MAX_DEPTH`.
Written: NaN and ±Infinity become null and unknown objects become text, as in Gradio's own encoder (gradio-wire §1);
unpaired surrogates become U+FFFD.
"""

from __future__ import annotations

import contextlib
import re
from itertools import accumulate
from typing import Any

import msgspec

MAX_DEPTH = 64
_MAX_INT_BITS = 14_000
"""Python writes no number with more than 4,300 digits as text, and nobody reads one: it becomes null."""
_STRING = re.compile(rb'"[^"]*"')
"""A string without escaped quotes."""
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _unknown(value: Any) -> Any:
    """Convert an object that msgspec does not know to plain JSON: by its own method if it has one, else to text."""
    for method in ("tolist", "model_dump", "to_dict"):
        convert = getattr(value, method, None)
        if callable(convert):
            with contextlib.suppress(Exception):  # the object's own code
                return convert()
    return _text(value)


_encoder = msgspec.json.Encoder(enc_hook=_unknown)
_decoder = msgspec.json.Decoder()


def encode(value: Any) -> bytes:
    """Compact UTF-8 JSON of any value. Never raises for a value that a function returned."""
    try:
        return _encoder.encode(value)
    except (UnicodeEncodeError, TypeError, ValueError, OverflowError, RecursionError):
        return _encoder.encode(_plain(value, ()))


def _plain(value: Any, above: tuple[int, ...]) -> Any:
    """Convert slowly what the encoder refused: keys that are not text, unpaired surrogates, odd sets, cycles.

    `above`: the ids of what the value stands in. What stands in itself is named by its type.
    """
    if len(above) > MAX_DEPTH or id(value) in above:
        return str(type(value).__name__)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and value.bit_length() > _MAX_INT_BITS:
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    inside = (*above, id(value))
    if isinstance(value, dict):
        return {_key(k): _plain(v, inside) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, inside) for v in value]
    return _plain(_text(value), above)


def _key(value: Any) -> str:
    found: str = _plain(_text(value), ())
    return found


def _text(value: Any) -> str:
    """An object of a function's author as text, also where it has none."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001  the object's own code
        return type(value).__name__


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
