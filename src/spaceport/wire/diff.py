"""Edit scripts between two JSON values: `apply(old, diff(old, new)) == new`, always.

An edit is `[op, path, value]` with a path of object keys and array indexes from the root (gradio-wire §10):
`replace` sets, `append` concatenates text, `add` inserts into an array or sets a new key, `delete` removes.
Edits apply in order. Unlike Gradio's, deletes carry the true index at their moment (nested arrays shrink rightly),
and `1`, `true` and `1.0` are three different values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Edit = tuple[str, tuple[Any, ...], Any]
"""A tuple of tuples is no work for the garbage collector, however many are kept; a list is."""
_MAX_MOVED = 256 << 20
"""Bytes that the edits of one step may move: an edit in a long list or text moves what follows it."""


def diff(old: Any, new: Any) -> tuple[Edit, ...]:
    """The edits that turn `old` into `new`; none when they are the same JSON value."""
    edits: list[Edit] = []
    _compare(old, new, (), edits)
    return tuple(edits)


def _compare(old: Any, new: Any, path: tuple[Any, ...], edits: list[Edit]) -> None:
    if isinstance(old, str) and isinstance(new, str):
        if old == new:
            return
        if old and new.startswith(old):
            edits.append(("append", path, new[len(old) :]))
        else:
            edits.append(("replace", path, new))
    elif isinstance(old, dict) and isinstance(new, dict):
        _compare_objects(old, new, path, edits)
    elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        _compare_arrays(old, new, path, edits)
    elif type(old) is not type(new) or old != new or (old == 0 and str(old) != str(new)):  # -0.0 is not 0.0
        edits.append(("replace", path, new))


def _compare_objects(old: dict[str, Any], new: dict[str, Any], path: tuple[Any, ...], edits: list[Edit]) -> None:
    edits.extend(("delete", (*path, key), None) for key in old if key not in new)
    for key, value in new.items():
        if key in old:
            _compare(old[key], value, (*path, key), edits)
        else:
            edits.append(("add", (*path, key), value))


def _compare_arrays(old: Sequence[Any], new: Sequence[Any], path: tuple[Any, ...], edits: list[Edit]) -> None:
    common = min(len(old), len(new))
    for index in range(common):
        _compare(old[index], new[index], (*path, index), edits)
    edits.extend(("delete", (*path, index), None) for index in range(len(old) - 1, common - 1, -1))
    edits.extend(("add", (*path, index), new[index]) for index in range(common, len(new)))


class InvalidEdits(ValueError):
    """Edits do not fit the value that they are for."""


def apply(value: Any, edits: Sequence[Sequence[Any]]) -> Any:
    """The value after the edits. `value` itself is never changed: each container along a path is copied once.

    The time is linear in the value and the edits, up to `_MAX_MOVED`. Raises `InvalidEdits`.
    """
    copies: dict[int, Any] = {}
    moved = 0
    try:
        for op, path, operand in edits:
            if not path:
                moved += len(value) if op == "append" else 0
                value = value + operand if op == "append" else operand
            else:
                value = parent = _own(value, copies)
                for key in path[:-1]:
                    parent[key] = parent = _own(parent[key], copies)
                moved += _edit(parent, op, path[-1], operand)
            if moved > _MAX_MOVED:
                raise InvalidEdits("The edits move too much: send the new value instead.")
    except (TypeError, LookupError, OverflowError) as error:
        raise InvalidEdits(f"The edits do not fit the value: {error}") from None
    return value


def _own(container: Any, copies: dict[int, Any]) -> Any:
    """A copy of a container, or itself where it is one already."""
    if id(container) in copies:
        return container
    if not isinstance(container, (dict, list, tuple)):
        raise InvalidEdits("A path leads into a value that has no members.")
    copy = dict(container) if isinstance(container, dict) else list(container)
    copies[id(copy)] = copy
    return copy


def _edit(parent: Any, op: str, key: Any, operand: Any) -> int:
    """Change one member. Returns about how many bytes were moved for it."""
    if op == "append":
        old = parent[key]
        parent[key] = old + operand
        return len(old)
    is_list = isinstance(parent, list)
    if op == "delete":
        del parent[key]
    elif op == "add" and is_list:
        parent.insert(key, operand)
    else:
        parent[key] = operand
        return 0
    return 8 * (len(parent) - key) if is_list else 0
