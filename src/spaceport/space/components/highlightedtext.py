"""HighlightedText: a text in pieces, each with a class or a confidence."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected


class HighlightedText(Component):
    """A function gets a list of `{"token", "class_or_confidence"}`; it returns (token, class) pairs, that list, or

    `{"text": …, "entities": [{"entity", "start", "end"}]}`. `combine_adjacent` joins neighbours of the same class.
    """

    def __init__(
        self, value: Any = None, *, combine_adjacent: bool = False, adjacent_separator: str = "", **props: Any
    ) -> None:
        super().__init__(value, **props)
        self.combine_adjacent, self.adjacent_separator = combine_adjacent, adjacent_separator

    @property
    def example(self) -> Any:
        return [{"token": "The", "class_or_confidence": None}, {"token": "quick", "class_or_confidence": "adj"}]

    def schema(self) -> dict[str, Any]:
        kinds: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}], "default": None}
        properties = {
            "token": {"title": "Token", "type": "string"},
            "class_or_confidence": {**kinds, "title": "Class Or Confidence"},
        }
        token = {"properties": properties, "required": ["token"], "title": "HighlightedToken", "type": "object"}
        items = {"$ref": "#/$defs/HighlightedToken"}
        return {"$defs": {"HighlightedToken": token}, "items": items, "title": "HighlightedTextData", "type": "array"}

    def from_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise ValueRejected("A HighlightedText takes a list of objects with `token`.", "list_type")
        return [_token(one) for one in value]

    def to_wire(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, dict):
            pairs = _pieces(value)
        elif isinstance(value, (list, tuple)):
            pairs = [(one["token"], one.get("class_or_confidence")) if isinstance(one, dict) else one for one in value]
        else:
            raise ValueRejected(f"A HighlightedText shows a list of pairs, not {type(value).__name__}.")
        if self.combine_adjacent:
            pairs = self._combined(pairs)
        return [{"token": str(token), "class_or_confidence": kind} for token, kind in pairs]

    def _combined(self, pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for token, kind in pairs:
            if found and found[-1][1] == kind:
                found[-1] = (f"{found[-1][0]}{self.adjacent_separator}{token}", kind)
            elif token.strip() or kind is not None:
                found.append((token, kind))
        return found


def _token(value: Any) -> dict[str, Any]:
    kind = value.get("class_or_confidence") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(value.get("token"), str):
        raise ValueRejected(
            "Each piece of a HighlightedText is an object with `token` and `class_or_confidence`.", "dict_type"
        )
    if isinstance(kind, bool) or not isinstance(kind, (str, int, float, type(None))):
        raise ValueRejected("The `class_or_confidence` of a piece is text, a number or null.", "type_error")
    return {"token": value["token"], "class_or_confidence": kind}


def _pieces(value: dict[str, Any]) -> list[tuple[str, Any]]:
    """Text and entities as pairs, the text between them without a class."""
    if "text" not in value or "entities" not in value:
        raise ValueRejected("A HighlightedText shows a dict with `text` and `entities`.")
    text, found, at = str(value["text"]), [], 0
    for one in sorted(value["entities"], key=lambda one: one["start"]):
        found += [
            (text[at : one["start"]], None),
            (text[one["start"] : one["end"]], one.get("entity") or one.get("entity_group")),
        ]
        at = one["end"]
    return [*found, (text[at:], None)]
