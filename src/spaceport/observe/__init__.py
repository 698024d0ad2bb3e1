"""What operators see of calls: metrics, traces, and lines in the log. All of it hangs on the engine's `JobObserver`."""

from spaceport.observe.calls import CallLog, JobObservers
from spaceport.observe.metrics import CallMetrics, Metrics
from spaceport.observe.tracing import Tracing

__all__ = ["CallLog", "CallMetrics", "JobObservers", "Metrics", "Tracing"]
