"""ID tokens that are not the provider's, not for this hub, or not for this sign-in: none is taken."""

from __future__ import annotations

import base64
import json
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from spaceport.errors import InvalidInput, TransportError, Unauthenticated
from spaceport.hub.identity.group_rules import parse_group_rules
from spaceport.hub.identity.openid import OpenIdProvider, ProviderOptions

KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "one"}) for _ in range(2))
PENDING = {"state": "s", "nonce": "n", "verifier": "v"}
ANSWER = {"state": "s", "code": "c"}


class Provider:
    """Says what it is told to: `token` the ID token, `discovery` its description."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._redeem)
        app.router.add_get("/me", self._me)
        self.server = TestServer(app)
        self.claims: dict = {}
        self.token = self.discovery = self.info = None

    @property
    def issuer(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    async def _describe(self, _request):
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "jwks_uri": f"{self.issuer}/keys",
        }
        found |= {"token_endpoint": f"{self.issuer}/token"}
        return web.json_response({**found, **(self.discovery or {})})

    async def _keys(self, _request):
        return web.json_response(KeySet([KEY]).as_dict(private=False))

    async def _redeem(self, _request):
        return web.json_response({"access_token": "a", "id_token": self.token or self.signed(), "token_type": "bearer"})

    async def _me(self, _request):
        return web.json_response(self.info)

    def signed(self, key=KEY, header=None, **changes):
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "hub", "sub": "1", "nonce": "n", "iat": now, "exp": now + 60, **changes}
        return jwt.encode(
            header or {"alg": "RS256", "kid": "one"}, {k: v for k, v in claims.items() if v is not None}, key
        )


@pytest.fixture
async def provider():
    found = Provider()
    async with found.server:
        yield found


@pytest.fixture
async def hub(provider):
    found = OpenIdProvider(ProviderOptions(provider.issuer, "hub", "secret", name="Acme"))
    yield found
    await found.close()


async def test_a_good_token_is_taken(provider, hub):
    assert (await hub.finish("x", PENDING, ANSWER)).subject == "1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://evil.org"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"]}, "aud"),
        ({"aud": ["hub", "another"]}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"exp": 1}, "exp"),
        ({"exp": None}, "exp"),
        ({"nbf": 9_999_999_999}, "nbf|valid yet|not valid"),
        ({"at_hash": "AAAA"}, "at_hash"),
        ({"sub": None}, "sub"),
        ({"sub": 7}, "names nobody|sub"),
        ({"sub": ""}, "names nobody|sub"),
    ],
)
async def test_a_claim_that_is_wrong_or_missing(provider, hub, changes, said):
    provider.token = provider.signed(**changes)
    with pytest.raises(Unauthenticated, match=said):
        await hub.finish("x", PENDING, ANSWER)


def _unsigned(provider):
    parts = [json.dumps({"alg": "none"}), base64.urlsafe_b64decode(provider.signed().split(".")[1] + "==").decode()]
    return ".".join([*(base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in parts), ""])


@pytest.mark.parametrize(
    "forge",
    [
        lambda provider: provider.signed(OTHER_KEY),
        lambda provider: provider.signed(OTHER_KEY, {"alg": "RS256", "kid": "unknown"}),
        lambda provider: provider.signed(
            OctKey.import_key("secret-of-the-hub-that-both-know"), {"alg": "HS256", "kid": "one"}
        ),
        _unsigned,
        lambda provider: "nonsense",
        lambda provider: "a.b.c",
        lambda provider: "." * 100_000,
        lambda provider: provider.signed()[:-8] + "AAAAAAAA",
    ],
)
async def test_a_token_that_the_provider_did_not_sign(provider, hub, forge):
    provider.token = forge(provider)
    with pytest.raises(Unauthenticated, match="not valid"):
        await hub.finish("x", PENDING, ANSWER)


async def test_what_the_provider_tells_of_somebody_else_is_not_taken(provider, hub):
    provider.discovery = {"userinfo_endpoint": f"{provider.issuer}/me"}
    provider.info = {"sub": "2", "groups": ["admins"]}
    with pytest.raises(Unauthenticated, match="somebody else"):
        await hub.finish("x", PENDING, ANSWER)
    provider.info = {"sub": "1", "groups": ["staff", 7, None], "email": "a@b.org", "email_verified": "true"}
    found = await hub.finish("x", PENDING, ANSWER)
    assert (found.groups, found.email) == ({"staff"}, ""), "only `true` is verified"


@pytest.mark.parametrize(
    "discovery", [{"issuer": "https://evil.org"}, {"jwks_uri": None}, {"token_endpoint": 7}, {"more": "x" * (2 << 20)}]
)
async def test_a_description_that_does_not_fit(provider, hub, discovery):
    provider.discovery = discovery
    with pytest.raises(TransportError):
        await hub.start("x")


def test_rules_for_groups():
    rules = parse_group_rules("a=org:read; a b = org:admin\nCN=x,OU=y=other:write; a=tier:pro; z=tier:free;")
    assert rules.roles_of(["a"]) == {"org": "read", "other": None}
    assert rules.roles_of(["a", "a b", "CN=x,OU=y"]) == {"org": "admin", "other": "write"}
    assert (rules.tier_of(["z", "a"], "free"), rules.tier_of([], "free")) == ("pro", "free")
    assert parse_group_rules("").tier_of(["a"], "free") is None
    for wrong in ("a", "a=b", "=org:read", "a=:read", "a=org:owner", "a=tier:", "; ".join(["a=b:read"] * 1001)):
        with pytest.raises(InvalidInput):
            parse_group_rules(wrong)
