"""An endpoint of a Space as the hub's queue knows it, and a call of it as the hub's journal keeps it.

The hub checks that no argument is missing, and whose files the arguments name. Only the app knows the types: a Space of
ours is asked where its schemas leave a doubt, while it is awake. A call that the app refuses later ends its job.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec

from spaceport.api.catalog import Caller
from spaceport.api.credentials import is_private
from spaceport.api.openapi import SharedSchemas, clean_strictly
from spaceport.engine import CachedResult, Failure, Policy
from spaceport.errors import InvalidInput
from spaceport.hub.identity.payer import Payer
from spaceport.hub.queues.description import Documents
from spaceport.hub.queues.files import QueueFiles
from spaceport.wire.documents import EndpointInfo, Parameter, Returned
from spaceport.wire.json import encode
from spaceport.wire.schemas import SchemaSteps

_OF_REQUEST = frozenset(
    b"host content-length content-type transfer-encoding connection accept accept-encoding expect te".split()
)
"""Headers about the request itself. The hub's own request to the app has others."""
_FOR_HUB = (b"idempotency-key", b"prefer", b"last-event-id", b"spaceport-", b"if-", b"keep-alive")
"""How the headers begin that the hub itself acts on."""
_FILE = b"gradio.FileData"
"""What the schema of a file has in it."""
_MAX_ENDPOINTS = 5000
"""An app with more has its calls forwarded."""
_encoder = msgspec.msgpack.Encoder()
_VISIBILITIES = ("public", "undocumented", "private")


class RemoteCall(msgspec.Struct, kw_only=True):
    """Everything that is needed to call the app. Credentials are never part of it."""

    data: list[Any]
    root: str
    """The Space's address as its caller sees it."""
    headers: list[tuple[str, str]] = []
    query: str = ""
    client: str | None = None
    user: str | None = None
    session: str | None = None
    event_data: Any = None
    trigger_id: int | None = None
    oauth_token: str | None = None
    payer: Payer | None = None
    pinned: Any = None
    """The `PinnedFiles` that protect its uploads from removal until `release`. It is not journalled."""

    def release(self) -> None:
        """Let the uploads of the call be removed: it has ended, or is not made."""
        if self.pinned is not None:
            self.pinned.release()


class _Components(msgspec.Struct):
    """The ids of an endpoint's components in `/config`, which the hub's own documents need."""

    inputs: list[int]
    outputs: list[int]


Check = Callable[["RemoteEndpoint", RemoteCall], Awaitable[None]]
"""Asks the app about a call. Raises `InvalidInput` for one that it would not take."""


