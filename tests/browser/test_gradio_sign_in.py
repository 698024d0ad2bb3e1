"""docs/oauth.md: its unmodified Gradio app signs a visitor in with the hub."""

from __future__ import annotations

import contextlib
import re
import time

import httpx
import pytest
from playwright.sync_api import expect
from tests.conftest import ROOT
from tests.hub.browsing import PASSWORD, set_passwords
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

GUIDE = (ROOT / "docs" / "oauth.md").read_text()
README, APP = (re.search(rf"^```{kind}\n(.*?)^```", GUIDE, re.M | re.S)[1].encode() for kind in ("yaml", "python"))
SLOW = 30_000
"""Milliseconds that a call of the app may take."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    set_passwords(server, "ann")
    with server.http("admin") as admin:
        admin.post("/api/repos/create", json={"name": "app", "type": "space"}).raise_for_status()
        commit(admin, "admin/app", {"README.md": README, "app.py": APP}).raise_for_status()
    with server.http("ann") as ann:
        private = {"name": "secret", "type": "space", "sdk": "static", "private": True}
        ann.post("/api/repos/create", json=private).raise_for_status()
    wait_until_running(server)
    yield server
    server.stop()


def wait_until_running(hub):
    deadline = time.monotonic() + 120
    while (found := httpx.get(f"{hub.url}/api/spaces/admin/app/runtime").json())["stage"] != "RUNNING":
        assert time.monotonic() < deadline, found
        assert found["stage"] in ("BUILDING", "APP_STARTING"), found
        time.sleep(0.2)


def test_a_visitor_signs_in_to_an_app_and_takes_it_back(hub, page):
    own = f"http://admin-app.localhost:{hub.apps.rpartition(':')[2]}"
    page.goto(own)
    expect(page.get_by_label("Who")).to_have_value("I do not know you.", timeout=SLOW)
    page.get_by_role("button", name="Sign in with Hugging Face").click()
    page.wait_for_url(f"{hub.url}/login?*")
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in to admin/app")).to_be_visible()
    asked = page.get_by_role("listitem").all_inner_texts()
    assert asked[-1] == "read the files of your own Spaces"
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{own}/**")
    expect(page.get_by_label("Who")).to_have_value("You are ann, with the private Spaces ['ann/secret'].", timeout=SLOW)
    expect(page.get_by_role("button", name="Logout (ann)")).to_be_visible()

    page.get_by_role("button", name="Logout (ann)").click()
    expect(page.get_by_label("Who")).to_have_value("I do not know you.", timeout=SLOW)
    page.get_by_role("button", name="Sign in with Hugging Face").click()
    who = page.get_by_label("Who")
    expect(who).to_have_value(re.compile("You are ann"), timeout=SLOW)  # allowed before: it is not asked again

    with contextlib.closing(httpx.Client(base_url=hub.url, headers={"origin": hub.url})) as elsewhere:
        elsewhere.post("/api/sessions", json={"name": "ann", "password": PASSWORD}).raise_for_status()
        (allowed,) = elsewhere.get("/api/applications").json()
        assert (allowed["name"], allowed["scopes"]) == ("admin/app", ["openid", "profile", "read-repos"])
        assert elsewhere.delete(f"/api/applications/{allowed['id']}").status_code == 200
    page.reload()
    expect(page.get_by_text("Error").first).to_be_visible(timeout=SLOW)  # the app's token has ended: whoami refuses it
