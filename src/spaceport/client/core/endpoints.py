"""The endpoints of an app, from its `/config` and `/info` (gradio-wire §4, §5), and how arguments become a call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spaceport.client.core.schemas import Schema
from spaceport.client.errors import EndpointNotFound, ServerError
from spaceport.wire.numbers import whole_number

# Component types that API callers never see: they hold state or lay out the page.
_SKIPPED = frozenset(
    "state row column tabs tab tabitem box form accordion group interpretation dataset sidebar".split()  # noqa: SIM905
)


_ADDED = frozenset({"code_snippets", "api_visibility"})
"""What our servers add to an endpoint in `/info` that gradio_client's `view_api` does not show."""
_PREFIX = re.compile(r"[\w.~/-]*")


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    has_default: bool
    default: Any
    is_file: bool = False
    schema: Schema = field(default_factory=Schema)
    python_type: str = ""
    """Its type in words, as `/info` has it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`inputs` and `outputs`: for each position whether a caller sees it. `name` has its slash; None: it has none."""

    index: int
    name: str | None
    visibility: str
    inputs: tuple[bool, ...]
    outputs: tuple[bool, ...]
    runs: bool
    """Whether a Python function is behind the endpoint, not only JavaScript."""
    documented: bool
    parameters: tuple[Parameter, ...] = ()
    takes_oauth: bool = False
    streams: bool = False
    """Whether its function is a generator."""

    def arguments(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """One value for each visible input, defaults filled in.

        Raises `TypeError` for unknown, doubled and missing arguments.
        """
        if not self.documented:
            if kwargs:
                raise TypeError(f"{self.name} is not documented: give its arguments by position.")
            return list(args)
        names = [parameter.name for parameter in self.parameters]
        if len(args) > len(names):
            raise TypeError(f"{self.name} takes {len(names)} arguments ({', '.join(names)}); {len(args)} were given.")
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in names:
                raise TypeError(f"Parameter `{name}` is not a parameter of {self.name}. It takes: {', '.join(names)}.")
            if name in given:
                raise TypeError(f"Parameter `{name}` was given by position and by name.")
            given[name] = value
        for parameter in self.parameters:
            if parameter.name not in given:
                if not parameter.has_default:
                    raise TypeError(f"No value provided for required argument: {parameter.name}")
                given[parameter.name] = parameter.default
        return [given[name] for name in names]

    def data(self, values: Sequence[Any]) -> list[Any]:
        """The list that is sent: the values in their places, and None where the server keeps a state."""
        left = iter(values)
        placed = [next(left, None) if visible else None for visible in self.inputs]
        return [*placed, *left]

    def result(self, data: Sequence[Any]) -> Any:
        """What a caller gets: the bare value of a single visible output, else a tuple."""
        shown = [value for value, visible in zip(data, self.outputs, strict=False) if visible]
        shown += data[len(self.outputs) :]
        return shown[0] if len(shown) == 1 else tuple(shown)


@dataclass(frozen=True, slots=True)
class App:
    """A server as its documents describe it. `features` is empty for a server that is not ours."""

    version: str
    protocol: str
    prefix: str
    endpoints: dict[int, Endpoint]
    info: dict[str, Any]
    heartbeat: bool
    max_file_size: int | None = None
    features: frozenset[str] = field(default_factory=frozenset)

    @property
    def bare_files(self) -> bool:
        """Whether the server is older than 4.29, which did not mark files with `meta`."""
        numbers = [number for part in self.version.split(".")[:2] if (number := whole_number(part)) is not None]
        return len(numbers) == 2 and numbers < [4, 29]

    def find(self, api_name: str | None, fn_index: int | None) -> Endpoint:
        """The endpoint a caller means. Raises `EndpointNotFound`."""
        if api_name is not None:
            return self._named(api_name)
        if fn_index is not None:
            found = self.endpoints.get(fn_index)
            if found is None or found.visibility == "private":
                raise EndpointNotFound(f"Invalid function index: {fn_index}.")
            return found
        usable = [one for one in self.endpoints.values() if one.name and one.runs and one.visibility == "public"]
        if len(usable) != 1:
            names = ", ".join(one.name for one in usable if one.name) or "none"
            raise EndpointNotFound(f"Say which endpoint to call, by `api_name` or `fn_index`. Endpoints: {names}.")
        return usable[0]

    def _named(self, api_name: str) -> Endpoint:
        usable = [one for one in self.endpoints.values() if one.name == api_name and one.visibility != "private"]
        if usable:  # dependencies of a Gradio app can share a name: it means the public one
            return next((one for one in usable if one.visibility == "public"), usable[0])
        hint = ""
        if not api_name.startswith("/"):
            hint = " Did you mean to use a leading slash?"
        names = ", ".join(one.name for one in self.endpoints.values() if one.name and one.visibility == "public")
        found = f"Cannot find a function with `api_name`: {api_name}.{hint}"
        raise EndpointNotFound(f"{found} Endpoints: {names or 'none'}.")


def prefix_of(config: Mapping[str, Any]) -> str:
    """Where the API stands below the app's address, without slashes at its ends.

    Raises `ServerError` for a prefix that would lead away from there.
    """
    prefix = str(config.get("api_prefix") or "").strip("/")
    if not _PREFIX.fullmatch(prefix) or ".." in prefix or "//" in prefix:
        raise ServerError(f"The server's /config names an API prefix that is no path: {prefix[:100]!r}")
    return prefix


def read(config: Mapping[str, Any], info: dict[str, Any]) -> App:
    """Read `/config` and `/info`. Raises `ServerError` for documents that no Gradio server since 4.0 has."""
    try:
        return _read(config, info)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise ServerError(f"The server's /config or /info is not that of a Gradio app ({error!r:.200}).") from None


def _read(config: Mapping[str, Any], info: dict[str, Any]) -> App:
    dependencies = config.get("dependencies")
    if not isinstance(dependencies, list):
        raise ServerError("The server's /config is not that of a Gradio app.")
    types = {one["id"]: one for one in config.get("components", []) if isinstance(one, dict) and "id" in one}
    endpoints = [_endpoint(position, one, types, info) for position, one in enumerate(dependencies)]
    features = config.get("spaceport") or {}
    return App(
        str(config.get("version", "")),
        str(config.get("protocol", "sse_v3")),
        prefix_of(config),
        {endpoint.index: endpoint for endpoint in endpoints},
        _without_private(info, endpoints),
        bool(config.get("connect_heartbeat", True)),
        config.get("max_file_size"),
        frozenset(features.get("features", ()) if isinstance(features, dict) else ()),
    )


def _endpoint(position: int, entry: Mapping[str, Any], types: Mapping[Any, Any], info: Mapping[str, Any]) -> Endpoint:
    name = entry.get("api_name")
    shown = f"/{name}" if isinstance(name, str) else None
    visibility = entry.get("api_visibility") or ("public" if entry.get("show_api", True) else "private")
    described = info.get("named_endpoints", {}).get(shown) if shown else None
    return Endpoint(
        int(entry.get("id", position)),
        shown,
        "private" if name is False else str(visibility),
        tuple(_visible(types.get(one)) for one in entry.get("inputs", ())),
        tuple(_visible(types.get(one)) for one in entry.get("outputs", ())),
        bool(entry.get("backend_fn", True)),
        described is not None,
        tuple(map(_parameter, (described or {}).get("parameters", ()))),
        bool((described or {}).get("oauth_token")),
        bool((entry.get("types") or {}).get("generator")),
    )


def _parameter(entry: Mapping[str, Any]) -> Parameter:
    name = entry.get("parameter_name") or entry.get("label") or ""
    python_type = entry.get("python_type")
    words = str(python_type.get("type") or "") if isinstance(python_type, dict) else ""
    schema = Schema.of(entry.get("schema") or entry.get("type"))
    has_default = bool(entry.get("parameter_has_default"))
    return Parameter(str(name), has_default, entry.get("parameter_default"), words == "filepath", schema, words)


def _visible(component: Mapping[str, Any] | None) -> bool:
    if component is None:
        return True
    return component.get("type") not in _SKIPPED and not component.get("skip_api", False)


def _without_private(info: dict[str, Any], endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    private = {endpoint.name for endpoint in endpoints if endpoint.visibility == "private"}
    named = {
        name: {key: value for key, value in one.items() if key not in _ADDED}
        for name, one in info.get("named_endpoints", {}).items()
        if name not in private
    }
    return {**info, "named_endpoints": named, "unnamed_endpoints": info.get("unnamed_endpoints", {})}
