"""Upload and download. An upload goes to disk while it arrives; a download comes from disk in pieces."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.responses import FileResponse

from spaceport.api.exchange import HttpExchange
from spaceport.errors import ClientGone, InvalidInput, NotFound, RequestError
from spaceport.wire.json import encode

_PARTS = 1000
_PART_HEADERS = 8 << 10
_FIELDS_BYTES = 1 << 20
_BUFFER = 1 << 20
_BOUNDARY = 250
_PROGRESS_WAIT_S = 3.0
_PROGRESS_PAUSE_S = 0.1
_UPLOADS = 1000
_PROOF = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DESCRIPTORS = Path("/proc/self/fd")
# What a browser may show by itself; the rest is a download, so that nobody's upload becomes a page of ours.
_IMAGES = ("png", "jpeg", "gif", "webp", "bmp", "tiff", "avif")
_SOUNDS = ("mpeg", "wav", "x-wav", "ogg", "flac", "aac", "mp4", "webm")
_VIDEOS = ("mp4", "webm", "ogg", "quicktime")
_INLINE = frozenset(
    ["text/plain", "application/json"]
    + [f"image/{kind}" for kind in _IMAGES]
    + [f"audio/{kind}" for kind in _SOUNDS]
    + [f"video/{kind}" for kind in _VIDEOS]
)
_POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"


class PendingFile(Protocol):
    """A file on its way in."""

    name: str
    size: int

    def write(self, data: bytes) -> None: ...

    def finish(self) -> Path: ...

    def close(self) -> None: ...


class Files(Protocol):
    """Where files of a Space are. `owner` may read them, `caller` pays for them."""

    def draft(self, name: str, owner: str, caller: str) -> PendingFile: ...

    def readable(self, path: str, owner: str) -> tuple[Path, bool]:
        """A file that may be downloaded, and whether the author published it. Raises `NotFound`."""
        ...

    async def fetch_remote(self, url: str, owner: str, caller: str) -> Path:
        """Fetch the file at a URL that a function returned. Raises `NotFound` for any other URL."""
        ...

    @property
    def known(self) -> ContentIndex: ...

    def playlist(self, place: str, owner: str) -> Playlist:
        """Raises `NotFound`."""
        ...


class ContentIndex(Protocol):
    """Content that is here already. `content` is its SHA-256; all raise `NotFound` for one that is not."""

    def pieces(self, content: bytes, size: int, name: str, owner: str) -> list[tuple[int, int]]: ...

    def verify_possession(self, content: bytes, size: int, name: str, owner: str, caller: str, data: bytes) -> Path: ...


class Playlist(Protocol):
    """A stream of audio: the path and length in seconds of each segment so far."""

    segments: list[tuple[str, float]]

    def text(self) -> str:
        """The playlist as HLS has it."""
        ...


@dataclass(slots=True)
class Progress:
    """How far an upload is: bytes by the name of each file, in their order."""

    bytes: dict[str, int] = field(default_factory=dict)
    done: bool = False


class Uploads:
    """Uploads on their way that somebody may ask about."""

    def __init__(self) -> None:
        self._known: dict[str, Progress] = {}

    def begin(self, upload_id: str | None) -> Progress:
        progress = Progress()
        if upload_id:
            while len(self._known) >= _UPLOADS:
                self._known.pop(next(iter(self._known)))
            self._known[upload_id] = progress
        return progress

    def get(self, upload_id: str) -> Progress | None:
        return self._known.get(upload_id)


async def upload(request: HttpExchange) -> None:
    """POST upload: multipart, parts named `files`; answers their paths in order."""
    kind, options = parse_options_header(request.headers.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data":
        raise _Wrong("Invalid content type. Send multipart/form-data with parts named `files`.")
    if not 0 < len(boundary) <= _BOUNDARY:
        raise _Wrong("Missing boundary in multipart.")
    user, caller = request.user or "", payer(request)
    progress = request.context.uploads.begin(request.query("upload_id"))
    form = _Form(boundary, lambda name: request.context.files.draft(name, user, caller), progress)
    try:
        await _receive(request, form)
        paths = await asyncio.to_thread(form.finish)
    finally:
        progress.done = True
        await asyncio.to_thread(form.close)
    await request.json([str(path) for path in paths])


def payer(request: HttpExchange) -> str:
    """Whose budget files count against."""
    client = request.scope.get("client")
    return f"user:{request.user}" if request.user else f"address:{client[0] if client else ''}"


async def _receive(request: HttpExchange, form: _Form) -> None:
    """Feed the form; bytes go to disk in a thread, a megabyte at a time."""
    timeout = request.context.options.body_timeout_s
    while True:
        try:
            message = await asyncio.wait_for(request.receive(), timeout)
        except asyncio.TimeoutError:
            raise ClientGone(f"Nothing of the upload arrived for {timeout:g} s.") from None
        if message["type"] == "http.disconnect":
            raise ClientGone("The connection was closed before the upload was complete.")
        form.feed(message.get("body", b""))
        if form.held >= _BUFFER:
            await asyncio.to_thread(form.flush)
        if not message.get("more_body", False):
            form.end()
            return


class _Wrong(RequestError):
    """An upload that is none."""


class _Form:
    """The parts of one upload, from the parser's callbacks to drafts."""

    def __init__(self, boundary: bytes, draft: Callable[[str], PendingFile], progress: Progress) -> None:
        self.held = 0
        self._draft = draft
        self._progress = progress
        self._drafts: list[PendingFile] = []
        self._pieces: list[tuple[PendingFile, bytes]] = []
        self._current: PendingFile | None = None
        self._parts = self._fields = 0
        self._name, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_end": self._end,
            },
            max_header_size=_PART_HEADERS,
        )

    def feed(self, data: bytes) -> None:
        """Raises `RequestError` for what is no form."""
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise _Wrong(f"The upload is not multipart/form-data: {error}") from None

    def end(self) -> None:
        if not self._complete:
            raise _Wrong("The upload ends in the middle of a part.")

    def flush(self) -> None:
        """To disk; in a thread."""
        pieces, self._pieces, self.held = self._pieces, [], 0
        for draft, data in pieces:
            draft.write(data)
            self._progress.bytes[draft.name] = draft.size

    def finish(self) -> list[Path]:
        self.flush()
        return [draft.finish() for draft in self._drafts]

    def close(self) -> None:
        """Throws away what was not finished."""
        for draft in self._drafts:
            draft.close()

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise _Wrong(f"An upload has at most {_PARTS} parts.")
        self._headers, self._name, self._value, self._current = {}, b"", b"", None

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != b"files":
            return
        filename = options.get(b"filename")
        if filename is None:
            raise _Wrong("A part named `files` needs a file name.")
        self._current = self._draft(filename.decode("utf-8", "replace"))
        self._drafts.append(self._current)
        self._progress.bytes.setdefault(self._current.name, 0)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current is None:
            self._fields += end - start
            if self._fields > _FIELDS_BYTES:
                raise _Wrong("The fields beside the files are too large.")
            return
        piece = data[start:end]
        self.held += len(piece)
        self._pieces.append((self._current, piece))

    def _end(self) -> None:
        self._complete = True


