"""Runs endpoints' functions: plain ones in threads, async ones in the loop, generators step by step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from spaceport.engine import Attempt, Failure, Job, Pending, Placement, Result, Retryable
from spaceport.errors import FunctionFailed, InvalidInput, JobCancelled, SessionLost
from spaceport.space.components.base import ValueRejected
from spaceport.space.context import (
    CallContext,
    Error,
    EventData,
    Header,
    OAuthToken,
    Progress,
    Request,
    current,
    facts_of,
)
from spaceport.space.endpoint import Call, SpaceEndpoint
from spaceport.space.files import Fetch, RemoteFile, Saver
from spaceport.space.state import States
from spaceport.space.threads import Threads
from spaceport.wire.json import encode

T = TypeVar("T")
logger = logging.getLogger("spaceport.space")

_CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")


@dataclass(frozen=True, slots=True)
class SerializedCall:
    """The call of a job that an earlier process left, as the journal has it: many are not made at once."""

    payload: bytes


class FunctionExecutor:
    """Implements `engine.Executor` over a Space's endpoints."""

    def __init__(
        self,
        endpoints: Mapping[str, SpaceEndpoint],
        states: States,
        threads: Threads,
        during: Callable[[Job], contextlib.AbstractContextManager[Any]] | None = None,
    ) -> None:
        """`during` is entered around a function, in the thread or task that runs it for this job."""
        self._during = during or (lambda _: contextlib.nullcontext())
        self._endpoints = endpoints
        self._states = states
        self._threads = threads

    def choose_replica(self, job: Job, prefetched: Collection[Attempt]) -> Placement:
        return Pending()  # functions run in this process: there is no replica

    def survived(self, job: Job) -> bool:
        return False  # functions run in this very process

    def restore(self, endpoint: str, payload: bytes, *, waited: bool) -> object | Failure:
        found = self._endpoints[endpoint]
        if found.plain and found.policy.batch_size == 1:
            return SerializedCall(payload)
        call = _restored(found, payload)
        if isinstance(call, Call) and found.stateful and call.caller.session is not None:
            text = "The session's state was lost when the Space restarted. Call again to start fresh."
            return Failure(SessionLost.code, text, shown=True)
        return call

    def call_of(self, job: Job) -> Call | Failure:
        """What a job was called with; why it cannot be called so any more."""
        if isinstance(job.call, SerializedCall):
            call = _restored(self._endpoints[job.endpoint], job.call.payload)
            if isinstance(call, Failure):
                return call
            job.call = call
        assert isinstance(job.call, Call)
        return job.call

    async def run(self, attempt: Attempt) -> Sequence[Result | Failure | Retryable]:
        endpoint = self._endpoints[attempt.endpoint]
        try:
            if endpoint.policy.batch_size > 1:
                return await self._run_batch(endpoint, attempt)
            return [await self._run_one(endpoint, attempt, attempt.jobs[0])]
        except asyncio.CancelledError:
            if not attempt.cancelled.is_set():
                raise  # the server stops; nobody cancelled the job
            return [_CANCELLED] * len(attempt.jobs)
        except Exception as error:  # noqa: BLE001  whatever a user's function raises
            found = _failure(error, attempt)
            return [found] * len(attempt.jobs)

    async def _run_one(self, endpoint: SpaceEndpoint, attempt: Attempt, job: Job) -> Result | Failure:
        call = self.call_of(job)
        if isinstance(call, Failure):
            return call
        recording = endpoint.recording(call)

        def emit(values: list[Any]) -> None:
            if recording is not None:
                recording.add(values)
            attempt.sink.output(job, values)

        result = await self._call(endpoint, attempt, job, call, emit)
        if recording is not None and isinstance(result, Result):
            endpoint.keep(recording, result.data)
        return result

    async def _call(
        self, endpoint: SpaceEndpoint, attempt: Attempt, job: Job, call: Call, emit: Callable[[list[Any]], None]
    ) -> Result | Failure:
        step = _Step(endpoint, job, self._states)
        values = await self._loaded(endpoint, attempt, call, _values(endpoint, job, call, self._states))
        positional, named = _arguments(endpoint, job, call, self._states, [values])
        context = _running(endpoint, attempt, [job])
        if endpoint.asynchronous:
            work = self._async_generator if endpoint.generator else self._coroutine
            task = asyncio.current_task()
            assert task is not None
            attempt.on_cancel = task.cancel
            token = current.set(context)
            try:
                with self._during(job):
                    return await work(endpoint.fn, positional, named, step, emit)
            finally:
                current.reset(token)
                attempt.on_cancel = None
                if context.streams:
                    await asyncio.shield(self._threads.run(lambda: _end_streams(context)))
        loop = asyncio.get_running_loop()

        def in_thread() -> Result | Failure:
            current.set(context)
            with _tqdm(endpoint), self._during(job):
                if not endpoint.generator:
                    return step.result(endpoint.fn(*positional, **named))
                generator = endpoint.fn(*positional, **named)
                last: list[Any] | None = None
                try:
                    for value in generator:
                        if attempt.cancelled.is_set():
                            generator.close()
                            return _CANCELLED
                        last = step.values(value)
                        loop.call_soon_threadsafe(emit, last)
                finally:
                    _end_streams(context)
                return step.last(last)

        result: Result | Failure = await self._threads.run(in_thread)
        return result

    async def _coroutine(
        self, fn: Callable[..., Any], positional: list[Any], named: dict[str, Any], step: _Step, _emit: Any
    ) -> Result:
        returned = await fn(*positional, **named)
        return await self._out(step, step.result, returned)

    async def _async_generator(
        self, fn: Callable[..., Any], positional: list[Any], named: dict[str, Any], step: _Step, emit: Any
    ) -> Result:
        last: list[Any] | None = None
        generator = fn(*positional, **named)
        try:
            async for value in generator:
                last = await self._out(step, step.values, value)
                emit(last)
        finally:
            await generator.aclose()
        return step.last(last)

    async def _out(self, step: _Step, convert: Callable[[Any], T], returned: Any) -> T:
        """Wire values of what an async function returned; files are written in a thread."""
        if not step.saves:
            return convert(returned)
        found: T = await self._threads.run(lambda: convert(returned))
        return found

    async def _loaded(self, endpoint: SpaceEndpoint, attempt: Attempt, call: Call, values: list[Any]) -> list[Any]:
        """Arguments with their files fetched and read."""
        if not endpoint.loads or endpoint.files is None:
            return values
        components = [argument.component for argument in endpoint.inputs]
        task = asyncio.current_task()
        assert task is not None
        attempt.on_cancel = task.cancel
        try:
            values = [await self._fetched(value, call, endpoint.files.fetch) for value in values]
            found: list[Any] = await self._threads.run(
                lambda: [
                    value if component is None else component.load(value)
                    for component, value in zip(components, values, strict=True)
                ]
            )
        finally:
            attempt.on_cancel = None
        return found

    async def _fetched(self, value: Any, call: Call, fetch: Fetch) -> Any:
        if isinstance(value, RemoteFile):
            found = await fetch(value, call.owner, call.payer)
            if call.held is not None:
                call.held.add(found.path)
            return found
        if isinstance(value, dict):
            return {key: await self._fetched(one, call, fetch) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)([await self._fetched(one, call, fetch) for one in value])
        return value

    async def _run_batch(self, endpoint: SpaceEndpoint, attempt: Attempt) -> Sequence[Result | Failure]:
        """One call with a list for each argument; the request is the first job's (gradio.md §9.4)."""
        jobs = attempt.jobs
        first = jobs[0].call
        assert isinstance(first, Call)
        recordings = [endpoint.recording(job.call) for job in jobs if isinstance(job.call, Call)]
        rows = []
        for job in jobs:
            assert isinstance(job.call, Call)
            values = _values(endpoint, job, job.call, self._states)
            rows.append(await self._loaded(endpoint, attempt, job.call, values))
        columns = [list(column) for column in zip(*rows, strict=True)]
        positional, named = _arguments(endpoint, jobs[0], first, self._states, [columns])
        context = _running(endpoint, attempt, jobs)
        if endpoint.asynchronous:
            token = current.set(context)
            try:
                with self._during(jobs[0]):
                    returned = await endpoint.fn(*positional, **named)
            finally:
                current.reset(token)
        else:

            def in_thread() -> Any:
                current.set(context)
                with self._during(jobs[0]):
                    return endpoint.fn(*positional, **named)

            returned = await self._threads.run(in_thread)
        columns_out = list(returned) if len(endpoint.outputs) != 1 or isinstance(returned, tuple) else [returned]
        results: list[Result | Failure] = []
        for index, job in enumerate(jobs):
            step = _Step(endpoint, job, self._states)
            returned = [column[index] for column in columns_out]
            token = current.set(_running(endpoint, attempt, [job]))  # whose files its outputs are
            try:
                row = tuple(returned) if len(returned) != 1 else returned[0]
                result = await self._out(step, step.result, row)
                recording = recordings[index]
                if recording is not None:
                    endpoint.keep(recording, result.data)
                results.append(result)
            finally:
                current.reset(token)
        return results


