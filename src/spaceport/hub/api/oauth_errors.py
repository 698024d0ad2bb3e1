"""Errors of the OAuth endpoints that programs call: `{"error": …, "error_description": …}` (RFC 6749 §5.2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.errors import RateLimited, SpaceportError

NO_STORE = {"cache-control": "no-store"}


class OAuthError(Exception):
    """`code`: one of the RFC's."""

    def __init__(self, code: str, text: str = "", status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


def answering(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The handler, whose errors are answered as programs of OAuth read them."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except OAuthError as error:
            found = error
        except RateLimited as error:
            found = OAuthError("slow_down", error.message, error.status)
        except SpaceportError as error:
            found = OAuthError("invalid_request", error.message)
        body = {"error": found.code, **({"error_description": found.text} if found.text else {})}
        headers = {**NO_STORE, **({"www-authenticate": "Basic"} if found.status == 401 else {})}
        return JSONResponse(body, found.status, headers)

    return answer
