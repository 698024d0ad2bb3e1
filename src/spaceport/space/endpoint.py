"""An endpoint of our own Space: a function, its inputs and outputs. Implements `api.Endpoint`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spaceport.api import Caller, RequestInfo
from spaceport.engine import CachedResult, Policy
from spaceport.errors import InvalidInput, problem
from spaceport.space.cache import CallCache, Recording, options_of
from spaceport.space.call import Call, deserialize, is_storable, serialize
from spaceport.space.components.base import Component
from spaceport.space.endpoint_documents import dependency, endpoint_info
from spaceport.space.errors import ValueRejected
from spaceport.space.files import SpaceFiles
from spaceport.space.parameters import Parameters
from spaceport.space.signature import Signature
from spaceport.space.thumbnails import thumbnails_of
from spaceport.space.validation import Validation
from spaceport.wire.documents import API_PREFIX


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
        self.parameters = Parameters(signature.arguments)
        self.positional = all(one.kind == "input" and not one.keyword for one in self.arguments)
        """Whether the function takes its inputs by position and nothing else."""
        self.outputs = [(ids(component), component) for component in signature.outputs]
        components = self.parameters.components
        self.input_ids = [ids(component) for component in components]
        self.stateful = any(component.skip_api for component in components)
        self.loads = any(type(component).load is not Component.load for component in components)
        """Whether arguments need slow work (files) before the function runs."""
        self.takes_files = any(component.files for component in components)
        self.plain = not self.stateful and not self.takes_files
        """Whether a call is its arguments alone: no state, no files."""
        self.saves = any(component.files for _, component in self.outputs)
        """Whether outputs have files in them."""
        self.files: SpaceFiles | None = None
        """Set when the Space is served."""
        self.tracks_tqdm = any(argument.tracks_tqdm for argument in self.arguments)
        self._validation = Validation(self.parameters, validator)
        self.examples = [self._example(row) for row in examples]
        """Rows of wire values of the inputs that callers see."""
        options = options_of(fn)
        self._keeps_examples = cache_examples
        self._cache: CallCache | None = None
        if options is not None or cache_examples:
            self._check_cacheable()
            names = [argument.python_name for argument in self.parameters.inputs]
            self._cache = CallCache(options, names, per_owner=self.saves or self.loads, has_files=self.saves)
        self._takes_oauth = any(argument.kind == "oauth_token" for argument in self.arguments)
        self.info = endpoint_info(self.parameters, self.input_ids, self.outputs, self.examples, visibility, description)
        self.dependency = dependency(
            index=index,
            name=name,
            description=description,
            input_ids=self.input_ids,
            output_ids=[component_id for component_id, _ in self.outputs],
            policy=policy,
            queue=queue,
            generator=self.generator,
            visibility=visibility,
            takes_event_data=any(argument.kind == "event_data" for argument in self.arguments),
            validates=validator is not None,
            examples=self.examples,
            cached_examples=cache_examples,
            thumbnails=thumbnails_of(self.examples),
        )

    def _check_cacheable(self) -> None:
        if any(one.kind not in ("input", "progress") for one in self.arguments):
            raise TypeError(f"{self.name}: a cached function takes inputs only, nothing of the request or session.")
        if self.stateful:
            raise TypeError(f"{self.name}: a cached function cannot have state.")

    def _example(self, row: Any) -> list[Any]:
        """The wire values of an example: a list with a value for each input, or the value of the only one."""
        values = row if isinstance(row, (list, tuple)) else [row]
        if len(values) > len(self.parameters.shown):
            raise ValueError(f"{self.name}: the example {row!r} has more values than there are inputs.")
        found = []
        for place, value in zip(self.parameters.shown, values, strict=False):
            component = self.parameters.components[place]
            try:
                wire = component.to_wire(value)
                if not component.files:
                    component.from_wire(wire)
            except ValueRejected as error:
                raise ValueError(f"{self.name}: the example {value!r}: {error.message}") from None
            found.append(wire)
        return found

    def bind(self, arguments: list[Any] | dict[str, Any], caller: Caller) -> Call:
        return self._validation.bind(arguments, caller, self.files)

    def release(self, call: object) -> None:
        assert isinstance(call, Call)
        call.release()

    async def check(self, call: object) -> None:
        assert isinstance(call, Call)
        if call.inline and self.files is not None:
            await self._validation.check(call, self.files)

    def payload(self, call: object) -> bytes | None:
        assert isinstance(call, Call)
        if call.caller.oauth_token is not None and self._takes_oauth:
            return None
        try:
            return serialize(call)
        except (OverflowError, RecursionError):
            raise self._unstorable(call) from None

    def _unstorable(self, call: Call) -> InvalidInput:
        text = "Integers have at most 64 bits here: send a larger one as text."
        named = [(one.name, value) for one, value in zip(self.parameters.inputs, call.wire, strict=True)]
        named += [("event_data", call.caller.event_data), ("trigger_id", call.caller.trigger_id)]
        problems = [problem(name, text, "int_too_large") for name, value in named if not is_storable(value)]
        return InvalidInput("; ".join(f"{one['parameter_name']}: {text}" for one in problems) or text, problems)

    def restore(self, payload: bytes) -> Call:
        """A call from the journal, bound again. Raises `InvalidInput` if the endpoint no longer takes it."""
        wire, caller = deserialize(payload)
        return self.bind(wire, caller)

    # Results that are kept

    def example_calls(self) -> list[Call]:
        """Calls of the examples whose results are to be kept, made by an anonymous caller."""
        if not self._keeps_examples or self._cache is None:
            return []
        nobody = Caller(RequestInfo("POST", f"{API_PREFIX}/call/{self.name}", "", None, (), ""))
        calls = [self.bind(list(row), nobody) for row in self.examples]
        self._cache.keep_examples(calls)
        return calls

    def restore_examples(self, results: Mapping[bytes, CachedResult]) -> None:
        """Take the examples' results of an earlier process. `example_calls` comes before."""
        if self._cache is not None:
            self._cache.restore_examples(results)

    def example_results(self) -> dict[bytes, CachedResult]:
        return {} if self._cache is None else self._cache.example_results()

    def recording(self, call: Call) -> Recording | None:
        """A recording for the run of this call, if its result is to be kept."""
        return None if self._cache is None else self._cache.recording(call)

    def keep(self, recording: Recording, data: bytes) -> None:
        """Keep the result of a recorded run."""
        if self._cache is not None:
            self._cache.keep(recording, data)

    def known(self, call: object) -> CachedResult | None:
        if self._cache is None:
            return None
        assert isinstance(call, Call)
        return self._cache.get(call, self.files)
