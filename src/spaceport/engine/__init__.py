"""The queue: jobs, their order, limits, updates and recovery.

Knows no HTTP, no SQL, no Gradio and no user function: it runs jobs through an `Executor` and writes facts to a
`Journal`, its two seams.
"""

from spaceport.engine.admission import JobRequest
from spaceport.engine.attempt import Attempt, Flag, Sink
from spaceport.engine.bounds import Bounds
from spaceport.engine.engine import Engine
from spaceport.engine.executor import Assigned, Executor, Pending, Placement, Wait
from spaceport.engine.jobs import Job, OnDisconnect, new_id
from spaceport.engine.journal import Accepted, Finished, JobFilter, Journal, Stored
from spaceport.engine.observer import Gauge, JobObserver
from spaceport.engine.outcome import Failure, Outcome, State
from spaceport.engine.policy import Policy
from spaceport.engine.prefetched import Prefetched
from spaceport.engine.results import CachedResult, Result, Retryable
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
    "Prefetched",
    "Progress",
    "Queued",
    "Result",
    "Retryable",
    "Sink",
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
