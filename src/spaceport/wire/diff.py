"""Edit scripts between two JSON values: `apply(old, diff(old, new)) == new`, always.

An edit is `[op, path, value]` with a path of object keys and array indexes from the root (gradio-wire §10):
`replace` sets, `append` concatenates text, `add` inserts into an array or sets a new key, `delete` removes.
Edits apply in order. Unlike Gradio's, deletes carry the true index at their moment (nested arrays shrink rightly),
and `1`, `true` and `1.0` are three different values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Edit = list[Any]


def diff(old: Any, new: Any) -> list[Edit]:
    """The edits that turn `old` into `new`; an empty list when they are the same JSON value."""
    edits: list[Edit] = []
    _compare(old, new, [], edits)
    return edits


def _compare(old: Any, new: Any, path: list[Any], edits: list[Edit]) -> None:
    if isinstance(old, str) and isinstance(new, str):
        if old == new:
            return
        if old and new.startswith(old):
            edits.append(["append", path, new[len(old) :]])
        else:
            edits.append(["replace", path, new])
    elif isinstance(old, dict) and isinstance(new, dict):
        _compare_objects(old, new, path, edits)
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        _compare_arrays(old, new, path, edits)
    elif type(old) is not type(new) or old != new or (old == 0 and str(old) != str(new)):  # -0.0 is not 0.0
        edits.append(["replace", path, new])


def _compare_objects(old: dict[str, Any], new: dict[str, Any], path: list[Any], edits: list[Edit]) -> None:
    edits.extend(["delete", [*path, key], None] for key in old if key not in new)
    for key, value in new.items():
        if key in old:
            _compare(old[key], value, [*path, key], edits)
        else:
            edits.append(["add", [*path, key], value])


def _compare_arrays(old: Sequence[Any], new: Sequence[Any], path: list[Any], edits: list[Edit]) -> None:
    common = min(len(old), len(new))
    for index in range(common):
        _compare(old[index], new[index], [*path, index], edits)
    edits.extend(["delete", [*path, index], None] for index in range(len(old) - 1, common - 1, -1))
    edits.extend(["add", [*path, index], new[index]] for index in range(common, len(new)))


def apply(value: Any, edits: Sequence[Edit]) -> Any:
    """The value after the edits. `value` itself is never changed: only containers along a path are copied."""
    for op, path, operand in edits:
        value = _apply_one(value, op, path, 0, operand)
    return value


def _apply_one(value: Any, op: str, path: Sequence[Any], at: int, operand: Any) -> Any:
    if at == len(path):
        return value + operand if op == "append" else operand
    key = path[at]
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    last = at == len(path) - 1
    if last and op == "delete":
        del copy[key]
    elif last and op == "add" and isinstance(copy, list):
        copy.insert(key, operand)
    elif last and op == "add":
        copy[key] = operand
    else:
        copy[key] = _apply_one(copy[key], op, path, at + 1, operand)
    return copy
