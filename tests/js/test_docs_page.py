"""Every block of docs/javascript.md runs, and prints what its comments say."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "javascript.md").read_text()
ADDRESS = "http://127.0.0.1:7860"
BLOCKS = re.findall(r"```js\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    from tests.conftest import Server

    folder = tmp_path_factory.mktemp("words")
    readme = (ROOT / "README.md").read_text()
    (folder / "words.py").write_text(re.findall(r"```python\n(import time.*?)```", readme, re.S)[0])
    server = Server(folder / "words.py", folder / "data", {})
    yield server
    server.kill()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_in_node(words, tmp_path, number):
    block = BLOCKS[number]
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "spaceport-client").symlink_to(ROOT / "js" / "client")
    (tmp_path / "program.mjs").write_text(block.replace(ADDRESS, words.url))
    done = subprocess.run(
        ["node", "program.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, env={**os.environ}
    )
    assert done.returncode == 0, done.stderr
    expected = " ".join(re.findall(r"console\.log\(.*\);? *(?:\}\))?;? // (.*)$", block, re.M))
    assert done.stdout.split() == expected.split()


def test_in_a_page(words):
    (block,) = re.findall(r"```html\n(.*?)```", PAGE, re.S)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{words.url}/healthz")
        page.set_content(block.replace(ADDRESS, words.url))
        page.wait_for_function("document.title === 'HELLO!'", timeout=20_000)
        browser.close()
