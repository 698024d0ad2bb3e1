"""What the API must know of endpoints, whoever implements them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from spaceport.engine import CachedResult, Policy
from spaceport.errors import NotFound
from spaceport.wire.documents import ComponentEntry, Dependency, EndpointInfo


class RequestInfo(NamedTuple):
    """The request that submitted a call, as the function sees it. The names in `headers` are lower-case bytes."""

    method: str
    path: str
    query: str
    client: str | None
    headers: tuple[tuple[bytes, bytes], ...]
    root: str
    """The app's public URL, without a slash at its end."""


class Caller(NamedTuple):
    """Who submits a call, and what comes with it beside its arguments."""

    request: RequestInfo
    user: str | None = None
    session: str | None = None
    event_data: Any = None
    trigger_id: int | None = None
    oauth_token: str | None = None
    payer: Any = None
    """Who pays for the call, if a hub's gateway has established that."""


class Endpoint(Protocol):
    """One endpoint. `index` is its `fn_index`; `info` is what `/info` says of it, `dependency` what `/config` says."""

    index: int
    name: str
    visibility: str
    generator: bool
    stateful: bool
    on_disconnect: str | None
    policy: Policy
    dependency: Dependency
    info: EndpointInfo

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller) -> object:
        """Check and convert arguments, given by position or by name, into a call.

        Raises `InvalidInput` with a problem for each wrong one; nothing has happened then.
        """
        ...

    def release(self, call: object) -> None:
        """Free what a bound call holds, if it is not submitted; the engine does it for those that are."""
        ...

    async def check(self, call: object) -> None:
        """Let another process check a bound call before it is accepted. Raises `InvalidInput` as `bind` does."""
        ...

    def known(self, call: object) -> CachedResult | None:
        """The cached result of an earlier call with the same arguments, if the author allows caching; else None."""
        ...

    def payload(self, call: object) -> bytes | None:
        """Encode a bound call for the journal, without credentials. None if it needs one: it stays in memory."""
        ...


class Catalog:
    """Endpoints by name and index, with the components of `/config`."""

    def __init__(self, endpoints: Iterable[Endpoint], components: list[ComponentEntry]) -> None:
        self.endpoints = list(endpoints)
        self.components = components
        self._by_name = {endpoint.name: endpoint for endpoint in self.endpoints}
        self._by_index = {endpoint.index: endpoint for endpoint in self.endpoints}

    def get_endpoint(self, name: str) -> Endpoint:
        """Get a public or undocumented endpoint. Raises `NotFound` with similar names, for private ones too."""
        endpoint = self._by_name.get(name)
        if endpoint is None or endpoint.visibility == "private":
            raise NotFound(f"There is no endpoint {_quoted(name)}." + self._hint(name))
        return endpoint

    def get_endpoint_by_index(self, index: int) -> Endpoint:
        """As `get_endpoint`, by `fn_index`."""
        endpoint = self._by_index.get(index)
        if endpoint is None or endpoint.visibility == "private":
            raise NotFound(f"There is no endpoint with fn_index {index}." + self._hint(""))
        return endpoint

    def get(self, name: str) -> Endpoint | None:
        return self._by_name.get(name)

    def _hint(self, name: str) -> str:
        public = [endpoint.name for endpoint in self.endpoints if endpoint.visibility == "public"]
        near = difflib.get_close_matches(name, public, 3, 0.6)
        if near:
            return " Did you mean " + " or ".join(_quoted(one) for one in near) + "?"
        return " Endpoints: " + ", ".join(_quoted(one) for one in public[:10]) + "." if public else ""


def _quoted(name: str) -> str:
    return "/" + name[:100].lstrip("/")
