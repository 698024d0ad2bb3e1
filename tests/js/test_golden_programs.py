"""The recorded programs of @gradio/client, run with it and with ours, on the real Gradio and on our server: the same.

`DIFFERENT` holds what may differ, line by line: the texts of errors, and where the peer is wrong.
"""

from __future__ import annotations

import difflib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conformance.test_golden import GOLDEN, SETTINGS, printed
from tests.conftest import APPS
from tests.js.differences import DIFFERENT
from tests.js.programs import run

PROGRAMS = [
    (path.stem, step["label"], step["program"])
    for path in sorted(GOLDEN.glob("*.json"))
    for step in json.loads(path.read_text())
    if step.get("language") == "js"
]
IDS = [f"{scenario} {label}"[:40] for scenario, label, _ in PROGRAMS]


@pytest.mark.parametrize(("scenario", "label", "program"), PROGRAMS, ids=IDS)
def test_same_on_gradio(gradio, scenario, label, program):
    compare(scenario, program, f"{gradio}/s{scenario}/")


@pytest.mark.parametrize(("scenario", "label", "program"), PROGRAMS, ids=IDS)
def test_same_on_ours(serve, scenario, label, program):
    server = serve(Path(f"{APPS / 'golden.py'}:s{scenario}"), **SETTINGS.get(scenario, {}))
    compare(scenario, program, server.url)


def compare(scenario, program, url):
    program = re.sub(r"\{\{SESSION_HASH_\d+\}\}", "SESSION", program)
    if scenario == "26":  # what is in the server's cache for the first is there for the second
        lines("ours", program, url)
    alone = "status" in program  # a call that waits for another's end is told so
    with ThreadPoolExecutor(1 if alone else 2) as pool:
        peer, ours = pool.map(lambda who: lines(who, program, url), ["peer", "ours"])
    allowed = [(re.compile(theirs), re.compile(our)) for number, theirs, our in DIFFERENT if number in (scenario, "*")]
    wrong = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, peer, ours, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        pairs = (
            zip(peer[a:b], ours[c:d], strict=True) if b - a == d - c else [("\n".join(peer[a:b]), "\n".join(ours[c:d]))]
        )
        for theirs, our in pairs:
            if not any(one.search(theirs) and other.search(our) for one, other in allowed):
                wrong.append((scenario, theirs, our))
    assert not wrong, "\n".join(map(str, wrong))


def lines(who, program, url):
    done = run(who, program.replace("SESSION", f"{who}-session"), url)
    if done.returncode:  # the program may show that its server fails: then both clients have to say so
        assert "Error" in done.stderr, done.stderr
    text = re.sub(r'"x-request-id":"\w+"', '"x-request-id":"ID"', done.stdout)
    return [*printed(text), f"exit {done.returncode}"]
