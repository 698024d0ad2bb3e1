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

from gen_error_codes import meaning

from spaceport import errors, settings
from spaceport.space import components

ROOT = Path(__file__).parent.parent
ERRORS_HEAD = """# Error codes

Every error answer has a `code`, which stays the same between versions, and a `request_id`, which the server's log has
too. A job that fails has the same `code` in its error event, in `GET jobs/{id}` and in webhooks; under `Prefer: wait`
the answer has the HTTP status of this table. In Python `error.code` and `error.retryable`, in JavaScript the same.

`timed_out` is a function that ran longer than its limit: the same call would be stopped again. `client_timed_out` is a
client that waited longer than it meant to: trying again may help.

| code | HTTP status | trying again helps | Python class | what happened | what to do |
|---|---|---|---|---|---|
"""


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
    head = "# Settings\n\nEnvironment variables; sizes in bytes, times in seconds.\n\n"
    hub = "\n## Of a hub\n\nEach has a flag of `spaceport hub`, which counts more: `SPACEPORT_HUB_SLEEP_AFTER` is "
    hub += "`--sleep-after`.\n\n"
    own = _table(settings.Settings, "SPACEPORT_")
    return head + own + hub + _table(settings.HubSettings, "SPACEPORT_HUB_")


def _table(kind: type, prefix: str) -> str:
    """A table of a dataclass of settings."""
    tree = ast.parse(Path(settings.__file__).read_text())
    body = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__).body
    texts = {}
    for name, text in itertools.pairwise(body):
        if isinstance(name, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            texts[name.target.id] = " ".join(str(text.value.value).split())
    rows = [f"| `{prefix}{f.name.upper()}` | `{f.default}` | {texts[f.name]} |" for f in fields(kind)]
    return "| variable | default | what |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _errors() -> str:
    rows = [
        f"| `{e.code}` | {e.status} | {'yes' if e.retryable else 'no'} | `{e.__name__}` | {meaning(e)} | {e.action} |"
        for e in errors.CLASSES
    ]
    return ERRORS_HEAD + "\n".join(rows) + "\n"


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
