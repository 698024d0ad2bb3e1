"""Every setting, read from the environment once and frozen. Nothing else in the project reads the environment.

A setting is `SPACEPORT_` + its name in upper case; the few with Gradio's names say so. docs/settings.md lists them.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from spaceport.engine import Bounds
from spaceport.store import FileLimits
from spaceport.webhooks import WebhookLimits

DURABILITIES = ("memory", "process", "power")
_WORDS = {
    "durability": DURABILITIES,
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("auto", "console", "json"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes in bytes, times in seconds."""

    server_name: str = "127.0.0.1"
    """Address to listen on (also `GRADIO_SERVER_NAME`)."""
    server_port: int | None = None
    """Port; unset: the first free one from 7860 (also `GRADIO_SERVER_PORT`)."""
    root_path: str = ""
    """Path or full URL under which a proxy shows the Space (also `GRADIO_ROOT_PATH`)."""
    durability: str = "process"
    """What an accepted call outlives: `memory`, `process` (kill -9), `power` (power loss)."""
    data_dir: Path | None = None
    """Folder of the journal; unset: a folder per script under the user's state folder."""
    show_error: bool = False
    """Tell callers the text of unexpected errors; errors raised as `spaceport.Error` are always told."""
    link: bool = False
    """Take calls over a hub's link, one connection for all of them; a hub sets it for what it starts itself."""
    allowed_hosts: str = ""
    """Names, with commas between them, that the server answers to, and whose pages count as its own; `.example.com` is
    all below it. On a loopback address it answers 421 to others but localhost's, unless it trusts `X-Forwarded-*`."""
    trust_forwarded: bool = False
    """Believe `X-Forwarded-*`: only behind a proxy that sets them itself."""
    max_threads: int = 128
    """Plain (not async) functions that run at once, over all endpoints."""
    drain_s: float = 10.0
    """How long a stopping server lets running calls end."""
    max_body: int = 10 << 20
    """Largest request body."""
    head_timeout_s: float = 30.0
    """How long the head of a request may take to arrive before the connection is closed."""
    body_timeout_s: float = 30.0
    """How long the body of a request (or the next piece of an upload) may take to arrive before the answer is 408."""
    wait_max_s: float = 60.0
    """How long `Prefer: wait` waits at most."""
    max_file_size: int | None = None
    """Largest file that can be uploaded or fetched; unset: any that the budgets have room for."""
    files_bytes: int = FileLimits.total
    """Files of callers and functions together; beyond, the least recently used go. Resumable uploads that have not
    ended may take half of it: a longer one is refused with 413."""
    files_bytes_per_caller: int = FileLimits.caller
    """Files of one user, or of one address for callers without a name."""
    file_ttl_s: float = FileLimits.ttl_s
    """How long a file is kept after its last use."""
    uploads_dir: Path | None = None
    """Folder of files that calls may name beside their callers' own. A hub sets it; the hub checks whose they are."""
    upstream_token: str | None = None
    """A hub's token for its `--upstream-hub`; its callers' own never go there."""
    fetch_private: bool = False
    """Fetch files by URL also from private addresses, and send webhooks to them: this machine and its network."""
    webhook_delay_s: float = 5.0
    """Wait before a webhook is sent again for the first time; later waits are longer, up to 8640 times as long."""
    heartbeat_s: float = 15.0
    """Time between heartbeats on a stream."""
    disconnect_grace_s: float = 60.0
    """How long a call with `on_disconnect=cancel` continues after its reader has disconnected."""
    state_ttl_s: float = 3600.0
    """How long a session's state outlives its last heartbeat."""
    state_sessions: int = 10_000
    """Sessions whose state is kept; beyond, the least recently used goes."""
    queue_max: int = Bounds.waiting
    """Calls that may wait in all; further ones get 503."""
    queue_max_per_caller: int = Bounds.waiting_per_caller
    """Calls that one caller may have waiting: a user, else a session, else an address."""
    running_max_per_caller: int | None = Bounds.running_per_caller
    """Calls of one caller that may run at once; unset: any number."""
    retry_delay_s: float = Bounds.retry_delay_s
    """Wait before a call's first retry; it doubles with each further one, up to a minute."""
    streams_max_per_caller: int = 10_000
    """Streams that one caller may have open: a user, else an address."""
    forwarded_max_per_caller: int = 1000
    """At a hub, requests that are forwarded to apps and websockets that one caller may have open."""
    operator_token: str | None = None
    """Bearer token of the operator, who may see everybody's calls and `/metrics`; unset: one is generated, in
    `operator.token` beside the journal."""
    log_level: str = "warning"
    """What `spaceport run` and `spaceport hub` log: `debug`, `info` (a line for each call that ends), `warning`,
    `error`."""
    log_format: str = "auto"
    """`console`, `json`, or `auto`: `console` on a terminal, else `json`."""
    updates_bytes: int = Bounds.updates_bytes
    """Bytes of updates that are kept of one call."""
    outcome_ttl_s: float = Bounds.outcome_ttl_s
    """How long a result can be read again."""
    outcomes_bytes: int = Bounds.outcomes_bytes
    """Bytes of results that are kept, all together."""
    recent_bytes: int = Bounds.recent_bytes
    """Finished calls kept in memory in front of the journal."""

    def file_limits(self) -> FileLimits:
        return FileLimits(self.max_file_size, self.files_bytes, self.files_bytes_per_caller, self.file_ttl_s)

    def webhook_limits(self) -> WebhookLimits:
        return WebhookLimits(self.outcome_ttl_s, self.webhook_delay_s, self.fetch_private)

    def bounds(self) -> Bounds:
        return Bounds(
            self.queue_max,
            self.queue_max_per_caller,
            self.running_max_per_caller,
            self.updates_bytes,
            self.outcome_ttl_s,
            self.outcomes_bytes,
            self.recent_bytes,
            self.retry_delay_s,
        )


