"""A revision's requirements.txt as a flat list that uv may be given: nothing in it leads out of the Space's own files.

`-r` and `-c` are followed, relative to the file that has them, as pip does; other paths are relative to the Space's
folder. Each fault is told with its file and line.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

FILE = "requirements.txt"
MAX_BYTES = 256 << 10
"""Of one file."""
MAX_FILES = 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OURS = frozenset({"spaceport", "spaceport-hub"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_URL = re.compile(r"(?:git\+)?https?://", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_PATH_ENDS = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_FILES = {"-r": "requirement", "--requirement": "requirement", "-c": "constraint", "--constraint": "constraint"}
_EDITABLE = ("-e", "--editable")
_LOCATIONS = {
    "-i": "--index-url",
    "--index-url": "--index-url",
    "--extra-index-url": "--extra-index-url",
    "-f": "--find-links",
    "--find-links": "--find-links",
}
_ALONE = ("--no-index", "--pre", "--prefer-binary", "--require-hashes")
"""Options without a value."""
_WITH_A_WORD = ("--no-binary", "--only-binary", "--trusted-host")
_HASH = re.compile(r"--hash[=:]?[a-z0-9]+:[0-9A-Fa-f]+")
_EGG = re.compile(r"#egg=[A-Za-z0-9._-]+")


class RequirementsRefused(ValueError):
    """A line that this hub does not give to uv, or a file that is no text."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """`lines` and `constraints` are for uv; paths in them are absolute.

    `names` are those of the packages, in their normal form. `is_ours`: the app is a Space of ours, for which the hub's
    own version of Spaceport is used. `has_paths`: they depend on files of the revision.
    """

    lines: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    is_ours: bool = False
    has_paths: bool = False


@dataclass(slots=True)
class _Reader:
    content: Callable[[str], bytes | None]
    folder: Path
    lines: dict[str, list[str]] = field(default_factory=lambda: {"requirement": [], "constraint": []})
    names: set[str] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)
    is_ours: bool = False
    has_paths: bool = False

    def read(self, file: str, kind: str, named_by: str = "") -> None:
        """Add what a file says. Raises `RequirementsRefused`."""
        if (file, kind) in self.files:
            return
        self.files.add((file, kind))
        if len(self.files) > MAX_FILES:
            raise RequirementsRefused(f"{named_by}: more than {MAX_FILES} files of requirements.")
        content = self.content(file)
        if content is None:
            raise RequirementsRefused(f"{named_by}: the Space has no file {file}.")
        if file != FILE:
            self.has_paths = self.has_paths or kind == "requirement"
        for number, line in _logical_lines(decoded(content, file)):
            self._add(line, kind, file, f"{file}, line {number}")

    def _add(self, line: str, kind: str, file: str, at: str) -> None:
        if any(ord(character) < 32 and character != "\t" for character in line):
            raise RequirementsRefused(f"{at}: it has a control character.")
        if line.startswith("-"):
            self._add_option(line, kind, file, at)
        else:
            self._add_package(line, kind, at)

    def _add_option(self, line: str, kind: str, file: str, at: str) -> None:
        name, value = _option(line)
        if name in _FILES:
            path = _inside(value, posixpath.dirname(file), at)
            self.read(path, "constraint" if kind == "constraint" else _FILES[name], at)
        elif name in _EDITABLE:
            _check_alone(value, at)
            where = _url(value, at) if _URL.match(value) else self._path(value, at)
            self.lines[kind].append(f"--editable {where}")
        elif name in _LOCATIONS:
            option = _LOCATIONS[name]
            _check_alone(value, at)
            if not _URL.match(value):
                if option != "--find-links":
                    raise RequirementsRefused(f"{at}: an index is an http(s) address.")
                value = self._path(value, at)
            self.lines[kind].append(f"{option} {value}")
        elif name in _WITH_A_WORD:
            _check_alone(value, at)
            self.lines[kind].append(f"{name} {value}")
        elif name in _ALONE:
            if value:
                raise RequirementsRefused(f"{at}: {name} stands alone in its line.")
            self.lines[kind].append(name)
        else:
            raise RequirementsRefused(f"{at}: the option {name[:40]} is not supported here.")

    def _add_package(self, line: str, kind: str, at: str) -> None:
        _check_words(line, at)
        found = _NAME.match(line)
        rest = line[found.end() :].lstrip() if found else ""
        if rest.startswith("["):  # extras
            rest = rest.partition("]")[2].lstrip()
        if found and rest.startswith("@"):
            url = rest[1:].strip()
            if not _URL.match(url):
                line = f"{line[: len(line) - len(rest)].rstrip()} @ file://{self._path(url.removeprefix('file:'), at)}"
            else:
                _url(url, at)
        elif _URL.match(line):
            _url(line, at)
            found = None
        elif not found or _is_path(line):
            line, found = self._path(line.removeprefix("file:"), at), None
        if found:
            name = re.sub(r"[-_.]+", "-", found[0]).lower()
            if name in _OURS:
                self.is_ours = self.is_ours or kind == "requirement"
                return
            if kind == "requirement":
                self.names.add(name)
        self.lines[kind].append(line)

    def _path(self, text: str, at: str) -> str:
        """A path inside of the Space's files as an absolute one, with what follows it."""
        ends = [at for at in (text.find("["), text.find(" "), text.find("\t"), text.find("#")) if at >= 0]
        end = min(ends, default=len(text))
        path, rest = text[:end], text[end:]
        if rest.startswith("#") and not _EGG.fullmatch(rest):
            raise RequirementsRefused(f"{at}: a path cannot have {rest[:40]} here.")
        self.has_paths = True
        return f"{self.folder / _inside(path, '', at)}{rest}"


