"""The table of who may: each route of the hub has a row, and each row is what a real hub does."""

from __future__ import annotations

import contextlib
import itertools

import httpx
import pytest
from tests.hub.browsing import PASSWORD, Browser, set_passwords

from spaceport.hub.api.routes import ROUTES
from spaceport.hub.hfapi.app import HF_ROUTES
from spaceport.hub.identity.access import PRIVATE_SPACE, PUBLIC_SPACE, TABLE, Access
from spaceport.hub.identity.roles import ROLES
from spaceport.hub.state import Hub

SERVED = [f"{method} {path}" for method, path, _ in (*ROUTES, *HF_ROUTES)]
USERS = {"anonymous": None, "reader": "reader", "writer": "bob", "owner": "ann", "admin": "admin"}
MEMBERS = {f"member-{role}": rank for role, rank in ROLES.items()}
"""Other members of the organization, each with a write token."""
BROWSER, OTHER_PAGE = "the owner's browser", "the owner's browser on another page"
"""Who is signed in may what the owner may with a write token, and a page of another site what nobody may."""
ABOUT_SPACES = (
    Access.OWN_SPACES,
    Access.CHANGE_NAMED,
    Access.SEE_SPACE,
    Access.READ_SPACE,
    Access.CHANGE_SPACE,
    Access.MANAGE_SPACE,
)
ABOUT_ORGANIZATIONS = (Access.MEMBER, Access.MANAGE)
CASES = [
    (route, private, owner)
    for route, access in TABLE.items()
    for private in (False, True)
    for owner in ("ann", "acme")
    if access in ABOUT_SPACES or (owner == "ann" and access not in ABOUT_ORGANIZATIONS)
] + [(route, False, "acme") for route, access in TABLE.items() if access in ABOUT_ORGANIZATIONS]
NUMBERS = itertools.count()
BODIES = {
    "/variables": {"key": "A", "value": "b"},
    "/secrets": {"key": "A", "value": "b"},
    "/settings": {},
    "/sleeptime": {"seconds": 60},
    "/preupload/{revision}": {"files": []},
    "/validate-yaml": {"content": ""},
    "/members/{user}": {"role": "read"},
    "/invitations": {"role": "read"},
    "/api/organizations": {"name": "acme"},
    "/api/users": {"name": "ann"},
    "/second-factor": {"password": PASSWORD},
    "/recovery-codes": {"password": PASSWORD},
    "/account/email": {"password": PASSWORD},
}
"""Bodies that would succeed, by the end of the path; other routes get an empty object."""


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(SERVED) == sorted(TABLE)
    assert PUBLIC_SPACE.keys() == PRIVATE_SPACE.keys() == set(Access)


@pytest.fixture(scope="module")
def clients(hub):
    with contextlib.closing(Hub(hub.data)) as state:
        state.organizations.add("acme", state.accounts.get_user("admin"))
        state.accounts.set_tier("ann", "pro")
        for tier in ("anonymous", "free", "pro"):
            state.tiers.change(tier, {"requests": 100_000})  # these are many requests
        for name in MEMBERS:
            state.accounts.add(name)
            hub.tokens[name] = state.tokens.mint(name, "first")
    opened = {role: hub.http(user) for role, user in USERS.items()}
    opened |= {name: hub.http(name) for name in MEMBERS}
    set_passwords(hub, "ann")
    opened |= {BROWSER: Browser(hub).http, OTHER_PAGE: Browser(hub).http}
    opened[OTHER_PAGE].headers["origin"] = "https://example.org"
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture(autouse=True)
def organization(hub, clients):
    """The organization has its members, whoever has left it."""
    with contextlib.closing(Hub(hub.data)) as state:
        state.organizations.join("acme", state.accounts.get_user("ann"), "contributor")
        for name, rank in MEMBERS.items():
            state.organizations.join("acme", state.accounts.get_user(name), rank.name.lower())
    if clients[BROWSER].get("/api/sessions").status_code != 200:  # it is new, or has signed out
        known = {"name": "ann", "password": PASSWORD}
        clients[BROWSER].post("/api/sessions", json=known).raise_for_status()
        clients[OTHER_PAGE].cookies = clients[BROWSER].cookies


@pytest.mark.parametrize(("route", "private", "owner"), CASES)
def test_the_server_admits_whom_a_row_names(clients, route, private, owner):
    method, path = route.split(" ", 1)
    access = TABLE[route]
    expected = (PRIVATE_SPACE if private else PUBLIC_SPACE)[access]
    admitted = {user: getattr(expected, user) for user in USERS}
    if owner == "acme":
        least = expected.member
        admitted |= {name: least is not None and rank >= least for name, rank in MEMBERS.items()}
    admitted[BROWSER] = expected.owner or access in (Access.SESSION, Access.OWN_PAGE)
    admitted[OTHER_PAGE] = expected.anonymous and method == "GET"
    name = f"row-{next(NUMBERS)}"
    label = make(clients["owner"], owner, name, private)
    for user, passes in admitted.items():
        if access is Access.CHANGE_NAMED:  # the one before may have removed it
            make(clients["owner"], owner, name, private)
        url = path.replace(":path", "").format_map(Parameters(owner=owner, name=name, subdomain=label))
        url += f"?to=/{owner}/{name}" if path == "/open" else ""
        answer = send(clients[user], method, url, body_for(path, owner, name, user))
        assert passed(answer) == passes, (user, answer.status_code, answer.text[:200])


class Parameters(dict):
    """Values of a path's parameters."""

    def __missing__(self, key):
        return {
            "revision": "main",
            "path": "app.py",
            "which": "run",
            "file": "none.js",
            "user": "nobody",
            "id": "0",
            "job_id": "none",
            "secret": "x",
            "guest": "nobody",
            "tier": "none",
        }[key]


def make(client, owner, name, private):
    fields = {"visibility": "private"} if private else {}
    made = client.post("/api/repos/create", json={"name": name, "organization": owner, "type": "space", **fields})
    assert made.status_code in (200, 409), made.text
    return client.get(f"/api/spaces/{owner}/{name}").json()["subdomain"]


def body_for(path, owner, name, user):
    if path == "/api/repos/create":
        return {"name": f"{name}-{user}", "organization": owner, "type": "space"}
    if path == "/api/repos/delete":
        return {"name": name, "organization": owner, "type": "space"}
    if path == "/api/repos/move":
        return {"fromRepo": f"{owner}/{name}", "toRepo": f"{owner}/{name}-of-{user}", "type": "space"}
    return next((body for end, body in BODIES.items() if path.endswith(end)), {})


def send(client, method, url, body):
    """A stream is over once its head is here."""
    content = {} if method == "GET" else {"json": body}
    with client.stream(method, url, **content) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return httpx.Response(answer.status_code)
        answer.read()
        return answer


def passed(answer):
    """Whether the caller was let through: what then is wrong with the request is another matter."""
    missing = answer.status_code == 404 and answer.headers.get("x-error-code") == "RepoNotFound"
    return answer.status_code not in (401, 403) and not missing
