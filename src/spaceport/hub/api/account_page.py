"""The page of one's own account: password, sessions, organizations."""

from __future__ import annotations

import datetime as dt
import hmac
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import Forbidden, InvalidInput, SpaceportError
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.browser import session_secret
from spaceport.hub.api.html import form, go_to, hidden, proof, show, text_input
from spaceport.hub.api.invitations import number_of
from spaceport.hub.api.request import hub_of, identity_of, in_thread, user_of
from spaceport.hub.api.sessions import set_password
from spaceport.hub.identity.sessions import form_token


async def account(request: Request) -> Response:
    """`GET /settings/account`; without a session it goes to the page to sign in."""
    if identity_of(request).session is None:
        return go_to("/login?next=/settings/account")
    return await _page(request)


async def change_account(request: Request) -> Response:
    """`POST /settings/account`: `action` says what. Raises `Forbidden` for a form of another page."""
    fields = dict(await read_form(request))
    must_be_form(request, fields)
    hub, user = hub_of(request), user_of(request)
    try:
        match fields.get("action"):
            case "password":
                await set_password(request, fields.get("current", ""), fields.get("password", ""))
            case "end":
                hub.sessions.revoke(user, number_of(fields.get("session", "")))
            case "end-others":
                hub.sessions.revoke_all(user, but=identity_of(request).session)
            case _:
                raise InvalidInput("`action` is one of password, end, end-others.")
    except SpaceportError as error:
        return await _page(request, error)
    return go_to("/settings/account")


def must_be_form(request: Request, fields: dict[str, str]) -> None:
    """Raise `Forbidden` where a form lacks the token of the session (`html.proof`)."""
    if not hmac.compare_digest(fields.get("form", "").encode(), form_token(session_secret(request)).encode()):
        raise Forbidden("This form is too old: load its page again.")


async def _page(request: Request, error: SpaceportError | None = None) -> Response:
    hub, user, current = hub_of(request), user_of(request), identity_of(request).session
    sessions, organizations, known = await in_thread(
        lambda: (hub.sessions.of(user), hub.organizations.of(user), hub.passwords.has(user))
    )
    assert current is not None
    rows = []
    for one in sessions:
        mark = hidden("session", str(one.id)) + hidden("action", "end") + proof(request)
        button = f'<form method="post">{mark}<button class="small">End</button></form>'
        rows.append(
            f"<tr><td>{escape(one.device or 'unknown')}</td><td>{escape(one.address)}</td><td>{_day(one.used_at)}</td>"
            f"<td>{'this one' if one.id == current.id else button}</td></tr>"
        )
    joined = "".join(
        f'<li><a href="/{escape(one.name)}">{escape(one.name)}</a> ({one.role})</li>' for one in organizations
    )
    inputs = [text_input("Current password", "current", "password", "current-password")] if known else []
    inputs += [text_input("New password", "password", "password", "new-password"), hidden("action", "password")]
    problem = "" if error is None else error.message
    mark = hidden("action", "end-others") + proof(request)
    others = f'<form method="post">{mark}<button>End all others</button></form>'
    leave = '<form method="post" action="/logout"><button>Sign out</button></form>'
    body = (
        f"<header><h1>{escape(user.name)}</h1>{leave}</header>"
        f"{form(request, 'Password', inputs, 'Change', problem=problem)}"
        f'<section class="card"><h2>Sessions</h2><table><thead><tr><th>Browser</th><th>Address</th><th>Last used</th>'
        f"<th></th></tr></thead><tbody>{''.join(rows)}</tbody></table>{others}</section>"
        f'<section class="card"><h2>Organizations</h2><ul>{joined or "<li>none</li>"}</ul></section>'
    )
    return show(request, "Account", body, 200 if error is None else error.status, wide=True)


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
