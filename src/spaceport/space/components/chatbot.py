"""Chatbot: a conversation as messages of role and content."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from mimetypes import guess_type
from typing import Any, ClassVar

from spaceport.space.components.base import Component
from spaceport.space.errors import ValueRejected
from spaceport.space.file_values import InlineFile, LocalFile, RemoteFile, local, one_file
from spaceport.space.output_files import file_or_url
from spaceport.wire.filedata import file_data, mark_files, with_files

_TEXT: dict[str, Any] = {"type": "string"}
_PARTS = ("text", "file", "component")


@dataclass
class ChatMessage:
    """A message to show, where a dict with the same keys would do. `metadata`: title, log, duration, status, …"""

    content: Any
    role: str = "assistant"
    metadata: dict[str, Any] = field(default_factory=dict)
    options: list[dict[str, Any]] = field(default_factory=list)


class Chatbot(Component):
    """In: messages whose content is a list of parts: texts, and files as `{"type": "file", "file": {"path": …}}`.

    Out: messages whose content is a text, a file (`{"path": …}` or `(path, alt_text)`), a component with its value, or
    a list of such; made into the form above.
    """

    files: ClassVar[bool] = True

    def __init__(self, value: Any = None, **props: Any) -> None:
        super().__init__([] if value is None else value, **props)

    @property
    def example(self) -> Any:
        said = (("user", "Hello!"), ("assistant", "How can I help you?"))
        return [
            {"role": role, "metadata": None, "content": [{"text": text, "type": "text"}], "options": None}
            for role, text in said
        ]

    def schema(self) -> dict[str, Any]:
        part = {"anyOf": [{"$ref": f"#/$defs/{name.title()}Message"} for name in _PARTS]}
        either = {"anyOf": [{"type": "object"}, {"type": "null"}], "default": None}
        message = _object(
            "Message",
            ["role", "content"],
            role=_TEXT,
            metadata=either,
            content={"items": part, "type": "array"},
            options={"anyOf": [{"items": {"type": "object"}, "type": "array"}, {"type": "null"}], "default": None},
        )
        alt_text = {"anyOf": [_TEXT, {"type": "null"}], "default": None}
        file = {"$ref": "#/$defs/FileData"}
        definitions = {
            "Message": message,
            "TextMessage": _object("TextMessage", ["text"], text=_TEXT, type=_const("text")),
            "FileMessage": _object("FileMessage", ["file"], file=file, alt_text=alt_text, type=_const("file")),
            "ComponentMessage": _object(
                "ComponentMessage", ["component", "value"], component=_TEXT, value={}, type=_const("component")
            ),
        }
        items = {"items": {"$ref": "#/$defs/Message"}, "title": "ChatbotDataMessages", "type": "array"}
        return with_files(items, **definitions)

    def from_wire(self, value: Any) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise ValueRejected("A Chatbot takes an array of messages.", "list_type")
        return [_received(message) for message in value]

    def mark_files(self, value: Any) -> Any:
        """Only the `file` of a part is one: metadata and options may have a `path` or `url` of their own."""
        return [_with_marked_files(message) for message in value] if isinstance(value, list) else value

    def load(self, value: list[Any]) -> list[Any]:
        return [{**message, "content": [_loaded(part) for part in message["content"]]} for message in value]

    def to_wire(self, value: Any) -> list[dict[str, Any]]:
        return [_message(item) for item in value or ()]


def _object(title: str, required: list[str], **properties: Any) -> dict[str, Any]:
    named = {name: {**kind, "title": name.replace("_", " ").title()} for name, kind in properties.items()}
    return {"properties": named, "required": required, "title": title, "type": "object"}


def _const(text: str) -> dict[str, Any]:
    return {"const": text, "default": text, "type": "string"}


def _received(message: Any) -> dict[str, Any]:
    """A message from the wire, checked. Raises `ValueRejected`."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        raise ValueRejected("A message is an object with `role` and `content`, a list of parts.", "dict_type")
    for part in message["content"]:
        if not isinstance(part, dict):
            raise ValueRejected("A part of a message is an object with `type`.", "dict_type")
        if part.get("type", "text") == "file":
            one_file(part.get("file"), "A file in a message")
    return {"role": message.get("role"), "metadata": None, "options": None, **message}


def _with_marked_files(message: Any) -> Any:
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(content, list):
        return message
    return {**message, "content": [_with_marked_file(part) for part in content]}


def _with_marked_file(part: Any) -> Any:
    return {**part, "file": mark_files(part["file"])} if isinstance(part, dict) and "file" in part else part


def _loaded(part: dict[str, Any]) -> dict[str, Any]:
    file = part.get("file")
    if not isinstance(file, (LocalFile, InlineFile, RemoteFile)):
        return part
    found = local(file)
    return {**part, "file": file_data(str(found.path), None, found.name)}


def _message(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict) and not hasattr(item, "role"):
        raise ValueRejected("A Chatbot shows messages: objects with `role` and `content`.")
    if not isinstance(item, dict):
        item = {key: getattr(item, key, None) for key in ("role", "content", "metadata", "options")}
    content = item.get("content", "")
    parts = content if isinstance(content, list) else [content]
    return {
        "role": item["role"],
        "metadata": item.get("metadata"),
        "content": [_part(part) for part in parts],
        "options": item.get("options"),
    }


def _part(part: Any) -> dict[str, Any]:
    """One part of a returned message on the wire."""
    if isinstance(part, Component):
        return {
            "component": part.type_name,
            "value": part.default,
            "constructor_args": {},
            "props": {**part.props, **part.describe()},
            "type": "component",
        }
    if isinstance(part, tuple) and part and isinstance(part[0], (str, os.PathLike)):
        return _file(part[0], part[1] if len(part) > 1 else None)
    if isinstance(part, dict):
        found = part.get("file") if part.get("type") == "file" else part
        if isinstance(found, dict) and isinstance(found.get("path"), str):
            return _file(found["path"], part.get("alt_text"))
        return part
    return {"text": str(part), "type": "text"}


def _file(path: Any, alt_text: str | None) -> dict[str, Any]:
    shown = file_or_url(path, mime_type=guess_type(str(path))[0])
    return {"file": shown, "alt_text": alt_text, "type": "file"}
