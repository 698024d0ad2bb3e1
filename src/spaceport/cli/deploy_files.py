"""What `spaceport deploy` sends: the regular files of a folder, and a README.md where there is none.

A link is followed only within the folder. What is no regular file is passed over with a word.
"""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from spaceport.errors import InvalidInput
from spaceport.hub.runtime.requirements import RequirementsRefused, decoded

_SKIPPED = frozenset(
    {".git", ".venv", "venv", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache", ".DS_Store"}
)
_PLAIN_TITLE = re.compile(r"[A-Z][A-Za-z0-9]*(?: [A-Za-z0-9]+)*")
_RESERVED = frozenset({"Yes", "No", "True", "False", "On", "Off", "Null", "Y", "N"})
_TITLED = frozenset({"Space", "Interface", "ChatInterface", "Blocks", "TabbedInterface"})
Say = Callable[[str], None]


def deployed_files(source: Path, space: str, say: Say) -> dict[str, bytes]:
    """The files by their paths in the Space. `say` hears what is passed over and why.

    Raises `InvalidInput` where there is nothing to deploy, or a file cannot be read.
    """
    try:
        if source.is_file():
            return {"app.py": source.read_bytes()}
        if not source.is_dir():
            raise InvalidInput(f"There is no folder or file {source} to deploy as {space}.")
        found = dict(_walk(source, say))
    except OSError as error:
        raise InvalidInput(f"{error.filename or source} cannot be read: {error.strerror}.") from None
    if not found:
        raise InvalidInput(f"The folder {source} has no files.")
    return found


def _walk(source: Path, say: Say) -> Iterator[tuple[str, bytes]]:
    root = source.resolve()
    for folder, folders, names in os.walk(source, onerror=_raise):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in folders:
            if (link := Path(folder) / name).is_symlink():
                say(f"{link.relative_to(source).as_posix()} is a link to a folder: passed over.")
        for name in sorted(set(names) - _SKIPPED):
            path = Path(folder) / name
            shown = path.relative_to(source).as_posix()
            why = _why_not(path, root)
            if why is None:
                yield shown, path.read_bytes()
            else:
                say(f"{shown} is {why}: passed over.")


def _raise(error: OSError) -> None:
    raise error


def _why_not(path: Path, root: Path) -> str | None:
    """Why a file is not deployed, if it is not."""
    target = Path(os.path.realpath(path))
    if path.is_symlink() and not target.is_relative_to(root):
        return "a link that leads out of the folder"
    if not target.exists():
        return "a link to nothing"
    return None if target.is_file() else "not a regular file"


def readme_for(files: Mapping[str, bytes], space: str) -> tuple[bytes, str]:
    """A README.md for a Space that has none, and what it takes the app for, in words.

    The app's imports decide: gradio, or spaceport. Where there are none of these, requirements.txt does.
    """
    tree = _parsed(files.get("app.py", b""))
    imports = _imports(tree)
    ours = "spaceport" in imports or ("gradio" not in imports and not _requires_gradio(files))
    title = _title(tree) or space.partition("/")[2]
    shown = title if _PLAIN_TITLE.fullmatch(title) and title not in _RESERVED else json.dumps(title)
    tags = "tags: [spaceport]\n" if ours else ""
    return f"---\ntitle: {shown}\nsdk: gradio\n{tags}---\n".encode(), "a Spaceport app" if ours else "a Gradio app"


def _parsed(source: bytes) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])  # the hub's log will say what is wrong


def _imports(tree: ast.Module) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(one.name.partition(".")[0] for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _requires_gradio(files: Mapping[str, bytes]) -> bool:
    try:
        lines = decoded(files.get("requirements.txt", b""), "requirements.txt").splitlines()
    except RequirementsRefused:  # the hub's build will say what is wrong
        return False
    return any(re.match(r"[ \t]*gradio(?![\w-])", line, re.IGNORECASE) for line in lines)


def _title(tree: ast.Module) -> str | None:
    """The title that the app gives itself in code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for keyword in node.keywords if name in _TITLED else ():
            if keyword.arg == "title" and isinstance(keyword.value, ast.Constant):
                text = keyword.value.value
                if isinstance(text, str) and text.strip() and len(text) <= 200:
                    return text.strip()
    return None