class _Step:
    """Turns what a function returned into wire values and stores the session's state."""

    def __init__(self, endpoint: SpaceEndpoint, job: Job, states: States) -> None:
        self.saves = endpoint.saves
        self._outputs = endpoint.outputs
        self._name = endpoint.name
        self._session = job.session or job.id
        self._own_session = job.own_session
        self._states = states
        self._changed: list[int] = []

    def values(self, returned: Any) -> list[Any]:
        """Raises `Error` for too few values, `ValueRejected` for one that an output cannot show."""
        count = len(self._outputs)
        if count == 1:
            many: Sequence[Any] = (returned,)
        elif count == 0:
            return []
        else:
            many = returned if isinstance(returned, (list, tuple)) else (returned,)
        if len(many) < count:
            raise ValueError(
                f"{self._name} did not return enough output values (needed: {count}, returned: {len(many)})."
            )
        return [self._value(*output, value) for output, value in zip(self._outputs, many, strict=False)]

    def _value(self, component_id: int, component: Any, value: Any) -> Any:
        if not component.skip_api:
            return component.to_wire(value)
        if self._own_session:
            self._states.set(self._session, component_id, value)
        return None

    def result(self, returned: Any) -> Result:
        return Result(encode(self.values(returned)))

    def last(self, values: list[Any] | None) -> Result:
        """The end of a generator: its last values; one null an output if it gave none."""
        return Result(encode([None] * len(self._outputs) if values is None else values))


