"""Tiers: limits of the API and of calls that an admin changes while the hub runs, and what a caller is told."""

from __future__ import annotations

import contextlib

import httpx
import pytest
from tests.hub.conftest import HubServer
from tests.hub.test_run import OURS, deploy
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from spaceport.errors import RateLimited
from spaceport.hub.identity.caller import Identity
from spaceport.hub.quotas import rate_limits
from spaceport.hub.quotas.rate_limits import RateLimiter
from spaceport.store.hub.ports import Owner
from spaceport.store.hub.tier_ports import Tier


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    deploy(server, "ours", OURS)
    with server.http() as client:
        assert call(server).status_code == 200
        assert "ratelimit" in client.get("/api/spaces").headers
    yield server
    server.stop()


def call(hub, user=None):
    headers = {"authorization": f"Bearer {hub.tokens[user]}"} if user else {}
    return httpx.post(f"{hub.apps}/admin/ours/gradio_api/call/greet", json={"data": ["x"]}, headers=headers, timeout=60)


def test_calls_are_limited_by_tier_and_signing_in_raises_it(hub):
    assert "ratelimit" not in call(hub).headers, "no limit is told where there is none"
    hub.run("tiers", "set", "anonymous", "--calls", "2")
    hub.run("tiers", "set", "free", "--calls", "4")
    answers = [call(hub) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert answers[0].headers["ratelimit"].startswith('"calls";r=1;t=')
    assert answers[2].headers["ratelimit"].startswith('"calls";r=0;t=')
    assert answers[2].headers["ratelimit-policy"] == '"fixed window";"calls";q=2;w=300'
    assert 0 < int(answers[2].headers["retry-after"]) <= 301
    assert [call(hub, "ann").status_code for _ in range(5)] == [200] * 4 + [429]
    assert [call(hub, "bob").status_code for _ in range(1)] == [200], "each account has its own"
    assert httpx.get(f"{hub.apps}/admin/ours/config").status_code == 200, "what is no call is not counted"
    with hub.http("admin") as admin:
        assert admin.put("/api/tiers/anonymous", json={"calls": 100}).json()["calls"] == 100
        assert call(hub).status_code == 200, "it counts at once"
        assert admin.delete("/api/tiers/anonymous").status_code == 200
        assert "ratelimit" not in call(hub).headers
    hub.run("tiers", "reset", "free")


def test_an_admin_makes_a_tier_and_changes_it_while_the_hub_runs(hub):
    with hub.http("admin") as admin, hub.http("ann") as ann:
        assert admin.patch("/api/users/ann", json={"tier": "team"}).status_code == 400
        assert admin.put("/api/tiers/team", json={"requests": 7, "priority": 0}).json()["requests"] == 7
        assert admin.patch("/api/users/ann", json={"tier": "team"}).status_code == 200
        assert "team" in hub.run("tiers", "ls")
        assert ann.get("/api/spaces").headers["ratelimit-policy"] == '"fixed window";"api";q=7;w=300'
        over = [ann.get("/api/spaces") for _ in range(8)][-1]
        assert (over.status_code, over.headers["ratelimit"].partition(";t")[0]) == (429, '"api";r=0')
        admin.put("/api/tiers/team", json={"requests": 7000})
        assert ann.get("/api/spaces").status_code == 200
        assert {one["name"] for one in ann.get("/api/tiers").json()} == {"anonymous", "free", "pro", "team"}
        assert admin.delete("/api/tiers/team").status_code == 200
        assert ann.get("/api/spaces").headers["ratelimit-policy"] == '"fixed window";"api";q=1000;w=300', "it is free"
        wrong = (
            {"requests": -1},
            {"calls": 1.5},
            {"priority": 10},
            {"gpu_s": "1"},
            {"requests": True},
            {"calls": 10**12},
        )
        assert [admin.put("/api/tiers/x", json=one).status_code for one in wrong] == [400] * len(wrong)
        assert admin.put("/api/tiers/No%20Name", json={}).status_code == 400
        assert admin.delete("/api/tiers/pro").status_code == 404


def test_files_and_pages_have_limits_of_their_own(hub):
    hub.run("tiers", "set", "anonymous", "--pages", "3", "--resolver", "2")
    with hub.http() as nobody:
        pages = [nobody.get(path) for path in ("/", "/spaces", "/admin", "/login")]
        assert [one.status_code for one in pages] == [200, 200, 404, 429], "a page of an owner is for browsers"
        assert pages[0].headers["ratelimit"].startswith('"pages";r=2;t=')
        assert pages[3].headers["ratelimit-policy"] == '"fixed window";"pages";q=3;w=300'
        files = [nobody.get("/spaces/admin/ours/resolve/main/README.md") for _ in range(3)]
        assert [one.status_code for one in files] == [200, 200, 429]
        assert files[0].headers["ratelimit"].startswith('"resolver";r=1;t=')
        answer = nobody.get("/api/spaces/admin/ours")
        assert (answer.status_code, answer.headers["ratelimit"][:5]) == (200, '"api"'), "the API goes on"
        assert nobody.get("/models/resolve/main/config.json").status_code == 429, "other hubs' files are files too"
    hub.run("tiers", "reset", "anonymous")


def test_many_calls_in_one_request_count_each(hub):
    hub.run("tiers", "set", "pro", "--calls", "5")
    hub.run("users", "tier", "bob", "pro")
    url, one = f"{hub.apps}/admin/ours/gradio_api/calls", {"name": "greet", "body": {"data": ["x"]}}
    with hub.http("bob") as bob:
        first = bob.post(url, json={"calls": [one] * 4})
        assert (first.status_code, len(first.json())) == (200, 4)
        assert bob.post(url, json={"calls": [one] * 2}).status_code == 429
        assert bob.post(f"{hub.apps}/admin/ours/gradio_api/call/greet", json={"data": ["x"]}).status_code == 429
    hub.run("tiers", "reset", "pro")


def test_opening_a_websocket_counts_as_a_call(hub):
    hub.run("tiers", "set", "anonymous", "--calls", "1")
    address = f"{hub.apps.replace('http', 'ws')}/admin/ours/socket"
    with contextlib.suppress(WebSocketException), connect(address):
        pass  # the Space has none, which the hub cannot know
    assert call(hub).status_code == 429
    hub.run("tiers", "reset", "anonymous")


def test_a_tier_bounds_open_streams(hub):
    hub.run("tiers", "set", "few", "--streams", "1")
    hub.run("users", "tier", "bob", "few")
    with hub.http("bob") as bob:
        url = f"{hub.apps}/admin/ours/gradio_api/call/slowly"
        job = bob.post(url, json={"data": [2]}).json()["event_id"]
        with bob.stream("GET", f"{url}/{job}") as first:
            assert first.status_code == 200
            assert bob.get(f"{url}/{job}").status_code == 429
            first.read()
        assert bob.get(f"{url}/{job}").status_code == 200
    hub.run("users", "tier", "bob", "free")
    hub.run("tiers", "reset", "few")


def test_anonymous_callers_share_a_pool_which_nobody_drains_alone():
    tier = Tier("anonymous", 0, 0.0, 0, 10)
    nobody, limiter = Identity(None, None, tier), RateLimiter("calls", lambda one: one.calls, 2)
    alone = [limiter.count(nobody, "10.0.0.1").left for _ in range(100)]
    assert (alone[9], min(alone[10:])) == (0, -90)
    site = [limiter.count(nobody, f"2001:db8::{number:x}").left for number in range(5)]
    assert site == [9, 8, 7, 6, 5], "a site of IPv6 is one caller"
    others = [limiter.count(nobody, f"10.0.1.{number}").left for number in range(6)]
    assert others == [4, 3, 2, 1, 0, -1], "the pool has 20, of which 15 were used"
    with pytest.raises(RateLimited):
        limiter.count(nobody, "10.0.2.1").check()


def test_who_has_many_addresses_makes_the_limiter_forget_nobody_who_goes_on(monkeypatch):
    monkeypatch.setattr(rate_limits, "_MAX_CALLERS", 10)
    tier = Tier("free", 0, 0.0, 0, 5)
    nobody, limiter = Identity(None, None, tier), RateLimiter("calls", lambda one: one.calls, 100)
    ann = Identity(Owner(1, "ann", "free", admin=False, created_at=0.0), None, tier)
    assert [limiter.count(ann, "::1").left for _ in range(4)][-1] == 1
    assert [limiter.count(nobody, "10.0.0.1").left for _ in range(4)][-1] == 1
    for number in range(200):
        limiter.count(nobody, f"2001:db8:{number:x}::1")
        if number % 5 == 0:
            limiter.count(nobody, "10.0.0.1")
    assert limiter.count(nobody, "10.0.0.1").left < 0, "one that goes on is not forgotten"
    assert limiter.count(ann, "::1").left == 0, "nor is an account"
    assert limiter.count(nobody, "2001:db8:999::1").left == 4, "one that is new begins anew"
    pooled = RateLimiter("calls", lambda one: one.calls, 10)
    left = [pooled.count(nobody, f"2001:db8:{number:x}::1").left for number in range(60)]
    assert (left[40], left[49], left[59]) == (4, 0, -10), "the pool counts all of them"
