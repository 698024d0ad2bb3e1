"""Text and values of others, written so that they cannot leave the place where they stand.

One function for each place: Python, JavaScript, JSON, shells, HTML, Markdown, comments and terminals. Whatever goes
into code or onto a terminal and does not come from Spaceport itself goes through here.
"""

from __future__ import annotations

import json
import keyword
import math
import re
import shlex
import unicodedata
from typing import Any

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the order in which the others are shown."""
_LINE_SEPARATORS = frozenset("\u2028\u2029")
DEPTH_MAX = 60
"""Levels of a value that are written out; Python's own parser stops at 100."""


def _is_plain(character: str) -> bool:
    """Whether a character can stand in source text: it is shown, in its place, and ends no line."""
    kind = unicodedata.category(character)
    return kind not in ("Cc", "Cs", "Cn", "Co") and character not in _BIDI and character not in _LINE_SEPARATORS


def one_line(text: str) -> str:
    """The text in one line, with a space for each character that is not shown: for comments and headings."""
    return "".join(character if _is_plain(character) else " " for character in text)


# Python


def is_python_name(text: str) -> bool:
    """Whether a text can be the name of an argument as it stands."""
    return (
        text.isidentifier()
        and not keyword.iskeyword(text)
        and text != "__debug__"  # no argument can be called so
        and unicodedata.normalize("NFKC", text) == text  # else Python reads another name
    )


def python_identifier(text: str, taken: set[str]) -> str:
    """A Python name close to `text`, not in `taken`, which then has it."""
    text = unicodedata.normalize("NFKC", text.strip().strip("/"))
    kept = "".join(one if f"_{one}".isidentifier() else "_" for one in text)
    name = re.sub("_+", "_", kept).strip("_") or "value"
    if not name.isidentifier():
        name = f"_{name}"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        name = f"{name}_"
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    taken.add(found)
    return found


def python_text(text: str) -> str:
    """A string in Python, in double quotes."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(one) or (one if _is_plain(one) else _python_escape(one)) for one in text) + '"'


def _python_escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def python_literal(value: Any, depth: int = 0) -> str:
    """A JSON value in Python, strings in single quotes where that is shorter to read."""
    if isinstance(value, str):
        return repr(value) if all(map(_is_plain, value)) else python_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    if isinstance(value, (dict, list, tuple)):
        if depth > DEPTH_MAX:
            return "..."
        if isinstance(value, dict):
            pairs = (f"{python_literal(str(key))}: {python_literal(one, depth + 1)}" for key, one in value.items())
            return "{" + ", ".join(pairs) + "}"
        return "[" + ", ".join(python_literal(one, depth + 1) for one in value) + "]"
    return repr(value)


def python_docstring(text: str) -> str:
    """Text that can stand between three double quotes. Line feeds stay."""
    lines = (one_line(line) for line in text.strip().split("\n"))
    shown = "\n".join(lines).strip().replace("\\", "\\\\")
    return shown.replace('"', '\\"') if '""' in shown or shown.endswith('"') else shown


# JavaScript and JSON


def json_text(text: str) -> str:
    """A string in JSON and in JavaScript."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(one if _is_plain(one) else json.dumps(one)[1:-1] for one in shown)


def javascript_key(text: str) -> str:
    """A key of an object literal; `"__proto__": …` would set something else."""
    return '["__proto__"]' if text == "__proto__" else json_text(text)


def javascript_in_html(script: str) -> str:
    """JavaScript that does not end, or change, the `<script>` element in which it stands.

    Foreign text stands in strings only, where the escapes mean the same characters.
    """
    return re.sub(r"<(?=/|!--|script)", r"\\u003c", script, flags=re.IGNORECASE)


# Shells


def shell_word(text: str) -> str:
    """One word of a POSIX shell. There is no way to write NUL."""
    return shlex.quote(text.replace("\0", "\ufffd"))


def curl_file(path: str) -> str:
    """What curl's `-F files=@…` takes, as a shell's word: `;` and `,` in a plain name have a meaning there."""
    if path == "-":  # standard input
        path = "./-"
    if re.search(r'[;,"\\]', path):
        path = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return shell_word(f"files=@{path}")


# Text to read


def fenced(language: str, code: str) -> str:
    """A block of code in Markdown; its fence is longer than any in the code."""
    longest = max(map(len, re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{code.rstrip(chr(10))}\n{fence}"


def markdown_code(text: str) -> str:
    """Text as code within a line of Markdown."""
    shown = one_line(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {shown} {fence}" if longest else f"{fence}{shown}{fence}"


def terminal(text: str) -> str:
    """Text that only shows itself on a terminal: what would control the terminal is shown as an escape.

    Line feeds and tabs stay.
    """
    text = text.replace("\r\n", "\n")
    return "".join(one if one in "\n\t" or _is_harmless(one) else _python_escape(one) for one in text)


def _is_harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _BIDI
