"""What operators see of calls: metrics, traces and log lines. All of them implement the engine's `JobObserver`."""

from spaceport.observe.calls import CallLog, JobObservers
from spaceport.observe.metrics import CallMetrics, Metrics
from spaceport.observe.tracing import Tracing

__all__ = ["CallLog", "CallMetrics", "JobObservers", "Metrics", "Tracing"]
