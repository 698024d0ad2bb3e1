"""What an app may print without holding up the hub."""

from __future__ import annotations

import asyncio
import os

from tests.faults import fault

from spaceport.hub.runtime.logs import Log, Pipe


@fault(
    kind="limit",
    given="an app that prints line ends without end, or single characters",
    before="each line gets 25 bytes of time: its log grew by 18 MB a second, six times what may be",
    now="a log grows by 3 MB a second at most",
)
async def test_a_flood_of_lines_is_slowed_down(tmp_path):
    log, written = Log(tmp_path / "run.log"), 0
    write = log._write

    def counted(lines, at):
        nonlocal written
        written += sum(26 + len(line) for line in lines)
        return write(lines, at)

    log._write = counted
    pipe = Pipe(tmp_path / "pipe", log)
    app = os.open(tmp_path / "pipe", os.O_WRONLY | os.O_NONBLOCK)
    ends = asyncio.get_running_loop().time() + 1
    while asyncio.get_running_loop().time() < ends:
        try:
            os.write(app, b"\n" * 4096)
        except BlockingIOError:
            await asyncio.sleep(0.001)
    assert 1 << 20 < written < 6 << 20
    os.close(app)
    pipe.close(0.0)


async def test_what_is_printed_last_is_kept(tmp_path):
    log = Log(tmp_path / "run.log")
    pipe = Pipe(tmp_path / "pipe", log)
    app = os.open(tmp_path / "pipe", os.O_WRONLY)
    os.write(app, b"first\n")
    await asyncio.sleep(0.1)
    os.write(app, b"last")
    os.close(app)
    pipe.close(0.0)
    assert [line.partition(" ")[2] for line in log.path.read_text().splitlines()] == ["first", "last"]
