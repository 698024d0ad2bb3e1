"""`/oauth/device`: somebody who is signed in allows a program, which shows a code, to sign in as them."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import SpaceportError
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.browser import address_of
from spaceport.hub.api.html import go_to, hidden, must_be_form, proof, show
from spaceport.hub.api.request import context_of, identity_of, user_of
from spaceport.hub.identity.device_logins import DeviceLogin
from spaceport.hub.identity.oauth_scopes import EVERYTHING

_TITLE = "Sign in a program"


async def page(request: Request) -> Response:
    """`GET /oauth/device`: asks for the code; with `user_code` it shows who asks."""
    if identity_of(request).session is None:
        here = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return go_to(f"/login?next={quote(here, safe='')}")
    code = request.query_params.get("user_code", "")
    if not code:
        return _enter(request)
    try:
        return _confirm(request, _find(request, code))
    except SpaceportError as error:
        return _enter(request, error)


async def answer(request: Request) -> Response:
    """`POST /oauth/device/answer`: the user's answer. Raises `Forbidden` for a form of another page."""
    fields = dict(await read_form(request))
    must_be_form(request, fields)
    try:
        login = _find(request, fields.get("user_code", ""))
    except SpaceportError as error:
        return _enter(request, error)
    if fields.get("answer") == "allow":
        login.user = user_of(request)
        return _done(request, "The program is signed in. You can close this page.")
    login.denied = True
    return _done(request, "The program is not signed in. You can close this page.")


def _find(request: Request, code: str) -> DeviceLogin:
    return context_of(request).devices.find(code, user_of(request), address_of(request))


def _enter(request: Request, error: SpaceportError | None = None) -> Response:
    wrong = "" if error is None else f'<p class="wrong" role="alert">{escape(error.message)}</p>'
    body = (
        f'<form method="get" action="/oauth/device" class="card inputs"><h1>{_TITLE}</h1>'
        '<label class="field">The code that the program shows<input name="user_code" autocomplete="off"'
        f' spellcheck="false" autocapitalize="characters" maxlength="40" required autofocus></label>{wrong}'
        '<button type="submit" class="run">Go on</button></form>'
    )
    return show(request, _TITLE, body, 200 if error is None else error.status)


def _confirm(request: Request, login: DeviceLogin) -> Response:
    body = (
        f'<form method="post" action="/oauth/device/answer" class="card inputs"><h1>{_TITLE}</h1>'
        f"<p>Does your program show the code <b>{escape(login.code)}</b>? If you did not start it yourself just now, "
        f"cancel: somebody wants to use your account.</p>"
        f"<p>It asks from the address {escape(login.address)}, says that it is <b>{escape(login.program)}</b>, and "
        f"could then do as you, <b>{escape(user_of(request).name)}</b>, {escape(EVERYTHING)}.</p>"
        f"{hidden('user_code', login.code)}{proof(request)}"
        '<button type="submit" class="run" name="answer" value="allow">Allow</button>'
        '<button type="submit" name="answer" value="deny">Cancel</button></form>'
    )
    return show(request, _TITLE, body)


def _done(request: Request, text: str) -> Response:
    return show(request, _TITLE, f'<div class="card"><h1>{_TITLE}</h1><p role="status">{escape(text)}</p></div>')
