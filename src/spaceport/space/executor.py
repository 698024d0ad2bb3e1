"""Runs endpoints' functions: plain ones in threads, async ones in the loop, generators step by step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from spaceport.engine import Attempt, Failure, Job, Pending, Placement, Prefetched, Result, Retryable
from spaceport.errors import FunctionFailed, InvalidInput, JobCancelled, SessionLost
from spaceport.space.call import Call
from spaceport.space.context import CallContext, current, log_fields
from spaceport.space.endpoint import SpaceEndpoint
from spaceport.space.errors import ValueRejected
from spaceport.space.function_arguments import function_arguments, input_values
from spaceport.space.notices import Error
from spaceport.space.outputs import OutputConverter
from spaceport.space.saver import Saver
from spaceport.space.state import States
from spaceport.space.threads import Threads

T = TypeVar("T")
logger = logging.getLogger("spaceport.space")

_CANCELLED = Failure(JobCancelled.code, "The job was cancelled.", shown=True, title="Cancelled")


@dataclass(frozen=True, slots=True)
class SerializedCall:
    """The journalled call of a job that an earlier process left. It is bound when the job runs: restarts stay quick."""

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

    def choose_replica(self, job: Job, prefetched: Prefetched) -> Placement:
        return Pending()  # functions run in this process: there is no replica

    def survived(self, job: Job) -> bool:
        return False  # functions run in this very process

    def release(self, call: object) -> None:
        if isinstance(call, Call):  # a serialized one holds nothing yet
            call.release()

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
        """The call of a job, or why the endpoint no longer takes it."""
        if isinstance(job.call, SerializedCall):
            call = _restored(self._endpoints[job.endpoint], job.call.payload)
            if isinstance(call, Failure):
                return call
            job.call = call
        assert isinstance(job.call, Call)
        return job.call

    async def run(self, attempt: Attempt[Job]) -> Sequence[Result | Failure | Retryable]:
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

    async def _run_one(self, endpoint: SpaceEndpoint, attempt: Attempt[Job], job: Job) -> Result | Failure:
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
            endpoint.keep(recording, bytes(result.data))
        return result

    async def _call(
        self, endpoint: SpaceEndpoint, attempt: Attempt[Job], job: Job, call: Call, emit: Callable[[list[Any]], None]
    ) -> Result | Failure:
        outputs = OutputConverter(endpoint, job, self._states)
        values = await self._loaded(endpoint, attempt, call, input_values(endpoint, job, call, self._states))
        positional, named = function_arguments(endpoint, job, call, values)
        context = _context(endpoint, attempt, [job])
        if endpoint.asynchronous:
            work = self._async_generator if endpoint.generator else self._coroutine
            task = asyncio.current_task()
            assert task is not None
            attempt.on_cancel = task.cancel
            token = current.set(context)
            try:
                with self._during(job):
                    return await work(endpoint.fn, positional, named, outputs, emit)
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
                    return outputs.result(endpoint.fn(*positional, **named))
                generator = endpoint.fn(*positional, **named)
                last: list[Any] | None = None
                try:
                    for value in generator:
                        if attempt.cancelled.is_set():
                            generator.close()
                            return _CANCELLED
                        last = outputs.values(value)
                        loop.call_soon_threadsafe(emit, last)
                finally:
                    _end_streams(context)
                return outputs.last(last)

        result: Result | Failure = await self._threads.run(in_thread)
        return result

    async def _coroutine(
        self, fn: Callable[..., Any], positional: list[Any], named: dict[str, Any], outputs: OutputConverter, _emit: Any
    ) -> Result:
        returned = await fn(*positional, **named)
        return await self._out(outputs, outputs.result, returned)

    async def _async_generator(
        self, fn: Callable[..., Any], positional: list[Any], named: dict[str, Any], outputs: OutputConverter, emit: Any
    ) -> Result:
        last: list[Any] | None = None
        generator = fn(*positional, **named)
        try:
            async for value in generator:
                last = await self._out(outputs, outputs.values, value)
                emit(last)
        finally:
            await generator.aclose()
        return outputs.last(last)

    async def _out(self, outputs: OutputConverter, convert: Callable[[Any], T], returned: Any) -> T:
        """Wire values of what an async function returned; files are written in a thread."""
        if not outputs.saves:
            return convert(returned)
        found: T = await self._threads.run(lambda: convert(returned))
        return found

    async def _loaded(self, endpoint: SpaceEndpoint, attempt: Attempt[Job], call: Call, values: list[Any]) -> list[Any]:
        """The values with their files fetched and read."""
        if not endpoint.loads or endpoint.files is None:
            return values
        components = endpoint.parameters.components
        task = asyncio.current_task()
        assert task is not None
        attempt.on_cancel = task.cancel
        try:
            values = await endpoint.files.bring(values, call.owner, call.payer, call.held)
            found: list[Any] = await self._threads.run(
                lambda: [component.load(value) for component, value in zip(components, values, strict=True)]
            )
        finally:
            attempt.on_cancel = None
        return found

    async def _run_batch(self, endpoint: SpaceEndpoint, attempt: Attempt[Job]) -> Sequence[Result | Failure]:
        """Call the function once, with a list for each argument; a Request is the first job's (gradio-wire §9.4)."""
        jobs = attempt.jobs
        first = jobs[0].call
        assert isinstance(first, Call)
        recordings = [endpoint.recording(job.call) for job in jobs if isinstance(job.call, Call)]
        rows = []
        for job in jobs:
            assert isinstance(job.call, Call)
            values = input_values(endpoint, job, job.call, self._states)
            rows.append(await self._loaded(endpoint, attempt, job.call, values))
        columns = [list(column) for column in zip(*rows, strict=True)]
        positional, named = function_arguments(endpoint, jobs[0], first, columns)
        context = _context(endpoint, attempt, jobs)
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
            outputs = OutputConverter(endpoint, job, self._states)
            returned = [column[index] for column in columns_out]
            token = current.set(_context(endpoint, attempt, [job]))  # whose files its outputs are
            try:
                row = tuple(returned) if len(returned) != 1 else returned[0]
                result = await self._out(outputs, outputs.result, row)
                recording = recordings[index]
                if recording is not None:
                    endpoint.keep(recording, bytes(result.data))
                results.append(result)
            finally:
                current.reset(token)
        return results