class RemoteEndpoint:
    """Implements `api.catalog.Endpoint`."""

    on_disconnect: str | None = None

    def __init__(
        self,
        dependency: Mapping[str, Any],
        components: Mapping[int, Mapping[str, Any]],
        described: Mapping[str, Any] | None,
        files: QueueFiles,
        retries: int,
        check: Check | None,
        steps: SchemaSteps,
        *,
        name: str,
    ) -> None:
        """`dependency` and `components` come from `/config`, `described` from `/info`. `name` is unique in the app.

        `steps`: how far the app's schemas are followed.
        """
        self.index = int(dependency["id"])
        self.name = name
        self.quoted_name = quote(name, safe="")
        """The name as it stands in a path."""
        self.visibility = str(dependency.get("api_visibility") or ("public" if described else "private"))
        self.generator = bool((dependency.get("types") or {}).get("generator"))
        self.streams = dependency.get("connection") == "stream"
        self.inputs = [int(one) for one in dependency.get("inputs", ())]
        self._shown = [not components.get(one, {}).get("skip_api", False) for one in self.inputs]
        outputs = [int(one) for one in dependency.get("outputs", ())]
        self.stateful = any(components.get(one, {}).get("type") == "state" for one in self.inputs)
        self.touches_state = any(components.get(one, {}).get("type") == "state" for one in self.inputs + outputs)
        self.dependency: Any = _Components(self.inputs, outputs)
        self.info = _info(described, self.visibility)
        batch = int(dependency.get("max_batch_size") or 1) if dependency.get("batch") else 1
        self.batch = max(1, batch)
        """How many unstarted calls a replica may have."""
        retries = max(retries, int(dependency.get("retries") or 0))
        self.policy = Policy(self.name, self.name, limit=self.batch, retries=retries, prefetch=True)
        self._files = files
        self._documented = described is not None
        self._check = check
        validates = check is None or dependency.get("validates")
        self._fits = None if validates else _fitting(self.info.parameters, len(self._shown), steps)
        self._takes_files = any(_FILE in encode(one.full_schema) for one in self.info.parameters)

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller) -> RemoteCall:
        data = self._from_names(arguments) if isinstance(arguments, dict) else self._from_positions(arguments)
        request = caller.request
        pinned = self._files.pin(data, caller.user or "")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers if _is_for_app(k)]
        return RemoteCall(
            data=data,
            root=request.root,
            headers=headers,
            query=request.query,
            client=request.client,
            user=caller.user,
            session=caller.session,
            event_data=caller.event_data,
            trigger_id=caller.trigger_id,
            oauth_token=caller.oauth_token,
            payer=caller.payer,
            pinned=pinned,
        )

    async def check(self, call: object) -> None:
        """Ask the app about a call whose arguments may not fit their schemas."""
        assert isinstance(call, RemoteCall)
        if self._check is not None and not self._certainly_fits(call.data):
            await self._check(self, call)

    def _certainly_fits(self, data: list[Any]) -> bool:
        """Whether the app would take a call: of files only where they are uploads, which the hub has looked at."""
        if self._fits is None or not self._fits(self._visible(data)):
            return False
        return not self._takes_files or self._files.has_only_uploads(data)

    def release(self, call: object) -> None:
        assert isinstance(call, RemoteCall)
        call.release()

    def _visible(self, data: list[Any]) -> list[Any]:
        return [value for value, shown in zip(data, self._shown, strict=True) if shown]

    def known(self, call: object) -> CachedResult | None:
        return None

    def payload(self, call: object) -> bytes | None:
        assert isinstance(call, RemoteCall)
        if call.oauth_token is not None:
            return None
        if call.pinned is None:
            return _encoder.encode(call)
        fields = {name: getattr(call, name) for name in call.__struct_fields__ if name != "pinned"}
        return _encoder.encode(fields)

    def restore(self, payload: bytes) -> RemoteCall | Failure:
        """A call from the journal; a failure if one of its files is gone."""
        call = msgspec.msgpack.decode(payload, type=RemoteCall)
        try:
            call.pinned = self._files.pin(call.data, call.user or "")
        except InvalidInput as error:
            return Failure(error.code, error.message, shown=True)
        return call

    def _from_positions(self, values: list[Any]) -> list[Any]:
        """Arguments by position: one for each input, or for each that callers see. Missing ones get their default."""
        shown = sum(self._shown)
        if len(values) == len(self._shown):
            return values
        if len(values) > shown:
            raise _invalid("data", f"{self.name} takes {shown} arguments; {len(values)} were given.")
        parameters = self.info.parameters if len(self.info.parameters) == shown else []
        missing = [one for one in parameters[len(values) :] if not one.parameter_has_default]
        if missing or not parameters:
            names = ", ".join(one.parameter_name for one in missing) or f"{shown - len(values)} more"
            raise _invalid("data", f"No value for {names}: {self.name} takes {shown} arguments.")
        return self._with_states([*values, *(one.parameter_default for one in parameters[len(values) :])])

    def _from_names(self, given: dict[str, Any]) -> list[Any]:
        if not self._documented:
            raise _invalid("body", f"{self.name} is not documented: give its arguments by position, as `data`.")
        parameters = self.info.parameters
        names = [one.parameter_name for one in parameters]
        problems = [
            {
                "type": "unexpected",
                "loc": ["body", name],
                "msg": f"{self.name} has no parameter {name!r}.",
                "input": None,
            }
            for name in given
            if name not in names
        ]
        problems += [
            {"type": "missing", "loc": ["body", one.parameter_name], "msg": "Field required", "input": None}
            for one in parameters
            if one.parameter_name not in given and not one.parameter_has_default
        ]
        if problems:
            raise InvalidInput(f"{len(problems)} arguments of {self.name} do not fit.", problems)
        return self._with_states([given.get(one.parameter_name, one.parameter_default) for one in parameters])

    def _with_states(self, values: list[Any]) -> list[Any]:
        left = iter(values)
        return [next(left, None) if shown else None for shown in self._shown]