def read(content: Callable[[str], bytes | None], folder: Path) -> Requirements:
    """The requirements of a revision. Raises `RequirementsRefused`.

    `content` gives a file of the revision, None where there is none; it raises for one above `MAX_BYTES`. `folder` has
    the revision's files.
    """
    reader = _Reader(content, folder)
    if content(FILE) is not None:
        reader.read(FILE, "requirement")
    lines, constraints = (tuple(reader.lines[kind]) for kind in ("requirement", "constraint"))
    return Requirements(lines, constraints, frozenset(reader.names), reader.is_ours, reader.has_paths)


def decoded(content: bytes, file: str) -> str:
    """The text of a file, by its byte order mark, else as UTF-8. Raises `RequirementsRefused` that names the line."""
    bom, encoding = next((one for one in _BOMS if content.startswith(one[0])), (b"", "utf-8"))
    raw = content[len(bom) :]
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].decode(encoding, "replace").count("\n") + 1
        raise RequirementsRefused(f"{file}, line {line}: this is not {encoding.upper()}. Save it as UTF-8.") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise RequirementsRefused(f"{file}, line {line}: it has a NUL character. Save it as UTF-8.")
    return text


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Each line that says something, with its number: without comments, continued ones joined."""
    found: list[tuple[int, str]] = []
    parts: list[str] = []
    began = 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not parts:
            began = number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            parts.append(line[:-1])
            continue
        whole = _without_comment("".join([*parts, line])).strip()
        parts = []
        if whole:
            found.append((began, whole))
    if parts and (whole := _without_comment("".join(parts)).strip()):
        found.append((began, whole))
    return found


def _without_comment(line: str) -> str:
    at = line.find("#")
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return line if at < 0 else line[:at]


def _option(line: str) -> tuple[str, str]:
    """An option and its value: `--name value`, `--name=value`, `-n value` or `-nvalue`."""
    name, _, value = line.partition(" ")
    name, tab, rest = name.partition("\t")
    if tab:
        value = f"{rest} {value}"
    if name.startswith("--"):
        name, equals, rest = name.partition("=")
        value = f"{rest} {value}" if equals else value
    elif len(name) > 2:
        name, value = name[:2], f"{name[2:]} {value}"
    return name, value.strip().strip("\"'")


def _check_alone(value: str, at: str) -> None:
    """Raise `RequirementsRefused` for more than one word: uv reads what follows a value as a line of its own."""
    if len(value.split()) != 1:
        raise RequirementsRefused(f"{at}: an option has one value, and stands alone in its line.")


def _check_words(line: str, at: str) -> None:
    """Raise `RequirementsRefused` for a package with an option behind it, other than its hashes."""
    for word in line.split():
        if word.startswith("-") and not _HASH.fullmatch(word):
            raise RequirementsRefused(f"{at}: {word[:40]} cannot stand behind a package.")


def _url(text: str, at: str) -> str:
    """The address itself. Raises `RequirementsRefused` for one whose `subdirectory` leads out of what is there."""
    if ".." in unquote(text.partition("#")[2]):
        raise RequirementsRefused(f"{at}: {text[:200]} leads out of the package.")
    return text


def _is_path(line: str) -> bool:
    """Whether this is a path, not a package: as pip decides, but without looking at the disk."""
    first = re.split(r"[\s;\[#]", line, maxsplit=1)[0]
    is_archive = first.lower().endswith(_PATH_ENDS)
    return "/" in first or "\\" in first or bool(_SCHEME.match(first)) or is_archive or first.startswith(".")


def _inside(path: str, base: str, at: str) -> str:
    """A path below the Space's folder, normal and relative to it. Raises `RequirementsRefused`."""
    shown = path[:200]
    if _SCHEME.match(path) or path.startswith(("/", "~")) or any(character in path for character in "$\\%"):
        raise RequirementsRefused(f"{at}: {shown} is no path inside of the Space's files.")
    whole = posixpath.normpath(posixpath.join(base, path))
    if not path or whole == ".." or whole.startswith(("../", "/")):
        raise RequirementsRefused(f"{at}: {shown} leads out of the Space's files.")
    return whole
