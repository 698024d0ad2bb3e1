"""What a function can receive of the request that made its call: `Request`, `Header`, `OAuthToken`, `EventData`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl


class Client:
    """The client of a request: `host` is its address."""

    def __init__(self, host: str | None) -> None:
        self.host = host


class Request:
    """The HTTP request that made the call, for a parameter with this annotation."""

    def __init__(
        self,
        *,
        method: str,
        path: str,
        query: str,
        client: str | None,
        headers: Iterable[tuple[str, str]],
        root: str,
        username: str | None,
        session_hash: str | None,
    ) -> None:
        self.method = method
        self.path = path
        self.headers = dict(headers)
        self.query_params = dict(parse_qsl(query, keep_blank_values=True))
        self.client = Client(client)
        self.root = root
        self.url = f"{root}{path}" + (f"?{query}" if query else "")
        self.username = username
        self.session_hash = session_hash

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";") if "=" in part)
        return {name: value for name, _, value in pairs}


class EventData:
    """The event of a page that made the call: `data` is its payload, `target` the id of the component."""

    def __init__(self, target: int | None, data: Any) -> None:
        self.target = target
        self._data = data if isinstance(data, dict) else {}
        self.data = data

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._data:
            raise AttributeError(name)
        return self._data[name]


class Header(str):
    """The request header that a parameter with this annotation is named after (`x_custom` → `x-custom`), or None."""

    __slots__ = ()


class OAuthToken(str):
    """The `oauth_token` of the call, or None, for a parameter with this annotation. It is never journalled."""

    __slots__ = ()
