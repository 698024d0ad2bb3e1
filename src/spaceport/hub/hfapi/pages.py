"""Pages of a listing: how many entries one has, and the `Link` to the next one."""

from __future__ import annotations

from starlette.requests import Request

from spaceport.errors import InvalidInput
from spaceport.hub.api.request import origin_of


def limit_of(request: Request, most: int) -> int:
    """The entries of a page: what `limit` says, and `most` at most. Raises `InvalidInput`."""
    text = request.query_params.get("limit")
    if text is None:
        return most
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInput("`limit` must be a whole number.")
    return min(int(text), most)


def link_to(request: Request, cursor: str | None) -> dict[str, str]:
    """The header that leads to the page at `cursor`; none for the last page."""
    if cursor is None:
        return {}
    following = request.url.include_query_params(cursor=cursor)
    return {"link": f'<{origin_of(request)}{following.path}?{following.query}>; rel="next"'}
