"""Pages of the hub that are plain HTML with forms: they need no JavaScript, and look as the others do."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from spaceport.api.pages import ICON, page_headers, stylesheets
from spaceport.errors import Forbidden
from spaceport.hub.api.browser import session_secret
from spaceport.hub.identity.sessions import form_token

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
{styles}
</head>
<body>
<main class="alone" style="padding-bottom:48px">{body}</main>
</body>
</html>
"""


def show(request: Request, title: str, body: str, status: int = 200, *, ancestors: str = "'none'") -> Response:
    """A page. `body` is HTML. `ancestors`: whose pages may frame it, as a content security policy says it."""
    root = "../" * (request.url.path.count("/") - 1) or "./"
    links = "\n".join(f'<link rel="stylesheet" href="{escape(one)}">' for one in stylesheets("hub", root))
    text = _PAGE.format(title=escape(title), icon=ICON, styles=links, body=body)
    headers = {**page_headers(ancestors=ancestors), "cache-control": "no-store"}
    headers["x-frame-options"] = "SAMEORIGIN" if ancestors == "'self'" else "DENY"
    return HTMLResponse(text, status, headers)


def form(
    request: Request,
    title: str,
    inputs: Sequence[str],
    button: str,
    *,
    problem: str = "",
    about: str = "",
    foot: str = "",
    action: str = "",
) -> str:
    """A form that is sent to `action`, or to the page's own address. `inputs`, `about` and `foot` are HTML."""
    wrong = f'<p class="wrong" role="alert">{escape(problem)}</p>' if problem else ""
    fields = "".join([*inputs, proof(request)])
    to = f' action="{escape(action)}"' if action else ""
    return (
        f'<form method="post"{to} class="card inputs"><h1>{escape(title)}</h1>{about}{fields}{wrong}'
        f'<button type="submit" class="run">{escape(button)}</button>{foot}</form>'
    )


def proof(request: Request) -> str:
    """The hidden field that `must_be_form` asks for, where somebody is signed in."""
    secret = session_secret(request)
    return hidden("form", form_token(secret)) if secret else ""


def must_be_form(request: Request, fields: Mapping[str, str]) -> None:
    """Raise `Forbidden` where a form of somebody who is signed in lacks the token of the session (`proof`)."""
    if not hmac.compare_digest(fields.get("form", "").encode(), form_token(session_secret(request)).encode()):
        raise Forbidden("This form is too old: load its page again.")


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def text_input(label: str, name: str, kind: str, autocomplete: str, value: str = "") -> str:
    return (
        f'<label class="field">{escape(label)}<input name="{escape(name)}" type="{kind}" autocomplete="{autocomplete}"'
        f' value="{escape(value)}" required></label>'
    )


def go_to(path: str) -> Response:
    """Show another page of the hub, after a form."""
    return RedirectResponse(path, 303, {"cache-control": "no-store"})
