"""The recorded programs of gradio_client, run with it and with our client on the same server: same values.

Once on the real Gradio, where our client speaks Gradio's protocol, and once on ours, where it uses what we add to it.

`DIFFERENT` holds what may differ, line by line: the texts of errors, and where the peer is wrong.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.client.differences import DIFFERENT
from tests.conformance.test_golden import GOLDEN, QUIET, SETTINGS, printed
from tests.conftest import APPS, PEERS, ROOT

PRELUDE = "import json, sys, time\nURL = sys.argv[1]\nshow = print\n"
IMPORTS = {
    "peer": "from gradio_client import Client, handle_file\n",
    "ours": "from spaceport.client.compat import Client, handle_file\n",
}
PYTHONS = {"peer": str(PEERS / "pinned" / "bin" / "python"), "ours": sys.executable}
PROGRAMS = [
    (path.stem, step["label"], step["program"])
    for path in sorted(GOLDEN.glob("*.json"))
    for step in json.loads(path.read_text())
    if step.get("language") == "python"
]


IDS = [f"{scenario} {label}"[:40] for scenario, label, _ in PROGRAMS]


def run(who, url, program):
    done = subprocess.run(
        [PYTHONS[who], "-c", IMPORTS[who] + PRELUDE + program, url],
        capture_output=True,
        text=True,
        timeout=90,
        env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src") if who == "ours" else ""},
    )
    assert done.returncode == 0, done.stderr
    return [re.sub(r"(gradio_client|spaceport-client)[^\"]*", "CLIENT", line) for line in printed(done.stdout)]


@pytest.mark.parametrize(("scenario", "label", "program"), PROGRAMS, ids=IDS)
def test_same_values_on_gradio(gradio, scenario, label, program):
    compare(scenario, program, f"{gradio}/s{scenario}/")


@pytest.mark.parametrize(("scenario", "label", "program"), PROGRAMS, ids=IDS)
def test_same_values_on_ours(serve, scenario, label, program):
    server = serve(Path(f"{APPS / 'golden.py'}:s{scenario}"), **SETTINGS.get(scenario, {}))
    compare(scenario, program, server.url)


def compare(scenario, program, url):
    allowed = [(old, new) for number, old, new in DIFFERENT if number == scenario]
    wrong = differences(*run_both(url, program), allowed)
    assert not wrong, "\n".join(f"{old}\n   {new}" for old, new in wrong)


def run_both(url, program, *, together=True):
    """The lines that gradio_client and our client print, at the same time or one after the other."""
    with ThreadPoolExecutor(2 if together else 1) as pool:
        return list(pool.map(lambda who: run(who, url, program), ("peer", "ours")))


def differences(peer, ours, allowed):
    """Pairs of lines that differ, but not as `allowed` says."""
    blocks = difflib.SequenceMatcher(None, peer, ours, autojunk=False).get_opcodes()
    faults = []
    for kind, a, b, c, d in blocks:
        if kind == "replace" and b - a == d - c:
            faults += [([old], [new]) for old, new in zip(peer[a:b], ours[c:d], strict=True)]
        elif kind != "equal":
            faults.append((peer[a:b], ours[c:d]))
    return [
        (old, new)
        for old, new in faults
        if not any(re.search(a, "\n".join(old)) and re.search(b, "\n".join(new)) for a, b in allowed)
    ]