def endpoints_of(
    documents: Documents, files: QueueFiles, retries: int, check: Check | None = None
) -> list[RemoteEndpoint]:
    """The endpoints that an app describes.

    Dependencies of a Gradio app can share an `api_name`: the name then means the public one, and the others are called
    by their id. Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` for documents unlike Gradio's.
    """
    config = documents.config
    components = {one["id"]: one for one in config.get("components", ()) if isinstance(one, dict) and "id" in one}
    dependencies = [one for one in config.get("dependencies", ()) if isinstance(one.get("api_name"), str)]
    if len(dependencies) > _MAX_ENDPOINTS:
        raise ValueError(f"it has more than {_MAX_ENDPOINTS} endpoints")
    owners: dict[str, Any] = {}
    for one in sorted(dependencies, key=_visibility_rank):  # a stable sort: of equals the first one in the app counts
        owners.setdefault(one["api_name"], one)
    endpoints = []
    steps = SchemaSteps()
    for one in dependencies:
        name, dependency, described = one["api_name"], one, documents.named.get(f"/{one['api_name']}")
        if one is not owners[name]:
            name, described = _unique_name(name, one["id"], owners), None
            dependency = {**one, "api_visibility": one.get("api_visibility") or "undocumented"}
            owners[name] = one
        endpoints.append(RemoteEndpoint(dependency, components, described, files, retries, check, steps, name=name))
    return endpoints


def _visibility_rank(dependency: Mapping[str, Any]) -> int:
    default = "undocumented" if dependency.get("show_api") is False else "public"  # Gradio 5 has no `api_visibility`
    visibility = dependency.get("api_visibility") or default
    return _VISIBILITIES.index(visibility) if visibility in _VISIBILITIES else len(_VISIBILITIES)


def _unique_name(name: str, index: int, names: Collection[str]) -> str:
    """A name for a dependency whose own name means another one; the same at each start of the app."""
    unique = f"{name}_{index}"
    while unique in names:
        unique = f"{unique}_{index}"
    return unique


def _fitting(parameters: list[Parameter], count: int, steps: SchemaSteps) -> Callable[[Any], bool] | None:
    """A function that returns whether values certainly fit their schemas; None where that cannot be decided."""
    if count < len(parameters):
        return None
    shared = SharedSchemas(steps)
    try:
        items = [clean_strictly(one.full_schema, steps, shared) for one in parameters]
        schema = {"type": "array", "prefixItems": items, "components": {"schemas": shared.found}}
        validator = jsonschema_rs.validator_for(
            schema, validate_formats=True, retriever=_refuse, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    return validator.is_valid


def _refuse(uri: str) -> Any:
    """An app's schema may name documents elsewhere (`$schema`, `$dynamicRef`), which the library would fetch."""
    raise ValueError(f"{uri} is not fetched")


def _info(described: Mapping[str, Any] | None, visibility: str) -> EndpointInfo:
    described = described or {}
    parameters = [
        {
            "parameter_name": _text(one.get("parameter_name")) or _text(one.get("label")) or f"param_{position}",
            "parameter_has_default": one.get("parameter_has_default", False),
            "parameter_default": one.get("parameter_default"),
            "python_type": one.get("python_type") or {"type": "Any"},
            "label": _text(one.get("label")),
            "type": _object(one.get("type")),
            "component": _text(one.get("component")) or "Api",
            "example_input": one.get("example_input"),
            **_schema(one),
        }
        for position, one in enumerate(described.get("parameters", ()))
    ]
    returns = [
        {
            "label": _text(one.get("label")),
            "type": _object(one.get("type")),
            "python_type": one.get("python_type") or {"type": "Any"},
            "component": _text(one.get("component")) or "Api",
            **_schema(one),
        }
        for one in described.get("returns", ())
    ]
    return EndpointInfo(
        msgspec.convert(parameters, list[Parameter]),
        msgspec.convert(returns, list[Returned]),
        visibility,
        str(described.get("description") or ""),
    )


def _schema(one: Mapping[str, Any]) -> dict[str, Any]:
    """The whole schema, of an app of ours whose `type` ends early (`Parameter.schema`)."""
    return {"schema": one["schema"]} if isinstance(one.get("schema"), dict) else {}


def _text(value: Any) -> str:
    """A label may be an object whose `key` pages translate."""
    return value if isinstance(value, str) else str(value.get("key", "")) if isinstance(value, dict) else ""


def _object(schema: Any) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}


@functools.lru_cache(maxsize=1024)
def _is_for_app(name: bytes) -> bool:
    return not is_private(name) and name not in _OF_REQUEST and not name.startswith(_FOR_HUB)


def _invalid(where: str, message: str) -> InvalidInput:
    loc = ["body"] if where == "body" else ["body", where]
    return InvalidInput(message, [{"type": "arguments", "loc": loc, "msg": message, "input": None}])
