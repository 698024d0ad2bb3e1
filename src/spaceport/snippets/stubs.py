"""A typed Python module for an app, ours or Gradio's: `Space` and `AsyncSpace` with a method for each endpoint.

The names and texts in it are the server's: each is quoted, and the module is parsed before it is handed out.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from spaceport.errors import ProtocolViolation
from spaceport.snippets.quoting import python_docstring, python_identifier, python_literal, python_text
from spaceport.snippets.types import Types

_TAKEN = """Any Literal TypedDict FileData Space AsyncSpace Client AsyncClient Job AsyncJob SRC DEFAULT Iterator
AsyncIterator handle_file"""


class Described(NamedTuple):
    """An endpoint: its name with the slash, its entry in `/info`, whether it streams."""

    name: str
    info: Mapping[str, Any]
    streams: bool


@dataclass(frozen=True, slots=True)
class _Method:
    """A method. `signature` and `values` (the expressions that are sent) have an entry for each parameter."""

    name: str
    api_name: str
    signature: list[str]
    values: list[str]
    returns: str
    doc: list[str]
    streams: bool


def stubs(src: str, endpoints: Sequence[Described]) -> str:
    """The module's source. `src` is what a client connects to: a URL or `owner/name`.

    Raises `ProtocolViolation` for a description that cannot be written as Python.
    """
    try:
        source = _module(src, endpoints)
        _check(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        text = "The server's description of its endpoints cannot be written as a Python module"
        raise ProtocolViolation(f"{text}: {type(error).__name__}.") from None
    return source


def _check(module: ast.Module) -> None:
    """Raises `ValueError` for a module whose import does more than define classes, methods and constants."""
    allowed = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
    in_class = (ast.FunctionDef, ast.AsyncFunctionDef, ast.AnnAssign)
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if not isinstance(member, in_class) and not _is_text(member):
                    raise ValueError("a class with other statements")
        elif not isinstance(node, allowed) and not _is_text(node):
            raise ValueError("a module with other statements")


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _module(src: str, endpoints: Sequence[Described]) -> str:
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
    about = python_docstring(src)
    return (
        f'"""Typed calls of {about}. Made by `spaceport stubs`: make it again when the app changes."""\n\n'
        f"from __future__ import annotations\n\n{abstract}from typing import {', '.join(typing)}\n\n"
        "from spaceport import AsyncClient, AsyncJob, Client, Job, handle_file\n\n"
        '__all__ = ["AsyncSpace", "Space", "handle_file"]\n\n'
        f"SRC = {python_text(src)}\n"
        'FileData = dict[str, Any]\n"""What `handle_file` makes of a path or a URL."""\n'
        'DEFAULT: Any = object()\n"""Stands for the default that the docstring names."""'
    )


def _method(described: Described, types: Types, members: set[str]) -> _Method:
    name = python_identifier(described.name, members)
    members |= {f"submit_{name}", f"stream_{name}"}
    taken = {"self", "result", *_TAKEN.split()}
    signature: list[str] = []
    values, doc, optional = [], [], False
    for one in described.info.get("parameters", ()):
        parameter = python_identifier(str(one.get("parameter_name") or one.get("label") or "value"), taken)
        kind = types.annotation(one.get("schema") or one.get("type"), f"{name} {parameter}", file="FileData")
        note = f"{parameter}: {_about(one)}"
        if one.get("parameter_has_default"):
            default, optional = one.get("parameter_default"), True
            plain = default is None or isinstance(default, (str, int, float, bool))
            if default is None and "None" not in kind.split(" | ") and kind != "Any":
                kind += " | None"
            signature.append(
                f"{parameter}: {kind} = {python_literal(default)}" if plain else f"{parameter}: {kind} = DEFAULT"
            )
            values.append(
                parameter if plain else f"{python_literal(default)} if {parameter} is DEFAULT else {parameter}"
            )
            note += "" if plain else f" Default: {python_literal(default)}"
        else:
            if optional and "*" not in signature:
                signature.append("*")
            signature.append(f"{parameter}: {kind}")
            values.append(parameter)
        doc.append(python_docstring(note))
    outputs = described.info.get("returns", ())
    returns = [types.annotation(one.get("schema") or one.get("type"), f"{name} result", file="str") for one in outputs]
    shown = returns[0] if len(returns) == 1 else f"tuple[{', '.join(returns) or '()'}]"
    about = python_docstring(str(described.info.get("description") or "") or f"Calls {described.name}.")
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
    call = ", ".join([*method.values, f"api_name={python_text(method.api_name)}"])
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
