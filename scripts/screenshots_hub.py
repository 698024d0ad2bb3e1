"""Pictures of the hub's pages; `scripts/screenshots.py` takes those of a Space. Alone it takes the hub's only."""

from __future__ import annotations

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.conftest import ROOT, SCRATCH
from tests.hub.browsing import PASSWORD, set_passwords
from tests.hub.conftest import HubServer
from tests.web.test_hub_pages import GRADIO, OURS, WORDS, deploy, token

from spaceport import Client
from spaceport.errors import SpaceportError

OUT = ROOT / "screenshots"
SHAPES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1200, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
README = """
# Loud words

Says a text **louder**. Call it from Python:

```python
from spaceport import Client

print(Client("admin/words").predict("hello", api_name="/shout"))
```

| input | output |
|---|---|
| hello | HELLO |

- [x] upper case
- [ ] other scripts, see [the code](app.py)
"""
FAILS = """

@space.api
def fail(text: str) -> str:
    raise ValueError(f"There is no model for {text!r}.")
"""
CARDS = (
    ("summaries", "Summaries", "📝", "indigo", "purple", "Long texts in three sentences", "nlp, text"),
    ("portraits", "Portraits", "🎨", "pink", "yellow", "Draws a portrait from a sentence", "image, diffusion"),
    ("transcripts", "Transcripts", "🎙️", "blue", "green", "Speech to text with speakers", "audio"),
    ("invoices", "Invoices", "🧾", "green", "yellow", "Reads invoices into typed rows", "documents"),
)
VIEWS = {
    "": "iframe.app",
    "/readme": ".readme h1",
    "/tree/main": "table[aria-label=Files] td",
    "/blob/main/app.py": ".tok-keyword",
    "/commits/main": ".commits li",
    "/api": "#api-shout",
    "/jobs": ".sheet td",
    "/logs": "pre.log .line",
    "/usage": ".plot canvas",
    "/settings": ".variables li",
}
SIGNED_IN = {
    "new": ".new-space .editor",
    "settings/account": '[aria-label="Sessions"] li',
    "settings/tokens": '[aria-label="Tokens"] li',
    "settings/organizations/research": '[aria-label="Open invitations"] li',
    "settings/log": ".sheet td",
    "admin/users": ".sheet td",
    "admin/tiers": ".sheet td",
    "admin/spaces": ".sheet td",
    "admin/machine": ".meters",
}
"""Pages for who is signed in, by their address."""


def prepare(hub: HubServer) -> None:
    """Deploy Spaces in each state, and call one of them."""
    with hub.http("admin") as http:
        for name, title, emoji, first, second, text, tags in CARDS:
            readme = f"---\ntitle: {title}\nemoji: {emoji}\ncolorFrom: {first}\ncolorTo: {second}\n"
            deploy(http, name, f"{readme}short_description: {text}\ntags: [spaceport, {tags}]\n---\n", WORDS)
        deploy(http, "studio", GRADIO, (ROOT / "examples" / "studio" / "app.py").read_text())
        deploy(http, "page", "---\ntitle: A page\nsdk: static\nemoji: 🌍\n---\n", WORDS)
        deploy(http, "broken", OURS.replace("Loud words", "Broken"), "raise RuntimeError('no model')\n")
        deploy(http, "paused", OURS.replace("---\n", "---\npreload_from_hub: [a/b]\n", 1), WORDS)
        http.post("/api/spaces/admin/paused/pause").raise_for_status()
        http.post("/api/repos/create", json={"name": "empty", "type": "space"}).raise_for_status()
        deploy(http, "words", OURS + README, WORDS + FAILS)
        for kind, key in (("variables", "MODEL"), ("secrets", "API_KEY")):
            http.post(f"/api/spaces/admin/words/{kind}", json={"key": key, "value": "small"}).raise_for_status()
        http.post("/api/organizations", json={"name": "research"}).raise_for_status()
        http.post("/api/organizations/research/invitations", json={"role": "write"}).raise_for_status()
    set_passwords(hub, "admin")
    with Client("admin/words", hub=hub.url, token=hub.tokens["ann"], verbose=False) as client:

        def call(number: int) -> None:
            fails = number % 17 == 3
            try:
                client.predict(f"hello {number}", api_name="/fail" if fails else "/shout")
            except SpaceportError:
                assert fails

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(call, range(60)))


def hub_pages(page: Page, hub: HubServer, shape: str) -> None:
    def picture(name: str, path: str, ready: str) -> None:
        page.goto(f"{hub.url}{path}")
        page.locator(ready).first.wait_for(timeout=60_000)
        page.wait_for_timeout(600)
        page.screenshot(path=OUT / f"hub-{name}-{shape}.png")

    picture("directory", "/", ".space-card footer")
    picture("missing", "/a/b/c", ".empty-state")
    picture("nothing", "/spaces/admin/nothing", '[role="alert"]')
    token(page, hub)
    picture("yours", "/", ".yours footer")
    picture("owner", "/admin", ".space-card footer")
    picture("no-result", "/spaces?search=xyz", ".empty-state")
    for path, ready in VIEWS.items():
        picture((path.split("/")[1] if path else "app"), f"/spaces/admin/words{path}", ready)
    picture("empty", "/spaces/admin/empty", ".how")
    picture("paused", "/spaces/admin/paused", ".state")
    picture("broken", "/spaces/admin/broken", ".state .log")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("por")
    page.locator(".palette .entry").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=OUT / f"hub-palette-{shape}.png")
    picture("login", "/login", "form")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/")
    for path, ready in SIGNED_IN.items():
        picture(path.replace("/", "-"), f"/{path}", ready)
    page.goto(f"{hub.apps}/admin/paused/?__theme={'dark' if shape == 'dark' else 'light'}")
    page.screenshot(path=OUT / f"host-paused-{shape}.png")
    page.goto(f"{hub.apps}/admin/nothing/")
    page.screenshot(path=OUT / f"host-missing-{shape}.png")


def main(shapes: list[str]) -> None:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        hub = HubServer(Path(data, "hub"))
        prepare(hub)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for shape in shapes or SHAPES:
            context = browser.new_context(**SHAPES[shape])  # type: ignore[arg-type]
            hub_pages(context.new_page(), hub, shape)
            context.close()
        browser.close()
        hub.stop()
    shutil.rmtree(SCRATCH)


if __name__ == "__main__":
    main(sys.argv[1:])
