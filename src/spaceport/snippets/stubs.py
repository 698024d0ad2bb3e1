"""A typed Python module for an app, ours or Gradio's: `Space` and `AsyncSpace` with a method for each endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spaceport.snippets.types import Types, docstring, identifier, literal

_TAKEN = """Any Literal TypedDict FileData Space AsyncSpace Client AsyncClient Job AsyncJob SRC DEFAULT Iterator
AsyncIterator handle_file"""


class Described(NamedTuple):
    """An endpoint: its name with the slash, its entry in `/info`, whether it streams."""

    name: str
    info: Mapping[str, Any]
    streams: bool


@dataclass(frozen=True, slots=True)
class _Method:
    """An endpoint in Python's words: `signature` and `values` (what is sent) go parameter by parameter."""

    name: str
    api_name: str
    signature: list[str]
    values: list[str]
    returns: str
    doc: list[str]
    streams: bool


def stubs(src: str, endpoints: Sequence[Described]) -> str:
    """The module's source. `src` is what a client connects to: a URL or `owner/name`."""
    names = set(_TAKEN.split())
    types = Types(names)
    members = {"client", "close"}
    methods = [_method(one, types, members) for one in endpoints]
    parts = [*types.classes, _class(methods, is_async=False), _class(methods, is_async=True)]
    body = "\n\n\n".join(parts)
    return f"{_head(src, body)}\n\n\n{body}\n"


def _head(src: str, body: str) -> str:
    typing = [name for name in ("Any", "Literal", "TypedDict") if name == "Any" or f"{name}[" in body or name in body]
    iterators = [name for name in ("AsyncIterator", "Iterator") if f"-> {name}[" in body]
    abstract = f"from collections.abc import {', '.join(iterators)}\n" if iterators else ""
    return (
        f'"""Typed calls of {docstring(src)}. Made by `spaceport stubs`: make it again when the app changes."""\n\n'
        f"from __future__ import annotations\n\n{abstract}from typing import {', '.join(typing)}\n\n"
        "from spaceport import AsyncClient, AsyncJob, Client, Job, handle_file\n\n"
        '__all__ = ["AsyncSpace", "Space", "handle_file"]\n\n'
        f"SRC = {literal(src)}\n"
        'FileData = dict[str, Any]\n"""What `handle_file` makes of a path or a URL."""\n'
        'DEFAULT: Any = object()\n"""Stands for the default that the docstring names."""'
    )


def _method(described: Described, types: Types, members: set[str]) -> _Method:
    name = identifier(described.name, members)
    members |= {f"submit_{name}", f"stream_{name}"}
    taken = {"self", "result"}
    signature: list[str] = []
    values, doc, optional = [], [], False
    for one in described.info.get("parameters", ()):
        parameter = identifier(str(one.get("parameter_name") or one.get("label") or "value"), taken)
        kind = types.annotation(one.get("schema") or one.get("type"), f"{name} {parameter}", file="FileData")
        note = f"{parameter}: {_about(one)}"
        if one.get("parameter_has_default"):
            default, optional = one.get("parameter_default"), True
            plain = default is None or isinstance(default, (str, int, float, bool))
            if default is None and "None" not in kind.split(" | ") and kind != "Any":
                kind += " | None"
            signature.append(f"{parameter}: {kind} = {literal(default)}" if plain else f"{parameter}: {kind} = DEFAULT")
            values.append(parameter if plain else f"{default!r} if {parameter} is DEFAULT else {parameter}")
            note += "" if plain else f" Default: {default!r}"
        else:
            if optional and "*" not in signature:
                signature.append("*")
            signature.append(f"{parameter}: {kind}")
            values.append(parameter)
        doc.append(docstring(note))
    outputs = described.info.get("returns", ())
    returns = [types.annotation(one.get("schema") or one.get("type"), f"{name} result", file="str") for one in outputs]
    shown = returns[0] if len(returns) == 1 else f"tuple[{', '.join(returns) or '()'}]"
    about = docstring(str(described.info.get("description") or "")) or f"Calls {described.name}."
    return _Method(name, described.name, signature, values, shown, [about, *doc], described.streams)


def _about(parameter: Mapping[str, Any]) -> str:
    python_type = parameter.get("python_type")
    description = python_type.get("description") if isinstance(python_type, dict) else None
    words = [str(parameter.get("label") or ""), str(description or "").split("\n")[0]]
    return ". ".join(dict.fromkeys(word.strip().rstrip(".") for word in words if word.strip()))


def _class(methods: Sequence[_Method], *, is_async: bool) -> str:
    define, wait, client = ("async def", "await ", "AsyncClient") if is_async else ("def", "", "Client")
    name = "AsyncSpace" if is_async else "Space"
    enter, leave = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
    lines = [
        f"class {name}:",
        f'    """A method for each endpoint. `options` are those of `{client}`, which `self.client` is."""',
        "",
        "    def __init__(self, src: str = SRC, **options: Any) -> None:",
        f"        self.client = {client}(src, **options)",
        "",
        f"    {define} {enter}(self) -> {name}:",
        "        return self",
        "",
        f"    {define} {leave}(self, *_: object) -> None:",
        f"        {wait}self.client.close()",
    ]
    for method in methods:
        lines += _bodies(method, define, wait, is_async=is_async)
    return "\n".join(lines)


def _bodies(method: _Method, define: str, wait: str, *, is_async: bool) -> list[str]:
    signature = ", ".join(["self", *method.signature])
    call = ", ".join([*method.values, f"api_name={literal(method.api_name)}"])
    job = "AsyncJob" if is_async else "Job"
    doc = _doc(method.doc)
    lines = [
        "",
        f"    {define} {method.name}({signature}) -> {method.returns}:",
        *doc,
        f"        result: {method.returns} = {wait}self.client.predict({call})",
        "        return result",
        "",
        f"    {define} submit_{method.name}({signature}) -> {job}:",
        f'        """As `{method.name}`, without waiting."""',
        f"        return {wait}self.client.submit({call})",
    ]
    if method.streams:
        outputs = f"{wait}self.client.submit({call})"
        iterator = f"{'AsyncIterator' if is_async else 'Iterator'}[{method.returns}]"
        loop = [f"        async for result in {outputs}:", "            yield result"]
        lines += [
            "",
            f"    {define} stream_{method.name}({signature}) -> {iterator}:",
            f'        """As `{method.name}`: every output as it comes."""',
            *(loop if is_async else [f"        yield from {outputs}"]),
        ]
    return lines


def _doc(parts: Sequence[str]) -> list[str]:
    about, *parameters = parts
    text = [line.rstrip() for line in about.split("\n")]
    if parameters:
        text += ["", *parameters]
    if len(text) == 1:
        return [f'        """{text[0]}"""']
    return [f'        """{text[0]}', *(f"        {line}".rstrip() for line in text[1:]), '        """']
