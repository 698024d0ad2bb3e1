"""Reads the YAML block at the start of a README as plain JSON values, in bounded time, depth and size.

YAML can say more than JSON: dates, sets, bytes, NaN, values that contain themselves, and aliases that write a small
text out as a huge one. None of that can be shown by the API, so that this reader knows JSON's types only. A scalar that
is no JSON number, boolean or null is text as its author wrote it (`2024-01-01` is the text "2024-01-01"); aliases and
explicit types are refused.

The loader is the one in Python: libyaml refuses `"\\ud83d\\ude00"`, which JSON writes for an emoji.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

import yaml

MAX_BYTES = 64 << 10
"""Of the block as YAML, and of its values as JSON."""
MAX_DEPTH = 32
MAX_NODES = 4096
"""Keys and values together: they are what reading costs."""
VERBATIM = frozenset({"python_version", "sdk_version", "app_port"})
"""Keys whose fractions stay text: the version 3.10 is not the number 3.1."""
_FENCE = "---"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?[0-9]{1,20}\.[0-9]{0,40}(?:[eE][-+]?[0-9]{1,3})?")
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")


class InvalidFrontMatter(ValueError):
    """Front matter that is not valid YAML, or that says what JSON cannot."""


def parse(readme: str) -> dict[str, Any]:
    """The keys and values of a README's front matter; no keys where it has none. Raises `InvalidFrontMatter`."""
    block = _block(readme)
    if block is None:
        return {}
    if _SURROGATE.search(block):
        raise InvalidFrontMatter("The front matter has a character that UTF-8 cannot hold.")
    try:
        values = _build(yaml.parse(block, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 2}"
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
        raise InvalidFrontMatter(f"The front matter is not valid YAML{where}: {problem}.") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InvalidFrontMatter("The front matter must be keys with values, such as `title: My Space`.")
    if len(json.dumps(values, ensure_ascii=False).encode()) > MAX_BYTES:
        raise InvalidFrontMatter(f"The front matter has more than {MAX_BYTES >> 10} KiB as JSON.")
    return values


def _block(readme: str) -> str | None:
    """What stands between the README's first line and the next line that are `---`; None: there is no such block."""
    text = readme[: MAX_BYTES + 1].removeprefix("\ufeff")
    start = text.find("\n") + 1
    if not start or text[:start].rstrip() != _FENCE:
        return None
    begin = start
    while True:
        end = text.find("\n", begin)
        line = text[begin : end if end >= 0 else len(text)]
        if line.startswith(_FENCE) and line.rstrip() == _FENCE:
            return text[start:begin]
        if end < 0:
            break
        begin = end + 1
    if len(readme) > MAX_BYTES:
        raise InvalidFrontMatter(f"The front matter does not end with a line `---` in its first {MAX_BYTES >> 10} KiB.")
    return None


def _build(events: Iterable[Any]) -> Any:
    """The value of the one document that YAML's events describe."""
    documents, nodes, root = 0, 0, None
    open_: list[_Collection] = []
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _fault(event, "it has more than one document")
        elif isinstance(event, yaml.AliasEvent):
            raise _fault(event, "aliases (`*name`) are not supported: write the value out")
        elif isinstance(event, yaml.CollectionEndEvent):
            done = open_.pop()
            if done.key is not None:
                raise _fault(event, "a key has no value")
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            if nodes > MAX_NODES:
                raise _fault(event, f"it has more than {MAX_NODES} keys and values")
            value = _value(event)
            if open_:
                value = open_[-1].add(event, value, top=len(open_) == 1)
            else:
                root = value
            if isinstance(value, (dict, list)):
                open_.append(_Collection(value))
                if len(open_) > MAX_DEPTH:
                    raise _fault(event, f"it nests deeper than {MAX_DEPTH} levels")
    return root


class _Collection:
    """A list or mapping whose end was not read yet; `key` waits for its value."""

    __slots__ = ("key", "values")

    def __init__(self, values: dict[str, Any] | list[Any]) -> None:
        self.values = values
        self.key: str | None = None

    def add(self, event: Any, value: Any, *, top: bool) -> Any:
        """Take the next node; the value that was stored. In a mapping, keys and values alternate."""
        if isinstance(self.values, list):
            self.values.append(value)
            return value
        if self.key is None:
            if not isinstance(event, yaml.ScalarEvent):
                raise _fault(event, "a key must be text")
            self.key = _text(event)
            return None
        if top and self.key in VERBATIM and isinstance(value, float):
            value = event.value
        self.values[self.key] = value
        self.key = None
        return value


def _value(event: Any) -> Any:
    if event.tag not in (None, "!"):
        raise _fault(event, "explicit types (`!!name`) are not supported")
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    text = _text(event)
    return text if event.style or event.tag else _plain(text)


def _plain(text: str) -> Any:
    """What a scalar without quotes means."""
    if text in _CONSTANTS or (text.lower() in _CONSTANTS and text in (text.upper(), text.title())):
        return _CONSTANTS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _text(event: Any) -> str:
    """A scalar's text; JSON's way to escape a character beyond U+FFFF (`\\ud83d\\ude00`) is one character."""
    text: str = event.value
    if "\0" in text:
        raise _fault(event, "text cannot hold the character NUL")
    if _SURROGATE.search(text):
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise _fault(event, "text has half of a surrogate pair") from None
    return text


def _fault(event: Any, problem: str) -> InvalidFrontMatter:
    return InvalidFrontMatter(f"The front matter cannot be used, line {event.start_mark.line + 2}: {problem}.")
