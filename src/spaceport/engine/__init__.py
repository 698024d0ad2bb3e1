"""The queue: jobs, their order, limits, updates and recovery.

Knows no HTTP, no SQL, no Gradio and no user function: it runs jobs through an `Executor` and writes facts to a
`Journal`, its two seams.
"""

from spaceport.engine.admission import Bounds, JobRequest
from spaceport.engine.engine import Engine
from spaceport.engine.executor import (
    Assigned,
    Attempt,
    CachedResult,
    Executor,
    Flag,
    Pending,
    Placement,
    Result,
    Retryable,
    Wait,
)
from spaceport.engine.jobs import Failure, Job, OnDisconnect, Outcome, State, new_id
from spaceport.engine.journal import Accepted, Finished, JobFilter, Journal, Stored
from spaceport.engine.observer import Gauge, JobObserver
from spaceport.engine.policy import Policy
from spaceport.engine.retries import died
from spaceport.engine.updates import Ended, LogLine, Output, Progress, Queued, Started, Update, UpdateLog, Watcher

__all__ = [
    "Accepted",
    "Assigned",
    "Attempt",
    "Bounds",
    "CachedResult",
    "Ended",
    "Engine",
    "Executor",
    "Failure",
    "Finished",
    "Flag",
    "Gauge",
    "Job",
    "JobFilter",
    "JobObserver",
    "JobRequest",
    "Journal",
    "LogLine",
    "OnDisconnect",
    "Outcome",
    "Output",
    "Pending",
    "Placement",
    "Policy",
    "Progress",
    "Queued",
    "Result",
    "Retryable",
    "Started",
    "State",
    "Stored",
    "Update",
    "UpdateLog",
    "Wait",
    "Watcher",
    "died",
    "new_id",
]
