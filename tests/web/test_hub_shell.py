"""The hub's shell: bar, palette, addresses, and each tab of a Space; by pointer, by keyboard, and for axe."""

from __future__ import annotations

import time

import pytest

from spaceport import Client
from spaceport.errors import SpaceportError
from tests.hub.conftest import HubServer
from tests.web.test_accessibility import AXE
from tests.web.test_hub_pages import OURS, WORDS, HubTabs, deploy, token

README = """
# Loud words

Says a text **louder**, see [the code](app.py).

```python
print("hello")
```

<img src="x" onerror="document.title='run'"><script>document.title = 'run'</script>
"""
APP = WORDS + "\n\n@space.api\ndef fail() -> str:\n    raise ValueError('always')\n"
COLOURS = "colorFrom: red\ncolorTo: blue\n"
FORTY = [f"many-{number:02d}" for number in range(30)]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--trust-spaces")
    with server.http("admin") as http:
        for name in FORTY:
            http.post("/api/repos/create", json={"name": name, "type": "space"}).raise_for_status()
        deploy(http, "words", OURS.replace("tags:", f"{COLOURS}tags:") + README, APP)
        deploy(http, "broken", OURS.replace("Loud words", "Broken"), "raise RuntimeError('no model')\n")
        deploy(http, "page", "---\ntitle: A page\nsdk: static\ntags: [plain]\n---\n", WORDS)
    with Client("admin/words", hub=server.url, token=server.tokens["ann"], verbose=False) as client:
        client.predict("hello", api_name="/shout")
        with pytest.raises(SpaceportError):
            client.predict(api_name="/fail")
    yield server
    server.stop()


@pytest.fixture
def tabs(chromium, hub):
    found = HubTabs(chromium, hub)
    found.allowed += ["503", "401", "404", "400", "inline event handler"]
    yield found
    found.context.close()
    assert not found.wrong


def opened(tabs, hub, path, user="admin"):
    page = tabs.open(f"{hub.url}{path}")
    if user:
        token(page, hub, user)
    return page


def names(page):
    return page.locator(".all .space-card h2").all_inner_texts()


def test_the_directory_is_read_page_by_page(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces")
    page.locator(".space-card footer").first.wait_for()
    assert len(names(page)) == 24
    page.keyboard.press("End")
    page.wait_for_function("() => document.querySelectorAll('.space-card footer').length === 33")


def test_filters_and_order_stand_in_the_address(tabs, hub):
    page = tabs.open(hub.url)
    page.get_by_label("Static pages").check()
    page.wait_for_url("**/?sdk=static")
    page.locator(".all .space-card", has_text="A page").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.all .space-card').length === 1")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.all .space-card').length === 24")
    page.get_by_label("State").select_option(label="Failed")
    page.wait_for_url("**/?state=failed")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.all h2')].map(one => one.innerText).join() === 'Broken'"
    )
    page.goto(f"{hub.url}/spaces?tag=plain")
    page.get_by_role("button", name="Remove the filter Tag: plain").click()
    page.wait_for_url("**/spaces")
    page.get_by_label("Order").select_option(label="Newest")
    page.wait_for_url("**/spaces?sort=createdAt")
    page.wait_for_function("() => document.querySelector('.all h2').innerText === 'A page'")
    page.get_by_role("searchbox").fill("nothing is called so")
    page.get_by_role("button", name="Show all").click()
    page.locator(".space-card footer").first.wait_for()
    assert page.url == f"{hub.url}/spaces"