@dataclass(frozen=True, slots=True)
class HubSettings:
    """What `spaceport hub` has a flag for; the flag counts more than its variable."""

    data_dir: Path | None = None
    """Folder of the hub (also `SPACEPORT_HUB_DIR`); unset: below the user's state folder."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int | None = None
    """Port of the hub; unset: the first free one from 8000; 0: any."""
    apps_port: int | None = None
    """Port of the Spaces' own addresses; unset: the next free one."""
    start_timeout: float = 300.0
    """Seconds that an app may take to listen."""
    sleep_after: float = 3600.0
    """Seconds without a request after which a Space sleeps."""
    apps_domain: str = "localhost"
    """Below this domain every Space has a host."""
    apps_url: str | None = None
    """Where programs find the Spaces, if something stands in front of the hub."""
    upstream_hub: str | None = None
    """Another hub that is asked for models and datasets; unset: none."""
    memory: str = "0"
    """Address space of an app's process, like `8gb`; 0: any."""
    processes: int = 1024
    """Processes that an app may have."""
    replicas: int = 4
    """Replicas that a Space may have at most."""
    adopt_within: float = 600.0
    """Seconds after which replicas end whose hub was killed, unless a hub has started again and adopted them."""
    trust_spaces: bool = False
    """Run everybody's Spaces, though nothing isolates them here."""
    url: str = ""
    """Where browsers find the hub itself, if something stands in front of it."""
    sign_up: str = "invited"
    """Who may make an account: `open` (everybody), `invited` (whoever has a link) or `closed`."""
    smtp_url: str = ""
    """The server that sends mail, as `smtps://user:password@host:port` (or `smtp+starttls`, `smtp`); unset: none."""
    smtp_from: str = ""
    """The address that mail comes from."""
    oidc_issuer: str = ""
    """An OpenID Connect provider to sign in with: its issuer, as the provider writes it; unset: none."""
    oidc_client_id: str = ""
    """What the provider calls this hub."""
    oidc_client_secret: str = ""
    """The provider's secret with this hub; unset for a public client. Others can see flags."""
    oidc_name: str = "single sign-on"
    """What the button on the page to sign in says."""
    oidc_scopes: str = "openid profile email"
    """What the provider is asked for."""
    oidc_groups_claim: str = "groups"
    """The claim that lists a user's groups."""
    oidc_groups: str = ""
    """What groups give: `engineers=research:write; staff=tier:pro`."""


