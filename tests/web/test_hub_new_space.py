"""A Space is made in the browser from a template or from files, built, edited, and its files change by commits."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.hub.conftest import HubServer
from tests.web.test_accessibility import problems
from tests.web.test_hub_pages import HubTabs, token
from tests.web.test_hub_shell import opened

GREET = """import spaceport as sp

space = sp.Space()


@space.api
def greet(name: str) -> str:
    return 'Moin ' + name
"""


DROPPED = """() => {
    const data = new DataTransfer();
    for (const name of ["data.txt", "draft.txt"]) data.items.add(new File(["dropped"], name));
    return data;
}"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--trust-spaces")
    yield server
    server.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["503", "400", "401", "404", "409"]
    yield found
    found.context.close()
    assert not [one for one in found.wrong if "gradio" not in one.lower()]


def test_a_function_from_its_template_is_edited_before_it_is_built(tabs, hub):
    page = opened(tabs, hub, "/new")
    page.get_by_label("Name", exact=True).fill("greeter")
    text = page.get_by_role("textbox", name="Text of app.py")
    text.get_by_text('sp.Space(title="greeter")').wait_for()
    page.get_by_role("tab", name="README.md").click()
    page.get_by_role("textbox", name="Text of README.md").get_by_text('title: "greeter"').wait_for()
    page.get_by_role("tab", name="app.py").click()
    text.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(GREET)
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/greeter")
    app = page.frame_locator("iframe.app")
    app.locator(".inputs textarea").fill("Ann", timeout=60_000)
    app.get_by_role("button", name="Run", exact=True).click()
    app.locator(".text-value", has_text="Moin Ann").wait_for()


@pytest.mark.parametrize("template", ["Chat", "Static page"])
def test_other_templates_run(tabs, hub, template):
    name = template.split()[0].lower()
    page = opened(tabs, hub, "/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_text(template, exact=True).click()
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/{name}")
    app = page.frame_locator("iframe.app")
    ready = app.get_by_role("heading", name="static") if template == "Static page" else app.get_by_role("textbox")
    ready.first.wait_for(timeout=60_000)


def test_an_unmodified_gradio_app_from_its_template(tabs, hub):
    page = opened(tabs, hub, "/new")
    page.get_by_label("Name", exact=True).fill("gradio-app")
    page.get_by_text("Gradio app", exact=True).click()
    page.get_by_role("tab", name="README.md").click()
    page.get_by_role("textbox", name="Text of README.md").click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("---\nsdk: gradio\nsdk_version: 6.31.0\n---\n")  # as it is installed here
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/gradio-app")
    page.frame_locator("iframe.app").get_by_role("button", name="Submit").wait_for(timeout=60_000)


def test_files_are_chosen_listed_and_sent_with_a_readme(tabs, hub, tmp_path):
    folder = tmp_path / "site"
    (folder / "css").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "index.html").write_text("<h1>Uploaded</h1>")
    (folder / "css" / "main.css").write_text("h1 { color: red }")
    (folder / "node_modules" / "big.js").write_text("no")
    page = opened(tabs, hub, "/new")
    page.get_by_label("Name", exact=True).fill("site")
    page.get_by_text("Your files", exact=True).click()
    assert page.get_by_role("button", name="Create").is_disabled()
    page.locator("input[webkitdirectory]").set_input_files(folder)
    listed = page.get_by_role("list", name="Files to upload").get_by_role("listitem")
    listed.nth(1).wait_for()
    assert [one.partition("\n")[0] for one in listed.all_inner_texts()] == ["css/main.css", "index.html"]
    dropped = page.evaluate_handle(DROPPED)
    page.dispatch_event(".drop.files", "drop", {"dataTransfer": dropped})
    listed.nth(3).wait_for()
    page.get_by_role("button", name="Leave out draft.txt").click()
    listed.nth(3).wait_for(state="detached")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/site")
    page.frame_locator("iframe.app").get_by_role("heading", name="Uploaded").wait_for(timeout=60_000)
    with hub.http("admin") as http:
        tree = http.get("/api/spaces/admin/site/tree/main", params={"recursive": "true"}).json()
        assert {one["path"] for one in tree if one["type"] == "file"} >= {
            "README.md",
            "css/main.css",
            "data.txt",
            "index.html",
        }
        assert "draft.txt" not in {one["path"] for one in tree}
        assert "sdk: static" in http.get("/spaces/admin/site/raw/main/README.md").text


def test_a_readme_that_the_hub_refuses_is_mended_and_sent_again(tabs, hub, tmp_path):
    (tmp_path / "README.md").write_text("---\nsdk: docker\n---\n")
    page = opened(tabs, hub, "/new")
    page.get_by_label("Name", exact=True).fill("again")
    page.get_by_text("Your files", exact=True).click()
    page.locator("input[type=file]").first.set_input_files(tmp_path / "README.md")
    page.get_by_role("button", name="Create").click()
    page.get_by_text("README.md cannot be committed").wait_for()
    page.get_by_text("Function", exact=True).click()
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/again")


