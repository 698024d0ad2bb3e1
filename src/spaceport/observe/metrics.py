"""Metrics for Prometheus. Labels are Spaces and endpoints, never callers: their number is bounded by what is deployed.

Events are counted as they happen, in the thread of the event loop and therefore without a lock, in a quarter of
the time of the library's own counters. Present values, such as a queue's length, are read for each scrape.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from spaceport.engine import Engine, Gauge, Job, JobObserver, Outcome

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_BOUNDS = (*map(str, map(float, _SECONDS)), "+Inf")


class Metrics:
    """The metrics of one process: of one Space, or of all that a hub serves."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._refused = Counter(
            "spaceport_requests_refused",
            "Requests that were answered with an error.",
            ["space", "code"],
            registry=self._registry,
        )
        self._calls = _Calls()
        self._registry.register(self._calls)
        self._spaces = _Spaces()
        self._registry.register(self._spaces)

    def tally(self, space: str, endpoint: str) -> CallerCounter:
        """The counter of an endpoint's calls, created at its first call."""
        return self._calls.known.setdefault(space, {}).setdefault(endpoint, CallerCounter())

    def counters(self, space: str) -> Mapping[str, CallerCounter]:
        """The counters of a Space's endpoints, since the process started."""
        return self._calls.known.get(space, {})

    def space(self, name: str, engine: Engine, gauges: Iterable[Gauge]) -> None:
        """Include a Space's gauges in the page, until `forget`."""
        self._spaces.known[name] = engine, list(gauges)

    def refusals(self, space: str) -> Callable[[str], None]:
        """Counts the errors that a Space's requests are answered with, by code."""
        return lambda code: self._refused.labels(space, code).inc()

    def forget(self, name: str) -> None:
        self._spaces.known.pop(name, None)

    def page(self) -> bytes:
        """Render all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


@dataclass(slots=True)
class Seconds:
    """A histogram of durations: counts those up to each bound of `_SECONDS` and above the one before."""

    counts: list[int] = field(default_factory=lambda: [0] * len(_BOUNDS))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_SECONDS, seconds)] += 1
        self.sum_s += seconds


def quantile(counts: Sequence[int], part: float) -> float | None:
    """The seconds that `part` of the durations in a histogram do not exceed, estimated within their bounds.

    `counts` as in `Seconds`. None: there are no durations. What exceeds the last bound counts as that bound.
    """
    rank = part * sum(counts)
    if not rank:
        return None
    below, lower = 0, 0.0
    for count, upper in zip(counts, _SECONDS, strict=False):
        if count and below + count >= rank:
            return lower + (upper - lower) * (rank - below) / count
        below, lower = below + count, upper
    return lower


@dataclass(slots=True)
class CallerCounter:
    """Counts the calls of one endpoint."""

    accepted: int = 0
    retried: int = 0
    folded: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    """By outcome."""
    wait: Seconds = field(default_factory=Seconds)
    run: Seconds = field(default_factory=Seconds)


class _Calls(Collector):
    """The counters, by Space and endpoint."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, CallerCounter]] = {}

    def collect(self) -> Iterator[Metric]:
        own = ["space", "endpoint"]
        accepted = CounterMetricFamily("spaceport_jobs_accepted", "Calls that the journal has.", labels=own)
        text = "Attempts that came to nothing and were followed by another."
        retried = CounterMetricFamily("spaceport_jobs_retried", text, labels=own)
        ended = CounterMetricFamily("spaceport_jobs_ended", "Calls that ended, by outcome.", labels=[*own, "outcome"])
        text = "Calls of which late readers see fewer updates, for lack of room."
        folded = CounterMetricFamily("spaceport_jobs_folded", text, labels=own)
        text = "From the acceptance of a call to its first attempt."
        wait = HistogramMetricFamily("spaceport_job_wait_seconds", text, labels=own)
        text = "How long the last attempt of a call ran."
        run = HistogramMetricFamily("spaceport_job_run_seconds", text, labels=own)
        known = [([space, name], tally) for space, tallies in self.known.items() for name, tally in tallies.items()]
        for labels, tally in known:
            accepted.add_metric(labels, tally.accepted)
            retried.add_metric(labels, tally.retried)
            folded.add_metric(labels, tally.folded)
            for outcome, count in tally.ended.items():
                ended.add_metric([*labels, outcome], count)
            for family, times in ((wait, tally.wait), (run, tally.run)):
                buckets = list(zip(_BOUNDS, accumulate(times.counts), strict=True))
                family.add_metric(labels, buckets, times.sum_s)
        yield from (accepted, retried, ended, folded, wait, run)


class _Spaces(Collector):
    def __init__(self) -> None:
        self.known: dict[str, tuple[Engine, list[Gauge]]] = {}

    def collect(self) -> Iterator[Metric]:
        labels = ["space", "endpoint", "state"]
        jobs = GaugeMetricFamily("spaceport_jobs", "Calls that wait and that run.", labels=labels)
        found: dict[str, Metric] = {}
        for name, (engine, gauges) in list(self.known.items()):
            for endpoint, (waiting, running) in engine.counts().items():
                jobs.add_metric([name, endpoint, "queued"], waiting)
                jobs.add_metric([name, endpoint, "running"], running)
            for one in gauges:
                kind = CounterMetricFamily if one.counter else GaugeMetricFamily
                family = found.setdefault(one.name, kind(f"spaceport_{one.name}", one.text, labels=["space"]))
                family.add_metric([name], one.value())  # type: ignore[attr-defined]
        yield jobs
        yield from found.values()


class CallMetrics(JobObserver):
    """Counts the calls of one Space."""

    def __init__(self, metrics: Metrics, space: str = "") -> None:
        self._metrics = metrics
        self._space = space
        self._known: dict[str, CallerCounter] = {}

    def _of(self, endpoint: str) -> CallerCounter:
        found = self._known.get(endpoint)
        if found is None:
            found = self._known[endpoint] = self._metrics.tally(self._space, endpoint)
        return found

    def accepted(self, job: Job) -> None:
        self._of(job.endpoint).accepted += 1

    def started(self, job: Job) -> None:
        if job.attempt == 1 and job.started_at is not None:
            self._of(job.endpoint).wait.add(max(0.0, job.started_at - job.accepted_at))

    def retried(self, job: Job) -> None:
        self._of(job.endpoint).retried += 1

    def ended(self, job: Job, outcome: Outcome) -> None:
        tally = self._of(job.endpoint)
        how = outcome.state.value if outcome.failure is None else outcome.failure.code
        tally.ended[how] = tally.ended.get(how, 0) + 1
        if job.attempt:
            tally.run.add(outcome.duration_s)
        if job.updates is not None and job.updates.folded:
            tally.folded += 1
