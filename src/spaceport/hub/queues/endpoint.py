"""An endpoint of a Space as the hub's queue knows it, and a call of it as the hub's journal keeps it.

The hub checks that there are arguments for all that is asked, and whose files they name. What types they have to be
only the app knows (HUB.md, Lanes): one of ours is asked where its schemas leave a doubt, while it is awake. What an app
says against them later ends the job.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import jsonschema_rs
import msgspec

from spaceport.api.catalog import Caller
from spaceport.api.credentials import is_private
from spaceport.api.openapi import clean
from spaceport.engine import CachedResult, Failure, Policy
from spaceport.errors import InvalidInput
from spaceport.hub.identity.payer import Payer
from spaceport.hub.queues.description import Documents
from spaceport.hub.queues.files import QueueFiles
from spaceport.wire.documents import EndpointInfo, Parameter, Returned

_OWN = frozenset(
    b"host content-length content-type transfer-encoding connection accept accept-encoding expect te".split()
)
_OURS = (b"idempotency-key", b"prefer", b"last-event-id", b"spaceport-", b"if-", b"keep-alive")


class RemoteCall(msgspec.Struct, kw_only=True):
    """Everything that is needed to make the call of the app. Credentials are never part of it."""

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
    held: Any = None
    """Keeps its uploads where they are; not part of what is journalled."""


class _Shown(msgspec.Struct):
    """What `/config` says of it, as far as the hub's own documents ask."""

    inputs: list[int]
    outputs: list[int]


