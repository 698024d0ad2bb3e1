"""Write docs/faults.md from the `@fault(…)` marks of the tests; `--check` fails where the file is out of date."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "faults.md"
KINDS = {
    "call": "Calls that people make",
    "app": "Apps that people deploy",
    "page": "Pages",
    "client": "The clients",
    "cli": "The command line",
    "parser": "Parsers: time and memory",
    "quoting": "Text of others in code, HTML, headers and terminals",
    "origin": "Origins, cookies and hosts",
    "access": "Who may see and do what",
    "limit": "Bounds",
    "isolation": "Processes, environments and files of apps",
}
FIELDS = ("kind", "given", "before", "now")
HEAD = """# Faults that tests keep mended

Each row is an input that once failed, and what it does now. The test in the last column asserts it. The tests make this
page: `python scripts/gen_faults.py` writes it, and `make check` fails where it is out of date.
"""


def found() -> Iterator[tuple[str, str, str, str, str]]:
    """Kind, input, before, now and the test, of every mark. Raises `SystemExit` for a mark that is not literal."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for mark in getattr(node, "decorator_list", ()):
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "fault":
                    yield *_fields(mark, path), f"{path.relative_to(ROOT)}::{node.name}"


def _fields(mark: ast.Call, path: Path) -> tuple[str, str, str, str]:
    given = {word.arg: word.value for word in mark.keywords}
    texts = []
    for name in FIELDS:
        value = given.get(name)
        try:
            text = ast.literal_eval(value) if value is not None else None
        except ValueError:
            text = None
        if not isinstance(text, str) or not text:
            raise SystemExit(f"{path}:{mark.lineno}: fault() needs {name}= as a literal text.")
        texts.append(text)
    if texts[0] not in KINDS:
        raise SystemExit(f"{path}:{mark.lineno}: kind is one of {', '.join(KINDS)}.")
    return texts[0], texts[1], texts[2], texts[3]


def page() -> str:
    rows = sorted(found())
    parts = [HEAD]
    for kind, title in KINDS.items():
        mine = [row for row in rows if row[0] == kind]
        if not mine:
            continue
        parts.append(f"\n## {title}\n\n| input | before | now | test |\n|---|---|---|---|\n")
        for row in mine:
            cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row[1:4]]
            parts.append(f"| {' | '.join(cells)} | `{row[4]}` |\n")
    return "".join(parts)


def main() -> None:
    text = page()
    if "--check" in sys.argv[1:]:
        if not PAGE.exists() or PAGE.read_text() != text:
            raise SystemExit("docs/faults.md is out of date: run python scripts/gen_faults.py")
        print("docs/faults.md is right")
    else:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
