"""The queue: jobs, their order, limits, updates and recovery.

Knows no HTTP, no SQL, no Gradio and no user function: it runs jobs through an `Executor` and writes facts to a
`Journal`, its two seams.
"""

from spaceport.engine.engine import Engine
from spaceport.engine.executor import Again, Answer, Attempt, Executor, Flag, Result
from spaceport.engine.intake import Bounds, NewJob
from spaceport.engine.jobs import Failure, Job, OnDisconnect, Outcome, State, new_id
from spaceport.engine.journal import Accepted, Finished, Journal, Stored, Wanted
from spaceport.engine.meter import Meter, Reading
from spaceport.engine.policy import Policy
from spaceport.engine.retries import died
from spaceport.engine.updates import Ended, LogLine, Output, Progress, Queued, Started, Update, UpdateLog, Watcher

__all__ = [
    "Accepted",
    "Again",
    "Answer",
    "Attempt",
    "Bounds",
    "Ended",
    "Engine",
    "Executor",
    "Failure",
    "Finished",
    "Flag",
    "Job",
    "Journal",
    "LogLine",
    "Meter",
    "NewJob",
    "OnDisconnect",
    "Outcome",
    "Output",
    "Policy",
    "Progress",
    "Queued",
    "Reading",
    "Result",
    "Started",
    "State",
    "Stored",
    "Update",
    "UpdateLog",
    "Wanted",
    "Watcher",
    "died",
    "new_id",
]
