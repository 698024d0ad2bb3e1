"""Inputs that once failed: how apps listen, what they start, and what the hub leaves on the disk."""

from __future__ import annotations

import asyncio
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest
from tests.contract.test_runner import alive, answer, spec, until
from tests.faults import fault
from tests.hub.conftest import CLI, ENVIRONMENT, HubServer
from tests.hub.test_run import deploy, runtime, stage_is

from spaceport import Client
from spaceport.errors import Conflict
from spaceport.hub.state import Hub
from spaceport.runner.base import Ended, Listening, Starting
from spaceport.runner.local.loopback import can_have_own_address
from spaceport.runner.local.runner import LocalRunner

needs_addresses = pytest.mark.skipif(
    not can_have_own_address(), reason="this machine cannot give an app an address of its own"
)
LAUNCHED = """
import gradio as gr
demo = gr.Interface(lambda text: "{name} " + text, "text", "text", api_name="say")
demo.launch(server_name="0.0.0.0", server_port=7860)
"""
MOUNTED = """
import gradio as gr, uvicorn
from fastapi import FastAPI
demo = gr.Interface(lambda text: "{name} " + text, "text", "text", api_name="say")
uvicorn.run(gr.mount_gradio_app(FastAPI(), demo, path="/"), host="{host}", port={port})
"""
SERVE = """
import http.server, os, socket, sys
class Server(http.server.HTTPServer):
    address_family = socket.AF_INET6 if ":" in "{host}" else socket.AF_INET
    def server_bind(self):
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, {only})
        super().server_bind()
Server(("{host}", {port}), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
async def runner(request):
    made = LocalRunner(processes=20, own_addresses=getattr(request, "param", None))
    yield made
    for replica_id in list(made._known):
        await made.stop(type("Named", (), {"id": replica_id})())


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "240", "--processes", "40")
    yield server
    server.stop()


def ended(reason):
    raise AssertionError(f"it ended: {reason}")


# Ports


@needs_addresses
@pytest.mark.slow
@fault(
    kind="app",
    given='three Spaces: `demo.launch(server_name="0.0.0.0", server_port=7860)`, `uvicorn.run(app, host="0.0.0.0", '
    'port=7860)` with `gr.mount_gradio_app`, and the same with `host="::"`, `port=8080` and `app_port: 8080`',
    before="`RUNTIME_ERROR`: nothing listened on the port that the hub had chosen",
    now="all three run side by side, and each answers its own calls",
)
def test_apps_that_insist_on_their_port_run_side_by_side(hub):
    readme = "---\nsdk: gradio\nsdk_version: 6.31.0\n{}---\n"
    deploy(hub, "launched", LAUNCHED.format(name="launched"), readme.format("").encode())
    deploy(hub, "mounted", MOUNTED.format(name="mounted", host="0.0.0.0", port=7860), readme.format("").encode())
    own = MOUNTED.format(name="own", host="::", port=8080)
    deploy(hub, "own", own, readme.format("app_port: 8080\n").encode())
    for name in ("launched", "mounted", "own"):
        stage_is(hub, f"admin/{name}", "RUNNING", "RUNTIME_ERROR", "BUILD_ERROR", within=500)
    for name in ("launched", "mounted", "own"):
        assert runtime(hub, f"admin/{name}")["stage"] == "RUNNING"
        with Client(f"admin/{name}", hub=hub.url, verbose=False) as client:
            assert client.predict("x", api_name="/say") == f"{name} x"


@needs_addresses
@fault(
    kind="app",
    given="apps of one machine that listen on 7860 at 0.0.0.0, 127.0.0.1, :: and ::1, all at once",
    before="only the first of them could start",
    now="each listens at an address of its own",
)
async def test_apps_may_listen_on_any_local_address(runner, tmp_path):
    found = set()
    for host, only in (("0.0.0.0", 0), ("127.0.0.1", 0), ("::", 0), ("::", 1), ("::1", 1)):
        program = SERVE.format(host=host, port=7860, only=only)
        replica = await runner.start(spec(tmp_path, program), ended)
        address = (await until(runner, replica, Listening)).address
        assert b"200" in await answer(address)
        found.add(address)
    assert len(found) == 5
    assert {address.rpartition(":")[2] for address in found} == {"7860"}


@needs_addresses
async def test_an_own_address_changes_nothing_else_for_an_app(runner, tmp_path):
    """It reaches itself by every name of the machine, and others' servers as before; nothing but TCP is touched."""
    other = socket.socket()
    other.bind(("127.0.0.1", 0))
    other.listen()
    program = f"""
import socket, threading
both = [socket.create_server(("0.0.0.0", 7860)), socket.create_server(("::", 7860), family=socket.AF_INET6)]
threading.Thread(target=lambda: [both[0].accept() for _ in range(9)], daemon=True).start()
for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0"):
    with socket.create_connection((host, 7860), 5) as one:
        print(host, one.getpeername()[1], flush=True)
one = socket.socket()
one.setblocking(False)
one.connect_ex(("127.0.0.1", 7860))
socket.create_connection(("127.0.0.1", {other.getsockname()[1]}), 5)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("0.0.0.0", 0))
print("udp", udp.getsockname()[0], flush=True)
free = socket.create_server(("127.0.0.1", 0))
print("free", free.getsockname()[0], flush=True)
try:
    socket.create_server(("0.0.0.0", 7860))
except OSError as error:
    print(error.errno, flush=True)
"""
    told = asyncio.Queue()
    await runner.start(spec(tmp_path, program), told.put_nowait)
    await asyncio.wait_for(told.get(), 30)
    hosts = [f"{host} 7860" for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0")]
    assert (tmp_path / "log").read_text().splitlines() == [*hosts, "udp 0.0.0.0", "free 127.0.0.1", "98"]
    other.settimeout(5)
    other.accept()[0].close()
    other.close()


@pytest.mark.parametrize("runner", [False], indirect=True)
@fault(
    kind="app",
    given="an app that listens on 7860 at 0.0.0.0 or ::, on a machine that gives apps no address of their own",
    before="`RUNTIME_ERROR`: nothing listened on the port that the hub had chosen",
    now="the port is found by what the app's processes listen on; for a second such app the error says that another "
    "process listens on the port",
)
@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
async def test_the_port_is_found_by_what_the_processes_listen_on(runner, tmp_path, host):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # in a child with a session of its own, as some apps do
    program = f"import subprocess, sys\nsubprocess.run(['setsid', sys.executable, '-c', {SERVE!r}"
    program += f".format(host={host!r}, port={port}, only=0)])"
    replica = await runner.start(spec(tmp_path, program, port=port), ended)
    assert b"200" in await answer((await until(runner, replica, Listening)).address)
    second = spec(tmp_path, SERVE.format(host=host, port=port, only=0), port=port)
    told = asyncio.Queue()
    refused = await runner.start(second, told.put_nowait)
    await asyncio.wait_for(told.get(), 20)
    status = await runner.poll(refused)
    assert isinstance(status, Ended)
    assert f"Another process of this machine listens on port {port}" in status.reason
    assert "If this app insists on that port" in status.reason


@pytest.mark.parametrize("runner", [False, None], indirect=True)
async def test_an_unexpected_port_is_reported(runner, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    replica = await runner.start(spec(tmp_path, SERVE.format(host="127.0.0.1", port=port, only=0)), ended)
    while f"The app listens on port {port}" not in (status := await runner.poll(replica)).obstacle:
        assert isinstance(status, Starting)
        await asyncio.sleep(0.05)
    runner._known[replica.id].other_ports[port] -= 31
    found = await until(runner, replica, Listening)
    assert f"`app_port: {port}`" in found.note
    assert b"200" in await answer(found.address)


# Processes


@fault(
    kind="isolation",
    given="an app that starts processes with `setsid` and no parent, then is paused",
    before="they went on after `pause`, and with `--processes 20` 40 of 40 went on",
    now="they are counted, and end with the app",
)
def test_children_with_a_session_of_their_own_end_with_the_app(hub):
    app = """
import subprocess
import spaceport as sp
space = sp.Space()

@space.api
def start(n: int) -> list:
    for _ in range(n):
        subprocess.Popen(["sh", "-c", "setsid sleep 600 & echo $! >> pids; wait"], start_new_session=True)
    return []
"""
    before = set(hub.data.glob("spaces/*/revisions/*/app.py"))
    deploy(hub, "children", app)
    stage_is(hub, "admin/children", "RUNNING")
    (folder,) = {path.parent for path in set(hub.data.glob("spaces/*/revisions/*/app.py")) - before}
    with Client("admin/children", hub=hub.url, verbose=False) as client:
        client.predict(5, api_name="/start")
        pids = started(folder, 5)
        assert all(alive(pid) for pid in pids)
        with hub.http("admin") as admin:
            admin.post("/api/spaces/admin/children/pause").raise_for_status()
            assert not any(alive(pid) for pid in pids)
            admin.post("/api/spaces/admin/children/restart").raise_for_status()
        stage_is(hub, "admin/children", "RUNNING")
        (folder / "pids").unlink()
        client.submit(45, api_name="/start")
        pids = started(folder, 30)
        deadline = time.monotonic() + 30
        while any(alive(pid) for pid in started(folder, 0)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while not any("more than 40 processes" in log.read_text() for log in hub.data.glob("spaces/*/run.log")):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def started(folder: Path, least: int) -> list[int]:
    deadline = time.monotonic() + 20
    while True:
        path = folder / "pids"
        pids = [int(line) for line in path.read_text().split()] if path.exists() else []
        if len(pids) >= least:
            return pids
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("count", "ends"), [(18, False), (22, True)])
async def test_a_replica_is_ended_above_its_number_of_processes(runner, tmp_path, count, ends):
    """Of 20, the app's own included, wherever its processes have gone."""
    program = f"""
import subprocess, time
for _ in range({count}):
    subprocess.Popen(["setsid", "sleep", "300"])
print("up", flush=True)
time.sleep(300)
"""
    told = asyncio.Queue()
    await runner.start(spec(tmp_path, program), told.put_nowait)
    while "up" not in (tmp_path / "log").read_text():
        await asyncio.sleep(0.05)
    if ends:
        assert "more than 20 processes" in await asyncio.wait_for(told.get(), 20)
    else:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(told.get(), 6)


@fault(
    kind="isolation",
    given="a Space with the variable `LD_PRELOAD` or `PYTHONSTARTUP`, `PYTHONPATH`, `PYTHONHOME`",
    before="the variables reached the program that sets the limits of memory and files, before it did",
    now="they reach the app alone, whose limits are set by then",
)
async def test_variables_reach_only_the_app(runner, tmp_path):
    library = tmp_path / "l.so"
    code = "#include <sys/resource.h>\n#include <stdio.h>\n__attribute__((constructor)) static void f(void) "
    code += '{struct rlimit r; getrlimit(RLIMIT_NOFILE, &r); fprintf(stderr, "loaded %ld\\n", (long) r.rlim_cur);}'
    compiler = ["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", str(library)]
    try:
        subprocess.run(compiler, input=code, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no C compiler here")
    told = asyncio.Queue()
    environment = {"LD_PRELOAD": str(library), "PYTHONHOME": "/nowhere"}
    command = spec(tmp_path, "", environment=environment, files=99)
    command = type(command)(["/bin/true"], tmp_path, command.environment, command.log, "e", files=99)
    await runner.start(command, told.put_nowait)
    await asyncio.wait_for(told.get(), 20)
    assert (tmp_path / "log").read_text() == "loaded 99\n"


async def test_a_supervisor_does_not_show_secrets(runner, tmp_path):
    program = "import time; print('up', flush=True); time.sleep(60)"
    replica = await runner.start(spec(tmp_path, program, environment={"API_KEY": "s3cret"}), ended)
    supervisor = replica.id.split("-")[2]
    shown = Path(f"/proc/{supervisor}/environ").read_bytes() + Path(f"/proc/{supervisor}/cmdline").read_bytes()
    assert b"s3cret" not in shown


# The hub's folder


@fault(
    kind="isolation",
    given="a data folder that was there with mode 0755, as systemd's `StateDirectory` makes it",
    before="`hub.db` (0644) and private Spaces' files could be read by every user of the machine",
    now="a hub's files are its user's alone (umask 077); docs/hub.md says `StateDirectoryMode=0700`",
)
def test_only_its_user_can_read_the_files_of_a_hub(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    server = HubServer(data)
    try:
        deploy(server, "private", "import spaceport as sp\nspace = sp.Space()\n", visibility="private")
        stage_is(server, "admin/private", "RUNNING")
    finally:
        server.stop()
    paths = [path for path in data.rglob("*") if not path.is_symlink() and "environments" not in path.parts]
    assert any(path.name == "hub.db" for path in paths)
    assert not [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert "StateDirectoryMode=0700" in Path("docs/hub.md").read_text()


@fault(
    kind="app",
    given="`Hub.claim()`, `Hub.close()`, and then another hub of the same folder in the same process",
    before="`Conflict`: the folder stayed claimed until the process ended",
    now="`close` gives the claim up",
)
def test_a_closed_hub_gives_up_its_folder(tmp_path):
    first = Hub(tmp_path)
    first.claim()
    second = Hub(tmp_path)
    with pytest.raises(Conflict):
        second.claim()
    first.close()
    second.claim()
    second.close()


def test_a_hub_that_cannot_listen_gives_up_its_folder(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [*CLI, "hub", "--port", str(taken.getsockname()[1]), "--data-dir", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 1
    hub = Hub(tmp_path)
    hub.claim()
    hub.close()
