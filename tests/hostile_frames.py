"""Frames of streams that no server should send; each client ends a call with a clear error, whatever comes."""

from __future__ import annotations

import json

LONG = "x" * 200_000
_ID = {"event_id": "e1"}
_HOSTILE = {
    "error": "boom",
    "name": {"toString": 1},
    "message": {"a": 1},
    "stack": 5,
    "cause": [1],
    "code": {"a": 1},
    "retryable": "yes",
    "problems": 5,
    "toString": 1,
    "constructor": 1,
    "__proto__": {"polluted": 1},
    "then": 1,
}
ANYTHING = [None, True, 5, 1e300, -1, "", "text", LONG, [], [None], [[[]]], {}, {"a": {"b": []}}, {"toString": 1}]
OUTPUTS = [
    *ANYTHING,
    _HOSTILE,
    *({"error": one} for one in ANYTHING),
    *({"error": "boom", "title": one} for one in ANYTHING),
    *({"error": "boom", "duration": one, "visible": one} for one in ANYTHING),
]
"""What the message that ends a call with an error may have as its output."""


def failed(output, **more):
    return {"msg": "process_completed", **_ID, "success": False, "output": output, **more}


QUEUE = [
    *(failed(one) for one in OUTPUTS),
    *(failed({"error": "boom"}, code=one, title=one, request_id=one) for one in ANYTHING),
    *({"msg": "unexpected_error", **_ID, "message": one, "code": one} for one in ANYTHING),
    *(
        {"msg": "process_completed", **_ID, "success": True, "output": {"data": one}}
        for one in ANYTHING
        if not isinstance(one, list)
    ),
    *({"msg": "progress", **_ID, "progress_data": [one]} for one in ANYTHING if not isinstance(one, dict)),
]
"""Messages for one call, each of which ends it, in Gradio's queue and in the stream of a call of ours."""
HARMLESS = [
    *({"msg": "log", **_ID, "log": one, "title": one, "level": one, "duration": one} for one in ANYTHING),
    *({"msg": "progress", **_ID, "progress_data": one} for one in ANYTHING),
    *({"msg": "estimation", **_ID, "rank": one, "queue_size": one, "rank_eta": one} for one in ANYTHING),
    *({"msg": "process_starts", **_ID, "eta": one} for one in ANYTHING),
    *({"msg": one, **_ID} for one in ANYTHING),
]
"""Messages that may be passed over, or end the call: what follows them does."""
TEXTS = ["", " ", "no json", "{", '"text"', "5", "null", "true", "[]", "[1]", "NaN", '"404: Not Found"', "[" * 5000]
"""What stands in place of a message."""


class Answers:
    """Answers calls of `/f` with these streams, one after the other; each call has an id of its own."""

    def __init__(self, streams) -> None:
        self._left, self._now = iter(streams), None
        self._count = 0

    def __call__(self, path, _):
        if path.startswith("/gradio_api/queue/data"):
            return self._now
        self._count += 1
        status, headers, body = next(self._left)
        own = body.replace(b'"e1"', b'"e%d"' % self._count)
        self._now = status, {**headers, "x-spaceport-job": f"e{self._count}"}, own
        if path.startswith("/gradio_api/queue/"):
            return 200, {"content-type": "application/json"}, b'{"event_id": "e%d"}' % self._count
        return self._now


def stream(*frames, event=""):
    """The stream of frames, which are texts or values."""
    texts = [one if isinstance(one, str) else json.dumps(one) for one in frames]
    head = f"event: {event}\n" if event else ""
    body = "".join(f"{head}data: {text}\n\n" for text in texts)
    return 200, {"content-type": "text/event-stream"}, body.encode()
