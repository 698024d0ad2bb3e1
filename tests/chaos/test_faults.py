"""A disk that is full or damaged, a process that stands still, callers that dawdle: nothing accepted is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.conftest import APPS, ROOT, frames

INFINITY = resource.RLIM_INFINITY


def outcome(server, job_id, timeout_s=60):
    deadline = time.monotonic() + timeout_s
    while True:
        job = server.http.get(f"/gradio_api/jobs/{job_id}").json()
        if job["state"] not in ("queued", "running"):
            return job
        assert time.monotonic() < deadline, f"{job_id} never ended: {job}"
        time.sleep(0.01)


def journal_of(server):
    (found,) = server.data.glob("**/journal.db")
    return found


def memory(server):
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def descriptors(server):
    return sum(1 for _ in Path(f"/proc/{server.process.pid}/fd").iterdir())


# Disks


def test_a_full_disk(serve):
    """No file may grow any more, then it may: what was accepted ends, what was refused was told so."""
    server = serve("chaos")
    before = [server.call("slow", [f"{n}"]).json()["event_id"] for n in range(5)]
    size = Path(f"{journal_of(server)}-wal").stat().st_size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, INFINITY))
    answers = [server.call("echo", [f"{n}"]) for n in range(20)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused, "the disk was not full"
    for answer in refused:
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "space_unavailable"
    ready = server.http.get("/readyz")
    assert (ready.status_code, server.http.get("/healthz").status_code) == (503, 200)
    time.sleep(1.5)  # calls end meanwhile; their outcomes wait to be written
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (INFINITY, INFINITY))
    taken = [(f"{n}", answer.json()["event_id"]) for n, answer in enumerate(answers) if answer.status_code == 200]
    for value, job_id in [*((f"{n}", job_id) for n, job_id in enumerate(before)), *taken]:
        job = outcome(server, job_id)
        assert (job["state"], job["data"], job["attempt"]) == ("succeeded", [value], 1)
    assert server.events("echo", server.call("echo", ["again"]).json()["event_id"])[-1][1] == '["again"]'
    assert server.http.get("/readyz").status_code == 200


def test_a_kill_while_the_disk_is_full(serve):
    server = serve("chaos")
    ids = [server.call("again", [f"{n}"]).json()["event_id"] for n in range(40)]
    size = Path(f"{journal_of(server)}-wal").stat().st_size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, INFINITY))
    time.sleep(0.1)
    server.kill()
    server.start()
    for number, job_id in enumerate(ids):
        assert outcome(server, job_id)["data"] == [f"{number}"]


def run_without_rights(folder):
    """The command as root without root's rights over files, or as who we are."""
    command = [sys.executable, "-m", "spaceport.cli.main", "run", str(APPS / "chaos.py"), "--port", "0"]
    command += ["--data-dir", str(folder)]
    if os.getuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv")
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT / "src")}
    )


def test_a_journal_that_may_not_be_written_is_said_at_once(serve):
    server = serve("chaos")
    job_id = server.call("echo", ["kept"]).json()["event_id"]
    outcome(server, job_id)
    server.stop()
    journal = journal_of(server)
    journal.chmod(0o400)
    found = run_without_rights(server.data)
    assert found.returncode != 0
    assert "cannot be written" in found.stderr + found.stdout
    assert "journal.db" in found.stderr + found.stdout
    journal.chmod(0o600)
    server.start()
    assert outcome(server, job_id)["data"] == ["kept"]


@pytest.mark.parametrize("size", [0, 24, 4120, 9000])
def test_a_log_that_was_torn_while_it_was_written(serve, size):
    """What follows the last whole commit is not there."""
    server = serve("chaos")
    ids = [server.call("again", [f"{n}"]).json()["event_id"] for n in range(30)]
    server.kill()
    with Path(f"{journal_of(server)}-wal").open("ab") as log:
        log.write(os.urandom(size))
    server.start()
    for number, job_id in enumerate(ids):
        assert outcome(server, job_id)["data"] == [f"{number}"]


def test_a_damaged_page_costs_no_other_calls(serve):
    """The last page of the file is lost: the server says so, keeps the file, and goes on with all that it can read."""
    server = serve("chaos")
    ids = [server.call("again", [f"{n}" * 200]).json()["event_id"] for n in range(300)]
    for job_id in ids[:200]:
        outcome(server, job_id)
    server.kill()
    journal = journal_of(server)
    with contextlib.closing(sqlite3.connect(journal)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        last = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'jobs' AND pagetype = 'leaf' ORDER BY pageno DESC"
        ).fetchone()[0]
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with journal.open("r+b") as file:
        file.seek((last - 1) * size)
        file.write(os.urandom(size))
    Path(f"{journal}-wal").touch()  # it was not closed
    server.start()
    lost = [job_id for job_id in ids if server.http.get(f"/gradio_api/jobs/{job_id}").status_code == 404]
    assert 0 < len(lost) < 30
    for job_id in set(ids) - set(lost):
        assert outcome(server, job_id)["state"] == "succeeded"
    assert outcome(server, server.call("echo", ["after"]).json()["event_id"])["data"] == ["after"]
    assert list(journal.parent.glob("journal.db.damaged-*"))
    server.stop()
    assert "the journal was damaged" in server.output


# Processes


