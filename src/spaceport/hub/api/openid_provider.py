"""OpenID Connect: how the hub is used as a provider, its keys, and what it says of a user."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from spaceport.hub.api.request import context_of, hub_of, identity_of, in_thread, origin_of, user_of
from spaceport.hub.identity.device_logins import DEVICE_GRANT
from spaceport.hub.identity.id_tokens import ALGORITHM, IdTokens
from spaceport.hub.identity.oauth_scopes import SCOPES
from spaceport.hub.state import Hub
from spaceport.store.hub.ports import Owner

_IN_ID_TOKEN = 5
"""Organizations of a user, above which an ID token leaves them out: apps keep it in a cookie, which has 4 KB."""


def issuer_of(request: Request) -> str:
    """Who signs: the hub by its public address, where that is known."""
    return context_of(request).url or origin_of(request)


async def discovery(request: Request) -> Response:
    """`GET /.well-known/openid-configuration`. Browsers go to the public address; programs stay at the one they used:
    a Space may not reach the hub from outside."""
    public, here = issuer_of(request), origin_of(request)
    return JSONResponse(
        {
            "issuer": public,
            "authorization_endpoint": f"{public}/oauth/authorize",
            "token_endpoint": f"{here}/oauth/token",
            "userinfo_endpoint": f"{here}/oauth/userinfo",
            "jwks_uri": f"{here}/oauth/jwks",
            "revocation_endpoint": f"{here}/oauth/revoke",
            "device_authorization_endpoint": f"{here}/oauth/device",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "prompt_values_supported": ["none", "login", "consent"],
            "claims_supported": ["sub", "name", "preferred_username", "profile", "picture", "isPro", "orgs"],
        }
    )


async def jwks(request: Request) -> Response:
    """`GET /oauth/jwks`: the public keys of the ID tokens that may be valid."""
    keys = await in_thread(hub_of(request).id_tokens.keys)
    return JSONResponse(keys, headers={"cache-control": "public, max-age=300"})


async def signing_keys(request: Request) -> Response:
    """`GET /api/openid-keys`: which key signs, and until when tokens of former ones are valid."""
    return JSONResponse(await in_thread(lambda: _described(hub_of(request).id_tokens)))


async def rotate(request: Request) -> Response:
    """`POST /api/openid-keys`: a new key signs from now on. Raises `Conflict` where that was done too often."""
    tokens = hub_of(request).id_tokens

    def work() -> dict[str, Any]:
        tokens.rotate()
        return _described(tokens)

    return JSONResponse(await in_thread(work), 201)


def _described(tokens: IdTokens) -> dict[str, Any]:
    former = [{"kid": one.public["kid"], "until": one.until} for one in tokens.former()]
    return {"kid": tokens.keys()["keys"][0]["kid"], "former": former}


async def userinfo(request: Request) -> Response:
    """`GET`, `POST /oauth/userinfo`: whose token it is, as far as its scopes go."""
    hub, user, application = hub_of(request), user_of(request), identity_of(request).application
    scopes = tuple(SCOPES) if application is None or not application.scopes else application.scopes
    return JSONResponse(await in_thread(lambda: claims_of(hub, user, issuer_of(request), scopes)))


def claims_of(hub: Hub, user: Owner, root: str, scopes: Sequence[str], *, small: bool = False) -> dict[str, Any]:
    """What the Hub says of a user. `small`: it goes into an ID token. Blocks."""
    claims: dict[str, Any] = {"sub": _subject(user)}
    if "profile" not in scopes:
        return claims
    joined = hub.organizations.of(user)
    claims |= {
        "name": user.name,
        "preferred_username": user.name,
        "profile": f"{root}/{user.name}",
        "picture": "",
        "website": "",
        "isPro": user.tier == "pro",
    }
    if small and len(joined) > _IN_ID_TOKEN:
        return claims
    return {
        **claims,
        "orgs": [
            {
                "sub": str(one.organization),
                "name": one.name,
                "preferred_username": one.name,
                "picture": "",
                "roleInOrg": one.role,
            }
            for one in joined
        ],
    }


def _subject(user: Owner) -> str:
    """Never another user's: the id of an account that is gone is given again, at another time."""
    return hashlib.sha256(f"{user.id} {user.created_at!r}".encode()).hexdigest()[:24]
