"""A Space's files: one bare git repository each, written with `git fast-import`, read with git's plumbing.

git itself, not a library: it is there on every machine that deploys, its repositories can be cloned and mended by
hand, and one process writes a whole commit. The files of a Space lie in `<folder>/repo.git`; only `main` is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, ClassVar

from spaceport.errors import Conflict, InvalidInput, NotFound, SpaceUnavailable

_BRANCH = "main"
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,199}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_PATH_BYTES = 1000
_NAME_BYTES = 255
_CHUNK = 1 << 20
_IDENTITY = re.compile(r"[<>\n\0]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DIFF_S = 10.0
_BIG_FILE = "8m"
"""Larger files are streamed by git, never held in memory as a whole."""


class RevisionNotFound(NotFound):
    """No such branch or commit."""


class EntryNotFound(NotFound):
    """No such file in this revision."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory of a revision. `oid` is git's; `size` in bytes, 0 for a directory."""

    path: str
    oid: str
    size: int
    directory: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One part of a commit: `content` is a file that is read for the new content, None removes `path`.

    A path that ends with "/" is a directory: only it can be removed.
    """

    path: str
    content: Path | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as the log shows it. `at` is in seconds since the epoch."""

    id: str
    author: str
    at: float
    title: str
    message: str


class Repo:
    """The git repository in a Space's folder. Safe from many threads; one of them writes at a time."""

    _writers: ClassVar[dict[Path, threading.Lock]] = {}

    def __init__(self, folder: Path) -> None:
        self._git = folder / "repo.git"
        self._lock = self._writers.setdefault(self._git, threading.Lock())

    def create(self) -> None:
        """Make the empty repository, with its folder."""
        self._git.parent.mkdir(parents=True, exist_ok=True)
        self._run("init", "--quiet", "--bare", f"--initial-branch={_BRANCH}", str(self._git), at_home=False)

    def fetch_from(self, other: Repo) -> None:
        """Copy the commits of another repository into this empty one."""
        with self._lock:
            self._run("fetch", "--quiet", str(other._git), f"{_BRANCH}:{_BRANCH}")

    def remove(self) -> None:
        """Remove the repository and all else that its folder holds."""
        shutil.rmtree(self._git.parent, ignore_errors=True)
        self._writers.pop(self._git, None)

    # Reading

    def head(self) -> str | None:
        """The newest commit of main; None: there is none yet."""
        with contextlib.suppress(OSError):  # files that git documents, instead of a process for each look
            found = (self._git / "refs" / "heads" / _BRANCH).read_text().strip()
            if _COMMIT.fullmatch(found):
                return found
        with contextlib.suppress(OSError):
            for line in (self._git / "packed-refs").read_text().splitlines():
                commit, _, name = line.partition(" ")
                if name == f"refs/heads/{_BRANCH}" and _COMMIT.fullmatch(commit):
                    return commit
        return None

    def commit_of(self, revision: str) -> str:
        """The id of the commit that a branch or a commit's id names. Raises `RevisionNotFound`."""
        revision = _BRANCH if revision == "HEAD" else revision
        if _REVISION.fullmatch(revision) and ".." not in revision:
            name = revision if _COMMIT.fullmatch(revision) else f"refs/heads/{revision.removeprefix('refs/heads/')}"
            found = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False).strip()
            if found:
                return found.decode()
        raise RevisionNotFound(f"There is no revision {revision[:100]}.")

    def tree(self, commit: str, path: str = "", *, recursive: bool = True) -> list[Entry]:
        """The entries below a directory. Raises `EntryNotFound` for a path that is not a directory."""
        place = [check_path(path)] if path else []
        options = ["-r", "-t"] if recursive else []
        raw = self._run("ls-tree", "-l", "-z", *options, f"{commit}:{place[0] if place else ''}", check=False)
        found = []
        for line in raw.split(b"\0"):
            if line:
                about, _, name = line.partition(b"\t")
                _, kind, oid, size = about.split()
                full = "/".join([*place, name.decode("utf-8", "replace")])
                found.append(Entry(full, oid.decode(), 0 if size == b"-" else int(size), kind == b"tree"))
        if not found and place:
            raise EntryNotFound(f"There is no directory {path[:200]} in this revision.")
        return found

    def entry(self, commit: str, path: str) -> Entry:
        """One file. Raises `EntryNotFound`."""
        wanted = check_path(path)
        raw = self._run("--literal-pathspecs", "ls-tree", "-l", "-z", commit, "--", wanted).rstrip(b"\0")
        if not raw or raw.split()[1] != b"blob":
            raise EntryNotFound(f"There is no file {path[:200]} in this revision.")
        _, _, oid, size = raw.partition(b"\t")[0].split()
        return Entry(wanted, oid.decode(), int(size), False)

    def read(self, commit: str, path: str, limit: int | None = None) -> bytes:
        """A file's content, or its first `limit` bytes. Raises `EntryNotFound`."""
        entry = self.entry(commit, path)
        if limit is None or entry.size <= limit:
            return self._run("cat-file", "blob", entry.oid)
        command = self._command("cat-file", "blob", entry.oid)
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:  # noqa: S603
            assert process.stdout is not None
            found = process.stdout.read(limit)
            process.kill()
        return found

    def copy_to(self, oid: str, target: IO[bytes]) -> None:
        """Write a file's content to an open file."""
        subprocess.run(self._command("cat-file", "blob", oid), stdout=target, check=True, env=_environment())  # noqa: S603

    def check_out(self, commit: str, folder: Path) -> None:
        """Write all files of a commit into an empty folder, byte for byte as they were committed.

        `git archive` and `git checkout` would read `.gitattributes`, which leaves files out and changes others.
        """
        entries = [entry for entry in self.tree(commit) if not entry.directory]
        command = self._command("cat-file", "--batch")
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()) as process:  # noqa: S603
            assert process.stdin is not None
            assert process.stdout is not None
            for entry in entries:
                process.stdin.write(f"{entry.oid}\n".encode())
                process.stdin.flush()
                kind, size = process.stdout.readline().split()[1:]
                if kind != b"blob":
                    raise EntryNotFound(f"{entry.path[:200]} is no file.")
                target = folder / check_path(entry.path)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    _copy(process.stdout, file, int(size))
                process.stdout.read(1)

    def log(self, commit: str, limit: int) -> list[Commit]:
        """Newest first."""
        form = "%H%x00%an%x00%at%x00%s%x00%b%x1e"
        raw = self._run("log", f"--max-count={limit}", f"--format={form}", commit).decode("utf-8", "replace")
        found = []
        for record in raw.split("\x1e"):
            if record.strip():
                oid, author, at, title, message = record.strip("\n").split("\0", 4)
                found.append(Commit(oid, author, float(at), title, message.strip()))
        return found

    def diff(self, commit: str, limit: int) -> tuple[bytes, bool]:
        """What a commit has changed, as a unified diff, and whether it is all of it.

        It is not where it has more than `limit` bytes, or git would take too long.
        """
        options = ["--root", "-p", "-M", "--no-commit-id", "--no-color", "--no-ext-diff", "--no-textconv"]
        command = self._command("diff-tree", *options, commit)
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:  # noqa: S603
            assert process.stdout is not None
            timer = threading.Timer(_DIFF_S, process.kill)
            timer.start()
            found = process.stdout.read(limit + 1)
            if len(found) > limit:
                process.kill()
            process.wait()
            timer.cancel()
        return found[:limit], process.returncode == 0

    def stored_bytes(self) -> int:
        """The size of the content of all files of all revisions, each content once."""
        command = self._command(
            "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectsize)"
        )
        found = 0
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:  # noqa: S603
            assert process.stdout is not None
            for line in process.stdout:
                kind, _, size = line.partition(b" ")
                found += int(size) if kind == b"blob" else 0
        return found

    def bytes_of_new(self, changes: Iterable[Change]) -> int:
        """How much `stored_bytes` will be more after a commit of these changes."""
        sizes: dict[str, int] = {}
        for change in changes:
            if change.content is not None:
                sizes[_oid_of(change.content)] = change.content.stat().st_size
        command = self._command("cat-file", "--batch-check=")
        asked = "".join(f"{oid}\n" for oid in sizes).encode()
        done = subprocess.run(command, input=asked, capture_output=True, check=True, env=_environment())  # noqa: S603
        missing = (line.split()[0].decode() for line in done.stdout.splitlines() if line.endswith(b" missing"))
        return sum(sizes[oid] for oid in missing)

    # Writing

    def commit(
        self, changes: Iterable[Change], author: str, title: str, message: str = "", parent: str | None = None
    ) -> str:
        """Make a commit on main; its id. Where it would change nothing, none is made: the id is the newest one's.

        Raises `Conflict` when `parent` is not the newest commit, `InvalidInput` for a path that git cannot hold.
        """
        with self._lock:
            before = self.head()
            if parent is not None and parent != before:
                raise Conflict("The branch has new commits: fetch them, then commit again.")
            draft = f"refs/drafts/{os.urandom(8).hex()}"
            try:
                self._import(changes, draft, before, author, "\n\n".join(part for part in (title, message) if part))
                made = self._run("rev-parse", "--verify", draft).decode().strip()
                if before is not None and self._tree_of(made) == self._tree_of(before):
                    return before
                self._run("update-ref", f"refs/heads/{_BRANCH}", made)
            finally:
                self._run("update-ref", "-d", draft, check=False)
            return made

    def _import(self, changes: Iterable[Change], draft: str, before: str | None, author: str, text: str) -> None:
        with self._importer() as out:
            name = _IDENTITY.sub("", author)
            out.write(f"commit {draft}\ncommitter {name} <{name}@users.noreply> {int(time.time())} +0000\n".encode())
            body = _UNPRINTABLE.sub(" ", text).encode("utf-8", "replace")
            out.write(b"data %d\n%s\n" % (len(body), body))
            if before is not None:
                out.write(f"from {before}\n".encode())
            for change in changes:
                path = _quoted(check_path(change.path.rstrip("/")))
                if change.content is None:
                    out.write(b"D %s\n" % path)
                    continue
                out.write(b"M 100644 inline %s\ndata %d\n" % (path, change.content.stat().st_size))
                with change.content.open("rb") as file:
                    shutil.copyfileobj(file, out, _CHUNK)
                out.write(b"\n")

    @contextmanager
    def _importer(self) -> Iterator[IO[bytes]]:
        command = self._command("fast-import", "--quiet", "--done", "--force")
        process = subprocess.Popen(  # noqa: S603  git, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment()
        )
        assert process.stdin is not None
        try:
            yield process.stdin
            process.stdin.write(b"done\n")
        except BaseException:
            process.kill()
            process.communicate()
            raise
        _, said = process.communicate()
        if process.returncode != 0:
            raise InvalidInput(f"These files cannot be committed: {said.decode('utf-8', 'replace')[:200]}")

    def _tree_of(self, commit: str) -> bytes:
        return self._run("rev-parse", f"{commit}^{{tree}}")

    def _command(self, *arguments: str) -> list[str]:
        return [_git(), "-c", f"core.bigFileThreshold={_BIG_FILE}", f"--git-dir={self._git}", *arguments]

    def _run(self, *arguments: str, check: bool = True, at_home: bool = True) -> bytes:
        command = self._command(*arguments) if at_home else [_git(), *arguments]
        done = subprocess.run(command, capture_output=True, check=check, env=_environment())  # noqa: S603
        return done.stdout


