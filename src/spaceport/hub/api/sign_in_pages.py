"""The pages to sign in, to sign up, to follow an invitation, and to set a new password with a link."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import SpaceportError
from spaceport.hub.api import browser
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.html import form, go_to, hidden, must_be_form, show, text_input
from spaceport.hub.api.passkeys import SCRIPT_PATH
from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread
from spaceport.hub.api.sessions import authenticate, register, ticket_for, use_code, use_reset
from spaceport.hub.identity.tickets import EXPIRED
from spaceport.store.hub.ports import Owner

_NAME = "username"
_NO_SIGN_UP = {"invited": "New here? Ask the hub's admin for a link.", "closed": ""}


async def login(request: Request) -> Response:
    """`GET`, `POST /login`: signs in, and goes to the path in `next`."""
    fields = await _fields(request)
    target = browser.local_path(fields.get("next") or request.query_params.get("next", "/"))
    if request.method == "GET":
        return go_to(target) if identity_of(request).session else _login(request, target)
    try:
        if ticket := fields.get("ticket"):
            user = await use_code(request, ticket, fields.get("code", ""))
            return _signed_in(request, user, target)
        user = await authenticate(request, fields.get("name", ""), fields.get("password", ""))
    except SpaceportError as error:
        if ticket and error.message != EXPIRED:
            return _second_step(request, ticket, target, error)
        return _login(request, target, fields.get("name", ""), error)
    return _signed_in(request, user, target, ticket_for(request, user))


async def logout(request: Request) -> Response:
    """`POST /logout`: ends the browser's session."""
    response = go_to("/")
    browser.sign_out(request, response)
    return response


async def signup(request: Request) -> Response:
    """`GET`, `POST /signup`: makes an account where everybody may."""
    return await _sign_up(request, "")


async def join(request: Request) -> Response:
    """`GET`, `POST /join/{secret}`: joins an organization, or makes an account with an invitation."""
    secret, hub = request.path_params["secret"], hub_of(request)
    user = identity_of(request).owner
    try:
        invitation = await in_thread(lambda: hub.invitations.find(secret))
        if user is None or invitation.organization is None:
            return await _sign_up(request, secret)
        if request.method == "POST":
            must_be_form(request, await _fields(request))
            await in_thread(lambda: hub.invitations.accept(secret, user))
            return go_to(f"/settings/organizations/{invitation.organization}")
    except SpaceportError as error:
        return _problem(request, error)
    about = f"<p>You join as <b>{escape(user.name)}</b>, with the role {escape(invitation.role or '')}.</p>"
    return show(request, "Join", form(request, f"Join {invitation.organization}", [], "Join", about=about))


async def reset(request: Request) -> Response:
    """`GET`, `POST /reset/{secret}`: sets a new password, and signs in."""
    secret, hub = request.path_params["secret"], hub_of(request)
    try:
        user = await in_thread(lambda: hub.passwords.reset_user(secret))
    except SpaceportError as error:
        return _problem(request, error)
    problem, status = "", 200
    if request.method == "POST":
        try:
            user = await use_reset(request, secret, (await _fields(request)).get("password", ""))
        except SpaceportError as error:
            problem, status = error.message, error.status
        else:
            return _signed_in(request, user, "/", ticket_for(request, user))
    inputs = [_hidden_name(user.name), _new_password()]
    title = f"New password for {user.name}"
    return show(request, title, form(request, title, inputs, "Set password", problem=problem), status)


async def _sign_up(request: Request, invitation: str) -> Response:
    fields, policy = await _fields(request), context_of(request).sign_up
    problem, status = "", 200
    if request.method == "POST":
        try:
            user = await register(request, fields.get("name", ""), fields.get("password", ""), invitation)
        except SpaceportError as error:
            problem, status = error.message, 400 if error.status == 422 else error.status
        else:
            response = go_to("/")
            browser.sign_in(request, response, user)
            return response
    if policy == "closed" or (policy == "invited" and not invitation):
        problem = problem or "This hub takes no new users, but by invitation: ask its admin for a link."
        return _message(request, "Sign up", problem, status)
    inputs = [text_input("Name", "name", "text", _NAME, fields.get("name", "")), _new_password()]
    foot = _provider_link(request, "/", invitation)
    foot += f'<p>You have an account? <a href="/login?next={quote(request.url.path)}">Sign in</a></p>'
    body = form(request, "Make an account", inputs, "Sign up", problem=problem, foot=foot)
    return show(request, "Sign up", body, status)


def _signed_in(request: Request, user: Owner, target: str, ticket: str = "") -> Response:
    if ticket:
        return _second_step(request, ticket, target)
    response = go_to(target)
    browser.sign_in(request, response, user)
    return response


def _second_step(request: Request, ticket: str, target: str, error: SpaceportError | None = None) -> Response:
    about = "<p>Enter the code that your authenticator app shows, or a recovery code.</p>"
    inputs = [
        text_input("Code", "code", "text", "one-time-code"),
        hidden("ticket", ticket),
        hidden("next", target),
    ]
    problem = "" if error is None else error.message
    body = form(request, "Second step", inputs, "Sign in", problem=problem, about=about, action="/login")
    return show(request, "Sign in", body, 200 if error is None else error.status)


def _login(request: Request, target: str, name: str = "", error: SpaceportError | None = None) -> Response:
    policy = context_of(request).sign_up
    foot = '<p>New here? <a href="/signup">Sign up</a></p>' if policy == "open" else f"<p>{_NO_SIGN_UP[policy]}</p>"
    inputs = [
        text_input("Name", "name", "text", _NAME, name),
        text_input("Password", "password", "password", "current-password"),
        hidden("next", target),
    ]
    problem = "" if error is None else error.message
    body = form(
        request,
        "Sign in",
        inputs,
        "Sign in",
        problem=problem,
        foot=_forgot(request) + _passkey_button(target) + _provider_link(request, target) + foot,
    )
    return show(request, "Sign in", body, 200 if error is None else error.status)


def _forgot(request: Request) -> str:
    return "" if context_of(request).mailer is None else '<p><a href="/forgot">Forgot your password?</a></p>'


def _passkey_button(target: str) -> str:
    """Its script shows it where the browser has passkeys."""
    return (
        f'<p><button type="button" id="passkey" data-next="{escape(target)}" hidden>Sign in with a passkey</button></p>'
        f'<p id="passkey-problem" role="alert"></p><script type="module" src="{SCRIPT_PATH}"></script>'
    )


def _provider_link(request: Request, target: str, invitation: str = "") -> str:
    """A link, not a form: the policy of these pages lets no form lead to another host."""
    provider = context_of(request).openid
    if provider is None:
        return ""
    query = escape(urlencode({"next": target, **({"invitation": invitation} if invitation else {})}))
    return f'<p><a href="/login/openid?{query}">Continue with {escape(provider.options.name)}</a></p>'


def _problem(request: Request, error: SpaceportError) -> Response:
    return _message(request, "This did not work", error.message, error.status)


def _message(request: Request, title: str, text: str, status: int) -> Response:
    body = (
        f'<div class="card"><h1>{escape(title)}</h1><p role="alert">{escape(text)}</p><p><a href="/">Home</a></p></div>'
    )
    return show(request, title, body, status)


def _new_password() -> str:
    return text_input("Password", "password", "password", "new-password")


def _hidden_name(name: str) -> str:
    """So that a browser knows whose password it keeps."""
    return f'<input name="name" value="{escape(name)}" autocomplete="{_NAME}" hidden>'


async def _fields(request: Request) -> dict[str, str]:
    return dict(await read_form(request)) if request.method == "POST" else {}
