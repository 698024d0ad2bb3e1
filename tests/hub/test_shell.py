"""What the hub's pages ask for: usage, jobs, stages, the addresses of views, and pages of Spaces that do not run."""

from __future__ import annotations

import time

import pytest
from tests.hub.conftest import HubServer
from tests.web.test_hub_pages import OURS, WORDS, deploy

from spaceport import Client
from spaceport.errors import SpaceportError
from spaceport.hub.api.pages import PATHS

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
BROKEN = "for number in range(60):\n    print('line', number)\nraise RuntimeError('no <b>model</b>')\n"
APP = WORDS + "\n\n@space.api\ndef fail() -> str:\n    raise ValueError('always')\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    with server.http("admin") as http:
        deploy(http, "words", OURS, APP)
        deploy(http, "hidden", OURS, APP, private=True)
        deploy(http, "broken", OURS, BROKEN)
        deploy(http, "paused", OURS, APP)
        http.post("/api/spaces/admin/paused/pause").raise_for_status()
    for user in ("ann", "bob"):
        with Client("admin/words", hub=server.url, token=server.tokens[user], verbose=False) as client:
            client.predict("hello", api_name="/shout")
            if user == "bob":
                with pytest.raises(SpaceportError):
                    client.predict(api_name="/fail")
    yield server
    server.stop()


def test_the_calls_of_a_space_are_counted(hub):
    with hub.http() as http:
        found = http.get("/api/spaces/admin/words/usage").json()
        assert (found["calls"], found["queued"], found["running"]) == (3, 0, 0)
        assert sum(hour["succeeded"] for hour in found["hours"]) == 2
        assert sum(hour["failed"] for hour in found["hours"]) == 1
        assert all(0 < hour["run_p50_s"] <= hour["run_p95_s"] for hour in found["hours"])
        assert [(one["endpoint"], one["accepted"], one["failed"]) for one in found["endpoints"]] == [
            ("shout", 2, 0),
            ("fail", 1, 1),
        ]
        (listed,) = [one for one in http.get("/api/spaces").json() if one["id"] == "admin/words"]
        assert listed["calls"] == 3
        assert http.get("/api/spaces/admin/paused/usage").json()["hours"] == []


def jobs(hub, user, query=""):
    with hub.http(user) as http:
        found = http.get(f"/api/spaces/admin/words/jobs{query}")
        return found.json()["jobs"] if found.is_success else found.status_code


def test_jobs_are_the_callers_or_all_for_who_may_change_the_space(hub):
    assert [(one["endpoint"], one["user"], one["state"]) for one in jobs(hub, "ann")] == [("shout", "ann", "succeeded")]
    assert [(one["endpoint"], one["state"]) for one in jobs(hub, "bob")] == [("fail", "failed"), ("shout", "succeeded")]
    assert [one["user"] for one in jobs(hub, "admin", "?all=true")] == ["bob", "bob", "ann"]
    assert [one["endpoint"] for one in jobs(hub, "admin", "?all=true&state=failed")] == ["fail"]
    assert jobs(hub, "admin") == jobs(hub, None) == []
    assert jobs(hub, "bob", "?all=true") == 403
    assert jobs(hub, "bob", "?state=none") == jobs(hub, "bob", "?limit=0") == jobs(hub, "bob", "?limit=101") == 400
    assert len(jobs(hub, "bob", "?limit=1")) == 1


def test_jobs_are_cancelled_and_tried_again_by_their_callers(hub):
    failed = jobs(hub, "bob", "?state=failed")[0]["id"]
    path = f"/api/spaces/admin/words/jobs/{failed}"
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("admin") as admin:
        assert ann.delete(path).status_code == ann.post(f"{path}/retry").status_code == 404
        assert bob.delete(path).status_code == 409
        elsewhere = {
            "authorization": f"Bearer {hub.run('tokens', 'add', 'bob', 'else', '--scope', 'bob:manage').strip()}"
        }
        refused = bob.post(f"{path}/retry", headers=elsewhere)
        assert (refused.status_code, "call admin/words" in refused.text) == (403, True), "the token is for others"
        assert bob.delete(path, headers=elsewhere).status_code == 403
        made = admin.post(f"{path}/retry")
        assert (made.status_code, made.json()["user"]) == (201, "bob")
        for _ in range(100):
            if bob.get("/api/spaces/admin/words/jobs?state=failed").json()["jobs"][0]["id"] == made.json()["id"]:
                break
            time.sleep(0.1)
        else:
            raise AssertionError("the call was not tried again")


