"""What operators see of calls: metrics, traces and log lines. All of them implement the engine's `JobObserver`."""

from spaceport.observe.calls import CallLog, JobObservers
from spaceport.observe.metrics import CallerCounter, CallMetrics, Metrics, quantile
from spaceport.observe.tracing import Tracing
from spaceport.observe.usage import endpoint_usage

__all__ = [
    "CallLog",
    "CallMetrics",
    "CallerCounter",
    "JobObservers",
    "Metrics",
    "Tracing",
    "endpoint_usage",
    "quantile",
]
