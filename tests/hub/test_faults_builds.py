"""Inputs that once failed: what a revision's files and its requirements do when it is built."""

from __future__ import annotations

import codecs
import contextlib
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.contract.test_runner import alive
from tests.faults import fault

from spaceport.hub.runtime import requirements
from spaceport.hub.runtime.build_process import BuildFailed, BuildLimits
from spaceport.hub.runtime.builder import Builder, InvalidConfiguration, checked_out
from spaceport.hub.runtime.interpreters import find_interpreter
from spaceport.hub.runtime.requirements import RequirementsRefused
from spaceport.hub.spaces.front_matter import parse
from spaceport.hub.spaces.repository import Change, Repo

FOLDER = Path("/space")
OURS = {"tags": ["spaceport"]}


def lines(text: str | bytes, **files: str) -> tuple[str, ...]:
    return read(text, **files).lines


def read(text: str | bytes, **files: str) -> requirements.Requirements:
    known = {"requirements.txt": text, **{name.replace("__", "/"): content for name, content in files.items()}}

    def content(file: str) -> bytes | None:
        found = known.get(file)
        return found.encode() if isinstance(found, str) else found

    return requirements.read(content, FOLDER)


def refused(text: str | bytes, **files: str) -> str:
    with pytest.raises(RequirementsRefused) as error:
        read(text, **files)
    return str(error.value)


class Revision:
    """A Space's repository with one commit, and a builder beside it."""

    def __init__(self, folder: Path, files: dict[str, str | bytes], limits: BuildLimits | None = None) -> None:
        self.space, self.repo = folder / "space", Repo(folder / "space")
        self.repo.create()
        changes = []
        for number, (path, content) in enumerate({"app.py": "", **files}.items()):
            draft = folder / f"draft{number}"
            draft.write_bytes(content.encode() if isinstance(content, str) else content)
            changes.append(Change(path, draft))
        self.commit = self.repo.commit(changes, "ann", "first")
        self.builder = Builder(folder, limits or BuildLimits())
        self.log = folder / "build.log"
        self.work = self.builder.work(self.log)

    def build(self, card=OURS):
        return self.builder.build(self.repo, self.space, self.commit, card, self.work)


# requirements.txt


@pytest.mark.parametrize(
    "encoded",
    [
        codecs.BOM_UTF16_LE + "requests==2\r\n# é\r\nsix\r\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "requests==2\n# é\nsix\n".encode("utf-16-be"),
        codecs.BOM_UTF8 + "requests==2\n# é\nsix".encode(),
        codecs.BOM_UTF32_LE + "requests==2\nsix".encode("utf-32-le"),
        "requests==2\r# é\rsix\r".encode(),
    ],
)
@fault(
    kind="app",
    given="requirements.txt in UTF-16, as PowerShell's `pip freeze >` writes it",
    before="`BUILD_ERROR` without a hint",
    now="read by its byte order mark",
)
def test_an_encoding_is_read_by_its_byte_order_mark(encoded):
    assert lines(encoded) == ("requests==2", "six")


@pytest.mark.parametrize(
    ("encoded", "words"),
    [
        (b"six\n# caf\xe9\n", "requirements.txt, line 2: this is not UTF-8"),
        ("six\nrequests\n".encode("utf-16-le"), "requirements.txt, line 1: it has a NUL character"),
        (codecs.BOM_UTF16_LE + "six\n".encode("utf-16-le") + b"\x00\xd8\n\x00", "line 2: this is not UTF-16-LE"),
        (b"six\nrequ\x1bests\n", "line 2: it has a control character"),
    ],
)
def test_an_encoding_fault_is_reported_with_its_line(encoded, words):
    assert words in refused(encoded)


