"""The page of one's own tokens."""

from __future__ import annotations

import datetime as dt
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from spaceport.errors import InvalidInput, SpaceportError
from spaceport.hub.api import tokens
from spaceport.hub.api.account_page import must_be_form
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.html import form, go_to, hidden, proof, show, text_input
from spaceport.hub.api.request import hub_of, identity_of, in_thread, user_of

_LOG = 50
_HEAD = "<th>Name</th><th>Token</th><th>May</th><th>Expires</th><th>Last used</th><th></th>"
_ROLES = (
    '<label class="field">May<select name="role"><option value="read">read</option><option value="write">read and write'
    '</option><option value="fineGrained">only what the scopes say</option></select></label>'
)
_SCOPES = (
    '<label class="field">Scopes, one a line: a Space or an owner, then call, read, write or manage'
    '<textarea name="scopes" rows="3" placeholder="ann/app:call"></textarea></label>'
)
_DAYS = '<label class="field">Valid for days (empty: until revoked)<input name="days" inputmode="decimal"></label>'


async def page(request: Request) -> Response:
    """`GET /settings/tokens`; without a session it goes to the page to sign in."""
    if identity_of(request).session is None:
        return go_to("/login?next=/settings/tokens")
    return await _page(request)


async def change(request: Request) -> Response:
    """`POST /settings/tokens`: makes or revokes one. Raises `Forbidden` for a form of another page."""
    fields = dict(await read_form(request))
    must_be_form(request, fields)
    try:
        match fields.get("action"):
            case "add":
                scopes = fields.get("scopes", "").split()
                days = _days(fields.get("days", ""))
                name, role = fields.get("name", ""), fields.get("role", "read")
                return await _page(request, made=await tokens.make(request, name, role, days, scopes))
            case "revoke":
                await tokens.remove(request, fields.get("token", ""))
            case _:
                raise InvalidInput("`action` is one of add, revoke.")
    except SpaceportError as error:
        return await _page(request, error=error)
    return go_to("/settings/tokens")


async def _page(request: Request, *, made: str = "", error: SpaceportError | None = None) -> Response:
    hub, user = hub_of(request), user_of(request)
    found, log = await in_thread(
        lambda: ([(one, hub.tokens.scopes_of(one)) for one in hub.tokens.of(user)], hub.audit.of(user, limit=_LOG))
    )
    rows = []
    for token, scopes in found:
        fields = hidden("token", str(token.id)) + hidden("action", "revoke") + proof(request)
        used = "never" if token.used_at is None else f"{_day(token.used_at)}, {escape(token.address or '')}"
        rows.append(
            f"<tr><td>{escape(token.name)}</td><td><code>{escape(token.shown)}…</code></td>"
            f"<td>{escape(', '.join(scopes) or token.role)}</td>"
            f"<td>{'never' if token.expires_at is None else _day(token.expires_at)}</td><td>{used}</td>"
            f'<td><form method="post">{fields}<button class="small danger">Revoke</button></form></td></tr>'
        )
    done = [
        f"<tr><td>{_day(one.at)}</td><td>{escape(one.credential)}</td><td>{escape(one.action)}</td>"
        f"<td>{one.status}</td><td>{escape(one.address)}</td></tr>"
        for one in log
    ]
    shown = (
        f'<section class="card" role="status"><h2>Your new token</h2><p>It is shown only now:</p>'
        f"<code>{escape(made)}</code></section>"
        if made
        else ""
    )
    inputs = [text_input("Name", "name", "text", "off"), _ROLES, _SCOPES, _DAYS, hidden("action", "add")]
    new = form(request, "New token", inputs, "Make token", problem="" if error is None else error.message)
    body = (
        f"<header><h1>Tokens of {escape(user.name)}</h1></header>{shown}"
        f'<section class="card"><table><thead><tr>{_HEAD}</tr></thead><tbody>{"".join(rows)}</tbody></table></section>'
        f"{new}"
        f'<section class="card"><h2>What was done with them</h2><table><tbody>{"".join(done)}</tbody></table></section>'
    )
    return show(request, "Tokens", body, 200 if error is None else error.status, wide=True)


def _days(text: str) -> float | None:
    """Raises `InvalidInput`."""
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise InvalidInput("How long a token is valid is a number of days.") from None


def _day(at: float) -> str:
    return dt.datetime.fromtimestamp(at, dt.timezone.utc).strftime("%Y-%m-%d %H:%M")
