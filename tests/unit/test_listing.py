"""The listing of a hub's Spaces without a server: what a row costs, pages, and filters."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import httpx
import pytest
from starlette.requests import Request
from tests.faults import fault

from spaceport.hub.api.request import HubContext
from spaceport.hub.hfapi.app import build
from spaceport.hub.hfapi.describe import Describer
from spaceport.hub.identity.caller import NOBODY
from spaceport.hub.names import AppAddresses
from spaceport.hub.queues import SpaceQueues
from spaceport.hub.runtime.environment import ReplicaEnvironment
from spaceport.hub.runtime.fleet import Fleet, FleetLimits
from spaceport.hub.runtime.space_runtime import SpaceRuntime
from spaceport.hub.spaces import directory
from spaceport.hub.spaces.directory import Search
from spaceport.hub.state import Hub
from spaceport.runner.local.runner import LocalRunner
from spaceport.settings import Settings

CARD = {"title": "A title", "short_description": "What it does", "tags": ["spaceport", "demo"]}


class Listed:
    """A hub without a server, whose Spaces have no files but those that a listing reads."""

    def __init__(self, folder, **limits):
        self.hub = Hub(folder)
        self.hub.accounts.add("admin", admin=True)
        self.hub.accounts.add("ann")
        hub, apps = self.hub, AppAddresses(7861)
        environment = ReplicaEnvironment(hub.spaces, hub.variables, hub.clients, "", apps)
        fleet = Fleet(hub.spaces, folder, FleetLimits(**limits), LocalRunner(10), environment)
        queues = SpaceQueues(self.hub.spaces, folder, Settings(), fleet, self.hub.payer_tokens)
        self.fleet, self.context = fleet, HubContext(self.hub, fleet, queues, apps, Settings())
        self.api = build(self.context)

    def add(self, name, at, *, owner="admin", card=CARD, sdk="gradio", ran=None, private=False):
        account = self.hub.accounts.get_account(owner)
        folder, commit = f"spaces/{owner}-{name}", f"{int(at):040x}"
        self.hub.store.add_space(account.id, name, f"{owner}-{name}", folder, sdk, at, private=private)
        place = self.hub.data / folder
        (place / "repo.git" / "refs" / "heads").mkdir(parents=True)
        (place / "documents").mkdir()
        if card is not None:
            (place / "repo.git" / "refs" / "heads" / "main").write_text(f"{commit}\n")
            summary = {"commit": commit, "card": card, "runnable": True}
            (place / "summary.json").write_text(json.dumps(summary))
        if ran is not None:
            (place / "documents" / f"{commit}.{ran}.json").write_text("{}")
        return self.hub.store.space(owner, name)

    async def get(self, path, token=None):
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(self.api)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return await client.get(path, headers=headers)

    async def names(self, query, token=None):
        answer = await self.get(f"/api/spaces?{query}", token)
        assert answer.status_code == 200, answer.text
        return [one["id"].partition("/")[2] for one in answer.json()]


@pytest.fixture
def listed(tmp_path):
    made = Listed(tmp_path)
    yield made
    made.hub.close()


def calls_of(work):
    """How many functions `work` calls, those of C too."""
    called = 0

    def count(_frame, event, _argument):
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return called


@fault(
    kind="limit",
    given="`GET /api/spaces` of 1,000 Spaces",
    before="listed a folder, made a runtime and asked the database three times for each: 95 ms",
    now="reads one page of the database, and nothing of the disk that it has read before",
)
def test_a_row_costs_little_and_nothing_of_the_disk(listed, monkeypatch):
    for number in range(1000):
        listed.add(f"space{number}", float(number), ran="gradio" if number % 2 else None)
    scope = {"type": "http", "method": "GET", "path": "/api/spaces", "headers": [(b"host", b"127.0.0.1")]}
    scope |= {"scheme": "http", "server": ("127.0.0.1", 7860), "query_string": b"", "app": listed.api}

    def show(limit):
        page = listed.hub.spaces.listing(NOBODY, Search(), limit).spaces
        describer = Describer(Request(scope))
        return [describer.in_listing(one) for one in page]

    rows = show(1000)  # reads the summaries, as after a restart
    assert [one["runtime"]["stage"] for one in rows[:2]] == ["SLEEPING", "BUILDING"]
    made = []
    monkeypatch.setattr(SpaceRuntime, "__init__", lambda *_: made.append("a runtime"))
    monkeypatch.setattr(subprocess.Popen, "__init__", lambda *_, **__: made.append("a process"))
    for name in ("listdir", "scandir", "stat", "open"):
        monkeypatch.setattr(os, name, lambda *_, **__: made.append("a look at the disk"))
    few, many = calls_of(lambda: show(50)), calls_of(lambda: show(1000))
    monkeypatch.undo()
    assert made == []
    assert (many - few) / 950 < 50, "functions for a row"
    assert many < 20 * few, "linear"


@fault(
    kind="limit",
    given="`GET /api/spaces?search=…` for a word that few or no Spaces have",
    before="one request looked at every Space of the hub",
    now="it looks at 5,000 and no more; `Link` leads to the page that goes on behind them",
)
@pytest.mark.parametrize(("spaces", "requests"), [(3, 1), (4, 2), (5, 2), (9, 3)])
async def test_a_search_looks_at_a_bounded_number_of_spaces(listed, monkeypatch, spaces, requests):
    monkeypatch.setattr(directory, "_BATCH", 2)
    monkeypatch.setattr(directory, "_MAX_LOOKED", 4)
    for number in range(spaces):
        listed.add(f"space{number}", float(number + 1))
    looked, matches = [], directory.Spaces._matches
    monkeypatch.setattr(directory.Spaces, "_matches", lambda *given: looked.append(1) or matches(*given))
    path, found, asked = "/api/spaces?search=space0&limit=3", [], 0
    while path:
        answer, asked = await listed.get(path), asked + 1
        assert len(looked) <= 4 * asked
        found += [one["id"] for one in answer.json()]
        path = re.sub(r"^<http://[^/]+(.*)>.*", r"\1", answer.headers.get("link", ""))
    assert (found, asked) == (["admin/space0"], requests)


async def test_pages_connect(listed):
    for number in range(7):
        listed.add(f"s{number}", number + 0.1)
    found, path = [], "/api/spaces?limit=3&search=s"
    while path:
        answer = await listed.get(path)
        found.append([one["id"] for one in answer.json()])
        path = (re.search(r'<http://127.0.0.1:7860(.*)>; rel="next"', answer.headers.get("link", "")) or [None, None])[
            1
        ]
        if len(found) == 1:
            listed.add("newer", 100.0)
    assert [len(one) for one in found] == [3, 3, 1]
    assert [one for page in found for one in page] == [f"admin/s{number}" for number in reversed(range(7))]
    assert "link" not in (await listed.get("/api/spaces?limit=0")).headers
    assert "link" not in (await listed.get("/api/spaces?limit=8")).headers
    assert "link" in (await listed.get("/api/spaces?limit=7")).headers
    for wrong in ("cursor=5", "cursor=x", "cursor=1.0_", "cursor=1.0_2_3", "limit=x", "limit=-1"):
        assert (await listed.get(f"/api/spaces?{wrong}")).status_code == 400, wrong


async def test_filters_orders_and_who_sees_what(listed):
    listed.add("old", 1.0, card={**CARD, "tags": ["spaceport", "nlp"]})
    listed.add("page", 2.0, sdk="static", card={"tags": ["nlp"]})
    listed.add("empty", 3.0, card=None)
    listed.add("hidden", 4.0, owner="ann", private=True)
    listed.hub.store.space_changed(listed.hub.store.space("admin", "old").id, "gradio", 9.0)
    ann, admin = (listed.hub.tokens.mint(owner, "t") for owner in ("ann", "admin"))
    assert await listed.names("") == await listed.names("sort=lastModified") == ["old", "empty", "page"]
    assert await listed.names("sort=createdAt") == ["empty", "page", "old"]
    assert await listed.names("filter=nlp") == ["old", "page"]
    assert await listed.names("filter=nlp&filter=spaceport") == await listed.names("filter=nlp,gradio") == ["old"]
    assert await listed.names("filter=gradio") == ["old", "empty"]
    assert await listed.names("filter=none") == await listed.names("filter=nlp&search=nothing") == []
    assert await listed.names("filter=nlp&search=pag") == ["page"]
    assert await listed.names("author=ANN") == []
    for token in (ann, admin):
        assert await listed.names("", token) == ["old", "hidden", "empty", "page"]
        assert await listed.names("author=ANN", token) == ["hidden"]


@pytest.mark.parametrize("trusts", [False, True])
async def test_a_space_at_rest_is_shown_as_its_runtime_would_show_it(tmp_path, trusts):
    listed = Listed(tmp_path, trusts=trusts, sleep_s=60.0)
    listed.add("ran", 1.0, ran="ours")
    listed.add("proxied", 2.0, ran="proxied")
    listed.add("new", 3.0)
    listed.add("empty", 4.0, card=None)
    listed.add("page", 5.0, sdk="static")
    listed.add("many", 6.0, card={"spaceport": {"replicas": 3}}, ran="gradio")
    listed.add("anns", 7.0, owner="ann", ran="gradio")
    for name, paused in (("paused", True), ("sleeps", False)):
        space = listed.add(name, 8.0 + paused, owner="admin", ran="gradio")
        listed.hub.spaces.set_paused(space, paused=paused)
        listed.hub.spaces.set_sleep(space, -1.0 if paused else 5.0)
    shown = (await listed.get("/api/spaces")).json()
    assert len(shown) == 9
    for one in shown:
        alone = (await listed.get(f"/api/spaces/{one['id']}/runtime")).json()
        assert one["runtime"] == alone, one["id"]
    assert sum(one["runtime"]["stage"] == "CONFIG_ERROR" for one in shown) == (not trusts)
    listed.hub.close()


def test_what_ran_while_a_listing_looked_is_known(listed, monkeypatch):
    """The hub saves what a revision turned out to be between a listing's look at the disk and its note of it."""
    from spaceport.hub.queues import description
    from spaceport.hub.queues.description import Documents, Kind, Kinds

    space = listed.add("new", 1.0)
    kinds, commit = Kinds(listed.hub.data), listed.hub.spaces.head(space)
    real = description.load_kind

    def saved_meanwhile(folder, revision):
        found = real(folder, revision)
        kinds.saved(space, Documents(commit, "epoch", Kind.OURS))
        return found

    monkeypatch.setattr(description, "load_kind", saved_meanwhile)
    assert kinds.of(space, commit) is Kind.OURS
    monkeypatch.undo()
    assert kinds.of(space, commit) is Kind.OURS
    assert kinds.of(space, "0" * 40) is None
    assert kinds.of(space, None) is None
    kinds.removed(space)
    assert kinds.of(space, commit) is None
