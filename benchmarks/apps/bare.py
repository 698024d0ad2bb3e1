"""The same two steps by hand, with no queue and nothing kept: what the web framework itself costs."""

import asyncio
import json
import time
import uuid

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

calls: dict[str, object] = {}


async def post(request: Request) -> JSONResponse:
    body = await request.json()
    event_id = uuid.uuid4().hex
    calls[event_id] = (request.path_params["name"], body["data"][0])
    return JSONResponse({"event_id": event_id})


async def events(name: str, value):
    if name == "echo":
        yield f"event: complete\ndata: {json.dumps([value])}\n\n"
    elif name == "tokens":
        started, text = time.monotonic(), ""
        for i in range(value):
            await asyncio.sleep(max(0.0, started + i / 100 - time.monotonic()))
            text += f"token{i} "
            yield f"event: generating\ndata: {json.dumps([text])}\n\n"
        yield f"event: complete\ndata: {json.dumps([text])}\n\n"
    else:
        while True:
            yield "event: heartbeat\ndata: null\n\n"
            await asyncio.sleep(15)


async def get(request: Request) -> StreamingResponse:
    name, value = calls.pop(request.path_params["id"])
    return StreamingResponse(events(name, value), media_type="text/event-stream")


app = Starlette(
    routes=[
        Route("/gradio_api/call/{name}", post, methods=["POST"]),
        Route("/gradio_api/call/{name}/{id}", get),
    ]
)
