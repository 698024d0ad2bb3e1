"""The hub's pages: the directory, and each Space in its frame. They show what the API tells their visitor."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import asset_of, page_headers, shell
from spaceport.api.scripts import KIND, script
from spaceport.hub.api.request import app_origins, in_thread


async def page(request: Request) -> Response:
    """`GET /`, `/spaces`, `/spaces/{owner}/{name}`: the same bytes for public, private and missing Spaces."""
    text = shell("hub", "../" * (request.url.path.count("/") - 1) or "./", title="Spaces")
    return Response(text, headers=page_headers(app_origins(request), ancestors="'none'"), media_type="text/html")


async def asset(request: Request) -> Response:
    """`GET /--spaceport/web/{file}`: a built file of the pages."""
    accepted = request.headers.get("accept-encoding", "")
    data, headers = await in_thread(lambda: asset_of(request.path_params["file"], accepted))
    return Response(data, headers=headers)


async def client_js(request: Request) -> Response:
    """`GET /--spaceport/client.js`: the JavaScript client in one file."""
    data, tag = script()
    headers = {"etag": tag, "cache-control": "public, max-age=3600"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=KIND)