_GRADIO = {
    "server_name": "GRADIO_SERVER_NAME",
    "server_port": "GRADIO_SERVER_PORT",
    "root_path": "GRADIO_ROOT_PATH",
}


_SIGN_UP = ("open", "invited", "closed")
_HUB_PREFIX = "SPACEPORT_HUB_"
_HUB_ALIASES = {"data_dir": "SPACEPORT_HUB_DIR"}


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings of this process. Raises `ValueError` that names the variable for a value that does not fit."""
    settings = Settings(**_read(Settings, "SPACEPORT_", _GRADIO, environment))
    for name, words in _WORDS.items():
        if getattr(settings, name) not in words:
            raise ValueError(f"SPACEPORT_{name.upper()} is one of {', '.join(words)}, not {getattr(settings, name)!r}.")
    return settings


def load_hub(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> HubSettings:
    """Settings of a hub: each from its flag, unless that is None, else from its variable. Raises as `load`."""
    found = _read(HubSettings, _HUB_PREFIX, _HUB_ALIASES, environment)
    names = {field.name for field in fields(HubSettings)}
    given = {name: value for name, value in flags.items() if name in names and value is not None}
    settings = HubSettings(**{**found, **given})
    if settings.sign_up not in _SIGN_UP:
        raise ValueError(f"SPACEPORT_HUB_SIGN_UP is one of {', '.join(_SIGN_UP)}, not {settings.sign_up!r}.")
    return settings


def _read(kind: type[Any], prefix: str, aliases: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, Any]:
    """The fields of a dataclass of settings that the environment sets."""
    environment = os.environ if given is None else given
    found: dict[str, Any] = {}
    for field in fields(kind):
        variable = prefix + field.name.upper()
        value = environment.get(variable) or environment.get(aliases.get(field.name, ""))
        if value:
            found[field.name] = _parse(variable, str(field.type), value)
    return found


def _parse(variable: str, kind: str, value: str) -> Any:
    try:
        if kind.startswith("int"):
            return int(value)
        if kind.startswith("float"):
            return float(value)
    except ValueError:
        raise ValueError(f"{variable} is a number, not {value!r}.") from None
    if kind.startswith("bool"):
        if value.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise ValueError(f"{variable} is true or false, not {value!r}.")
        return value.lower() in ("1", "true", "yes")
    return Path(value) if kind.startswith("Path") else value


def journal_folder(settings: Settings, script: str | None) -> Path:
    """Where the journal of a script lives: a folder of its own, so that a restart finds it again."""
    if settings.data_dir is not None:
        return settings.data_dir
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    place = Path(script).resolve() if script else Path.cwd() / "interactive"
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return base / "spaceport" / f"{place.stem}-{digest}"


def hub_folder(settings: HubSettings) -> Path:
    """Where a hub's data lies."""
    if settings.data_dir is not None:
        return Path(settings.data_dir)
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "spaceport" / "hub"


def names(text: str) -> list[str]:
    """The names of a list with commas between them."""
    return [name.strip() for name in text.split(",") if name.strip()]


def size(text: str | int) -> int:
    """Bytes: a number, or one with a unit of 1024, as "200kb" or "5mb". Raises `ValueError`."""
    if isinstance(text, int):
        return text
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", text.lower())
    if found is None:
        raise ValueError(f"A size is a number of bytes, or like '5mb', not {text!r}.")
    return int(float(found[1]) * 1024 ** " kmgt".index(found[2] or " "))
