"""The YAML at the start of a Space's README.md: what its author says of it (hub.md §5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

SDKS = ("gradio", "static")
_BLOCK = re.compile(r"\A\ufeff?---\s*\r?\n(.*?)\r?\n---\s*(?:\r?\n|\Z)", re.DOTALL)
_MOST = 64 << 10
_SHORT = 60


_MOST_OF = {"retries": 10, "replicas": 64}


@dataclass(frozen=True, slots=True)
class SpaceOptions:
    """`spaceport: {retries: 2, replicas: 3}`: how often a call whose replica died runs again, and how many replicas."""

    retries: int = 0
    replicas: int = 1


class NotMetadata(ValueError):
    """A block that cannot be read."""


def parse(readme: str) -> dict[str, Any]:
    """The keys; none for a README without such a block. Raises `NotMetadata`."""
    found = _BLOCK.match(readme[:_MOST])
    if found is None:
        return {}
    try:
        values = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 2}"
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise NotMetadata(f"The metadata is not YAML{where}: {problem}.") from None
    if not isinstance(values, dict):
        raise NotMetadata("The metadata must be keys with values.")
    return {str(key): value for key, value in values.items()}


def wishes(values: dict[str, Any]) -> SpaceOptions:
    """What its author wants of the hub; what is no such number is passed over."""
    own = values.get("spaceport")
    given = {key: value for key, value in own.items() if _fits(key, value)} if isinstance(own, dict) else {}
    return SpaceOptions(**given)


def _fits(key: Any, value: Any) -> bool:
    least = int(key == "replicas")
    return key in _MOST_OF and type(value) is int and least <= value <= _MOST_OF[key]


def faults(values: dict[str, Any]) -> list[str]:
    """What would keep such a Space from running."""
    found = []
    sdk = values.get("sdk")
    if sdk is not None and sdk not in SDKS:
        found.append(f'"sdk" must be one of {", ".join(SDKS)} here, not {sdk!r}: this hub has no containers.')
    short = values.get("short_description")
    if short is not None and (not isinstance(short, str) or len(short) > _SHORT):
        found.append(f'"short_description" is a text of at most {_SHORT} characters.')
    app_file = values.get("app_file")
    if app_file is not None and not isinstance(app_file, str):
        found.append('"app_file" is the name of a file.')
    tags = values.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        found.append('"tags" is a list of words.')
    own = values.get("spaceport", {})
    if not isinstance(own, dict) or not all(_fits(key, value) for key, value in own.items()):
        most = ", ".join(f"{key} (at most {value})" for key, value in _MOST_OF.items())
        found.append(f'"spaceport" has whole numbers: {most}.')
    return found
