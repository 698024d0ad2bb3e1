"""Real servers for tests: each in a process of its own, on a free port of the loopback interface."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import httpx
import hypothesis
import imageio_ffmpeg
import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parent.parent
APPS = Path(__file__).parent / "apps"
PEERS = ROOT / ".peers"
_URL = re.compile(r"http://127\.0\.0\.1:\d+")


def _scratch() -> Path:
    """The folder for temporary files of a run: of its workers, of all servers, and of what they run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return Path(os.environ["TMPDIR"])
    os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="spaceport-tests-")
    (Path(tempfile.tempdir) / "bin").mkdir()
    return Path(tempfile.tempdir)


def _ffmpeg() -> None:
    """The ffmpeg of a package in the PATH of all servers, where the system has none."""
    path = SCRATCH / "bin" / "ffmpeg"
    path.symlink_to(imageio_ffmpeg.get_ffmpeg_exe())
    os.environ["PATH"] += f"{os.pathsep}{path.parent}"


def _one_certificate() -> None:
    """httpx reads more than a hundred certificates for each client, 30 ms: tests speak without TLS to this machine."""
    path = SCRATCH / f"certificate-{os.getpid()}.pem"
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----\n")
    path.write_text(first + end)
    certifi.where = lambda: str(path)


SCRATCH = _scratch()
_one_certificate()
MYPY_CACHE = SCRATCH / f"mypy-{os.getpid()}"
"""What mypy has read of the standard library and of ours, for all tests of a process."""
if "PYTEST_XDIST_WORKER" not in os.environ:
    _ffmpeg()
# How long an example takes says nothing on a machine that is shared with other tests.
hypothesis.settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared machine")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of a thousand processes compiles all that it loads


TOGETHER = {
    "golden apps on Gradio": "client/test_files client/test_golden_programs client/test_gradio_snippets"
    " client/test_interface client/test_stubs js/test_golden_programs js/test_in_chromium",
}
"""Files whose tests run in one process, because they share what takes long to make there (Gradio, mypy's cache)."""
LONGEST = (
    "golden apps on Gradio|web/test_examples|web/test_components|web/test_hub_accounts|web/test_hub_shell"
    "|conformance/test_golden|hub/test_gradio_apps|web/test_firefox|web/test_accessibility|hub/test_queues"
    "|web/test_faults_hostile|web/test_faults_views|web/test_api_page|conformance/test_component_table"
    "|client/test_older_gradio|hub/test_run|web/test_faults_calls|web/test_hub_new_space"
    "|conformance/test_space_files|conformance/test_openapi|hub/test_mission|web/test_calls"
    "|web/test_faults_authors|web/test_faults_hub|web/test_sign_in_attacks|web/test_passkeys|web/test_gallery"
    "|chaos/test_kill|install/test_wheel|hub/test_faults_runtime|chaos/test_faults|hub/test_organizations"
    "|client/test_gradio_programs|web/test_hub_pages|hub/test_demo|hub/test_mail|js/test_on_ours"
    "|web/test_private_spaces|hub/test_settings|hub/test_replicas|hub/test_faults_gateway|web/test_chat"
    "|hub/test_tokens|web/test_tables|conformance/test_examples|hub/test_sign_in|hub/test_hfapi|hub/test_openid"
    "|js/test_real_gradio|hub/test_visits|web/test_loading|hub/test_tiers"
)
"""Files and groups that take long, the longest first: what starts last should be short, or it is waited for alone."""
_GROUPS = {f"tests/{name}.py": group for group, names in TOGETHER.items() for name in names.split()}
_PLACES = {name: place for place, name in enumerate(LONGEST.split("|"))}


def _unit(nodeid: str) -> str:
    """What runs in one process: a file, or a group of files."""
    file = nodeid.partition("::")[0]
    return _GROUPS.get(file, file)


class _ByUnit(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _unit(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False
    return _ByUnit(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return _PLACES.get(_unit(item.nodeid).removeprefix("tests/").removesuffix(".py"), len(_PLACES))

    items.sort(key=place)


def _left() -> list[str]:
    """Processes that work in the run's folder for temporary files, or were told of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            told = command + (process / "environ").read_bytes() + os.fsencode((process / "cwd").readlink())
            if os.fsencode(SCRATCH) in told and int(process.name) not in (os.getpid(), os.getppid()):
                found.append(f"{process.name} {command.replace(bytes(1), b' ').decode(errors='replace')[:200]}")
    return found


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """No test may leave a process behind. The folder for temporary files stays where a test failed."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    deadline = time.monotonic() + 20
    while (left := _left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    if left:
        print("\nProcesses that tests left behind:", *left, sep="\n  ")
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
    if session.exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(SCRATCH, ignore_errors=True)


class Server:
    """A served app. `url` has no slash at its end; `kill` is kill -9, `stop` is SIGTERM."""

    def __init__(self, app: Path, data: Path, environment: dict[str, str], cwd: Path | None = None) -> None:
        self.app, self.data, self.environment, self.cwd = app, data, environment, cwd
        self.port = 0
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "spaceport.cli.main", "run", str(self.app), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(self.data)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **self.environment},
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = _URL.search(line)
            if found:
                self.url = found[0]
                self.port = int(self.url.rsplit(":", 1)[1])
                break
        else:
            raise AssertionError(f"the server did not start (status {self.process.wait()})")
        self.http = httpx.Client(base_url=self.url, timeout=30)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        self.http.close()
        self.process.send_signal(how)
        assert self.process.stdout is not None
        self.output = self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(20)

    def call(self, endpoint: str, data: object, **headers: str) -> httpx.Response:
        """Submit; `data` is a list (by position) or a dict (by name)."""
        body = {"data": data} if isinstance(data, list) else data
        return self.http.post(f"/gradio_api/call/{endpoint}", json=body, headers=headers)

    def events(self, endpoint: str, event_id: str, **headers: str) -> list[tuple[str, str, int]]:
        """All events of a call: (event, data, id)."""
        response = self.http.get(f"/gradio_api/call/{endpoint}/{event_id}", headers=headers)
        assert response.status_code == 200, response.text
        return frames(response.text)


def frames(text: str) -> list[tuple[str, str, int]]:
    """Frames of a `call` stream."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line)
        if fields:
            found.append((fields["event"], fields["data"], int(fields.get("id", 0))))
    return found


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start an app of `tests/apps` (or any path): `serve("basic", SPACEPORT_X="…")`."""
    servers: list[Server] = []

    def start(app: str | Path, **environment: str) -> Server:
        path = app if isinstance(app, Path) else APPS / f"{app}.py"
        server = Server(path, tmp_path / f"data-{len(servers)}", environment)
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture(scope="module")
def basic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server of `apps/basic.py` for a whole module of tests that do not disturb each other."""
    server = Server(APPS / "basic.py", tmp_path_factory.mktemp("basic"), {"SPACEPORT_LOG_FORMAT": "console"})
    yield server
    assert server.stop() in (0, -signal.SIGTERM)
    assert "Traceback" not in server.output.replace("value_error failed:\nTraceback", ""), server.output


@pytest.fixture(scope="session")
def golden_gradio():
    """The golden apps on the real Gradio, and the process, which takes a quarter of a core even if nobody calls."""
    from tests.real_gradio import started  # which takes its paths from here

    with started("gradio", "on_gradio.py", "s01/config") as found:
        yield found


@pytest.fixture
def gradio(golden_gradio):
    """The golden apps on the real Gradio, which stands still while other tests run."""
    url, process = golden_gradio
    process.send_signal(signal.SIGCONT)
    yield url
    process.send_signal(signal.SIGSTOP)
