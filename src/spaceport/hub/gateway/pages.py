"""The hub's own pages at the apps' address: what a browser sees in place of an app that does not answer."""

from __future__ import annotations

from html import escape

from spaceport.api.asgi import Headers

_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">{refresh}
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px system-ui;display:grid;place-content:center;min-height:90vh}}
body{{max-width:60rem;margin:auto;padding:1rem}}
pre{{overflow:auto;max-height:50vh;padding:1rem;border:1px solid;font-size:.8rem}}</style>
"""
_WAKING = """<p role="status"><b>{title}</b> is waking up ({stage}). This page goes on by itself.</p></html>"""
_ERROR = """<main><h1>{title}</h1><p role="alert">{text}</p><p>{advice}</p>{log}</main></html>"""
_LOG = """<h2>The end of its log</h2><pre>{text}</pre>"""
_ADVICE = {
    "BUILD_ERROR": "Its owner can read the build log on the hub's page of this Space and upload corrected files.",
    "CONFIG_ERROR": "Its owner can correct the settings in the front matter of README.md and upload it.",
    "NO_APP_FILE": "Its owner can upload an app.py, or name another file as `app_file` in README.md.",
    "RUNTIME_ERROR": "Its owner can read the run log on the hub's page of this Space, correct the app and restart it.",
    "PAUSED": "Its owner can restart it with the command hf spaces restart, followed by the name of the Space.",
}
_TRY_AGAIN = "Try again in a moment."
_CHECK_ADDRESS = "Check the address. A private Space needs a token, which a browser does not send by itself."
HEADERS: Headers = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


def waking_page(name: str, stage: str) -> bytes:
    """It reloads itself every two seconds."""
    refresh = '<meta http-equiv="refresh" content="2">'
    return (_HEAD + _WAKING).format(refresh=refresh, title=escape(name), stage=escape(stage)).encode()


def error_page(title: str, text: str, stage: str | None = None, log: str = "") -> bytes:
    """`log`: the end of the Space's log, for callers who may read it."""
    advice = _CHECK_ADDRESS if stage is None else _ADVICE.get(stage, _TRY_AGAIN)
    shown = _LOG.format(text=escape(log)) if log else ""
    page = (_HEAD + _ERROR).format(refresh="", title=escape(title), text=escape(text), advice=advice, log=shown)
    return page.encode("utf-8", "replace")
