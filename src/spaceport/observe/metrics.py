"""Metrics for Prometheus. Labels are Spaces and endpoints, never callers: their number is bounded by what is deployed.

Events are counted as they happen (about 4 us a call); what has a present value, as a queue's length, is read when
somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from spaceport.engine import Engine, Job, Meter, Outcome, Reading

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """The metrics of one process: of one Space, or of all that a hub serves."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        own = ["space", "endpoint"]

        def counter(name: str, text: str, labels: list[str]) -> Counter:
            return Counter(f"spaceport_{name}", text, labels, registry=self._registry)

        def seconds(name: str, text: str) -> Histogram:
            return Histogram(f"spaceport_{name}", text, own, buckets=_SECONDS, registry=self._registry)

        self.accepted = counter("jobs_accepted", "Calls that the journal has.", own)
        self.retried = counter("jobs_retried", "Attempts that came to nothing and were followed by another.", own)
        self.ended = counter("jobs_ended", "Calls that ended, by outcome.", [*own, "outcome"])
        self.wait = seconds("job_wait_seconds", "From the acceptance of a call to its first attempt.")
        self.run = seconds("job_run_seconds", "How long the last attempt of a call ran.")
        self.folded = counter("jobs_folded", "Calls of which late readers see fewer updates, for lack of room.", own)
        self.refused = counter("requests_refused", "Requests that were answered with an error.", ["space", "code"])
        self._spaces = _Spaces()
        self._registry.register(self._spaces)

    def space(self, name: str, engine: Engine, readings: Iterable[Reading]) -> None:
        """Read a Space's numbers too, until `forget`."""
        self._spaces.known[name] = engine, list(readings)

    def refusals(self, space: str) -> Callable[[str], None]:
        """Counts the errors that a Space's requests are answered with, by code."""
        return lambda code: self.refused.labels(space, code).inc()

    def forget(self, name: str) -> None:
        self._spaces.known.pop(name, None)

    def page(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)


class _Spaces(Collector):
    def __init__(self) -> None:
        self.known: dict[str, tuple[Engine, list[Reading]]] = {}

    def collect(self) -> Iterator[Metric]:
        labels = ["space", "endpoint", "state"]
        jobs = GaugeMetricFamily("spaceport_jobs", "Calls that wait and that run.", labels=labels)
        found: dict[str, Metric] = {}
        for name, (engine, readings) in list(self.known.items()):
            for endpoint, (waiting, running) in engine.counts().items():
                jobs.add_metric([name, endpoint, "queued"], waiting)
                jobs.add_metric([name, endpoint, "running"], running)
            for one in readings:
                kind = CounterMetricFamily if one.counter else GaugeMetricFamily
                family = found.setdefault(one.name, kind(f"spaceport_{one.name}", one.text, labels=["space"]))
                family.add_metric([name], one.value())  # type: ignore[attr-defined]
        yield jobs
        yield from found.values()


class CallMetrics(Meter):
    """Counts the calls of one Space."""

    def __init__(self, metrics: Metrics, space: str = "") -> None:
        self._metrics = metrics
        self._space = space
        self._known: dict[str, _Counters] = {}

    def _of(self, endpoint: str) -> _Counters:
        found = self._known.get(endpoint)
        if found is None:
            m, labels = self._metrics, (self._space, endpoint)
            kept = (m.accepted.labels(*labels), m.retried.labels(*labels), m.folded.labels(*labels))
            found = self._known[endpoint] = _Counters(*kept, m.wait.labels(*labels), m.run.labels(*labels), {})
        return found

    def accepted(self, job: Job) -> None:
        self._of(job.endpoint).accepted.inc()

    def started(self, job: Job) -> None:
        if job.attempt == 1 and job.started_at is not None:
            self._of(job.endpoint).wait.observe(max(0.0, job.started_at - job.accepted_at))

    def retried(self, job: Job) -> None:
        self._of(job.endpoint).retried.inc()

    def ended(self, job: Job, outcome: Outcome) -> None:
        counters = self._of(job.endpoint)
        how = outcome.state.value if outcome.failure is None else outcome.failure.code
        if how not in counters.ended:
            counters.ended[how] = self._metrics.ended.labels(self._space, job.endpoint, how)
        counters.ended[how].inc()
        if job.attempt:
            counters.run.observe(outcome.duration_s)
        if job.updates is not None and job.updates.folded:
            counters.folded.inc()


@dataclass(slots=True)
class _Counters:
    """One endpoint's, looked up once."""

    accepted: Counter
    retried: Counter
    folded: Counter
    wait: Histogram
    run: Histogram
    ended: dict[str, Counter]