def test_the_listing_of_a_stage(hub):
    with hub.http("admin") as http:
        for _ in range(100):
            broken = [one["id"] for one in http.get("/api/spaces?stage=runtime_error,BUILD_ERROR").json()]
            if broken:
                break
            time.sleep(0.1)
        assert broken == ["admin/broken"]
        assert [one["id"] for one in http.get("/api/spaces?stage=PAUSED&search=words").json()] == ["admin/paused"]
        assert http.get("/api/spaces?stage=none").json() == []
        first = http.get("/api/spaces?stage=PAUSED,RUNNING,RUNTIME_ERROR&limit=1")
        assert len(first.json()) == 1
        assert len(http.get(first.links["next"]["url"]).json()) == 1


def test_who_may_change_a_space_is_said(hub):
    for user, may in ((None, False), ("ann", False), ("reader", False), ("admin", True)):
        with hub.http(user) as http:
            assert http.get("/api/spaces/admin/words").json()["canWrite"] is may
    with hub.http("admin") as admin, hub.http("ann") as ann:
        assert [one.get("/api/whoami-v2").json()["isAdmin"] for one in (admin, ann)] == [True, False]


@pytest.mark.parametrize("path", PATHS)
def test_each_view_has_an_address_that_tells_nothing(hub, path):
    with hub.http() as http:
        pages = [
            http.get(path.replace(":path", "").format(owner="admin", name=name, revision="main", path="app.py"))
            for name in ("hidden", "nothing")
        ]
    assert {one.status_code for one in pages} == {200}
    assert pages[0].text == pages[1].text
    assert "nothing" not in pages[0].text  # nor the other's name: the texts are the same


def test_addresses_that_are_not_there_have_a_page_for_browsers_alone(hub):
    with hub.http() as http:
        for path in ("/a/b/c", "/spaces/admin/words/none", "/spaces/admin/words/raw/main/none"):
            page, plain = http.get(path, headers=BROWSER), http.get(path)
            assert page.status_code == plain.status_code == 404
            assert "web/hub" in page.text
            assert "error" in plain.json()
        assert http.get("/ann", headers=BROWSER).text == http.get("/nobody", headers=BROWSER).text
        assert http.get("/ann").status_code == 404
        assert http.get("/api/spaces/a/b", headers=BROWSER).json()["error"]
        hidden, missing = (
            http.get(f"/spaces/admin/{name}/raw/main/app.py", headers=BROWSER) for name in ("hidden", "nothing")
        )
        assert hidden.text == missing.text
        refused = http.get("/metrics", headers=BROWSER)
        assert (refused.status_code, "403 Forbidden" in refused.text) == (403, True)
        assert "style-src 'unsafe-inline'" in refused.headers["content-security-policy"]


def test_a_file_as_text(hub):
    with hub.http() as http:
        found = http.get("/spaces/admin/words/raw/main/app.py")
        assert (found.text, found.headers["content-type"]) == (APP, "text/plain; charset=utf-8")
        assert "content-disposition" not in found.headers
        assert found.headers["content-security-policy"].startswith("sandbox")
        assert "attachment" in http.get("/spaces/admin/words/resolve/main/app.py").headers["content-disposition"]


def opened(hub, name, user=None, query=""):
    with hub.http(user) as http:
        return http.get(f"{hub.apps}/admin/{name}/{query}", headers=BROWSER)


def test_the_page_of_a_broken_space(hub):
    page = opened(hub, "broken")
    assert page.status_code == 503
    assert 'role="alert"' in page.text
    assert f'href="{hub.url}/spaces/admin/broken/logs"' in page.text
    assert "<pre" not in page.text
    owners = opened(hub, "broken", "admin").text
    assert "no &lt;b&gt;model&lt;/b&gt;" in owners
    assert owners.partition("<pre")[2].partition("</pre>")[0].count("\n") == 19


def test_the_page_of_a_paused_space_in_the_theme_of_its_frame(hub):
    for query, theme in (("", ""), ("?__theme=dark", ' data-theme="dark"'), ("?__theme=%22%3Ex", "")):
        page = opened(hub, "paused", query=query)
        assert page.text.startswith(f'<!doctype html>\n<html lang="en"{theme}>')
        assert "hf spaces restart" in page.text
    assert opened(hub, "paused", query="?" + "&" * 1900).status_code == 503
