"""Writes the pages settings, errors and components of docs from the code; --check only says whether they are right."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import re
import sys
from dataclasses import fields
from pathlib import Path

from spaceport import errors, settings
from spaceport.space import components

ROOT = Path(__file__).parent.parent


def main() -> int:
    pages = {"settings.md": _settings(), "errors.md": _errors(), "components.md": _components()}
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


def _components() -> str:
    head = """# Components

What stands for a value between a caller and a function: `sp.Image(type="pil")` among the `inputs` or `outputs` of an
endpoint, or its name in lower case. Arguments common to all: `value` (the initial value, and so the parameter's
default), `label`, `info`, `visible`. Names, values on the wire and texts are Gradio's; [differences](differences.md)
lists where ours mean to be others.
"""
    return head + "".join(_component(name) for name in sorted(components.names() - {"api"}))


def _component(name: str) -> str:
    kind = components.load(name)
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    shown = [str(one.replace(annotation=one.empty)) for one in parameters if one.kind is not one.VAR_KEYWORD]
    code = f"{kind.__name__}({', '.join(re.sub('<object.*>', '…', one) for one in shown)})".replace(
        "value=None", "value"
    )
    text = f"\n## {kind.__name__}\n\n`{code}`\n\n{inspect.getdoc(kind)}\n"
    try:
        example = kind().example
    except (ValueError, TypeError):
        return text
    return text if example is None else f"{text}\nOn the wire: `{json.dumps(example, ensure_ascii=False)}`\n"


if __name__ == "__main__":
    sys.exit(main())