async def upload_known(request: HttpExchange) -> None:
    """POST upload/known?sha256=&size=&name=: what need not be sent again.

    Without a body: the offsets and lengths of the pieces that prove that the caller has the content; with these
    pieces, one after the other, as the body: its path, as `upload` answers it. 404 for what must be uploaded.
    """
    digest, size, name = request.query("sha256") or "", request.query("size") or "", request.query("name") or ""
    if not _SHA256.fullmatch(digest) or not (size.isascii() and size.isdigit() and len(size) < 20):
        raise InvalidInput("Send sha256 (64 hexadecimal digits), size (bytes) and name.")
    about = bytes.fromhex(digest), int(size), name, request.user or ""
    data, known = await request.body(_PROOF, request.context.options.body_timeout_s), request.context.files.known
    if data:
        await request.json([str(await asyncio.to_thread(known.verify_possession, *about, payer(request), data))])
    else:
        await request.json({"pieces": await asyncio.to_thread(known.pieces, *about)})


async def upload_progress(request: HttpExchange) -> None:
    """GET upload_progress?upload_id=: an event stream of bytes received since the last message, by file."""
    upload_id = request.query("upload_id") or ""
    progress = request.context.uploads.get(upload_id)
    for _ in range(round(_PROGRESS_WAIT_S / _PROGRESS_PAUSE_S)):
        if progress is not None:
            break
        await asyncio.sleep(_PROGRESS_PAUSE_S)
        progress = request.context.uploads.get(upload_id)
    if progress is None:
        await request.reply(404, b"Upload not found", b"text/plain; charset=utf-8")
        return
    await request.open_stream()
    told: dict[str, int] = {}
    quiet_s = 0.0
    while True:
        done = progress.done
        for name, count in list(progress.bytes.items()):
            if count > told.get(name, 0):
                message = {"msg": "update", "orig_name": name, "chunk_size": count - told.get(name, 0)}
                await request.write(b"data: %b\n\n" % encode(message))
                told[name], quiet_s = count, 0.0
        if done:
            await request.write(b'data: {"msg":"done"}\n\n', more=False)
            return
        if quiet_s >= request.context.options.heartbeat_s:
            await request.write(b'data: {"msg":"heartbeat"}\n\n')
            quiet_s = 0.0
        await asyncio.sleep(_PROGRESS_PAUSE_S)
        quiet_s += _PROGRESS_PAUSE_S


