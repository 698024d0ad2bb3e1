"""Runs JavaScript programs with our client, or with the peer, under Node."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.conformance.test_golden import QUIET
from tests.conftest import PEERS, ROOT

DIST = ROOT / "js" / "client" / "dist"
OURS = (DIST / "client.min.js").as_uri()
# The order of keys and the time of a message are nobody's business.
PRELUDE = """
const URL_ = process.argv[1];
const plain = (_, v) => v && typeof v === "object" && !Array.isArray(v) && !(v instanceof Date)
  ? Object.fromEntries(Object.keys(v).filter((k) => k !== "time").sort().map((k) => [k, v[k]])) : v;
const show = (...v) => console.log(...v.map((x) => typeof x === "string" ? x : JSON.stringify(x, plain)));
"""


def run(
    who: str, program: str, *arguments: str, cwd: Path = PEERS / "js", exits: bool = True
) -> subprocess.CompletedProcess:
    """`who` is "ours" or "peer". `exits`: the process is ended when the program is, as the peer's may need; else it has
    to end by itself, sooner than a stream that says nothing is given up (60 s)."""
    source = OURS if who == "ours" else "@gradio/client"
    text = f'import {{ Client, handle_file }} from "{source}";\n{PRELUDE}\n{program}\n'
    if exits:
        text += "process.exit(0);\n"
    return subprocess.run(
        ["node", "--input-type=module", "-e", text, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=90 if exits else 45,
        env={**os.environ, **QUIET},
    )
