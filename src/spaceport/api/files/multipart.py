"""A multipart/form-data body, parsed while it arrives, with bounds on all but the files themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from spaceport.api.ports import PendingFile
from spaceport.api.upload_tracker import UploadProgress
from spaceport.errors import InvalidInput, RequestError

_PARTS = 1000
_PART_HEADERS = 8 << 10
_FIELDS_BYTES = 1 << 20


class MalformedUpload(RequestError):
    """Malformed upload: the body is not a form with files."""


class UploadForm:
    """The parts of one upload: what the parser finds goes to pending files.

    `held` is how many bytes wait in memory for `flush`.
    """

    def __init__(self, boundary: bytes, new_file: Callable[[str], PendingFile], progress: UploadProgress) -> None:
        self.held = 0
        self._new_file = new_file
        self._progress = progress
        self._pending: list[PendingFile] = []
        self._pieces: list[tuple[PendingFile, bytes]] = []
        self._current: PendingFile | None = None
        self._parts = self._fields = 0
        self._name, self._value = b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._misnamed: str | None = None
        """The name of a field that is not called `files`."""
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
        """Parse more of the body. Raises `MalformedUpload`."""
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise MalformedUpload(f"The upload is not multipart/form-data: {error}") from None

    def check_complete(self) -> None:
        """Raise `MalformedUpload` for half a form, and `InvalidInput` for one that has no part named `files`."""
        if not self._complete:
            raise MalformedUpload("The upload ends in the middle of a part.")
        if not self._pending:
            instead = "" if self._misnamed is None else f", not {self._misnamed[:100]!r}"
            message = f"The field is called `files`{instead}: send each file as a part named `files`."
            raise InvalidInput(message, [{"type": "missing", "loc": ["body", "files"], "msg": message, "input": None}])

    def flush(self) -> None:
        """Write what is held to disk. Blocks: call it in a thread."""
        pieces, self._pieces, self.held = self._pieces, [], 0
        for file, data in pieces:
            file.write(data)
            self._progress.bytes[file.name] = file.size

    def finish(self) -> list[Path]:
        """Write the rest, and keep the files: their paths. Blocks: call it in a thread."""
        self.flush()
        return [file.finish() for file in self._pending]

    def close(self) -> None:
        """Discard the files that were not finished."""
        for file in self._pending:
            file.close()

    def _part_begin(self) -> None:
        self._parts += 1
        if self._parts > _PARTS:
            raise MalformedUpload(f"An upload has at most {_PARTS} parts.")
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
        filename = options.get(b"filename")
        if options.get(b"name") != b"files":
            self._misnamed = options.get(b"name", b"").decode("utf-8", "replace")
            return
        if filename is None:
            raise MalformedUpload("A part named `files` needs a file name.")
        self._current = self._new_file(filename.decode("utf-8", "replace"))
        self._pending.append(self._current)
        self._progress.bytes.setdefault(self._current.name, 0)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._current is None:
            self._fields += end - start
            if self._fields > _FIELDS_BYTES:
                raise MalformedUpload("The fields beside the files are too large.")
            return
        piece = data[start:end]
        self.held += len(piece)
        self._pieces.append((self._current, piece))

    def _end(self) -> None:
        self._complete = True
