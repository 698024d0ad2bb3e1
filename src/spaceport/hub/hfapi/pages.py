"""The hub's pages: the directory, and each Space in its frame. They show what the API says to whoever looks."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import asset_of, headers_of, shell
from spaceport.hub.hfapi.answers import app_of, in_thread


async def page(request: Request) -> Response:
    """`GET /`, `/spaces`, `/spaces/{owner}/{name}`: the same bytes for a Space that is private, missing or there."""
    apps = urlsplit(app_of(request, ""))
    origin = f"{apps.scheme}://{apps.netloc}"
    text = shell("hub", "../" * (request.url.path.count("/") - 1) or "./", title="Spaces")
    return Response(text, headers=headers_of(origin), media_type="text/html")


async def asset(request: Request) -> Response:
    accepted = request.headers.get("accept-encoding", "")
    data, headers = await in_thread(lambda: asset_of(request.path_params["file"], accepted))
    return Response(data, headers=headers)
