"""Replays recorded exchanges with Gradio 6.31 against our server: equal in every field that a client reads.

Requests are sent as they were recorded; the recorded programs of both official clients run in their own environments
and must print the same. What may differ stands in `differences.py` alone.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest
from tests.conformance.differences import COMPONENTS, DIFFERENT, ELSEWHERE
from tests.conftest import APPS, PEERS, ROOT, Server

from spaceport.wire.diff import apply

GOLDEN = Path(__file__).parent / "golden"
JS = Path(__file__).parent / "js"
SETTINGS = {"09": {"SPACEPORT_SHOW_ERROR": "1"}}
# Times, which the recording's machine had and ours has not; and code, which test_snippets.py runs.
UNCOMPARED = frozenset(
    [
        "duration",
        "average_duration",
        "rank_eta",
        "eta",
        "avg_time",
        "cache_duration",
        "time",
        "time_limit",
        "content-length",
        "code_snippets",
    ]
)
WILD = re.compile(r"\{\{.*\}\}|(parameter|value)_\d+")
QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
PRELUDE = {
    "python": "import json, sys, time\nfrom gradio_client import Client\nURL = sys.argv[1]\nshow = print\n",
    "js": (
        'import { Client } from "@gradio/client";\nconst URL_ = process.argv[1];\n'
        'const show = (...v) => console.log(...v.map((x) => typeof x === "string" ? x : JSON.stringify(x)));\n'
    ),
}


@pytest.mark.parametrize("scenario", sorted(path.stem for path in GOLDEN.glob("*.json")))
def test_replay(scenario, tmp_path):
    server = Server(Path(f"{APPS / 'golden.py'}:s{scenario}"), tmp_path, SETTINGS.get(scenario, {}))
    try:
        faults = {}
        names: dict[str, str] = {}
        for step in json.loads((GOLDEN / f"{scenario}.json").read_text()):
            found = run_program(server, step) if "program" in step else replay(server, step, names)
            faults.update({where: fault for where, fault in found if fault})
    finally:
        server.kill()
    allowed = {where: ours for row in DIFFERENT.values() for number, where, ours in row if number == scenario}
    wrong = {where: fault for where, fault in faults.items() if allowed.get(where, "\0") not in fault}
    gone = {where: ours for where, ours in allowed.items() if where not in faults}
    assert not wrong, "\n".join(f'("{scenario}", {where!r}, {fault!r})' for where, fault in wrong.items())
    assert not gone, f"no longer different: {gone}"


def test_every_row_of_the_table_is_documented_and_tested():
    rows = re.findall(r"^\| (.+?) \|", (ROOT / "docs" / "differences.md").read_text(), re.M)[1:]
    assert sorted(rows) == sorted({*DIFFERENT, *ELSEWHERE, *COMPONENTS})
    for test in ELSEWHERE.values():
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(), test


def replay(server, step, names):
    """Send one recorded request; what differs in our answer."""
    path, body = fill(step["path"], names), fill(step["body"] or "", names)
    status, text = fetch(server, step["method"], path, body, {k: fill(v, names) for k, v in step["headers"]})
    if isinstance(step["json"], dict) and "event_id" in step["json"] and status == 200:
        names[str(step["json"]["event_id"])] = str(json.loads(text).get("event_id"))
    yield step["label"], compare(step, status, text, names)


def fetch(server, method, path, body, headers):
    """Status and text; a stream that goes on for ever is left after a moment."""
    text = b""
    with server.http.stream(method, path, content=body.encode() or None, headers=headers, timeout=3) as response:
        try:
            for chunk in response.iter_bytes():
                text += chunk
        except httpx.ReadTimeout:
            pass
        return response.status_code, text.decode()


def fill(text, names):
    """A recorded text with our ids in the place of the recorded ones."""
    for name, value in names.items():
        text = text.replace(name, value)
    return re.sub(r"\{\{([A-Z_]+\d*)\}\}", r"\1", text)


def compare(step, status, text, names):
    if status != step["status"]:
        return f"status {status} instead of {step['status']}: {text[:150]}"
    if step["sse"] is not None:
        if step["path"].startswith("/gradio_api/queue/data"):
            return differ(session(step["sse"], names), session(text, names))
        return differ(stream(step["sse"], names), stream(text, names))
    if step["json"] is not None:
        return differ(json.loads(known(json.dumps(step["json"]), names)), json.loads(text))
    return ""


def known(text, names):
    for name, ours in names.items():
        text = text.replace(name, ours)
    return text


def wild(text):
    """JSON whose unquoted placeholders are quoted."""
    return re.sub(r'(?<!")(\{\{[A-Z_]+\d*\}\})(?!")', r'"\1"', text)


def stream(text, names):
    """Events of a `call` stream, heartbeats left out."""
    found = []
    for block in known(text, names).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if fields.get("event", "heartbeat") != "heartbeat":
            found.append({"event": fields["event"], "data": json.loads(wild(fields["data"]))})
    return found


def session(text, names):
    """Messages of a session stream, with the values that edits lead to in the place of the edits."""
    values: dict[str, list] = {}
    found = []
    for block in known(text, names).split("\n\n"):
        if not block.startswith("data: "):
            continue
        message = json.loads(wild(block[6:]))
        if message["msg"] == "heartbeat":
            continue
        if message["msg"] == "process_generating" and "data" in message["output"]:
            data, job = message["output"]["data"], message["event_id"]
            if job in values:
                data = [apply(old, edits) for old, edits in zip(values[job], data, strict=True)]
            values[job] = message["output"]["data"] = data
        found.append(message)
    return found


def differ(expected, actual, where=""):
    """Where two values differ; what the recording does not have may be there, placeholders are anything."""
    if isinstance(expected, str) and WILD.fullmatch(expected):
        return ""
    if isinstance(expected, dict) and isinstance(actual, dict):
        faults = (
            differ(value, actual[name], f"{where}.{name}") if name in actual else f"{where}.{name} is missing"
            for name, value in expected.items()
            if name not in UNCOMPARED
        )
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return f"{where} has {len(actual)} items instead of {len(expected)}: {actual}"
        pairs = zip(expected, actual, strict=True)
        faults = (differ(one, other, f"{where}[{i}]") for i, (one, other) in enumerate(pairs))
    else:
        same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
        return "" if same else f"{where} is {actual!r} instead of {expected!r}"
    return next((fault for fault in faults if fault), "")


def run_program(server, step):
    """Run a recorded program of an official client; the lines that differ, named by their first word."""
    language, program = step["language"], PRELUDE[step["language"]] + step["program"]
    if language == "python":
        command = [PEERS / "pinned" / "bin" / "python", "-c", program, server.url]
    else:
        command = ["node", "--input-type=module", "-e", program + "\nprocess.exit(0);", server.url]
    done = subprocess.run(command, cwd=JS, capture_output=True, text=True, timeout=60, env={**os.environ, **QUIET})
    label = f"{language} {step['label']}"
    expected, actual = printed(step["printed"].split("\n[stderr")[0]), printed(done.stdout)
    if done.returncode != 0:
        yield label, done.stdout + done.stderr
        return
    for kind, a, b, c, d in difflib.SequenceMatcher(None, expected, actual, autojunk=False).get_opcodes():
        if kind != "equal":
            where = (expected[a:b] or ["(more)"])[0].strip()[:24]
            yield f"{label}: {where}", f"{actual[c:d]} instead of {expected[a:b]}"


def printed(text):
    """Lines without times, addresses, the client's environment, and the sizes of batches, which chance decides."""
    text = re.sub(r"(['\"]W\d['\"], ?)\d", r"\1N", text)
    text = re.sub(r'"\d{4}-\d\d-\d\dT[\d:.]+Z"', '"WHEN"', text)
    text = re.sub(r"datetime\.datetime\([^)]*\)", "WHEN", text)
    text = re.sub(r"(gzip, deflate)(, br)?|hf_hub/[\d.]+; python/[\d.]+", r"\1", text)
    text = re.sub(r'"(session_hash|content-length)": ?"[^"]*"', r'"\1": N', text)
    text = re.sub(r"127\.0\.0\.1:\d+|\{\{HOST\}\}", "HOST", text)
    times = r"(duration'|eta=|\"(?:eta|avg_time|cache_duration)\")(: ?)?([\d.e-]+|None|null|\{\{\w+\}\})"
    return re.sub(times, r"\1\2N", text).splitlines()
