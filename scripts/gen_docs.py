"""Writes docs/settings.md and docs/errors.md from the code; with --check, only says whether they are right."""

from __future__ import annotations

import ast
import itertools
import sys
from dataclasses import fields
from pathlib import Path

from spaceport import errors, settings

ROOT = Path(__file__).parent.parent


def main() -> int:
    pages = {"settings.md": _settings(), "errors.md": _errors()}
    stale = [name for name, text in pages.items() if _read(name) != text]
    if "--check" in sys.argv:
        print(f"stale: {', '.join(stale)}; run scripts/gen_docs.py" if stale else "docs are right")
        return bool(stale)
    for name, text in pages.items():
        (ROOT / "docs" / name).write_text(text)
    return 0


def _read(name: str) -> str:
    path = ROOT / "docs" / name
    return path.read_text() if path.exists() else ""


def _settings() -> str:
    tree = ast.parse(Path(settings.__file__).read_text())
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings").body
    texts = {}
    for name, text in itertools.pairwise(body):
        if isinstance(name, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            texts[name.target.id] = " ".join(str(text.value.value).split())
    rows = [f"| `SPACEPORT_{f.name.upper()}` | `{f.default}` | {texts[f.name]} |" for f in fields(settings.Settings)]
    head = "# Settings\n\nEnvironment variables; sizes in bytes, times in seconds.\n\n"
    head += "| variable | default | what |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def _errors() -> str:
    found = [v for v in vars(errors).values() if isinstance(v, type) and issubclass(v, errors.SpaceportError)]
    rows = [f"| `{e.code}` | {e.status} | {'yes' if e.retryable else 'no'} | `{e.__name__}` |" for e in found]
    head = "# Error codes\n\n| code | HTTP status | trying again helps | class |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
