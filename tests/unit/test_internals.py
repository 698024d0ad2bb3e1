"""The map of the repository leads somewhere: citations of sections, rows of where-is, links between pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conftest import ROOT

INTERNALS = ROOT / "docs" / "internals"
PAGES = {path.stem: path.read_text() for path in INTERNALS.glob("*.md")}
SECTIONS = {name: set(re.findall(r"^#+ §([\d.]+) ", text, re.M)) for name, text in PAGES.items()}
CITATION = re.compile(r"\b(design|hub-traffic|gradio-wire|hub-api)(?:\.md\))? §([\d.]*\d)")
SOURCES = [
    path
    for folder in ("src", "js/client/src", "js/web/src", "tests", "benchmarks", "scripts", "docs")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".ts", ".tsx", ".md"} and "assets" not in path.parts and "node_modules" not in path.parts
]
ELSEWHERE = re.compile(
    r"(?<![\w/-])(?:gradio|clients|HUB|DESIGN|STACK|STYLE|PEERS|HOUSE|PAGES|FAULTS)\.md|(?<![\w/])hub\.md §"
)
ROWS = re.findall(r"^\| (.+?) \| `(.+?)` \| `(.+?)` \|$", PAGES["where-is"], re.M)


def _text(path: Path) -> str:
    return path.read_text(errors="replace")


def test_every_citation_resolves():
    found = [(path, *cited) for path in SOURCES for cited in CITATION.findall(_text(path))]
    assert len(found) > 30
    assert [(str(path), page, section) for path, page, section in found if section not in SECTIONS[page]] == []


def test_no_citation_of_what_a_reader_does_not_have():
    own = {Path(__file__), ROOT / "benchmarks" / "HUB.md"}
    wrong = [
        f"{path.relative_to(ROOT)}: {cited[0]}"
        for path in SOURCES
        if path not in own
        for cited in ELSEWHERE.finditer(
            re.sub(r"benchmarks/HUB\.md|\"HUB\.md\"|\(HUB\.md\)|writes HUB\.md", "", _text(path))
        )
    ]
    assert wrong == []


def test_where_is_has_its_rows():
    assert len(ROWS) >= 40


@pytest.mark.parametrize(("behaviour", "file", "name"), ROWS, ids=[row[0] for row in ROWS])
def test_where_is(behaviour, file, name):
    places = [ROOT / "src" / "spaceport" / file, ROOT / file]
    text = next((_text(path) for path in places if path.is_file()), None)
    assert text is not None, f"{behaviour}: there is no file {file}"
    last = re.escape(name.rsplit(".", 1)[-1])
    defined = rf"(?:def|class|function|const|let|interface|type) {last}\b|^\s*{last}\b\s*[:=]|^\s*(?:async )?{last}\("
    assert re.search(defined, text, re.M), f"{behaviour}: {file} defines no {name}"


def test_links_between_pages():
    for page in [*INTERNALS.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"
