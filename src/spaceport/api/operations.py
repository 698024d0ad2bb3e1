"""The routes for operators: liveness, readiness and metrics."""

from __future__ import annotations

from collections.abc import Callable

from spaceport.api.context import AppContext
from spaceport.api.exchange import HttpExchange
from spaceport.engine import Gauge, Journal
from spaceport.errors import Forbidden, SpaceUnavailable

_METRICS = b"text/plain; version=0.0.4; charset=utf-8"


def gauges(context: AppContext, files_bytes: Callable[[], float], journal: Journal) -> list[Gauge]:
    """Gauges of a Space's streams, files and journal."""
    found = [
        Gauge("streams", "Open event streams.", lambda: len(context.streams)),
        Gauge("files_bytes", "Files of callers and functions.", files_bytes),
    ]
    if journal.persistent:
        found += [
            Gauge("journal_commits", "Transactions of the journal.", lambda: journal.commits, counter=True),
            Gauge("journal_records", "Facts that the journal took.", lambda: journal.records, counter=True),
            Gauge("journal_bytes", "What the journal's records take.", lambda: journal.used_bytes),
        ]
    return found


async def healthz(request: HttpExchange) -> None:
    """`GET /healthz`: 200 while the process runs."""
    await request.reply(200, b'{"status":"ok"}')


async def readyz(request: HttpExchange) -> None:
    """`GET /readyz`: 200 while new calls are accepted, else 503 with the reason, for load balancers."""
    engine = request.context.engine
    if engine.draining:
        raise SpaceUnavailable("The server is stopping and takes no new calls.", 5)
    if not await engine.writable():
        raise SpaceUnavailable("The journal cannot be written, so that no call can be accepted.", 5)
    await request.reply(200, b'{"status":"ready"}')


async def metrics(request: HttpExchange) -> None:
    """`GET /metrics`: metrics in the text format of Prometheus, for operators."""
    if request.context.metrics is None:
        raise Forbidden("Metrics are kept by what this is mounted in.")
    check_operator(request)
    await request.reply(200, request.context.metrics(), _METRICS)


def check_operator(request: HttpExchange) -> None:
    """Raise `Forbidden` for everybody but the operator."""
    if not request.context.auth.operates(request):
        raise Forbidden("This is for the operator: send `Authorization: Bearer` and the operator's token.")


async def usage(request: HttpExchange) -> None:
    """`GET usage`: how each endpoint was used since the server started; seconds, null where there was no call."""
    await request.json({"endpoints": request.context.usage()})
