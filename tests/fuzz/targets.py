"""One function for each parser of what others send: it takes bytes, and fails where the parser breaks a promise.

`test_targets.py` runs them on the corpus and on some made-up inputs; `make fuzz` looks for new inputs with atheris.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path

from spaceport.api.origins import rules_for
from spaceport.client.core.endpoints import read as read_endpoints
from spaceport.client.core.sse import EventParser
from spaceport.client.errors import ServerError
from spaceport.engine.updates import Output, step
from spaceport.errors import SpaceportError
from spaceport.hub.gateway.cookies import cookies_for_app, scope_cookie
from spaceport.hub.hfapi.commit_body import _lines as commit_lines
from spaceport.hub.runtime import requirements
from spaceport.hub.spaces import readme
from spaceport.hub.spaces.front_matter import InvalidFrontMatter, parse
from spaceport.snippets import quoting
from spaceport.wire import events
from spaceport.wire.diff import InvalidEdits
from spaceport.wire.json import decode, encode, too_deep
from spaceport.wire.link import Frames, MalformedFrame, part, request

MAX_CARD = 64 << 10


def front_matter(data: bytes) -> None:
    """A card is plain JSON of a bounded size, whatever the README says."""
    try:
        card = parse(data.decode("utf-8", "replace"))
    except InvalidFrontMatter:
        return
    assert len(json.dumps(card, allow_nan=False).encode()) <= MAX_CARD
    readme.faults(card)
    readme.options(card)
    assert all(isinstance(tag, str) for tag in readme.tags(card))
    assert isinstance(readme.app_file(card, "gradio"), str)


def requirements_txt(data: bytes) -> None:
    """What uv gets has no line that reads another file or leaves the repository."""
    try:
        found = requirements.read(lambda name: data if name == requirements.FILE else None, Path("/revision"))
    except requirements.RequirementsRefused:
        return
    for line in (*found.lines, *found.constraints):
        assert "\n" not in line
        assert "\r" not in line
        assert not line.lstrip().startswith(("-r", "-c", "--requirement", "--constraint"))
        assert "/../" not in line


def event_stream(data: bytes) -> None:
    """The events do not depend on how the bytes are cut."""
    whole = EventParser().feed(data)
    parser = EventParser()
    size = 1 + len(data) % 7
    pieces = [event for start in range(0, len(data), size) for event in parser.feed(data[start : start + size])]
    assert pieces == whole


def stream_messages(data: bytes) -> None:
    """A message of either wire (its kind, a line end, its JSON) has checked fields, or is refused by one error."""
    kind, _, text = data.decode("utf-8", "replace").partition("\n")
    with contextlib.suppress(events.MalformedMessage, InvalidEdits):
        found = events.decode(kind, text)
        if isinstance(found, events.Edits):
            step([{"a": ["b"]}] * len(found.edits), Output(tuple(found.edits), 0.0))
    with contextlib.suppress(events.MalformedMessage):
        message = events.parse(text)
        for edits in (False, True):
            with contextlib.suppress(events.MalformedMessage):
                message.decode(edits=edits)


def link_frames(data: bytes) -> None:
    """Frames are found however the bytes are cut; what is no message is refused by one error."""
    frames = Frames()
    size = 1 + len(data) % 7
    try:
        found = [frame for start in range(0, len(data), size) for frame in frames.feed(data[start : start + size])]
    except MalformedFrame:
        return
    for frame in found:
        for read in (request, part):
            with contextlib.suppress(MalformedFrame):
                read(frame)


def json_body(data: bytes) -> None:
    """What is decoded can be encoded again, unless it is nested too deeply, which is found without recursion."""
    if too_deep(data):
        return
    try:
        value = decode(data)
    except (ValueError, SpaceportError):
        return
    assert decode(encode(value)) == decode(encode(decode(encode(value))))


def documents(data: bytes) -> None:
    """A server's documents are understood or refused by one error."""
    config, _, info = data.partition(b"\0")
    try:
        pair = json.loads(config), json.loads(info or b"{}")
    except (ValueError, RecursionError):
        return
    if not all(isinstance(one, dict) for one in pair):
        return
    try:
        read_endpoints(*pair)
    except ServerError:
        return


def quoted(data: bytes) -> None:
    """A text comes out of each language as it went in."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    assert ast.literal_eval(quoting.python_text(text)) == text
    ast.parse(f'def f():\n    """{quoting.python_docstring(text)}"""\n')
    assert shlex.split(quoting.shell_word(text)) == [text]
    assert json.loads(quoting.json_text(text)) == text
    assert "\n" not in quoting.one_line(text)
    shown = quoting.terminal(text)
    assert not [character for character in shown if ord(character) < 32 and character not in "\n\t"]
    assert "\x1b" not in shown
    assert "\x9b" not in shown


def cookies(data: bytes) -> None:
    """An app's cookie keeps neither a domain nor a path outside of its own; the hub's own cookies stay."""
    name, value = scope_cookie((b"set-cookie", data), "/owner/name")
    assert name == b"set-cookie"
    attributes = [one.partition(b"=")[0].strip().lower() for one in value.split(b";")[1:]]
    assert b"domain" not in attributes
    assert attributes.count(b"path") == 1
    shown = cookies_for_app([(b"cookie", data)])
    assert not [pair for pair in shown.split("; ") if pair.startswith(("spaceport=", "__Host-spaceport"))]


def origins(data: bytes) -> None:
    """No origin of others is answered with credentials on a loopback server."""
    text = data.decode("latin-1")
    headers = dict(rules_for("127.0.0.1", ()).cors_headers("127.0.0.1:7860", text))
    if b"access-control-allow-credentials" in headers:
        name = text.partition("://")[2].partition(":")[0] if "[" not in text else "[::1]"
        assert name.lower() in ("localhost", "127.0.0.1", "0.0.0.0", "[::1]"), text


def commit(data: bytes) -> None:
    """Lines of a commit are read or refused by an error for the caller."""
    try:
        for _ in commit_lines(io.BytesIO(data)):
            pass
    except SpaceportError:
        return


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        front_matter,
        requirements_txt,
        event_stream,
        stream_messages,
        link_frames,
        json_body,
        documents,
        quoted,
        cookies,
        origins,
        commit,
    )
}
