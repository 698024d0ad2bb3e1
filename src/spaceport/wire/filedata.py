"""`FileData`: a file in JSON (gradio-wire §12.1)."""

from __future__ import annotations

from typing import Any

META = "gradio.FileData"
DATA_URL = "data:"
_ABOUT = "A file: uploaded before, by its path on the server; or by its http(s) URL, which the server fetches."
_FIELDS = frozenset({"path", "url", "size", "orig_name", "mime_type", "is_stream", "meta"})
_STRING_OR_NULL: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}


def is_file_data(value: Any) -> bool:
    """Whether a value is marked as a file."""
    return isinstance(value, dict) and isinstance(value.get("meta"), dict) and value["meta"].get("_type") == META


def mark_files(value: Any) -> Any:
    """The value with every file in it as a complete `FileData`: with its `meta`, and a `data:` URL as its `path`.

    For values of components that take files, where callers may leave out `meta`: an object with a `path` or a `data:`
    URL, and no other fields than a `FileData` has, is a file there.
    """
    if isinstance(value, dict):
        return complete_file(value) or {key: mark_files(one) for key, one in value.items()}
    return [mark_files(one) for one in value] if isinstance(value, list) else value


def complete_file(value: Any) -> dict[str, Any] | None:
    """An object that stands for a file as a complete `FileData`; None for any other value."""
    if not isinstance(value, dict) or not (is_file_data(value) or value.keys() <= _FIELDS):
        return None
    path, url = value.get("path") or None, value.get("url")
    if path is None and isinstance(url, str) and url[: len(DATA_URL)].lower() == DATA_URL:
        path = url
    if not isinstance(path, str) and not is_file_data(value):
        return None
    return {**value, "path": path, "meta": {"_type": META}}


def file_paths(value: Any) -> list[str]:
    """The paths of all files in a value."""
    if is_file_data(value):
        return [value["path"]] if isinstance(value.get("path"), str) else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [path for part in parts for path in file_paths(part)]


def file_data(path: str, url: str | None, name: str, *, size: int | None = None, mime_type: str | None = None) -> Any:
    """The `FileData` of an output."""
    return {
        "path": path,
        "url": url,
        "size": size,
        "orig_name": name,
        "mime_type": mime_type,
        "is_stream": False,
        "meta": {"_type": META},
    }


def example_file(name: str) -> dict[str, Any]:
    """An example of a `FileData` for documents."""
    url = f"https://example.com/{name}"
    return {"path": url, "meta": {"_type": META}, "orig_name": name, "url": url}


def file_schema() -> dict[str, Any]:
    """The JSON schema of a `FileData`, as Gradio writes it."""
    meta = {
        "properties": {"_type": {"const": META, "title": "Type", "type": "string"}},
        "required": ["_type"],
        "title": "FileDataMeta",
        "type": "object",
    }
    return {"$defs": {"FileDataMeta": meta}, **_file(), "additional_description": _ABOUT}


def files_schema() -> dict[str, Any]:
    """The JSON schema of a list of files."""
    return with_files({"items": {"$ref": "#/$defs/FileData"}, "title": "ListFiles", "type": "array"})


def image_schema() -> dict[str, Any]:
    """The JSON schema of an image: a file, or a `data:` URL in `url`."""
    return {**_image(), "additional_description": "A local filepath or publicly available URL."}


def with_files(schema: dict[str, Any], **definitions: dict[str, Any]) -> dict[str, Any]:
    """A schema that may refer to `FileData`, `ImageData` and `definitions`."""
    meta = file_schema()["$defs"]["FileDataMeta"]
    text = repr((schema, definitions))
    known = {"FileData": {**_file(), "description": _ABOUT}, "FileDataMeta": meta}
    if "ImageData" in text:
        known["ImageData"] = {**_image(), "description": "A local filepath or publicly available URL."}
    return {"$defs": {**definitions, **known}, **schema, "additional_description": None}


def _file() -> dict[str, Any]:
    optional = {
        name: {**kind, "title": name.replace("_", " ").title()}
        for name, kind in {
            "url": _STRING_OR_NULL,
            "size": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "orig_name": _STRING_OR_NULL,
            "mime_type": _STRING_OR_NULL,
            "is_stream": {"default": False, "type": "boolean"},
        }.items()
    }
    properties = {"path": {"title": "Path", "type": "string"}, **optional, "meta": {"$ref": "#/$defs/FileDataMeta"}}
    return {"properties": properties, "required": ["path"], "title": "FileData", "type": "object"}


def _image() -> dict[str, Any]:
    file = _file()["properties"]
    about = {
        "path": "Path to a local file",
        "url": "Publicly available url or base64 encoded image",
        "size": "Size of image in bytes",
        "orig_name": "Original filename",
        "mime_type": "mime type of image",
        "is_stream": "Can always be set to False",
    }
    properties: dict[str, Any] = {name: {**file[name], "description": text} for name, text in about.items()}
    properties["path"] = {**_STRING_OR_NULL, "description": about["path"], "title": "Path"}
    properties["meta"] = {"additionalProperties": True, "default": {"_type": META}, "title": "Meta", "type": "object"}
    return {"properties": properties, "title": "ImageData", "type": "object"}