Ask = Callable[["RemoteEndpoint", RemoteCall], Awaitable[None]]
"""Raises `InvalidInput` for a call that the app would not take."""


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
        ask: Ask | None,
    ) -> None:
        """`dependency` and `components` are `/config`'s, `described` is what `/info` has of it. `ask` the app."""
        self.index = int(dependency["id"])
        self.name = str(dependency["api_name"])
        self.visibility = str(dependency.get("api_visibility") or ("public" if described else "private"))
        self.generator = bool((dependency.get("types") or {}).get("generator"))
        self.streams = dependency.get("connection") == "stream"
        self.inputs = [int(one) for one in dependency.get("inputs", ())]
        self._shown = [not components.get(one, {}).get("skip_api", False) for one in self.inputs]
        outputs = [int(one) for one in dependency.get("outputs", ())]
        self.stateful = any(components.get(one, {}).get("type") == "state" for one in self.inputs)
        self.touches_state = any(components.get(one, {}).get("type") == "state" for one in self.inputs + outputs)
        self.dependency: Any = _Shown(self.inputs, outputs)
        self.info = _info(described, self.visibility)
        batch = int(dependency.get("max_batch_size") or 1) if dependency.get("batch") else 1
        self.batch = max(1, batch)
        """How many calls may lie unstarted at one replica."""
        retries = max(retries, int(dependency.get("retries") or 0))
        self.policy = Policy(self.name, self.name, limit=self.batch, retries=retries, prefetch=True)
        self._files = files
        self._documented = described is not None
        self._ask = ask
        self._fits = None if dependency.get("validates") else _fitting(self.info.parameters, len(self._shown))

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller) -> RemoteCall:
        data = self._named(arguments) if isinstance(arguments, dict) else self._placed(arguments)
        facts = caller.request
        held = self._files.hold(data, caller.user or "")
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in facts.headers if _passes(k)]
        return RemoteCall(
            data=data,
            root=facts.root,
            headers=headers,
            query=facts.query,
            client=facts.client,
            user=caller.user,
            session=caller.session,
            event_data=caller.event_data,
            trigger_id=caller.trigger_id,
            oauth_token=caller.oauth_token,
            payer=caller.payer,
            held=held,
        )

    async def check(self, call: object) -> None:
        """What may not fit is the app's to judge."""
        assert isinstance(call, RemoteCall)
        if self._ask is not None and (self._fits is None or not self._fits(self._seen(call.data))):
            await self._ask(self, call)

    def _seen(self, data: list[Any]) -> list[Any]:
        return [value for value, shown in zip(data, self._shown, strict=True) if shown]

    def known(self, call: object) -> CachedResult | None:
        return None

    def payload(self, call: object) -> bytes | None:
        assert isinstance(call, RemoteCall)
        if call.oauth_token is not None:
            return None
        fields = {name: getattr(call, name) for name in call.__struct_fields__ if name != "held"}
        return msgspec.msgpack.encode(fields)

    def restore(self, payload: bytes) -> RemoteCall | Failure:
        """A call that the journal kept; a failure if a file of its is gone."""
        call = msgspec.msgpack.decode(payload, type=RemoteCall)
        try:
            call.held = self._files.hold(call.data, call.user or "")
        except InvalidInput as error:
            return Failure(error.code, error.message, shown=True)
        return call

    def _placed(self, values: list[Any]) -> list[Any]:
        """A value for each input, or for each that callers see; missing ones take their default."""
        shown = sum(self._shown)
        if len(values) == len(self._shown):
            return values
        if len(values) > shown:
            raise _wrong("data", f"{self.name} takes {shown} arguments; {len(values)} were given.")
        parameters = self.info.parameters if len(self.info.parameters) == shown else []
        missing = [one for one in parameters[len(values) :] if not one.parameter_has_default]
        if missing or not parameters:
            names = ", ".join(one.parameter_name for one in missing) or f"{shown - len(values)} more"
            raise _wrong("data", f"No value for {names}: {self.name} takes {shown} arguments.")
        return self._with_states([*values, *(one.parameter_default for one in parameters[len(values) :])])

    def _named(self, given: dict[str, Any]) -> list[Any]:
        if not self._documented:
            raise _wrong("body", f"{self.name} is not documented: give its arguments by position, as `data`.")
        parameters = self.info.parameters
        names = [one.parameter_name for one in parameters]
        problems = [
            {
                "type": "unexpected",
                "loc": ["body", name],
                "msg": f"It has no parameter {name!r}.",
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


def endpoints_of(documents: Documents, files: QueueFiles, retries: int, ask: Ask | None = None) -> list[RemoteEndpoint]:
    """Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` for documents that are not as Gradio's."""
    config = documents.config
    components = {one["id"]: one for one in config.get("components", ()) if isinstance(one, dict) and "id" in one}
    return [
        RemoteEndpoint(one, components, documents.named.get(f"/{one['api_name']}"), files, retries, ask)
        for one in config.get("dependencies", ())
        if isinstance(one.get("api_name"), str)
    ]


def _fitting(parameters: list[Parameter], count: int) -> Callable[[Any], bool] | None:
    """Whether values certainly fit their schemas; None where that cannot be told."""
    if count < len(parameters):
        return None
    schema = {"type": "array", "prefixItems": [clean(one.type) for one in parameters]}
    try:
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None
    return validator.is_valid


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
        }
        for position, one in enumerate(described.get("parameters", ()))
    ]
    returns = [
        {
            "label": _text(one.get("label")),
            "type": _object(one.get("type")),
            "python_type": one.get("python_type") or {"type": "Any"},
            "component": _text(one.get("component")) or "Api",
        }
        for one in described.get("returns", ())
    ]
    return EndpointInfo(
        msgspec.convert(parameters, list[Parameter]),
        msgspec.convert(returns, list[Returned]),
        visibility,
        str(described.get("description") or ""),
    )


def _text(value: Any) -> str:
    """A label may be an object: a text that pages translate."""
    return value if isinstance(value, str) else str(value.get("key", "")) if isinstance(value, dict) else ""


def _object(schema: Any) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}


def _passes(name: bytes) -> bool:
    return not is_private(name) and name not in _OWN and not name.startswith(_OURS)


def _wrong(where: str, message: str) -> InvalidInput:
    loc = ["body"] if where == "body" else ["body", where]
    return InvalidInput(message, [{"type": "arguments", "loc": loc, "msg": message, "input": None}])
