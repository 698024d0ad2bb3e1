"""The hub's own routes, in one table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from spaceport.api.pages import WEB
from spaceport.api.scripts import PATH
from spaceport.hub.api import operations, pages

Handler = Callable[[Request], Awaitable[Response]]
ROUTES: Sequence[tuple[str, str, Handler]] = (
    ("GET", "/healthz", operations.healthz),
    ("GET", "/readyz", operations.readyz),
    ("GET", "/metrics", operations.metrics),
    ("GET", PATH, pages.client_js),
    ("GET", f"{WEB}/{{file}}", pages.asset),
    ("GET", "/", pages.page),
    ("GET", "/spaces", pages.page),
    ("GET", "/spaces/{owner}/{name}", pages.page),
)
