"""What serves the calls of one Space: engine, journal, webhooks, observers and API, wired in one place.

A Space's own server and a hub's queue both run a `Service`. They differ in who runs the calls (`executor`), who may
call (`auth`) and whose files there are (`files`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from spaceport.api import AppContext, Auth, Catalog, Options, build_app
from spaceport.api.jobs import view
from spaceport.api.operations import gauges
from spaceport.api.ports import Files
from spaceport.api.sessions import Sessions
from spaceport.engine import Engine, Executor, Journal, Policy
from spaceport.observe import CallLog, CallMetrics, JobObservers, Metrics, Tracing, endpoint_usage
from spaceport.settings import Settings
from spaceport.store import FileStore, ResumableUploads
from spaceport.webhooks import Webhooks


def options_of(settings: Settings) -> Options:
    """What the settings say of the API; the rest is the Space's own."""
    return Options(
        root_path=settings.root_path,
        show_error=settings.show_error,
        max_body=settings.max_body,
        body_timeout_s=settings.body_timeout_s,
        wait_max_s=settings.wait_max_s,
        max_file_size=settings.max_file_size,
        heartbeat_s=settings.heartbeat_s,
        disconnect_grace_s=settings.disconnect_grace_s,
        trust_forwarded=settings.trust_forwarded,
        behind_hub=settings.link,
        streams_per_caller=settings.streams_max_per_caller,
    )


class Service:
    """Construct it inside the loop that will use it, then `start` it; `stop` ends it for good."""

    def __init__(
        self,
        settings: Settings,
        *,
        label: str,
        folder: Path,
        webhook_key: Callable[[], bytes],
        executor: Executor,
        journal: Journal,
        policies: Sequence[Policy],
        tracing: Tracing,
        metrics: Metrics,
        auth: Auth,
        options: Options,
        catalog: Catalog,
        files: Files,
        store: FileStore,
        on_session_closed: Callable[[str], None],
        app_id: int = 0,
    ) -> None:
        """`label`: the Space's name in metrics and logs, empty for a server of one Space. `folder`: of the webhooks."""
        self._label = label
        self._metrics = metrics
        self.webhooks = Webhooks(
            folder,
            webhook_key,
            lambda job: view(self.engine, job, show_error=options.show_error),
            settings.webhook_limits(),
        )
        observers = JobObservers(CallMetrics(metrics, label), tracing, CallLog(label), self.webhooks)
        self.engine = Engine(policies, executor, journal, settings.bounds(), time.time, observers)
        sessions = Sessions(self.engine, settings.disconnect_grace_s, on_session_closed)
        self.uploads = ResumableUploads(store)
        self.context = AppContext(catalog, self.engine, auth, options, sessions, app_id, files, self.uploads)
        self.context.webhooks = self.webhooks
        self.context.refused = metrics.refusals(label)
        self.context.usage = lambda: endpoint_usage(metrics.counters(label))
        found = gauges(self.context, lambda: store.bytes, journal)
        metrics.space(label, self.engine, [*found, *self.webhooks.gauges()])
        self.app = build_app(self.context)
        self._drained = False

    async def start(self) -> None:
        """Resume the jobs that were accepted before: waiting ones wait again."""
        await self.engine.start()
        await self.webhooks.start(self.engine)

    @property
    def idle(self) -> bool:
        """Set while there is no job, no webhook to send and no open stream."""
        return self.engine.quiet and self.webhooks.quiet and not self.context.sessions.listeners

    def end_streams(self) -> None:
        """Tell the open streams that the server stops."""
        self.context.stopping.set()
        self.context.sessions.wake()

    async def drain(self, drain_s: float) -> None:
        """Take no new jobs, and let running ones finish for `drain_s` seconds. Done once."""
        if not self._drained:
            self._drained = True
            await self.engine.stop(drain_s)

    async def stop(self, drain_s: float) -> None:
        """Drain, and close the journal. Jobs that wait stay in it."""
        self._metrics.forget(self._label)
        await self.drain(drain_s)
        self.end_streams()
        await self.webhooks.close()
        await self.engine.close()
