"""`/oauth/authorize`: an app sends its visitor here, who says whether it may act for them, and goes back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, unquote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from spaceport.errors import InvalidInput, NotFound
from spaceport.hub.api.bodies import form as read_form
from spaceport.hub.api.html import go_to, must_be_form, proof, show
from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread, scheme_and_host, user_of
from spaceport.hub.identity.access import may_see
from spaceport.hub.identity.oauth_codes import Authorization
from spaceport.hub.identity.oauth_scopes import SCOPES, split
from spaceport.hub.spaces import readme
from spaceport.store.hub.ports import Owner, SpaceRow
from spaceport.store.hub.session_ports import Session

_MAX_PARAMETER = 2000
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_FRAMES = ("iframe", "frame")
_UNKNOWN = "There is no such application, or you may not see it."


class _Refused(Exception):
    """What the app is told, at its own address: `code` is one of RFC 6749 and OpenID Connect."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


@dataclass(frozen=True, slots=True)
class _Client:
    """`back`: where its visitor goes with the answer. `given`: the redirect URI as the app wrote it."""

    space: SpaceRow
    options: readme.OAuthOptions
    back: str
    given: str


async def ask(request: Request) -> Response:
    """`GET /oauth/authorize`: the page that asks; without a session it goes to the page to sign in first."""
    here = f"/oauth/authorize?{request.url.query}"
    if request.headers.get("sec-fetch-dest") in _FRAMES:
        return _outside_of_frame(request, here)
    identity, query = identity_of(request), request.query_params
    if identity.session is None:
        if query.get("prompt") == "none":
            return await _answered(request, {"error": "login_required"})
        return go_to(f"/login?next={quote(here, safe='')}")
    client = await _client(request)
    return await _telling(request, client, _ask(request, client))


async def answer(request: Request) -> Response:
    """`POST /oauth/authorize`: the visitor's answer. Raises `Forbidden` for a form of another page."""
    fields = dict(await read_form(request))
    must_be_form(request, fields)
    client = await _client(request)
    return await _telling(request, client, _allow(request, client, allowed=fields.get("answer") == "allow"))


async def _ask(request: Request, client: _Client) -> Response:
    """The page, or the way back for what was allowed before. Raises `_Refused`."""
    prompt, scopes = request.query_params.get("prompt"), _scopes(request, client)
    user = await _user(request, client)
    allowed = await in_thread(lambda: hub_of(request).applications.allows(user, client.space, scopes))
    if allowed is not None and prompt != "consent":
        return _back(client, _with_code(request, client, allowed.id, scopes))
    if prompt == "none":
        raise _Refused("consent_required", "The user has not allowed this yet.")
    return _page(request, client, scopes, user)


async def _allow(request: Request, client: _Client, *, allowed: bool) -> Response:
    """Raises `_Refused`."""
    scopes, user = _scopes(request, client), await _user(request, client)
    if not allowed:
        raise _Refused("access_denied", "The user has refused.")
    grant = await in_thread(lambda: hub_of(request).applications.allow(user, client.space, scopes))
    return _back(client, _with_code(request, client, grant, scopes))


async def _telling(request: Request, client: _Client, work: Awaitable[Response]) -> Response:
    """The response that `work` makes, or the way back that tells the app why there is none."""
    try:
        return await work
    except _Refused as error:
        return _back(client, {"error": error.code, "error_description": error.text, **_state(request)})


async def _answered(request: Request, parameters: Mapping[str, str]) -> Response:
    return _back(await _client(request, anybody=True), {**parameters, **_state(request)})


async def _client(request: Request, *, anybody: bool = False) -> _Client:
    """The app that asks. Raises `NotFound`, `InvalidInput`: then there is no address that could be told of it.

    `anybody`: whoever may see the Space.
    """
    hub, query = hub_of(request), request.query_params
    space = hub.clients.find(query.get("client_id", ""))
    if space is None or not (anybody or may_see(identity_of(request), space)):
        raise NotFound(_UNKNOWN)
    card = await in_thread(lambda: hub.spaces.card(space, hub.spaces.head(space)))
    options = readme.oauth(card)
    if options is None:
        raise NotFound(_UNKNOWN)
    given = query.get("redirect_uri", "")
    back = _own_address(request, space, given)
    if back is None:
        raise InvalidInput(f"The application wants to send you to {given[:200]!r}, which is no address of its own.")
    return _Client(space, options, back, given)


