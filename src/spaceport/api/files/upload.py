"""`POST upload`: a form with files, which go to disk while they arrive."""

from __future__ import annotations

import asyncio

from python_multipart.multipart import parse_options_header

from spaceport.api.exchange import HttpExchange
from spaceport.api.files.multipart import MalformedUpload, UploadForm
from spaceport.errors import ClientGone

_BUFFER = 1 << 20
_BOUNDARY = 250


async def upload(request: HttpExchange) -> None:
    """Store the parts named `files` of a form, and answer with their paths in order."""
    kind, options = parse_options_header(request.headers.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data":
        raise MalformedUpload("Invalid content type. Send multipart/form-data with parts named `files`.")
    if not 0 < len(boundary) <= _BOUNDARY:
        raise MalformedUpload("Missing boundary in multipart.")
    user, caller = request.user or "", request.caller_key
    progress = request.context.uploads.start(request.query("upload_id"))
    form = UploadForm(boundary, lambda name: request.context.files.draft(name, user, caller), progress)
    try:
        await _receive(request, form)
        paths = await asyncio.to_thread(form.finish)
    finally:
        progress.done = True
        await asyncio.to_thread(form.close)
    await request.json([str(path) for path in paths])


async def _receive(request: HttpExchange, form: UploadForm) -> None:
    """Parse the body while it arrives. A thread writes to disk, a megabyte at a time."""
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
            form.check_complete()
            return