@pytest.mark.parametrize(
    "line",
    [
        "-r ../../secrets.key",
        "-r/etc/passwd",
        "--requirement=../../secrets.key",
        "-c ../x.txt",
        "--constraint /etc/hosts",
        "-e ..",
        "-e /opt/other",
        "--editable=git+file:///opt/other",
        "../other",
        "/opt/other/x.whl",
        "~/x",
        "file:///etc/passwd",
        "file:../x",
        "x @ file:///etc/passwd",
        "x[a] @ file:../other ; python_version > '3'",
        "x @ ../../y",
        "git+file:///opt/other",
        "a/../../x",
        "./$HOME/x",
        "%2e%2e/x",
        "..\\x",
        "./pkg#subdirectory=../../x",
        "-f /opt/wheels",
        "--find-links file:///opt/wheels",
        "--index-url file:///opt/wheels",
        "--config-settings x=y",
        "-r",
    ],
)
@fault(
    kind="isolation",
    given="requirements.txt with `-r …/secrets.key`, `-c`, `-e`, a path or `file:` of another folder",
    before="uv read the file: the build log, which the Space's owner reads, showed what it had",
    now="refused, with the line; inside of the Space's own files it works",
)
def test_a_requirement_outside_the_space_is_refused(line):
    assert "requirements.txt, line 2: " in refused(f"six\n{line}\n")


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("./pkg", "/space/pkg"),
        ("./pkg[extra]", "/space/pkg[extra]"),
        ("wheels/x-1-py3-none-any.whl", "/space/wheels/x-1-py3-none-any.whl"),
        ("x-1-py3-none-any.whl", "/space/x-1-py3-none-any.whl"),
        ("-e ./pkg", "--editable /space/pkg"),
        ("-e a/../pkg", "--editable /space/pkg"),
        ("file:pkg", "/space/pkg"),
        ("x @ ./pkg", "x @ file:///space/pkg"),
        ("x @ file:pkg ; python_version > '3'", "x @ file:///space/pkg ; python_version > '3'"),
        ("-f ./wheels", "--find-links /space/wheels"),
        ("six ; sys_platform == 'linux'  # why", "six ; sys_platform == 'linux'"),
        ("requests[socks]>=2,<3", "requests[socks]>=2,<3"),
        ("x @ https://host/x.whl#sha256=1", "x @ https://host/x.whl#sha256=1"),
        ("git+https://host/x.git@v1#egg=x", "git+https://host/x.git@v1#egg=x"),
        ("--extra-index-url https://host/simple", "--extra-index-url https://host/simple"),
        ("six==1 \\\n  --hash=sha256:1", "six==1   --hash=sha256:1"),
    ],
)
def test_a_requirement_inside_the_space_is_accepted(line, given):
    assert lines(line) == (given,)


def test_nested_requirements_files_are_read_as_pip_reads_them():
    found = read(
        "-r more/base.txt\n-c bounds.txt\nsix\n",
        more__base="no",
        **{
            "more__base.txt": "-r other.txt\n./pkg\n",
            "more__other.txt": "requests\n-r base.txt\n",
            "bounds.txt": "six<2\n",
        },
    )
    assert (found.lines, found.constraints) == (("requests", "/space/pkg", "six"), ("six<2",))
    assert "more/base.txt, line 1: ../../x.txt leads out" in refused(
        "-r more/base.txt", **{"more__base.txt": "-r ../../x.txt"}
    )
    assert "requirements.txt, line 1: the Space has no file nothing.txt" in refused("-r nothing.txt")


@pytest.mark.parametrize(("count", "fine"), [(requirements.MAX_FILES - 1, True), (requirements.MAX_FILES, False)])
def test_requirements_files_are_limited_in_number(count, fine):
    files = {f"f{number}.txt": f"-r f{number + 1}.txt\n" for number in range(1, count)} | {f"f{count}.txt": "six\n"}
    if fine:
        assert lines("-r f1.txt", **files) == ("six",)
    else:
        assert "more than 20 files" in refused("-r f1.txt", **files)


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 40_000,
        " " * 200_000 + "x",
        " \n" * 100_000,
        "x #" + "#" * 200_000,
        "x" + " " * 200_000 + ";",
        "a\\\n" * 60_000,
        "[" * 200_000,
        "-r" + " " * 200_000,
        "x @" + " " * 200_000,
        "a." * 100_000,
        "-" * 200_000,
    ],
)
@fault(
    kind="parser",
    given="requirements.txt of 40,000 line ends, or 200,000 blanks, marks of comments, brackets or dashes",
    before="40,000 line ends stopped the hub for 1.3 s, a megabyte for about 15 minutes: the time was quadratic",
    now="read line by line in linear time, and 256 KiB are the most",
)
def test_requirements_are_read_in_linear_time(text):
    began = time.process_time()
    with contextlib.suppress(RequirementsRefused):
        read(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(("size", "fine"), [(requirements.MAX_BYTES, True), (requirements.MAX_BYTES + 1, False)])
def test_requirements_are_limited_in_size(tmp_path, size, fine):
    revision = Revision(tmp_path, {"requirements.txt": "#" * size})
    if fine:
        assert revision.build().python == Path(sys.executable)
    else:
        with pytest.raises(BuildFailed, match="262145 bytes; 262144 are allowed"):
            revision.build()


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("spaceport", True),
        ("spaceport-hub[media]>=0.1", True),
        ("Spaceport_Hub\nsix", True),
        ("spaceport @ https://host/x.whl", True),
        ("spaceport-other", False),
        ("# spaceport", False),
        ("spaceportal", False),
    ],
)
@fault(
    kind="app",
    given="`spaceport-hub`, or `spaceport-other`, in requirements.txt",
    before="the first was installed beside the hub's own version; the second made the app a Space of ours",
    now="`spaceport` and `spaceport-hub` mean the hub's own version, other names mean themselves",
)
def test_only_two_names_mean_the_hubs_own_version(text, ours):
    found = read(text)
    assert found.is_ours == ours
    assert not any(name.startswith("spaceport") for name in found.names if ours)