def test_a_server_that_stands_still_for_a_while(serve):
    """SIGSTOP under load, as a paused machine does it: callers wait, nothing is lost or doubled."""
    server = serve("chaos")
    results, errors = {}, []

    def work(name):
        for number in range(15):
            value = f"{name}-{number}"
            try:
                job_id = httpx.post(f"{server.url}/gradio_api/call/again", json={"data": [value]}, timeout=30).json()[
                    "event_id"
                ]
                results[job_id] = value
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for _ in range(3):
        time.sleep(0.1)
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.7)
        server.process.send_signal(signal.SIGCONT)
    for thread in threads:
        thread.join()
    assert not errors
    assert len(results) == 60
    for job_id, value in results.items():
        job = outcome(server, job_id)
        assert (job["state"], job["data"], job["attempt"]) == ("succeeded", [value], 1)


# Callers


def test_callers_who_send_their_head_byte_by_byte_hold_nobody_up(serve):
    server = serve("chaos", SPACEPORT_HEAD_TIMEOUT_S="1.5")
    before = descriptors(server)
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    head = b"POST /gradio_api/call/echo HTTP/1.1\r\nHost: x\r\n"
    ended = time.monotonic() + 4
    for at in range(len(head)):
        for one in slow:
            with contextlib.suppress(OSError):
                one.send(head[at : at + 1])
        answer = server.call("echo", [f"{at}"])
        assert outcome(server, answer.json()["event_id"])["data"] == [f"{at}"]
        if time.monotonic() > ended:
            break
        time.sleep(0.05)
    time.sleep(max(0.0, ended - time.monotonic()))
    open_still = 0
    for one in slow:
        one.setblocking(False)
        try:
            open_still += one.recv(1) != b""
        except BlockingIOError:
            open_still += 1
        except OSError:
            pass
        one.close()
    assert open_still == 0
    assert descriptors(server) <= before + 10


def test_a_body_that_trickles_is_given_up(serve):
    server = serve("chaos", SPACEPORT_BODY_TIMEOUT_S="1")
    with socket.create_connection(("127.0.0.1", server.port)) as one:
        one.settimeout(20)
        one.sendall(
            b"POST /gradio_api/call/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := one.recv(4096)):
            answer += piece
    assert b" 408 " in answer.split(b"\r\n")[0]


async def test_readers_who_do_not_read_cost_no_memory_and_no_time(serve):
    """Fifty of them have a stream of 200 MB each before them, and read nothing."""
    server = serve(Path(__file__).parent / "large.py")
    job_id = server.call("large", [400]).json()["event_id"]
    outcome(server, job_id)
    before = memory(server)
    request = f"GET /gradio_api/call/large/{job_id}?events=all HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    job_id = server.call("large", [400]).json()["event_id"]
    idle = []
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(request)
        idle.append(writer)
    begun = time.monotonic()
    assert outcome(server, job_id)["state"] == "succeeded"
    assert time.monotonic() - begun < 30
    assert memory(server) - before < 150 << 20
    for writer in idle:
        writer.close()


class CuttingProxy:
    """Passes bytes on to a server; after each `every` bytes of answers it cuts the connection."""

    def __init__(self, port, every):
        self._to, self._every, self.cuts = port, every, 0
        self._server = None

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _visit(self, reader, writer):
        there, to = await asyncio.open_connection("127.0.0.1", self._to)

        async def up():
            while data := await reader.read(1 << 16):
                to.write(data)

        async def down():
            left = self._every
            while data := await there.read(min(left, 97)):
                writer.write(data)
                await writer.drain()
                left -= len(data)
                if left <= 0:
                    self.cuts += 1
                    break

        tasks = [asyncio.ensure_future(up()), asyncio.ensure_future(down())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        writer.transport.abort()
        to.transport.abort()


@pytest.mark.parametrize("every", [700, 1501])
async def test_a_line_that_is_cut_again_and_again(serve, every):
    """Whoever comes back with `Last-Event-ID` gets every event once, byte for byte."""
    server = serve("basic")
    job_id = server.call("count", ["w", 60, 0.005]).json()["event_id"]
    outcome(server, job_id)
    path = f"/gradio_api/call/count/{job_id}?events=all"
    whole = frames(server.http.get(path).text)
    found, last = [], 0
    async with CuttingProxy(server.port, every) as proxy, httpx.AsyncClient(timeout=20) as http:
        for _ in range(2000):
            text = ""
            headers = {"last-event-id": str(last)} if last else {}
            with contextlib.suppress(httpx.HTTPError):
                async with http.stream("GET", f"http://127.0.0.1:{proxy.port}{path}", headers=headers) as answer:
                    if answer.status_code == 204:
                        break
                    async for piece in answer.aiter_text():
                        text += piece
            events = frames(text[: text.rfind("\n\n") + 2] if "\n\n" in text else "")
            found += events
            last = events[-1][2] if events else last
            if events and events[-1][0] in ("complete", "error"):
                break
        assert proxy.cuts > 0
    assert json.loads(found[-1][1]) == [" ".join(f"w{n}" for n in range(60))]
    assert [event[2] for event in found] == sorted({event[2] for event in found})
    assert found[-1] == whole[-1]
    assert set(found) <= set(whole) or len(found) == len(whole)


def test_callers_that_come_and_go_leave_nothing_behind(serve):
    server = serve("basic")
    server.call("count", ["w", 2, 0.01])
    time.sleep(0.3)
    before = descriptors(server)
    for _ in range(200):
        job_id = server.call("count", ["w", 3, 0.01]).json()["event_id"]
        with socket.create_connection(("127.0.0.1", server.port)) as one:
            one.sendall(f"GET /gradio_api/call/count/{job_id}?events=all HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            one.recv(100)
    deadline = time.monotonic() + 20
    while descriptors(server) > before + 5:
        assert time.monotonic() < deadline, f"{descriptors(server)} descriptors, before {before}"
        time.sleep(0.1)