def test_files_are_edited_added_uploaded_and_deleted(tabs, hub, tmp_path):
    with hub.http("admin") as http:
        http.post("/api/repos/create", json={"name": "edited", "type": "space", "sdk": "static"}).raise_for_status()

        def text(path):
            return http.get(f"/spaces/admin/edited/raw/main/{path}")

        page = opened(tabs, hub, "/spaces/admin/edited/tree/main")
        page.get_by_role("button", name="New file").click()
        page.get_by_role("textbox", name="Path").fill("notes/one.md")
        page.get_by_role("textbox", name="Text of the new file").click()
        page.keyboard.insert_text("first")
        page.get_by_role("button", name="Commit").click()
        page.wait_for_url("**/blob/main/notes/one.md")
        page.locator(".source", has_text="first").wait_for()
        assert text("notes/one.md").text == "first"
        page.get_by_role("button", name="Edit one.md").click()
        page.get_by_role("textbox", name="Text of notes/one.md").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text("second")
        line = '{"key":"header","value":{"summary":"between"}}\n'
        line += '{"key":"file","value":{"path":"other.txt","content":"x"}}'
        http.post("/api/spaces/admin/edited/commit/main", content=line).raise_for_status()
        page.get_by_label("What has changed").fill("Say it better")
        page.get_by_role("button", name="Commit").click()
        page.locator(".wrong").wait_for()  # somebody else has committed meanwhile
        assert text("notes/one.md").text == "first"
        page.reload()
        page.get_by_role("button", name="Edit one.md").click()
        page.get_by_role("textbox", name="Text of notes/one.md").click()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text("second")
        assert problems(page) == []
        page.get_by_label("What has changed").fill("Say it better")
        page.get_by_role("button", name="Commit").click()
        page.locator(".source", has_text="second").wait_for()
        assert http.get("/api/spaces/admin/edited/commits/main").json()[0]["title"] == "Say it better"
        page.get_by_role("link", name="History").click()
        page.get_by_role("link", name="Say it better").click()
        diff = page.get_by_role("region", name="notes/one.md").locator("pre.diff")
        diff.locator(".removed", has_text="first").wait_for()
        assert diff.locator(".added").inner_text().strip().endswith("+second")
        assert problems(page) == []
        page.get_by_role("navigation", name="Path").get_by_role("link", name="edited").click()
        page.get_by_role("link", name="notes", exact=True).click()
        (tmp_path / "data.csv").write_text("a,b\n" * 500_000)
        page.wait_for_url("**/tree/main/notes")
        page.get_by_role("button", name="Upload").click()
        page.locator("input[type=file]").first.set_input_files(tmp_path / "data.csv")
        line = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 1_500_000}
        line.send("Network.emulateNetworkConditions", slow)
        page.get_by_role("button", name="Commit").click()
        page.get_by_role("button", name=re.compile(r"^Uploading [1-9]\d? %$")).wait_for()
        line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
        page.get_by_role("link", name="data.csv").click()
        page.get_by_role("button", name="Delete data.csv").click()
        page.get_by_role("button", name="Commit the deletion").click()
        page.wait_for_url("**/tree/main/notes")
        page.get_by_role("link", name="one.md").wait_for()
        assert (text("notes/one.md").text, text("notes/data.csv").status_code) == ("second", 404)
        visitor = tabs.context.browser.new_context().new_page()
        visitor.goto(f"{hub.url}/spaces/admin/edited/blob/main/notes/one.md")
        visitor.locator(".source", has_text="second").wait_for()
        assert visitor.get_by_role("button", name="Edit one.md").count() == 0
        visitor.context.close()


def test_a_commit_shows_renames_odd_names_binary_and_long_files(tabs, hub):
    def line(key, **value):
        return json.dumps({"key": key, "value": value})

    def file(path, content):
        return line("file", path=path, content=base64.b64encode(content).decode(), encoding="base64")

    def sent(*lines):
        answer = http.post(f"{space}/commit/main", content="\n".join([line("header", summary="changes"), *lines]))
        return answer.raise_for_status().json()["commitUrl"]

    odd = 'a "quoted" ü b/ name.txt'
    space = "/api/spaces/admin/changes"
    with hub.http("admin") as http:
        http.post("/api/repos/create", json={"name": "changes", "type": "space"}).raise_for_status()
        text = "".join(f"line {number}\n" for number in range(50)).encode()
        sent(file("old.txt", text), file("gone.txt", b"--- a\n+++ b\n"))
        address = sent(
            line("deletedFile", path="old.txt"),
            line("deletedFile", path="gone.txt"),
            file("new.txt", text + b"more\n"),
            file(odd, b"x"),
            file("picture.png", bytes(range(256))),
            file("zlong.txt", b"0123456789abcde\n" * 60_000),
        )
    page = tabs.open(address)
    moved = page.get_by_role("region", name="new.txt")
    moved.get_by_text("old.txt → new.txt").wait_for()
    assert "1 added, 0 removed" in moved.inner_text()
    gone = page.get_by_role("region", name="gone.txt")
    assert "---- a" in gone.inner_text()
    assert gone.get_by_role("link").count() == 0
    assert "Binary file" in page.get_by_role("region", name="picture.png").inner_text()
    page.get_by_text("too long to be shown").wait_for()
    page.get_by_role("region", name=odd).get_by_role("link").click()
    page.locator(".source", has_text="x").wait_for()
    page.goto(f"{hub.url}/spaces/admin/changes/commit/{'0' * 40}")
    page.get_by_text("There is no revision").wait_for()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_axe_finds_nothing(chromium, hub, scheme, width):
    found = HubTabs(chromium, hub, color_scheme=scheme, bypass_csp=True)
    try:
        page = found.open(f"{hub.url}/new")
        page.get_by_text("Sign in to make a Space").wait_for()
        token(page, hub)
        page.set_viewport_size({"width": width, "height": 900})
        page.get_by_role("textbox", name="Text of app.py").wait_for()
        assert problems(page) == []
        page.get_by_text("Your files", exact=True).click()
        assert problems(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        found.context.close()