def _own_address(request: Request, space: SpaceRow, given: str) -> str | None:
    """Where a redirect URI leads, if that is one of the Space's own addresses.

    An app does not know whether its hub is behind TLS (Gradio's always says https): the scheme is the address's own.
    """
    plain = given.isascii() and given.isprintable() and not set(given) & set(" \\") and len(given) <= _MAX_PARAMETER
    try:
        parts = urlsplit(given)
        dots = any(unquote(part) in (".", "..") for part in re.split(r"/|%2f|%5c", parts.path, flags=re.IGNORECASE))
    except ValueError:
        return None
    if not plain or parts.scheme not in ("http", "https") or parts.fragment or dots:
        return None
    apps, (scheme, hostname) = context_of(request).apps, scheme_and_host(request)
    for address in (
        apps.by_host(space.subdomain, scheme, hostname),
        apps.by_path(space.full_name, scheme, hostname),
    ):
        own = urlsplit(address or "")
        if address is not None and parts.netloc == own.netloc and parts.path.startswith(own.path):
            return parts._replace(scheme=own.scheme, fragment="").geturl()
    return None


def _scopes(request: Request, client: _Client) -> tuple[str, ...]:
    """What the app asks for. Raises `_Refused` where the request is not one of the code flow, or asks for more than
    its front matter says."""
    query = request.query_params
    if any(len(value) > _MAX_PARAMETER for value in query.values()):
        raise _Refused("invalid_request", f"A parameter has more than {_MAX_PARAMETER} characters.")
    if query.get("response_type") != "code":
        raise _Refused("unsupported_response_type", "`response_type` must be code.")
    challenge = query.get("code_challenge", "")
    if challenge and (query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge)):
        raise _Refused("invalid_request", "`code_challenge` must be one of the method S256.")
    found = split(query.get("scope", " ".join(client.options.scopes)))
    more = [one for one in found if one not in client.options.scopes]
    if more or "openid" not in found:
        wrong = f"{', '.join(more)[:200]}: add it to hf_oauth_scopes." if more else "`openid` is missing."
        raise _Refused("invalid_scope", f"Scopes are those of the README. {wrong}")
    return found


async def _user(request: Request, client: _Client) -> Owner:
    """Who is signed in. Raises `_Refused` where the app is for members of organizations, and they are none."""
    user, only = user_of(request), client.options.organizations
    if only:
        joined = await in_thread(lambda: hub_of(request).organizations.of(user))
        if not {one.lower() for one in only} & {one.name.lower() for one in joined}:
            raise _Refused("access_denied", "Only members of certain organizations may sign in to this application.")
    return user


def _with_code(request: Request, client: _Client, grant: int, scopes: tuple[str, ...]) -> dict[str, str]:
    identity, query = identity_of(request), request.query_params
    session: Session | None = identity.session
    assert session is not None
    assert identity.owner is not None
    authorization = Authorization(
        identity.owner.id,
        session,
        grant,
        client.space.id,
        client.given,
        scopes,
        query.get("nonce", ""),
        query.get("code_challenge", ""),
        client.options.lifetime_s,
    )
    return {"code": context_of(request).codes.issue(authorization), **_state(request)}


def _state(request: Request) -> dict[str, str]:
    state = request.query_params.get("state", "")[:_MAX_PARAMETER]
    return {"state": state} if state else {}


def _back(client: _Client, parameters: Mapping[str, str]) -> Response:
    joined = "&" if "?" in client.back else "?"
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(f"{client.back}{joined}{urlencode(parameters)}", 303, headers)


def _page(request: Request, client: _Client, scopes: tuple[str, ...], user: Owner) -> Response:
    name, host = escape(client.space.full_name), escape(urlsplit(client.back).netloc)
    asked = "".join(f"<li>{escape(SCOPES[one])}</li>" for one in scopes)
    body = (
        f'<form method="post" class="card inputs"><h1>Sign in to {name}</h1>'
        f'<p>The app <a href="/spaces/{name}" target="_blank" rel="noopener">{name}</a> asks you, '
        f"<b>{escape(user.name)}</b>, whether it may</p><ul>{asked}</ul>"
        f"<p>You go back to <b>{host}</b>. You can take this back in your account's settings.</p>{proof(request)}"
        '<button type="submit" class="run" name="answer" value="allow">Allow</button>'
        '<button type="submit" name="answer" value="deny">Cancel</button></form>'
    )
    response = show(request, f"Sign in to {client.space.full_name}", body)
    parts, policy = urlsplit(client.back), response.headers["content-security-policy"]
    allowed = f"form-action 'self' {parts.scheme}://{parts.netloc}"
    response.headers["content-security-policy"] = policy.replace("form-action 'self'", allowed)
    return response


def _outside_of_frame(request: Request, here: str) -> Response:
    """No other page can lay something over the question: in a frame there is a link that leads out of it."""
    link = f'<a class="button primary" target="_blank" href="{escape(here)}">Go on in a new tab</a>'
    body = f'<div class="card"><p>This app wants to know who you are.</p>{link}</div>'
    return show(request, "Sign in", body, ancestors="'self'")
