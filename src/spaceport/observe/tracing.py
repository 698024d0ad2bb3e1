"""Traces of calls, with OpenTelemetry where it is installed and configured.

A call is a span from its acceptance to its outcome, below the caller's own (`traceparent`, W3C Trace Context); the time
it waited and each attempt are spans below that. What a function does is below its attempt.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from spaceport.engine import Job, JobObserver, Outcome

Headers = Callable[[Job], Iterable[tuple[bytes | str, bytes | str]]]


def configured() -> bool:
    """Whether the environment asks for traces, by the variables of OpenTelemetry's specification."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return any(
        os.environ.get(name) not in (None, "", "none")
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER")
    )


def set_up(service: str) -> None:
    """Send spans as the environment says (OTEL_*). Raises `ModuleNotFoundError` without the extra `otel`."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    name = os.environ.get("OTEL_SERVICE_NAME") or service
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)


def flush() -> None:
    """Send the remaining spans before the process ends. Blocks for at most two seconds."""
    with contextlib.suppress(ModuleNotFoundError):
        from opentelemetry import trace

        send = getattr(trace.get_tracer_provider(), "force_flush", None)
        if send is not None:
            send(2000)


class Tracing(JobObserver):
    """`headers` returns the headers that a call came with. Does nothing until a tracer provider is set."""

    def __init__(self, headers: Headers, space: str = "") -> None:
        self._headers = headers
        self._space = space
        self._spans: dict[str, list[Any]] = {}
        """By job: the call's span, and that of its attempt."""
        self._trace: Any = None

    def _is_on(self) -> bool:
        """Whether spans are recorded. Asked for each call, since an app may set its tracer provider at any time."""
        if "opentelemetry.sdk.trace" not in sys.modules:
            return False
        if self._trace is None:
            from opentelemetry import trace
            from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

            self._trace = trace
            self._propagator = TraceContextTextMapPropagator()
        return not isinstance(self._trace.get_tracer_provider(), self._trace.ProxyTracerProvider)

    def started(self, job: Job) -> None:
        if not self._is_on():
            return
        tracer = self._trace.get_tracer("spaceport")
        spans = self._spans.get(job.id)
        began = _ns(job.started_at or job.accepted_at)
        if spans is None:
            facts = {"spaceport.job": job.id, "spaceport.endpoint": job.endpoint}
            if self._space:
                facts["spaceport.space"] = self._space
            if job.request_id:
                facts["spaceport.request_id"] = job.request_id
            context = self._propagator.extract({_text(key): _text(value) for key, value in self._headers(job)})
            kind = self._trace.SpanKind.SERVER
            at = _ns(job.accepted_at)
            call = tracer.start_span(f"call {job.endpoint}", context, kind, facts, start_time=at)
            spans = self._spans[job.id] = [call, None]
            tracer.start_span("wait", self._below(call), start_time=at).end(began)
        attempt = {"spaceport.attempt": job.attempt}
        spans[1] = tracer.start_span("attempt", self._below(spans[0]), attributes=attempt, start_time=began)

    def retried(self, job: Job) -> None:
        spans = self._spans.get(job.id)
        if spans is not None and spans[1] is not None:
            spans[1].set_status(self._trace.StatusCode.ERROR)
            spans[1].end()
            spans[1] = None

    def ended(self, job: Job, outcome: Outcome) -> None:
        spans = self._spans.pop(job.id, None)
        if spans is None:
            return
        for span in reversed(spans):
            if span is None:
                continue
            if outcome.failure is not None:
                span.set_attribute("error.type", outcome.failure.code)
                span.set_status(self._trace.StatusCode.ERROR, outcome.failure.code)
            span.end(None if job.finished_at is None else _ns(job.finished_at))

    def during(self, job: Job) -> AbstractContextManager[Any]:
        """Make an attempt's span the current one in the thread or task that runs the call."""
        spans = self._spans.get(job.id)
        if spans is None or spans[1] is None:
            return contextlib.nullcontext()
        found: AbstractContextManager[Any] = self._trace.use_span(spans[1], end_on_exit=False, record_exception=False)
        return found

    def parent(self, job: Job) -> dict[str, str]:
        """Headers by which another process puts its own spans below an attempt's span."""
        found: dict[str, str] = {}
        spans = self._spans.get(job.id)
        if spans is not None:
            self._propagator.inject(found, self._below(spans[1] or spans[0]))
        return found

    def _below(self, span: Any) -> Any:
        return self._trace.set_span_in_context(span)


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
