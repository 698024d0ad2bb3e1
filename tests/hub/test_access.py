"""The table of who may: each route of the hub has a row, and each row is what a real hub does."""

from __future__ import annotations

import itertools

import httpx
import pytest

from spaceport.hub.api.routes import ROUTES
from spaceport.hub.hfapi.app import HF_ROUTES
from spaceport.hub.identity.access import PRIVATE_SPACE, PUBLIC_SPACE, TABLE, Access

SERVED = [f"{method} {path}" for method, path, _ in (*ROUTES, *HF_ROUTES)]
USERS = {"anonymous": None, "reader": "reader", "writer": "bob", "owner": "ann", "admin": "admin"}
NUMBERS = itertools.count()
BODIES = {
    "/variables": {"key": "A", "value": "b"},
    "/secrets": {"key": "A", "value": "b"},
    "/settings": {},
    "/sleeptime": {"seconds": 60},
    "/preupload/{revision}": {"files": []},
    "/validate-yaml": {"content": ""},
}
"""Bodies that would succeed, by the end of the path; other routes get an empty object."""


def test_every_route_has_a_row_and_every_row_a_route():
    assert sorted(SERVED) == sorted(TABLE)
    assert PUBLIC_SPACE.keys() == PRIVATE_SPACE.keys() == set(Access)


@pytest.fixture(scope="module")
def clients(hub):
    opened = {role: hub.http(user) for role, user in USERS.items()}
    yield opened
    for client in opened.values():
        client.close()


@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("route", SERVED)
def test_the_server_admits_whom_a_row_names(clients, route, private):
    method, path = route.split(" ", 1)
    expected = (PRIVATE_SPACE if private else PUBLIC_SPACE)[TABLE[route]]
    name = f"row-{next(NUMBERS)}"
    for role in USERS:
        make(clients["owner"], name, private)
        label = clients["owner"].get(f"/api/spaces/ann/{name}").json()["subdomain"]
        url = path.replace(":path", "").format_map(Parameters(owner="ann", name=name, subdomain=label))
        answer = send(clients[role], method, url, body_for(path, name, role))
        assert passed(answer) == getattr(expected, role), (role, answer.status_code, answer.text[:200])


class Parameters(dict):
    """Values of a path's parameters."""

    def __missing__(self, key):
        return {"revision": "main", "path": "app.py", "which": "run", "file": "none.js"}[key]


def make(client, name, private):
    fields = {"visibility": "private"} if private else {}
    made = client.post("/api/repos/create", json={"name": name, "type": "space", **fields})
    assert made.status_code in (200, 409), made.text


def body_for(path, name, role):
    if path == "/api/repos/create":
        return {"name": f"{name}-{role}", "organization": "ann", "type": "space"}
    if path == "/api/repos/delete":
        return {"name": name, "organization": "ann", "type": "space"}
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
