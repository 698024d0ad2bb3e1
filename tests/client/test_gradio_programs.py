"""Recorded programs of gradio_client whose apps need the real Gradio, run with it and with our client: same values.

What our server has too is in test_golden_programs.
"""

from __future__ import annotations

import json
import re
import struct
import wave
import zlib
from pathlib import Path

import pytest
from tests.client.test_golden_programs import differences, run_both
from tests.real_gradio import real_gradio

PROGRAMS = json.loads((Path(__file__).parent / "gradio_programs.json").read_text())
DIFFERENT = [
    # scenario, the peer's line, ours
    ("07", "Queue is full! Please", "Queue is full. Max size is 1"),
    ("10", "exceeds the maximum file size of 204800", "exceeds the maximum file size of 204800 bytes: it has 300000"),
    ("17", "^CancelledError $", "^JobCancelledError The job was cancelled"),
    # The server answers the end of a job cancelled on it without data.
    ("17", "KeyError", "^JobCancelledError The job was cancelled"),
    ("18", "Could not login", "Could not login"),
    ("18", "credentials were not provided", "needs a login: Not authenticated"),
    # What was streamed comes as one file, not as a list of pieces that are elsewhere.
    ("25", r"playlist\.m3u8", r"audio\.wav"),
    # gradio_client stumbles over a cancel that comes together with a message.
    ("17", "ValueError Did not expect 2 tasks", "JobCancelledError The job was cancelled"),
    # gradio_client does not know the message.
    ("25", "KeyError 'process_streaming'", "frame 0"),
]
BY_CHANCE = {
    "06": r"^\[\('|^(STARTING|IN_QUEUE|PROGRESS|PROCESSING|FINISHED) ",  # states, sampled while they change
    "07": r"^(slept|QueueError) ",
    "17": r"^step 0 |^\['step 0|^\w+ True \w+$",
}


def png(width=4, height=3):
    rows = b"".join(b"\0" + bytes([row * 80, 10, 200] * width) for row in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_text("hello file\n")
    (folder / "page.html").write_text("<html>page</html>")
    (folder / "big.bin").write_bytes(b"x" * 300_000)
    (folder / "i.png").write_bytes(png())
    with wave.open(str(folder / "s.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        sound.writeframes(b"".join(struct.pack("<h", n * 100) for n in range(100)))
    return folder


@pytest.fixture(scope="module")
def gradio_only(folder):
    with real_gradio("gradio", "gradio_only.py", "s28/config", GRADIO_ONLY=str(folder)) as url:
        yield url


@pytest.mark.parametrize("one", PROGRAMS, ids=[f"{one['scenario']} {one['label']}" for one in PROGRAMS])
def test_same_values(gradio_only, folder, one):
    program = "import os\n" + one["program"].replace("{{WORK_DIR}}", str(folder))
    url = f"{gradio_only}/s{one['scenario']}/"
    peer, ours = run_both(url, program, together=one["scenario"] not in BY_CHANCE)
    chance = re.compile(BY_CHANCE.get(one["scenario"], r"(?!)"))
    seen = [{line[:2] for line in lines if chance.search(line)} for lines in (peer, ours)]
    for kinds in seen:  # a loop that ends with the job sees FINISHED only if it looks between two steps of its end
        kinds.discard("FI")
    assert seen[0] == seen[1]
    peer, ours = ([line for line in lines if not chance.search(line)] for lines in (peer, ours))
    allowed = [(old, new) for number, old, new in DIFFERENT if number == one["scenario"]]
    wrong = differences(without_folders(peer), without_folders(ours), allowed)
    assert not wrong, "\n".join(f"{old}\n   {new}" for old, new in wrong)


def without_folders(lines):
    """Downloads lie in a folder of each client's own."""
    return [re.sub(r"/[\w./ -]*/([^/'\"]+(['\"]|$))", r"\1", line) for line in lines]
