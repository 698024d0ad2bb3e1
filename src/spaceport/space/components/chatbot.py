"""Chatbot: a conversation as messages of role and content."""

from __future__ import annotations

from typing import Any

from spaceport.space.components.base import Component, Refused


class Chatbot(Component):
    """In: messages whose content is a list of parts. Out: messages with text or parts, made into that form."""

    def __init__(self, value: Any = None, **props: Any) -> None:
        super().__init__([] if value is None else value, **props)

    @property
    def example(self) -> Any:
        return [
            {"role": "user", "metadata": None, "content": [{"text": "Hello!", "type": "text"}], "options": None},
        ]

    def schema(self) -> dict[str, Any]:
        part = {"type": "object", "properties": {"type": {"type": "string"}, "text": {"type": "string"}}}
        message = {
            "type": "object",
            "title": "Message",
            "properties": {
                "role": {"type": "string"},
                "metadata": {"anyOf": [{"type": "object"}, {"type": "null"}], "default": None},
                "content": {"type": "array", "items": part},
                "options": {"anyOf": [{"type": "array"}, {"type": "null"}], "default": None},
            },
            "required": ["role", "content"],
        }
        return {"type": "array", "title": "ChatbotDataMessages", "items": message}

    def from_wire(self, value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise Refused("A Chatbot takes an array of messages.", "list_type")
        for message in value:
            if not isinstance(message, dict) or not isinstance(message.get("content"), list):
                raise Refused("A message is an object with `role` and `content`, a list of parts.", "dict_type")
        return value

    def to_wire(self, value: Any) -> list[dict[str, Any]]:
        return [_message(item) for item in value or ()]


def _message(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict) and not hasattr(item, "role"):
        raise Refused("A Chatbot shows messages: objects with `role` and `content`.")
    if not isinstance(item, dict):
        item = {key: getattr(item, key, None) for key in ("role", "content", "metadata", "options")}
    content = item.get("content", "")
    parts = content if isinstance(content, list) else [content]
    return {
        "role": item["role"],
        "metadata": item.get("metadata"),
        "content": [part if isinstance(part, dict) else {"text": str(part), "type": "text"} for part in parts],
        "options": item.get("options"),
    }
