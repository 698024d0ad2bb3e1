"""An endpoint of our own Space: a function, its inputs and outputs, and what `/config` and `/info` say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from spaceport.api import Caller, RequestInfo
from spaceport.api.credentials import SECRET_HEADERS
from spaceport.engine import CachedResult, Policy
from spaceport.errors import InvalidInput, problem
from spaceport.snippets.python_type import python_type
from spaceport.space.cache import CacheOptions, Recording, ResultCache, options_of
from spaceport.space.components.base import Component, ValueRejected
from spaceport.space.files import SpaceFiles, as_text
from spaceport.space.signature import Argument, Signature
from spaceport.space.validation import run_validator
from spaceport.store import PinnedFiles
from spaceport.wire.documents import Dependency, DependencyTypes, EndpointInfo, Parameter, PythonType, Returned
from spaceport.wire.filedata import file_paths, is_file_data
from spaceport.wire.json import decode, encode


@dataclass(slots=True)
class Call:
    """A bound call. `arguments` are Python values in the order of the inputs; `wire` what they were made from."""

    arguments: list[Any]
    wire: list[Any]
    caller: Caller
    held: PinnedFiles | None = None

    @property
    def owner(self) -> str:
        """Whose files it may read."""
        return self.caller.user or ""

    @property
    def payer(self) -> str:
        """Whose budget its files count against."""
        return f"user:{self.owner}" if self.owner else f"address:{self.caller.facts.client or ''}"


class JournaledCall(msgspec.Struct, array_like=True):
    """A call in the journal."""

    wire: list[Any]
    method: str
    path: str
    query: str
    client: str | None
    headers: list[tuple[bytes, bytes]]
    root: str
    user: str | None
    session: str | None
    event_data: Any
    trigger_id: int | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(JournaledCall)


class SpaceEndpoint:
    """Implements `api.Endpoint`. `ids` gives each component object its id in `/config`."""

    def __init__(
        self,
        *,
        index: int,
        name: str,
        description: str,
        fn: Callable[..., Any],
        signature: Signature,
        policy: Policy,
        visibility: str,
        queue: bool,
        on_disconnect: str | None,
        validator: Callable[..., Any] | None,
        examples: Sequence[Any],
        cache_examples: bool,
        ids: Callable[[Component], int],
    ) -> None:
        self.index = index
        self.name = name
        self.fn = fn
        self.policy = policy
        self.visibility = visibility
        self.generator = signature.generator
        self.asynchronous = signature.asynchronous
        self.on_disconnect = on_disconnect
        self.arguments = signature.arguments
        self.inputs = [argument for argument in signature.arguments if argument.kind == "input"]
        self.outputs = [(ids(component), component) for component in signature.outputs]
        self.input_ids = [ids(_component(argument)) for argument in self.inputs]
        self.stateful = any(_component(argument).skip_api for argument in self.inputs)
        self.loads = any(type(_component(one)).load is not Component.load for one in self.inputs)
        """Whether its arguments need work before the function runs."""
        self.plain = not self.stateful and not any(_component(one).files for one in self.inputs)
        """Whether a call of it is its arguments alone, and holds no files."""
        self.saves = any(component.files for _, component in self.outputs)
        self.files: SpaceFiles | None = None
        """Set when it is served."""
        self.tracks_tqdm = any(argument.tracks_tqdm for argument in self.arguments)
        self._shown = [i for i, argument in enumerate(self.inputs) if not _component(argument).skip_api]
        self._names = {argument.name: i for i, argument in enumerate(self.inputs) if i in self._shown}
        self._validator = validator
        self.examples = [self._example(row) for row in examples]
        """Wire values of the shown inputs, a row each."""
        options = options_of(fn)
        self._caches_all, self._keeps_examples = options is not None, cache_examples
        self._cache = ResultCache(options or CacheOptions(max_size=0)) if options or cache_examples else None
        self._cached_examples: set[bytes] = set()
        if self._cache is not None:
            self._check_cached()
        self._takes_oauth = any(argument.kind == "oauth_token" for argument in self.arguments)
        self.info = self._info(description)
        self.dependency = self._dependency(description, queue)

    def _check_cached(self) -> None:
        if any(one.kind not in ("input", "progress") for one in self.arguments):
            raise TypeError(f"{self.name}: a cached function takes inputs alone, nothing of the request or session.")
        if self.stateful:
            raise TypeError(f"{self.name}: a cached function cannot have state.")

    def _example(self, row: Any) -> list[Any]:
        """The wire values of an example: a list with a value for each input, or the value of the only one."""
        values = row if isinstance(row, (list, tuple)) else [row]
        if len(values) > len(self._shown):
            raise ValueError(f"{self.name}: the example {row!r} has more values than there are inputs.")
        found = []
        for position, value in zip(self._shown, values, strict=False):
            component = _component(self.inputs[position])
            try:
                wire = component.to_wire(value)
                if not component.files:
                    component.from_wire(wire)
            except ValueRejected as error:
                raise ValueError(f"{self.name}: the example {value!r}: {error.message}") from None
            found.append(wire)
        return found

    # Calling

    def example_calls(self) -> list[Call]:
        """Calls of the examples whose results are to be kept, by nobody in particular."""
        if not self._keeps_examples:
            return []
        nobody = Caller(RequestInfo("POST", f"/gradio_api/call/{self.name}", "", None, (), ""))
        calls = [self.bind(list(row), nobody) for row in self.examples]
        self._cached_examples = {key for call in calls if (key := self._key(call)) is not None}
        return calls

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller) -> Call:
        wire, problems = self._align(arguments)
        values: list[Any] = []
        held = None if self.files is None else PinnedFiles(self.files.store)
        for argument, value in zip(self.inputs, wire, strict=True):
            component = _component(argument)
            if component.skip_api or (value is None and argument.none_default):
                values.append(None)
                continue
            if value is _MISSING:
                values.append(None)
                continue
            try:
                if component.files and self.files is not None and held is not None:
                    value = self.files.resolve(value, caller.user or "", held)  # noqa: PLW2901
                values.append(component.from_wire(value))
            except ValueRejected as error:
                if value is None and self._has_default(argument):
                    values.append(component.from_wire(component.default))  # @gradio/client sends null for omitted
                    continue
                problems.append(problem(argument.name, error.message, error.kind, value))
                values.append(None)
        if problems:
            text = "; ".join(f"{one['parameter_name']}: {one['msg']}" for one in problems)
            raise InvalidInput(text, problems)
        if self._validator is not None:
            names = [self.inputs[i].name for i in self._shown]
            run_validator(self._validator, [as_text(values[i]) for i in self._shown], names)
        return Call(values, wire, caller, held)

    async def check(self, call: object) -> None:
        """`bind` has said it all."""

    def _align(self, arguments: list[Any] | dict[str, Any]) -> tuple[list[Any], list[dict[str, Any]]]:
        """One wire value for each input, and what is missing or too much."""
        wire: list[Any] = [_MISSING] * len(self.inputs)
        problems: list[dict[str, Any]] = []
        if isinstance(arguments, dict):
            for name, value in arguments.items():
                position = self._names.get(name)
                if position is None:
                    known = ", ".join(self._names) or "none"
                    text = f"There is no parameter {name!r}. Parameters: {known}."
                    problems.append(problem(name, text, "extra_forbidden", value))
                else:
                    wire[position] = value
        elif len(arguments) == len(self.inputs):
            wire[:] = arguments
        elif len(arguments) > len(self._shown):
            text = f"{len(arguments)} values were given; this endpoint takes {len(self._shown)}."
            problems.append(problem("data", text, "too_many"))
        else:
            for position, value in zip(self._shown, arguments, strict=False):
                wire[position] = value
        for position, argument in enumerate(self.inputs):
            if wire[position] is not _MISSING:
                continue
            parameter = _component(argument)
            if parameter.skip_api:
                wire[position] = None
            elif self._has_default(argument):
                wire[position] = parameter.default
            elif not problems or problems[0]["type"] != "too_many":
                problems.append(problem(argument.name, "This argument is required.", "missing"))
        return wire, problems

    def _has_default(self, argument: Argument) -> bool:
        component = _component(argument)
        return component.default is not None or argument.none_default or getattr(component, "has_value", False)

    def recording(self, call: Call) -> Recording | None:
        """Where the steps of a run go, if its result is to be kept."""
        key = self._key(call)
        wanted = key is not None and (self._caches_all or key in self._cached_examples)
        return Recording(key) if key is not None and wanted else None

    def keep(self, recording: Recording, data: bytes) -> None:
        """The result of a recorded run."""
        if self._cache is not None:
            self._cache.keep(recording, data)

    def known(self, call: object) -> CachedResult | None:
        assert isinstance(call, Call)
        key = self._key(call)
        if self._cache is None or key is None:
            return None
        answer = self._cache.get(key)
        if answer is None or self.files is None or not self.saves:
            return answer
        if not all(self.files.has(path, call.owner) for path in file_paths(decode(answer.data))):
            self._cache.drop(key)
            return None
        root = call.caller.facts.root
        steps = tuple([self.files.rooted(values, root) for values in answer.steps])
        return CachedResult(steps, encode(self.files.rooted(decode(answer.data), root)))

    def _key(self, call: Call) -> bytes | None:
        if self._cache is None:
            return None
        wire = [_by_content(value) for value in call.wire]
        if _MISSING in wire:
            return None  # what a URL leads to may change
        named = {argument.python_name: value for argument, value in zip(self.inputs, call.arguments, strict=True)}
        session = call.caller.session
        everybody = self._cache.key(wire, named, "", session)
        if everybody in self._cached_examples or not (self.saves or self.loads):
            return everybody
        return self._cache.key(wire, named, call.owner, session)

    def payload(self, call: object) -> bytes | None:
        assert isinstance(call, Call)
        caller, facts = call.caller, call.caller.facts
        if caller.oauth_token is not None and self._takes_oauth:
            return None
        return _encoder.encode(
            JournaledCall(
                call.wire,
                facts.method,
                facts.path,
                facts.query,
                facts.client,
                [pair for pair in facts.headers if pair[0] not in SECRET_HEADERS],
                facts.root,
                caller.user,
                caller.session,
                caller.event_data,
                caller.trigger_id,
            )
        )

    def restore(self, payload: bytes) -> Call:
        """A call from the journal, bound again. Raises `InvalidInput` if the endpoint no longer takes it."""
        saved = _decoder.decode(payload)
        facts = RequestInfo(saved.method, saved.path, saved.query, saved.client, tuple(saved.headers), saved.root)
        caller = Caller(facts, saved.user, saved.session, saved.event_data, saved.trigger_id)
        return self.bind(saved.wire, caller)

    # Describing

    def _info(self, description: str) -> EndpointInfo:
        parameters: list[Parameter] = []
        for argument, component_id in zip(self.inputs, self.input_ids, strict=True):
            component = _component(argument)
            if component.skip_api:
                continue
            schema = component.schema()
            has_default = self._has_default(argument)
            label = component.label if component.label is not None else f"parameter_{component_id}"
            kind = PythonType(python_type(schema), schema.get("additional_description", ""))
            place = len(parameters)
            row = self.examples[0] if self.examples and not component.files else []
            parameters.append(
                Parameter(
                    label,
                    argument.name,
                    has_default,
                    component.default if has_default else None,
                    schema,
                    kind,
                    component.info_name,
                    row[place] if place < len(row) else component.example,
                )
            )
        returns: list[Returned] = []
        for component_id, component in self.outputs:
            if not component.skip_api:
                schema = component.schema()
                label = component.label if component.label is not None else f"value_{component_id}"
                kind = PythonType(python_type(schema), schema.get("description", ""))
                returns.append(Returned(label, schema, kind, component.info_name))
        return EndpointInfo(parameters, returns, self.visibility, description)

    def _dependency(self, description: str, queue: bool) -> Dependency:
        return Dependency(
            id=self.index,
            targets=[],
            inputs=self.input_ids,
            outputs=[component_id for component_id, _ in self.outputs],
            backend_fn=True,
            js=None,
            queue=queue,
            api_name=self.name,
            api_description=description or None,
            scroll_to_output=False,
            show_progress="full",
            show_progress_on=None,
            batch=self.policy.batch_size > 1,
            max_batch_size=self.policy.batch_size if self.policy.batch_size > 1 else 4,
            cancels=[],
            types=DependencyTypes(self.generator),
            collects_event_data=any(argument.kind == "event_data" for argument in self.arguments),
            trigger_after=None,
            trigger_only_on_success=False,
            trigger_only_on_failure=False,
            trigger_mode="once",
            api_visibility=self.visibility,
            rendered_in=None,
            render_id=None,
            connection="sse",
            time_limit=self.policy.time_limit_s,
            stream_every=0.5,
            event_specific_args=[],
            component_prop_inputs=[],
            js_implementation=None,
            validates=msgspec.UNSET if self._validator is None else True,
            retries=self.policy.retries or msgspec.UNSET,
            examples=self.examples or msgspec.UNSET,
        )


_MISSING = object()


def _by_content(value: Any) -> Any:
    """A wire value with each file as its path, which has the hash of its content; `_MISSING` for one with a URL."""
    if is_file_data(value):
        path = value.get("path")
        return path if isinstance(path, str) and not path.startswith(("http://", "https://")) else _MISSING
    if isinstance(value, dict):
        found = {name: _by_content(one) for name, one in value.items()}
        return _MISSING if _MISSING in found.values() else found
    if isinstance(value, list):
        several = [_by_content(one) for one in value]
        return _MISSING if _MISSING in several else several
    return value


def _component(argument: Argument) -> Component:
    assert argument.component is not None
    return argument.component
