"""The hub's own pages at the apps' address: what a browser sees in place of an app that does not answer."""

from __future__ import annotations

from spaceport.api.asgi import Headers
from spaceport.hub.api import state_page
from spaceport.hub.api.state_page import StatePage

_LOG_LINES = 20
_WAKING = {
    "BUILDING": "is being built. The first build of a Space installs what its requirements name.",
    "APP_STARTING": "is starting.",
}
_WAKES = "is waking up."
_BY_ITSELF = "This page goes on by itself."
_ADVICE = {
    "BUILD_ERROR": "Its owner can read the build log on the hub's page of this Space and upload corrected files.",
    "CONFIG_ERROR": "Its owner can correct the settings in the front matter of README.md and upload it.",
    "NO_APP_FILE": "Its owner can upload an app.py, or name another file as `app_file` in README.md.",
    "RUNTIME_ERROR": "Its owner can read the run log on the hub's page of this Space, correct the app and restart it.",
    "PAUSED": "Its owner can restart it on the hub's page of this Space, or with the command hf spaces restart, "
    "followed by the name of the Space.",
}
_TRY_AGAIN = "Try again in a moment."
_CHECK_ADDRESS = "Check the address. A private Space is shown to those who are signed in and may see it."
HEADERS: Headers = [
    (b"content-type", b"text/html; charset=utf-8"),
    *((name.encode(), value.encode()) for name, value in state_page.HEADERS.items()),
]
MISSING_HEADERS: Headers = [
    (name, b"no-referrer-when-downgrade" if name == b"referrer-policy" else value) for name, value in HEADERS
]
"""The hub's page to sign in learns from the `Referer` which Space was asked for: this page is the same for all."""


def waking_page(name: str, stage: str, hub: str, log: str = "") -> StatePage:
    """It reloads itself every two seconds. `hub`: the hub's page of the Space, empty where it is not known. `log`: the
    end of the build's, for callers who may read it."""
    text = f"{name} {_WAKING.get(stage.removeprefix('RUNNING_'), _WAKES)} {_BY_ITSELF}"
    return StatePage("busy", name, [text], _last_lines(log), _links(hub, "logs"), refresh_s=2)


def unavailable_page(name: str, text: str, stage: str, hub: str, log: str = "") -> StatePage:
    """Of a Space that cannot run. `hub` and `log` as in `waking_page`."""
    kind = "warn" if stage == "PAUSED" else "bad"
    return StatePage(kind, name, [text, _ADVICE.get(stage, _TRY_AGAIN)], _last_lines(log), _links(hub, "logs"))


def error_page(title: str, text: str, *, missing: bool, sign_in: str = "") -> StatePage:
    """`sign_in`: the hub's page that shows the Space to who may see it, where it is known."""
    lines = [text, _CHECK_ADDRESS if missing else _TRY_AGAIN]
    return StatePage("missing" if missing else "bad", title, lines, links=[("Sign in", sign_in)] if sign_in else [])


def _links(hub: str, tab: str) -> list[tuple[str, str]]:
    return [("Open on the hub", hub), ("Logs", f"{hub}/{tab}")] if hub else []


def _last_lines(log: str) -> str:
    return "\n".join(log.splitlines()[-_LOG_LINES:])
