"""Signing in with an OpenID Connect provider: the code flow with PKCE, a state and a nonce (OpenID Connect Core 1.0).

What the provider says of itself (discovery) and its keys are read when somebody signs in, and again after an hour; keys
also when a token names one that is not known, since providers change them. The provider is the operator's choice, but
what it sends is bounded and checked like everybody's.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlsplit

import aiohttp

from spaceport.errors import Forbidden, InvalidInput, TransportError, Unauthenticated
from spaceport.hub.identity.group_rules import GroupRules

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Only such that the provider's public keys check: never `none`, nor a secret that both know."""
_SKEW_S = 60
"""How far the provider's clock may be off."""
_KEPT_S = 3600.0
_LEAST_REFRESH_S = 2.0
"""Between two fetches of the keys, whatever tokens name."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)
_MAX_ANSWER = 1 << 20
_MAX_TEXT = 300
_MAX_GROUPS = 1000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """`name`: what the button says. `groups_claim`: where the provider tells a user's groups; `rules`: their effect."""

    issuer: str
    client_id: str
    client_secret: str = ""
    name: str = "single sign-on"
    scopes: str = "openid profile email"
    groups_claim: str = "groups"
    rules: GroupRules = field(default_factory=GroupRules)

    def __post_init__(self) -> None:
        """Raises `InvalidInput` for options with which nobody could sign in."""
        found = urlsplit(self.issuer)
        if found.scheme != "https" and not (found.scheme == "http" and found.hostname in _LOOPBACK):
            raise InvalidInput(f"The issuer of an OpenID Connect provider is an https address, not {self.issuer!r}.")
        if not self.client_id:
            raise InvalidInput("The OpenID Connect provider needs a client id: SPACEPORT_HUB_OIDC_CLIENT_ID.")
        if "openid" not in self.scopes.split():
            raise InvalidInput("The scopes for the OpenID Connect provider need `openid` among them.")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of a user. `email` is empty unless the provider has verified it."""

    subject: str
    name: str
    email: str
    groups: frozenset[str]


class OpenIdProvider:
    """The client of one provider. Belongs to one event loop; `close` it."""

    def __init__(self, options: ProviderOptions) -> None:
        self.options = options
        self._http: aiohttp.ClientSession | None = None
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: Any = None
        self._keys_at = 0.0

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def start(self, redirect_uri: str) -> tuple[str, dict[str, str]]:
        """Where the browser goes, and what `finish` needs. Raises `TransportError`."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        metadata = await self._discover()
        pending = {"state": secrets.token_urlsafe(24), "nonce": secrets.token_urlsafe(24)}
        pending["verifier"] = secrets.token_urlsafe(48)
        url: str = prepare_grant_uri(
            metadata["authorization_endpoint"],
            self.options.client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=self.options.scopes,
            state=pending["state"],
            nonce=pending["nonce"],
            code_challenge=create_s256_code_challenge(pending["verifier"]),
            code_challenge_method="S256",
        )
        return url, pending

    async def finish(self, redirect_uri: str, pending: Mapping[str, str], answer: Mapping[str, str]) -> Claims:
        """Who has signed in, from the query with which the browser came back.

        Raises `Unauthenticated` for an answer of somebody else or an error, `TransportError` where the provider fails.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), pending["state"].encode()):
            raise Unauthenticated("This is the answer to another sign-in: start again.")
        if answer.get("iss", self.options.issuer) != self.options.issuer:
            raise Unauthenticated("This is the answer of another provider: start again.")
        if "error" in answer or not answer.get("code"):
            said = answer.get("error_description") or answer.get("error") or "nothing"
            raise Unauthenticated(f"{self.options.name} did not sign you in. It said: {said[:_MAX_TEXT]}")
        metadata = await self._discover()
        tokens = await self._redeem(metadata, redirect_uri, answer["code"], pending["verifier"])
        claims = await self._verified(metadata, tokens, pending["nonce"])
        if metadata.get("userinfo_endpoint") and isinstance(tokens.get("access_token"), str):
            claims = await self._with_user_info(metadata["userinfo_endpoint"], tokens["access_token"], claims)
        return self._claims(claims)

    async def _discover(self) -> dict[str, Any]:
        if time.monotonic() >= self._metadata_until:
            url = f"{self.options.issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await self._json("GET", url)
            if found.get("issuer") != self.options.issuer:
                raise TransportError(
                    f"The provider calls itself {str(found.get('issuer'))[:_MAX_TEXT]!r}; the hub's admin has to set"
                    f" the issuer, {self.options.issuer!r}, to exactly that."
                )
            for key in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not isinstance(found.get(key), str):
                    raise TransportError(f"The provider does not tell its `{key}`.")
            self._metadata, self._metadata_until = found, time.monotonic() + _KEPT_S
        return self._metadata

    async def _redeem(self, metadata: Mapping[str, Any], redirect_uri: str, code: str, verifier: str) -> dict[str, Any]:
        """Exchange the code for tokens."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        form["code_verifier"] = verifier
        own, headers = self.options, {"accept": "application/json"}
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if own.client_secret and "client_secret_basic" in methods:
            known = f"{quote_plus(own.client_id)}:{quote_plus(own.client_secret)}"  # RFC 6749 §2.3.1
            headers["authorization"] = f"Basic {base64.b64encode(known.encode()).decode()}"
        else:
            form["client_id"] = own.client_id
            if own.client_secret:
                form["client_secret"] = own.client_secret
        return await self._json("POST", metadata["token_endpoint"], form=form, headers=headers)

    async def _verified(self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token. Raises `Unauthenticated` for one that is not the provider's, or not for this."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError

        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise TransportError("The provider sent no ID token.")
        options = {"iss": {"essential": True, "value": self.options.issuer}}
        options["aud"] = {"essential": True, "value": self.options.client_id}
        params = {"nonce": nonce, "client_id": self.options.client_id, "access_token": tokens.get("access_token")}
        try:
            try:
                read = jwt.decode(token, await self._key_set(metadata, 0), algorithms=_ALGORITHMS)
            except (JoseError, ValueError):  # signed with a newer key, perhaps
                keys = await self._key_set(metadata, self._keys_at)
                read = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(read.claims, read.header, options, params)
            claims.validate(int(time.time()), _SKEW_S)
        except (JoseError, ValueError) as error:
            raise Unauthenticated(f"The provider's ID token is not valid: {str(error)[:_MAX_TEXT]}") from None
        return dict(claims)

    async def _key_set(self, metadata: Mapping[str, Any], newer_than: float) -> Any:
        """The provider's keys; read again where they were fetched at `newer_than` or before, and not just now."""
        from joserfc.jwk import KeySet

        now = time.monotonic()
        stale = self._keys is None or now - self._keys_at > _KEPT_S
        if stale or (newer_than >= self._keys_at and now - self._keys_at > _LEAST_REFRESH_S):
            self._keys_at = now
            found = await self._json("GET", metadata["jwks_uri"])
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type,unused-ignore]
        return self._keys

    async def _with_user_info(self, url: str, access_token: str, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims, and those that the provider tells only when it is asked for them."""
        more = await self._json("GET", url, headers={"authorization": f"Bearer {access_token}"})
        if more.get("sub") != claims["sub"]:
            raise Unauthenticated("The provider told of somebody else: start again.")
        return {**more, **claims}

    def _claims(self, found: Mapping[str, Any]) -> Claims:
        subject, groups = found["sub"], found.get(self.options.groups_claim, [])
        if not isinstance(subject, str) or not 0 < len(subject) <= _MAX_TEXT:
            raise Unauthenticated("The provider's ID token names nobody.")
        groups = groups if isinstance(groups, list) else [groups]
        email = found.get("email") if found.get("email_verified") is True else ""
        name = found.get("preferred_username") or found.get("nickname") or email or found.get("name") or "user"
        return Claims(
            subject,
            str(name)[:_MAX_TEXT].partition("@")[0],
            email if isinstance(email, str) and len(email) <= _MAX_TEXT else "",
            frozenset(one for one in groups[:_MAX_GROUPS] if isinstance(one, str)),
        )

    async def _json(
        self, method: str, url: str, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask the provider. Raises `TransportError`, and `Unauthenticated` where it refuses (as a code used twice)."""
        if self._http is None:
            self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=_TIMEOUT)
        name = self.options.name
        try:
            async with self._http.request(method, url, data=form, headers=headers, allow_redirects=False) as answer:
                raw = await answer.content.read(_MAX_ANSWER + 1)
                while len(raw) <= _MAX_ANSWER and (piece := await answer.content.read(_MAX_ANSWER + 1 - len(raw))):
                    raw += piece
                status = answer.status
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            text = f"{name} cannot be reached ({type(error).__name__}). Try again later, or sign in with a password."
            raise TransportError(text) from None
        found = await asyncio.to_thread(_object, raw) if len(raw) <= _MAX_ANSWER else None
        if 400 <= status < 500 and found is not None and isinstance(found.get("error"), str):
            said = str(found.get("error_description") or found["error"])[:_MAX_TEXT]
            raise Unauthenticated(f"{name} refused this sign-in: {said}. Start again.")
        if status != 200 or found is None:
            raise TransportError(f"{name} answered with status {status} and no usable JSON. Try again later.")
        return found


def must_be_invited(provider: ProviderOptions, claims: Claims, sign_up: str, *, invited: bool) -> None:
    """Who may get an account by signing in there. Raises `Forbidden`."""
    if sign_up == "open" or (sign_up == "invited" and (invited or provider.rules.names_any(claims.groups))):
        return
    who = "nobody" if sign_up == "closed" else "members of certain groups and for who has an invitation"
    raise Forbidden(
        f"{provider.name} knows you, but you have no account here, and this hub makes one for {who} only."
        " If you have an account, sign in with it and link it on its page; else ask the hub's admin."
    )


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
