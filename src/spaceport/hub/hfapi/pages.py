"""The hub's pages: the directory, and each Space in a frame. Their scripts ask the API with the visitor's token."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import asset_of, page_headers, shell
from spaceport.hub.hfapi.answers import app_of, in_thread


async def page(request: Request) -> Response:
    """`GET /`, `/spaces`, `/spaces/{owner}/{name}`: the same bytes whether the Space is public, private or missing."""
    apps = urlsplit(app_of(request, ""))
    origin = f"{apps.scheme}://{apps.netloc}"
    text = shell("hub", "../" * (request.url.path.count("/") - 1) or "./", title="Spaces")
    return Response(text, headers=page_headers(origin, ancestors="'none'"), media_type="text/html")


async def asset(request: Request) -> Response:
    """`GET /--spaceport/web/{file}`."""
    accepted = request.headers.get("accept-encoding", "")
    data, headers = await in_thread(lambda: asset_of(request.path_params["file"], accepted))
    return Response(data, headers=headers)
