"""Where our client prints something else than gradio_client for the same program: (scenario, peer's text, ours)."""

from __future__ import annotations

DIFFERENT: list[tuple[str, str, str]] = [
    # Errors are subclasses of the peer's kinds (ValueError), with names and texts of their own.
    ("01", "ValueError Cannot find a function", "EndpointNotFound Cannot find a function"),
    ("01", "TypeError Parameter `nm` is not a valid", "TypeError Parameter `nm` is not a parameter of /predict"),
    ("01", "ValueError Invalid function index", "EndpointNotFound Invalid function index"),
    ("13", "ValueError Cannot find a function", "EndpointNotFound Cannot find a function"),
    ("13", "ValueError Invalid function index", "EndpointNotFound Invalid function index"),
    ("13", "might have multiple endpoints", "Say which endpoint to call"),
    ("29", "ValueError This Gradio app might have", "EndpointNotFound Say which endpoint to call"),
    ("08", "^\\w+ CLIENT$", "spaceport.client.errors AppError"),
    ("09", "^\\w+ CLIENT$", "spaceport.client.errors AppError"),
    ("09", "only one", "only one.*'more': {}"),
    ("24", "CLIENT", "spaceport.client.errors ValidationError 2 parameter"),
    ("24", "400 Bad Request", "answered 400: validator broke"),
    # A JSON value that has a key `path` is no file.
    ("15", "403 Forbidden|404 Not Found", "^$"),
    ("15", "^$", "'path': 'not/a/file'"),
    # Our own name, and no compression that nothing here can undo.
    ("15", "user-agent", "user-agent"),
    # Every step of a generator counts, also those without outputs.
    ("19", r"stream \(\) \[\(\)\]", r"stream \(\) \[\(\), \(\), \(\)\]"),
    # A finished job has rank 0 in every view of it.
    # The final update holds the result as the caller gets it, not the server's raw output object.
    ("04", "FINISHED.*rank=None", "FINISHED.*rank=0"),
    ("04", "outputs={'data'", "outputs='b0 b1 ', success=True, type='output', final=True"),
]