# The front matter


@fault(
    kind="app",
    given='`sdk_version: "5.0\\n--index-url …"` in the front matter',
    before="it added lines to the requirements",
    now="`CONFIG_ERROR`: sdk_version must be a version",
)
def test_a_version_cannot_add_requirements(tmp_path):
    revision = Revision(tmp_path, {})
    for version in ("5.0\n--index-url https://evil", "5.0 ; x", "", [5], {"a": 1}, True, "5" * 65):
        if version == "":
            continue
        with pytest.raises(InvalidConfiguration, match="sdk_version"):
            revision.build({"sdk_version": version})


@fault(
    kind="app",
    given="`python_version: 3.10` in the front matter, which YAML reads as the number 3.1",
    before="ignored, or read as 3.1",
    now="the text as written counts; a version that is not installed is a `CONFIG_ERROR` that names those that are",
)
def test_python_version_counts_as_written(tmp_path):
    own = ".".join(str(part) for part in sys.version_info[:2])
    revision = Revision(tmp_path, {})
    card = parse(f"---\npython_version: {own}\ntags: [spaceport]\n---\n")
    assert revision.build(card).python == Path(sys.executable)
    assert parse("---\npython_version: 3.10\n---\n")["python_version"] == "3.10"
    assert parse("---\nsdk_version: 5.10\n---\n")["sdk_version"] == "5.10"
    with pytest.raises(InvalidConfiguration, match=f"python_version: 3.999 is not installed here. There is .*{own}"):
        revision.build({"python_version": "3.999"})
    with pytest.raises(InvalidConfiguration, match=f"runs with the hub's own Python, {own}"):
        revision.build({"python_version": "2.7", **OURS})
    assert find_interpreter(f"{own}.0")[0] == Path(sys.executable)


@pytest.mark.parametrize(
    ("port", "fine"), [(1, True), ("7860", True), (65535, True), (0, False), (65536, False), ("x", False)]
)
def test_app_port_must_be_a_port(tmp_path, port, fine):
    revision = Revision(tmp_path, {})
    if fine:
        assert revision.build({"app_port": port, **OURS}).port == int(port)
    else:
        with pytest.raises(InvalidConfiguration, match="app_port"):
            revision.build({"app_port": port, **OURS})


@fault(
    kind="app",
    given="`packages.txt`, `pre-requirements.txt`, `preload_from_hub`, `app_build_command`",
    before="taken, and silently not done",
    now="the build log and the Space's runtime say what is not done",
)
def test_unsupported_files_and_keys_are_reported(tmp_path):
    revision = Revision(tmp_path, {"packages.txt": "ffmpeg\n", "pre-requirements.txt": "six\n"})
    build = revision.build({**OURS, "preload_from_hub": ["a/b"], "app_build_command": "make"})
    said = revision.log.read_text()
    assert len(build.notices) == 4
    for name in ("packages.txt: ", "pre-requirements.txt: ", "preload_from_hub: ", "app_build_command: "):
        assert any(notice.startswith(name) for notice in build.notices)
        assert name in said
    (tmp_path / "plain").mkdir()
    assert Revision(tmp_path / "plain", {}).build().notices == ()


# Code that a build runs