def test_an_owner_and_back(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces?search=loud+words")
    page.locator(".space-card", has_text="Loud words").get_by_role("link", name="admin").click()
    page.get_by_role("heading", level=1, name="admin").wait_for()
    assert page.url == f"{hub.url}/admin"
    assert page.evaluate("() => document.activeElement.id") == "content"
    page.get_by_role("link", name="Loud words").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/words")
    page.go_back()
    page.get_by_role("heading", level=1, name="admin").wait_for()
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.all .space-card').length === 1")
    assert page.evaluate("() => performance.getEntriesByType('navigation').length") == 1
    page.goto(f"{hub.url}/nobody")
    page.get_by_text("nobody shows no Spaces").wait_for()
    page.goto(f"{hub.url}/spaces/admin/words/none")
    page.get_by_text("There is nothing at this address").wait_for()


def test_the_first_commands_are_on_the_page(tabs, hub):
    page = opened(tabs, hub, "/bob", "bob")
    page.get_by_text("You have no Spaces yet").wait_for()
    assert f"export HF_ENDPOINT={hub.url}" in page.locator(".how").inner_text()
    page.get_by_role("link", name="New Space").click()
    page.wait_for_url(f"{hub.url}/new")
    page.get_by_text("Empty", exact=True).click()
    page.get_by_label("Name", exact=True).fill("not a name")
    page.get_by_role("button", name="Create").click()
    page.get_by_text("must be made of letters").wait_for()
    page.get_by_label("Name", exact=True).fill("first")
    page.get_by_text("Private", exact=True).click()
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/bob/first")
    page.get_by_text("There is no app yet: upload one").wait_for()
    assert "spaceport deploy app.py bob/first" in page.locator(".how").inner_text()
    page.get_by_role("tab", name="Settings").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_label("Type bob/first to delete it").fill("bob/first")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/bob")
    with hub.http("bob") as http:
        assert http.get("/api/spaces/bob/first").status_code == 404


def test_the_palette_by_keyboard(tabs, hub):
    page = opened(tabs, hub, "/spaces/admin/words/readme")
    page.locator(".readme h1").wait_for()  # a Space that was shown is one that was opened
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox")
    box.fill("brok")
    page.get_by_role("option", name="Broken").wait_for()
    page.wait_for_function("() => document.querySelector('.palette [aria-selected=true]').innerText.includes('Broken')")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/spaces/admin/broken")
    page.keyboard.press("Control+k")
    page.get_by_role("option", name="admin/words").wait_for()  # it was opened before
    box.fill("usage")
    page.get_by_role("option", name="Usage").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/spaces/admin/broken/usage")
    page.keyboard.press("Control+k")
    box.fill("dark")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.keyboard.press("Control+k")
    box.fill("no such thing at all")
    page.get_by_text("Nothing matches").wait_for()
    page.keyboard.press("Escape")
    box.wait_for(state="detached")


def test_a_readme_is_rendered_and_cannot_run(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words/readme")
    readme = page.locator("article.readme")
    readme.get_by_role("heading", name="Loud words").wait_for()
    assert "colorFrom" not in readme.inner_text()
    assert page.locator(".readme .tok-string").inner_text() == '"hello"'
    assert page.title() == "README: Loud words"
    readme.get_by_role("link", name="the code").click()
    page.wait_for_url(f"{hub.url}/spaces/admin/words/blob/main/app.py")
    page.locator(".source .tok-keyword").first.wait_for()


def test_files_and_their_history(tabs, hub):
    with hub.http("admin") as http:
        lines = ['{"key":"header","value":{"summary":"A model"}}']
        lines.append('{"key":"file","value":{"path":"models/a/tiny.json","content":"{\\"size\\": 1}"}}')
        http.post("/api/spaces/admin/page/commit/main", content="\n".join(lines)).raise_for_status()
    page = tabs.open(f"{hub.url}/spaces/admin/page")
    page.get_by_role("tab", name="Files").click()
    for name in ("models", "a", "tiny.json"):
        page.get_by_role("link", name=name, exact=True).click()
    page.locator(".source", has_text='{"size": 1}').wait_for()
    assert page.url.endswith("/spaces/admin/page/blob/main/models/a/tiny.json")
    assert page.get_by_role("link", name="Raw").get_attribute("href").endswith("/raw/main/models/a/tiny.json")
    page.get_by_role("navigation", name="Path").get_by_role("link", name="models").click()
    page.wait_for_url("**/tree/main/models")
    page.get_by_role("link", name="History").click()
    commits = page.locator(".commits li")
    commits.nth(1).wait_for()
    assert [text.partition("\n")[0] for text in commits.all_inner_texts()] == ["A model", "first"]
    commits.nth(1).get_by_role("link", name="Files at").click()
    page.get_by_role("link", name="app.py").wait_for()
    assert page.get_by_role("link", name="models").count() == 0


def test_jobs_of_all_callers_and_ones_own(tabs, hub):
    page = opened(tabs, hub, "/spaces/admin/words/jobs")
    rows = page.locator(".sheet tbody tr")
    rows.nth(1).wait_for()
    page.get_by_label("State").select_option(label="Failed")
    page.wait_for_function("() => document.querySelectorAll('.sheet tbody tr').length === 1")
    assert "ann" in rows.first.inner_text()
    rows.first.get_by_role("button", name="Run again").click()
    page.locator(".toast", has_text="It runs again").wait_for()
    page.wait_for_function("() => document.querySelectorAll('.sheet tbody tr').length === 2")
    page.get_by_text("Mine", exact=True).click()
    page.get_by_text("No job in this state").wait_for()
    other = tabs.open(f"{hub.url}/spaces/admin/words/jobs")
    other.get_by_text("Here are your calls of this Space").wait_for()


def test_logs_are_filtered_and_saved(tabs, hub):
    page = opened(tabs, hub, "/spaces/admin/words/logs")
    page.locator("pre.log .line", has_text="shouting hello").wait_for()
    page.locator("pre.log .line.bad", has_text="Traceback").first.wait_for()
    assert "\x1b" not in page.locator("pre.log").inner_text()
    page.get_by_label("Show lines with").fill("SHOUTING")
    page.wait_for_function("() => document.querySelectorAll('pre.log .line').length === 1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "admin-words-run.log"
    page.get_by_label("Show lines with").fill("none of them")
    page.get_by_text("has “none of them”").wait_for()


def test_usage_in_numbers_and_plots(tabs, hub):
    page = tabs.open(f"{hub.url}/spaces/admin/words/usage")
    page.locator(".plot canvas").nth(2).wait_for()
    figures = page.locator(".figures")
    assert "Calls\n" in figures.inner_text()
    assert "Succeeded: at most" in page.get_by_role("img", name="Calls.").get_attribute("aria-label")
    assert page.get_by_role("region", name="Endpoints").locator("tbody tr").count() == 2
    page.goto(f"{hub.url}/spaces/admin/page/usage")
    page.get_by_text("No calls in seven days").wait_for()


def test_the_settings_of_who_may(tabs, hub):
    page = opened(tabs, hub, "/spaces/admin/words", "ann")
    page.get_by_role("tab", name="App").wait_for()
    assert page.get_by_role("tab", name="Settings").count() == 0
    page.goto(f"{hub.url}/spaces/admin/words/settings")
    page.get_by_text("Only those who may change the Space").wait_for()
    owner = opened(tabs, hub, "/spaces/admin/words/settings")
    owner.get_by_label("Sleeps").select_option(label="Never")
    owner.locator(".toast", has_text="The time is set").wait_for()
    variables = owner.locator(".card", has=owner.get_by_role("heading", name="Variables"))
    variables.get_by_label("Name").fill("MODEL")
    variables.get_by_label("Value").fill("small")
    variables.get_by_role("button", name="Set").click()
    owner.get_by_role("list", name="Variables").get_by_text("small").wait_for()
    secrets = owner.locator(".card", has=owner.get_by_role("heading", name="Secrets"))
    secrets.get_by_label("Name").fill("KEY")
    secrets.get_by_label("Secret value").fill("hidden-value")
    secrets.get_by_role("button", name="Set").click()
    owner.get_by_role("list", name="Secrets").get_by_text("KEY").wait_for()
    owner.get_by_role("button", name="Remove MODEL").click()
    owner.get_by_role("list", name="Variables").wait_for(state="detached")
    with hub.http("admin") as http:
        assert http.get("/api/spaces/admin/words/runtime").json()["gcTimeout"] == -1
        assert list(http.get("/api/spaces/admin/words/secrets").json()) == ["KEY"]
    owner.get_by_role("button", name="Pause").click()
    owner.locator(".space-head .badge.PAUSED").wait_for()
    owner.get_by_role("tab", name="App").click()
    owner.get_by_role("button", name="Restart", exact=True).click()
    owner.locator("iframe.app").wait_for(timeout=60_000)


def test_a_broken_space_shows_the_end_of_its_log_to_its_owner(tabs, hub):
    page = opened(tabs, hub, "/spaces/admin/broken")
    page.locator("pre.log.tail", has_text="no model").wait_for()
    visitor = tabs.open(f"{hub.url}/spaces/admin/broken")
    visitor.get_by_role("heading", name="The app does not run").wait_for()
    assert visitor.locator("pre.log").count() == 0
    assert visitor.get_by_role("button", name="Restart").count() == 0


def test_who_is_signed_in_needs_no_token(tabs, hub):
    with hub.http("admin") as http:
        invited = http.post("/api/invitations", json={}).json()["link"]
    page = tabs.open(invited)
    page.get_by_label("Name").fill("carol")
    page.get_by_label("Password").fill("a long enough phrase 7")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Account of carol").wait_for()
    page.get_by_role("link", name="New Space").click()
    page.get_by_text("Empty", exact=True).click()
    page.get_by_label("Name", exact=True).fill("mine")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(f"{hub.url}/spaces/carol/mine")
    page.get_by_role("tab", name="Settings").wait_for()
    page.get_by_role("button", name="Account of carol").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url(f"{hub.url}/")
    page.goto(f"{hub.url}/spaces/admin/words/jobs")
    page.get_by_text("Here are your calls of this Space").wait_for()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("carol")
    page.get_by_label("Password").fill("a long enough phrase 7")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/spaces/admin/words/jobs")
    page.get_by_text("No jobs yet").wait_for()


SHIFT = """() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const one of list.getEntries()) sum += one.value; })
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 300);
})"""
VIEWS = {
    "/": ".space-card footer",
    "/admin": ".space-card footer",
    "/nobody": ".empty-state",
    "/a/b/c": ".empty-state",
    "/spaces/admin/nothing": '[role="alert"]',
    "/spaces/admin/many-01": ".how",
    "/spaces/admin/broken": ".state .log",
    "/spaces/admin/words/readme": ".readme h1",
    "/spaces/admin/words/tree/main": ".sheet td",
    "/spaces/admin/words/blob/main/app.py": ".tok-keyword",
    "/spaces/admin/words/commits/main": ".commits li",
    "/spaces/admin/words/jobs": ".sheet td",
    "/spaces/admin/words/logs": "pre.log .line",
    "/spaces/admin/words/usage": ".plot canvas",
    "/spaces/admin/words/settings": ".settings .variables li",
}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 380)])
def test_axe_finds_nothing_on_any_view_and_nothing_moves(chromium, hub, scheme, width):
    found = HubTabs(chromium, hub, color_scheme=scheme, bypass_csp=True)
    with hub.http("admin") as http:
        http.post("/api/spaces/admin/words/variables", json={"key": "A", "value": "b"}).raise_for_status()
        for _ in range(300):
            if http.get("/api/spaces/admin/words/runtime").json()["stage"] == "RUNNING":
                break
            http.get(f"{hub.apps}/admin/words/config")
            time.sleep(0.1)
    try:
        page = opened(found, hub, "/")
        page.set_viewport_size({"width": width, "height": 900})
        problems, moved = {}, {}
        for path, ready in VIEWS.items():
            page.goto(f"{hub.url}{path}")
            page.locator(ready).first.wait_for(timeout=60_000)
            shift = page.evaluate(SHIFT)
            if shift > 0.02:
                moved[path] = shift
            if page.evaluate("() => document.documentElement.scrollWidth") > width:
                problems[path] = "wider than the window"
            page.evaluate(AXE.read_text())
            for one in page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]:
                problems[f"{path} {one['id']}"] = one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300]
        page.keyboard.press("Control+k")
        page.get_by_role("option").first.wait_for()
        for one in page.evaluate("() => axe.run({ resultTypes: ['violations'] })")["violations"]:
            problems[f"palette {one['id']}"] = one["nodes"][0]["html"][:200], one["nodes"][0]["failureSummary"][:300]
        assert problems == {}
        assert moved == {}
    finally:
        found.context.close()


def test_the_bar_is_there_before_the_script(tabs, hub):
    held = []
    tabs.context.route("**/--spaceport/web/hub-*.js", lambda route: held.append(route))
    page = tabs.context.new_page()
    page.goto(f"{hub.url}/spaces", wait_until="commit")
    page.get_by_role("link", name="Spaceport, all Spaces").wait_for()
    page.evaluate("() => { window.kept = [...document.querySelectorAll('.home, .home span, main')]; }")
    for route in held:
        route.continue_()
    page.locator(".space-card footer").first.wait_for()
    assert page.evaluate("() => kept.length === 3 && kept.every((one) => one.isConnected)")
    assert page.locator("header").count() == 1