async def download(request: HttpExchange, path: str) -> None:
    """GET and HEAD file=PATH: a file that was uploaded, returned or published; all else is one and the same 403."""
    try:
        if path.startswith(("http://", "https://")):
            found, published = await request.context.files.fetch_remote(path, request.user or "", payer(request)), False
        else:
            found, published = request.context.files.readable(path, request.user or "")
        opened = _Opened(found)
    except (NotFound, OSError, ValueError):
        body = encode({"detail": f"File not allowed: {path[:500]}."})
        await request.reply(403, body)
        return
    with opened:
        await _answer(request, opened, found.name, published=published)


class _Opened:
    """A regular file, opened once: a name that is given to something else meanwhile changes nothing."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        self.stat = os.fstat(self._descriptor)
        if not stat.S_ISREG(self.stat.st_mode):
            os.close(self._descriptor)
            raise ValueError("not a file")
        self.path = f"/proc/self/fd/{self._descriptor}" if _DESCRIPTORS.is_dir() else str(path)

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


async def _answer(request: HttpExchange, opened: _Opened, name: str, *, published: bool) -> None:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    inline = kind in _INLINE or (published and not kind.startswith(("text/html", "image/svg", "application/xhtml")))
    etag = f'"{opened.stat.st_mtime_ns:x}-{opened.stat.st_size:x}"'
    headers = {
        "etag": etag,
        "content-disposition": f"{'inline' if inline else 'attachment'}; filename*=utf-8''{quote(name)}",
        "x-content-type-options": "nosniff",
        "content-security-policy": _POLICY,
        "cache-control": "private, max-age=3600",
        "accept-ranges": "bytes",
    }
    if etag in [one.strip().removeprefix("W/") for one in request.header(b"if-none-match").split(",")]:
        await request.reply(
            304, b"", kind.encode(), [(key.encode(), value.encode("latin-1")) for key, value in headers.items()]
        )
        return
    media = kind if inline else "application/octet-stream"
    response = FileResponse(opened.path, headers=headers, media_type=media, stat_result=opened.stat)
    response.raw_headers += request.extra
    request.started = True
    await response(request.scope, request.receive, request.send)
