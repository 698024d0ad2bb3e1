"""The hub's directory and a Space in its frame: ours and a real Gradio app, public and private, awake and not."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.hub.conftest import HubServer
from tests.web.conftest import Tabs
from tests.web.test_accessibility import problems
from tests.web.test_api_page import executed

WORDS = """
import spaceport as sp

space = sp.Space(title="Words")


@space.api
def shout(text: str) -> str:
    \"\"\"Say it louder.\"\"\"
    print("shouting", text, flush=True)
    return text.upper()
"""
OURS = "---\ntitle: Loud words\nemoji: 📣\nshort_description: Says it louder\ntags: [spaceport]\n---\n"
GRADIO = "---\ntitle: Studio\nsdk: gradio\nsdk_version: 6.31.0\n---\n"


def deploy(http, name, readme, app, *, private=False):
    lines = [{"key": "header", "value": {"summary": "first"}}]
    for path, text in {"README.md": readme, "app.py": app}.items():
        content = base64.b64encode(text.encode()).decode()
        lines.append({"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}})
    made = http.post("/api/repos/create", json={"name": name, "type": "space", "private": private})
    assert made.status_code == 200, made.text
    done = http.post(f"/api/spaces/admin/{name}/commit/main", content="\n".join(map(json.dumps, lines)))
    assert done.status_code == 200, done.text


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    with server.http("admin") as http:
        deploy(http, "words", OURS, WORDS)
        deploy(http, "studio", GRADIO, (ROOT / "examples" / "studio" / "app.py").read_text())
        deploy(http, "hidden", OURS.replace("Loud words", "Hidden words"), WORDS, private=True)
    yield server
    server.stop()


class HubTabs(Tabs):
    """The apps are another host, as a hub has it."""

    def __init__(self, chromium, hub, **options):
        super().__init__(chromium, **options)
        self.hosts = {re.sub("http://", "", one) for one in (hub.url, hub.apps)}
        self.own_hosts = re.compile(rf"http://[a-z-]+\.localhost:{hub.apps.rpartition(':')[2]}/")

    def _asked(self, url, host):
        if not any(url.startswith(f"http://{one}/") for one in self.hosts) and not self.own_hosts.match(url):
            super()._asked(url, host)


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["503", "401", "404"]  # a Space that wakes, logs without a token, icons of other pages
    yield found
    found.context.close()
    assert not [one for one in found.wrong if "gradio" not in one.lower()]


def token(page, hub, user="admin"):
    """Say who one is; the bar then shows the name."""
    page.get_by_role("button", name="Use a token").click()
    page.get_by_label("Token", exact=True).fill(hub.tokens[user])
    page.get_by_label("Token", exact=True).press("Enter")
    page.get_by_role("button", name=f"Account of {user}").wait_for()


def test_the_directory(tabs, hub):
    page = tabs.open(hub.url)
    names = page.locator(".directory h2")
    names.nth(1).wait_for()
    assert sorted(names.all_inner_texts()) == ["Loud words", "Studio"]
    assert "Says it louder" in page.locator(".directory").inner_text()
    token(page, hub)
    page.locator(".directory h2", has_text="Hidden words").first.wait_for()
    page.get_by_role("searchbox").fill("stud")
    page.locator(".directory h2", has_text="Loud words").first.wait_for(state="detached")
    assert names.all_inner_texts() == ["Studio"]
    page.get_by_role("searchbox").fill("no such thing")
    page.get_by_text("No matching Spaces").wait_for()
    assert hub.tokens["admin"] not in page.url


def test_a_space_in_its_frame(tabs, hub):
    page = tabs.open(hub.url)
    page.get_by_role("link", name="Loud words").click()
    page.get_by_role("tab", name="App").wait_for()
    frame = page.frame_locator("iframe.app")
    frame.get_by_label("Text", exact=True).first.wait_for(timeout=60_000)
    frame.locator(".inputs textarea").fill("hello")
    frame.get_by_role("button", name="Run", exact=True).click()
    frame.locator(".text-value", has_text="HELLO").wait_for()
    page.locator(".badge.RUNNING").wait_for()
    page.get_by_role("tab", name="Files").click()
    page.get_by_role("link", name="app.py", exact=True).click()
    page.locator(".source pre", has_text="Say it louder").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download app.py").click()
    assert Path(download.value.path()).read_text() == WORDS
    page.get_by_role("tab", name="Logs").click()
    page.get_by_text("Sign in as one of them").wait_for()
    token(page, hub)
    page.locator("pre.log", has_text="shouting hello").wait_for()
    page.get_by_text("Build", exact=True).click()
    page.locator("pre.log", has_text=re.compile(".")).wait_for()


def test_the_log_is_live(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words/logs")
    token(page, hub)
    page.locator("pre.log").wait_for()
    from spaceport import Client

    with Client(f"{hub.apps}/admin/words/", verbose=False) as client:
        client.predict("later", api_name="/shout")
    page.locator("pre.log", has_text="shouting later").wait_for()


def test_the_api_of_a_real_gradio_app(tabs, hub, tmp_path):
    from spaceport import Client

    with Client(f"{hub.apps}/admin/studio/", verbose=False) as client:  # it has to have run to be known
        client.predict("wake", api_name="/remember")
    page = tabs.open(f"{hub.url}/spaces/admin/studio/api")
    docs = page.locator("#api-type_out")
    docs.wait_for()
    docs.get_by_text("Run it here").click()
    docs.get_by_label("Text").fill("abc")
    docs.get_by_role("button", name="Run", exact=True).click()
    docs.locator('[role="status"]:text-is("Done")').wait_for(timeout=30_000)
    assert '"abc"' in docs.locator("dialog pre").last.inner_text()
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    for language, kind in (("Python", "python"), ("curl", "sh")):
        page.get_by_role("radio", name=language, exact=True).check()
        docs.locator("pre", has_text="client.predict" if kind == "python" else "curl").first.wait_for()
        code = docs.locator("pre[data-language]").inner_text()
        by_name = f"Client('admin/studio', hub='{hub.url}')"
        assert (by_name if kind == "python" else f"{hub.apps}/admin/studio") in code
        assert "abc" in executed(kind, code, tmp_path)
    page.get_by_role("link", name="Markdown").click()
    page.get_by_text("## /type_out").wait_for()


def test_the_api_of_an_app_that_sleeps(tabs, hub):
    with hub.http("admin") as http:
        http.post("/api/spaces/admin/studio/sleeptime", json={"seconds": 0.1}).raise_for_status()

        def stage():
            return http.get("/api/spaces/admin/studio/runtime").json()["stage"]

        for _ in range(300):
            if stage() == "SLEEPING":
                break
            time.sleep(0.1)
        page = tabs.open(f"{hub.url}/spaces/admin/studio/api")
        page.locator("#api-remember pre", has_text="client.predict").wait_for()
        assert "## /remember" in http.get(f"{hub.apps}/admin/studio/agents.md").text
        assert stage() == "SLEEPING"
        http.post("/api/spaces/admin/studio/sleeptime", json={"seconds": 3600}).raise_for_status()


def test_a_private_space(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/hidden")
    page.get_by_role("alert").wait_for()
    missing = tabs.open(f"{hub.url}/spaces/admin/nothing")
    missing.get_by_role("alert").wait_for()
    said = [one.get_by_role("alert").inner_text().replace("nothing", "hidden") for one in (page, missing)]
    assert said[0] == said[1]
    token(page, hub)
    page.get_by_role("tab", name="API").click()
    docs = page.locator("#api-shout")
    docs.wait_for(timeout=60_000)
    docs.get_by_text("Run it here").click()
    docs.get_by_label("Text").fill("quiet")
    docs.get_by_role("button", name="Run", exact=True).click()
    docs.locator("pre[data-language=json]", has_text='"QUIET"').wait_for(timeout=60_000)


@pytest.mark.parametrize("width", [1200, 380])
@pytest.mark.parametrize("path", ["/", "/spaces/admin/words?tab=files", "/spaces/admin/words?tab=api"])
def test_axe(chromium, hub, path, width):
    found = HubTabs(chromium, hub, bypass_csp=True)
    try:
        page = found.open(f"{hub.url}{path}")
        page.set_viewport_size({"width": width, "height": 900})
        page.locator(".space-card footer, table[aria-label=Files] td, #api-shout").first.wait_for(timeout=60_000)
        page.wait_for_timeout(500)
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        found.context.close()


def test_curl_of_the_page_is_plain(hub):
    said = subprocess.run(["curl", "-s", f"{hub.url}/spaces/admin/hidden"], capture_output=True, text=True).stdout
    assert "Hidden" not in said
    assert "../../--spaceport/web/hub" in said
