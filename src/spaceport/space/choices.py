"""Choices of Radio, Dropdown and CheckboxGroup: pairs of the name that is shown and the value that is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from spaceport.space.errors import ValueRejected

Choice = tuple[str, Any]
_MAX_SHOWN = 200


def normalise(choices: Iterable[Any] | None) -> list[Choice]:
    return [c if isinstance(c, tuple) and len(c) == 2 else (str(c), c) for c in choices or ()]


def pick(choices: list[Choice], value: Any) -> int:
    """The index of the choice with this value; 1, true and "1" differ. Raises `ValueRejected` if there is none."""
    for index, (_, known) in enumerate(choices):
        if type(known) is type(value) and known == value:
            return index
    shown = [known for _, known in choices[:20]]
    raise ValueRejected(f"Value: {repr(value)[:_MAX_SHOWN]} is not in the list of choices: {shown}", "enum")


def schema(choices: list[Choice], title: str) -> dict[str, Any]:
    return {"enum": [value for _, value in choices], "title": title, "type": "string"}