def _values(endpoint: SpaceEndpoint, job: Job, call: object, states: States) -> list[Any]:
    """The Python value of each input, state included."""
    assert isinstance(call, Call)
    values = list(call.arguments)
    if not endpoint.stateful:
        return values
    for position, argument in enumerate(endpoint.inputs):
        component = argument.component
        if component is not None and component.skip_api:
            session = job.session if job.own_session else None
            if session is None:
                values[position] = States(1, 0).get("", 0, component.value)
            else:
                values[position] = states.get(session, endpoint.input_ids[position], component.value)
    return values


def _arguments(
    endpoint: SpaceEndpoint, job: Job, call: Call, _states: States, inputs: list[list[Any]]
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of the function: inputs in their places, special ones filled in."""
    (values,) = inputs
    if len(endpoint.arguments) == len(endpoint.inputs):
        return values, {}
    remaining = iter(values)
    positional: list[Any] = []
    for argument in endpoint.arguments:
        if argument.kind == "input":
            positional.append(next(remaining))
        else:
            positional.append(_special(argument.kind, argument.python_name, job, call))
    return positional, {}


def _special(kind: str, name: str, job: Job, call: Call) -> Any:
    caller, facts = call.caller, call.caller.facts
    if kind == "progress":
        return Progress()
    if kind == "event_data":
        return EventData(caller.trigger_id, caller.event_data)
    if kind == "oauth_token":
        return None if caller.oauth_token is None else OAuthToken(caller.oauth_token)
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in facts.headers]
    if kind == "header":
        found = dict(headers).get(name.replace("_", "-"))
        return None if found is None else Header(found)
    return Request(
        method=facts.method,
        path=facts.path,
        query=facts.query,
        client=facts.client,
        headers=headers,
        root=facts.root,
        username=caller.user,
        session_hash=job.session,
    )


def _running(endpoint: SpaceEndpoint, attempt: Attempt, jobs: list[Job]) -> CallContext:
    first = jobs[0].call
    assert isinstance(first, Call)
    facts = first.caller.facts
    saver = None
    if endpoint.files is not None:
        saver = Saver(endpoint.files, first.owner, first.payer, facts.root)
    streams: dict[int, Any] | None = {} if endpoint.generator else None
    return CallContext(attempt, jobs, facts.headers, asyncio.get_running_loop(), saver, streams)


def _end_streams(context: CallContext) -> None:
    """What was heard while it was made is whole now."""
    with contextlib.ExitStack() as stack:
        for stream in (context.streams or {}).values():
            stack.callback(stream.encoder.close)


def _tqdm(endpoint: SpaceEndpoint) -> contextlib.AbstractContextManager[None]:
    if not endpoint.tracks_tqdm:
        return contextlib.nullcontext()
    from spaceport.space.tqdm import tracked

    return tracked()


def _failure(error: Exception, attempt: Attempt) -> Failure | Retryable:
    """What the caller may know: an `Error` or a refused value in full, anything else as the author's settings say.

    What was raised on purpose would be raised again; anything else is worth the retries that its endpoint has.
    """
    facts = {"facts": facts_of(attempt.jobs[0])}
    if isinstance(error, Error):
        if error.print_exception:
            logger.warning("%s raised Error: %s", attempt.endpoint, error.message, extra=facts)
        return Failure(FunctionFailed.code, error.message, error.visible, error.duration, error.title, shown=True)
    if isinstance(error, ValueRejected):
        return Failure(FunctionFailed.code, error.message, shown=True)
    text = "".join(traceback.format_exception(error)).rstrip()
    logger.error("%s failed:\n%s", attempt.endpoint, text, extra=facts)
    return Retryable(Failure(FunctionFailed.code, str(error)), begun=True)


def _restored(endpoint: SpaceEndpoint, payload: bytes) -> Call | Failure:
    try:
        return endpoint.restore(payload)
    except InvalidInput as error:
        return Failure(error.code, f"The endpoint has changed and no longer takes this call: {error.message}")