def check_path(path: str) -> str:
    """The path itself. Raises `InvalidInput` for a path that leads out of the repository, or into git's own files."""
    parts = path.split("/")
    fine = all(part not in ("", ".", "..") and part.lower() != ".git" for part in parts)
    short = len(path.encode("utf-8", "replace")) <= _PATH_BYTES
    if not fine or not short or any(len(part.encode("utf-8", "replace")) > _NAME_BYTES for part in parts):
        raise InvalidInput(f"{path[:200]!r} is not a valid path of a file in a repository.")
    if any(ord(character) < 32 or character == "\\" for character in path):
        raise InvalidInput("The path of a file must not have control characters or backslashes.")
    return path


def _oid_of(file: Path) -> str:
    """What git calls the content of a file."""
    found = hashlib.sha1(b"blob %d\0" % file.stat().st_size, usedforsecurity=False)
    with file.open("rb") as opened:
        while data := opened.read(_CHUNK):
            found.update(data)
    return found.hexdigest()


def _copy(source: IO[bytes], target: IO[bytes], size: int) -> None:
    """Copy so many bytes. Raises `EOFError` where there are less."""
    while size:
        data = source.read(min(size, _CHUNK))
        if not data:
            raise EOFError("git ended early")
        target.write(data)
        size -= len(data)


def _quoted(path: str) -> bytes:
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'.encode("utf-8", "replace")


@cache
def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise SpaceUnavailable("A hub needs git: install it on this machine.")
    return found


def _environment() -> dict[str, str]:
    """The environment of git: the settings of this machine and its users are ignored."""
    quiet = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    return {"HOME": "/nonexistent", **quiet}