def _context(endpoint: SpaceEndpoint, attempt: Attempt[Job], jobs: list[Job]) -> CallContext:
    first = jobs[0].call
    assert isinstance(first, Call)
    request = first.caller.request
    saver = None
    if endpoint.files is not None:
        saver = Saver(endpoint.files, first.owner, first.payer, request.root)
    streams: dict[int, Any] | None = {} if endpoint.generator else None
    return CallContext(attempt, jobs, request.headers, asyncio.get_running_loop(), saver, streams)


def _end_streams(context: CallContext) -> None:
    """Complete the audio streams that the function began."""
    with contextlib.ExitStack() as stack:
        for stream in (context.streams or {}).values():
            stack.callback(stream.encoder.close)


def _tqdm(endpoint: SpaceEndpoint) -> contextlib.AbstractContextManager[None]:
    if not endpoint.tracks_tqdm:
        return contextlib.nullcontext()
    from spaceport.space.tqdm import tracked

    return tracked()


def _failure(error: Exception, attempt: Attempt[Job]) -> Failure | Retryable:
    """A failure as the caller sees it: the text of an `Error` or a refused value, else as the author's settings say.

    What was raised on purpose is not retried; anything else may be, as often as the endpoint allows.
    """
    extra = {"facts": log_fields(attempt.jobs[0])}
    if isinstance(error, Error):
        if error.print_exception:
            logger.warning("%s raised Error: %s", attempt.endpoint, error.message, extra=extra)
        return Failure(FunctionFailed.code, error.message, error.visible, error.duration, error.title, shown=True)
    if isinstance(error, ValueRejected):
        return Failure(FunctionFailed.code, error.message, shown=True)
    text = "".join(traceback.format_exception(error)).rstrip()
    logger.error("%s failed:\n%s", attempt.endpoint, text, extra=extra)
    return Retryable(Failure(FunctionFailed.code, str(error)), begun=True)


def _restored(endpoint: SpaceEndpoint, payload: bytes) -> Call | Failure:
    try:
        return endpoint.restore(payload)
    except InvalidInput as error:
        return Failure(error.code, f"The endpoint has changed and no longer takes this call: {error.message}")
