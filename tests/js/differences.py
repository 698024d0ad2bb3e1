"""Where our JavaScript client shows something else than @gradio/client: (scenario, peer's text, ours)."""

from __future__ import annotations

DIFFERENT: list[tuple[str, str, str]] = [
    # Errors that the client itself finds have texts of their own.
    ("*", "^ERR No endpoint matching", "^ERR There is no endpoint"),
    ("*", "^ERR No value provided", "^ERR /.* no value for the parameter"),
    ("13", "no endpoint with fn_index", "ERR The call: There is no endpoint"),
    ("13", "ERR Parameter `x` is not a valid", "ERR /undoc is not documented"),
    # A server of ours is asked with one request, and the function sees which.
    ("15", '"url_path":"/gradio_api/queue/join"', '"url_path":"/gradio_api/call/info_q"'),
    ("15", '"target":', '"target":'),
    # The peer leaves out who it is where a call has headers of its own.
    ("15", '"x-extra":"e"', '"x-extra":"e","x-gradio-user":"api"'),
    # The peer edits the values that it has handed out.
    ("19", r"^seq ", r'^seq \[\[\{"a":1,"l":\[1,2,3\],"s":"he"\}\]'),
    ("19", r"^nested_delete ", r"^nested_delete \[\[\[\[1,2,3\],\[1,2,3\]\]\]"),
    ("19", r"^slashkey", r'^slashkey \[\[\{"a/b~":\{"x":1\}\}\]'),
    ("05", r"^(seq|lst|nested_delete)", r"^(seq|lst|nested_delete)"),
    ("05", r"^boolint ", r'^boolint \[\[\{"a":1\}\],\[\{"a":true\}\],\[\{"a":1\}\],\[\{"a":1\}\]\]$'),
]
