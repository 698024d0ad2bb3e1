"""`AppContext`: everything that a handler may need of the served Space."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from spaceport.api.auth import Auth
from spaceport.api.catalog import Catalog
from spaceport.api.origins import ANY_HOST, OriginRules
from spaceport.api.ports import Files, ResumableUploads, WebhookSender
from spaceport.api.sessions import Sessions
from spaceport.api.stream_limit import StreamLimit
from spaceport.api.theme import NO_THEME, Theme
from spaceport.api.upload_tracker import UploadTracker
from spaceport.engine import Engine
from spaceport.wire.documents import Superset


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator and the author may set of the API; sizes in bytes, times in seconds (docs/settings.md)."""

    title: str = "Spaceport"
    description: str | None = None
    mode: str = "blocks"
    root_path: str = ""
    show_error: bool = False
    max_body: int = 10 << 20
    body_timeout_s: float = 30.0
    max_file_size: int | None = None
    heartbeat_s: float = 15.0
    wait_max_s: float = 60.0
    disconnect_grace_s: float = 60.0
    streams_per_caller: int = 10_000
    trust_forwarded: bool = False
    behind_hub: bool = False
    """Believe `x-gradio-server`: a hub that starts a Space tells it there how the caller addressed it."""
    connect_heartbeat: bool = False
    space_id: str | None = None
    hub_space: str = ""
    """`owner/name` of a Space whose calls a hub queues: code that calls it connects by this name."""
    hub_url: str = ""
    """The address of that hub, if its callers use the one that it listens on."""
    origins: OriginRules = ANY_HOST
    theme: Theme = NO_THEME


@dataclass(slots=True)
class AppContext:
    """One served Space: its endpoints, its engine, and who may call."""

    catalog: Catalog
    engine: Engine
    auth: Auth
    options: Options
    sessions: Sessions
    app_id: int
    files: Files
    resumable_uploads: ResumableUploads
    uploads: UploadTracker = field(default_factory=UploadTracker)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: streams say so and close."""
    metrics: Callable[[], bytes] | None = None
    """Renders the page of metrics; None if nobody keeps them."""
    usage: Callable[[], dict[str, Any]] = dict
    """The calls of each endpoint since the server started: how many, how they ended, how long they ran."""
    refused: Callable[[str], None] = lambda _: None
    """Called with the code of each error that a request was answered with."""
    webhooks: WebhookSender | None = None
    streams: StreamLimit = field(default_factory=StreamLimit)
    superset: Superset = field(default_factory=Superset)
    config: bytes | None = None
    info: dict[bool, bytes] = field(default_factory=dict)
    openapi: bytes | None = None
    making: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a thread makes one of these documents."""