PACKAGE = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "pkg"
version = "1"
"""
BACKEND = """
import os, subprocess, sys, time
out = {out!r}
with open(out + "/environment", "w") as file:
    file.write(repr(dict(os.environ)))
for _ in range({children}):
    one = subprocess.Popen(["setsid", "sleep", "300"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(out + "/pids", "a") as file:
        file.write(f"{{one.pid}}\\n")
time.sleep({seconds})

def build_wheel(folder, settings=None, metadata=None):
    raise SystemExit("no wheel")
"""


def with_backend(tmp_path, *, children=1, seconds=0.0, limits=None):
    backend = BACKEND.format(out=str(tmp_path), children=children, seconds=seconds)
    files = {"requirements.txt": "./pkg\n", "pkg/pyproject.toml": PACKAGE, "pkg/backend.py": backend}
    return Revision(tmp_path, files, limits)


def pids(tmp_path) -> list[int]:
    path = tmp_path / "pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@fault(
    kind="isolation",
    given="a requirement whose build backend reads the environment, and starts a process with a session of its own",
    before="it read the hub's environment (`SPACEPORT_UPSTREAM_TOKEN`), and the process outlived the build",
    now="the environment has how to reach packages and no more; all processes end with the build",
)
def test_code_of_a_requirement_sees_no_secrets_and_ends_with_the_build(tmp_path, monkeypatch):
    monkeypatch.setenv("SPACEPORT_UPSTREAM_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("LD_PRELOAD", "")
    revision = with_backend(tmp_path, children=2)
    with pytest.raises(BuildFailed, match="could not be installed"):
        revision.build()
    found = (tmp_path / "environment").read_text()
    assert "hf_secret" not in found
    assert "LD_PRELOAD" not in found
    assert len(pids(tmp_path)) >= 2
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_a_cancelled_build_leaves_no_processes(tmp_path):
    revision = with_backend(tmp_path, children=2, seconds=300)

    def build() -> None:
        with pytest.raises(BuildFailed):
            revision.build()

    thread = threading.Thread(target=build)
    thread.start()
    deadline = time.monotonic() + 60
    while len(pids(tmp_path)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    revision.work.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_a_build_with_too_many_processes_is_ended(tmp_path):
    revision = with_backend(tmp_path, children=60, seconds=300, limits=BuildLimits(processes=30))
    with pytest.raises(BuildFailed, match="more than 30 processes"):
        revision.build()
    assert not any(alive(pid) for pid in pids(tmp_path))


def test_a_package_of_the_space_itself_is_installed(tmp_path):
    backend = """
import os, zipfile
def build_wheel(folder, settings=None, metadata=None):
    name = "pkg-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("pkg.py", "answer = 42")
        wheel.writestr("pkg-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: pkg\\nVersion: 1\\n")
        wheel.writestr("pkg-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("pkg-1.dist-info/RECORD", "")
    return name
"""
    files = {"requirements.txt": "-r deps/all.txt\n", "deps/all.txt": "./pkg\n"}
    revision = Revision(tmp_path, {**files, "pkg/pyproject.toml": PACKAGE, "pkg/backend.py": backend})
    build = revision.build()
    assert list(build.python.parent.parent.glob("lib/python*/site-packages/pkg.py"))
    assert list(build.python.parent.parent.glob("lib/python*/site-packages/spaceport.pth"))


# Files


@fault(
    kind="app",
    given="`.gitattributes` with `data/** export-ignore`, `version.py export-subst`, `*.txt text eol=crlf`, `ident`",
    before="files were missing or changed when the app ran (`git archive`)",
    now="the files as they were committed, byte for byte",
)
def test_files_are_checked_out_as_committed(tmp_path):
    files = {
        ".gitattributes": "data/** export-ignore\nversion.py export-subst\n*.txt text eol=crlf\nid.py ident\n",
        "data/a.bin": bytes(range(256)) * 9000,
        "version.py": "commit = '$Format:%H$'\n",
        "a.txt": "one\ntwo\n",
        "id.py": "# $Id$\n",
        "empty": "",
        "süß/ein name.txt": "x\r\n",
        ".hidden/x": "y",
    }
    revision = Revision(tmp_path, files)
    folder = checked_out(revision.repo, revision.space, revision.commit)
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == {
        "app.py": b"",
        **{name: text.encode() if isinstance(text, str) else text for name, text in files.items()},
    }
