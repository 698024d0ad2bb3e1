"""Returns files in every place that a result has for one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import spaceport as sp

space = sp.Space()


def made() -> Path:
    path = Path(tempfile.mkdtemp(), "made.txt")
    path.write_text("made")
    return path


@space.api
def one() -> Path:
    return made()


@space.api
def several() -> list[Path]:
    return [made(), made()]


@space.api
def steps() -> Path:
    yield made()
    yield made()


space.api(lambda: [{"role": "assistant", "content": {"path": str(made())}}], outputs=[sp.Chatbot()], name="chat")
space.api(lambda: {"text": "t", "files": [made()]}, outputs=[sp.MultimodalTextbox()], name="message")


@space.api
@sp.cache
def cached() -> Path:
    return made()


@space.api
def root(request: sp.Request) -> str:
    return request.root
