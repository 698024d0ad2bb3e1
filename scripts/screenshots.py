"""Pictures of each page of a Space in light, dark and phone width: `make screenshots` writes them to screenshots/."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from tests.conftest import APPS, ROOT, SCRATCH, Server
from tests.web.test_components import stroke

OUT = ROOT / "screenshots"
SHAPES = {
    "light": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1200, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
ENDPOINTS = {
    "repeat": "endpoint=repeat&text=%22hello%22",
    "stream": "endpoint=spell&text=%22letter%20by%20letter%22",
    "label": "endpoint=label&text=%22Is%20it%3F%22",
    "fail": "endpoint=fail&how=%22error%22",
    "code": "endpoint=echo_code&value=%22def%20f(x)%3A%5Cn%20%20%20%20return%20x%20%2B%201%20%20%23%20one%20more%22",
    "table": "endpoint=echo_dataframe&value=%7B%22headers%22%3A%5B%22name%22%2C%22size%22%5D%2C%22data%22%3A"
    "%5B%5B%22pear%22%2C2%5D%2C%5B%22fig%22%2C1%5D%5D%7D",
    "altair": "endpoint=figure&kind=%22altair%22",
    "bokeh": "endpoint=figure&kind=%22bokeh%22",
    "json": "endpoint=echo_json&value=%7B%22a%22%3A%5B1%2Ctrue%2Cnull%5D%2C%22b%22%3A%7B%22c%22%3A%22text%22%7D%7D",
}


def called(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator('[role="status"]:text-matches("Done|Failed")').wait_for()
    page.wait_for_timeout(400)
    if page.locator(".drawn iframe").count():
        page.frame_locator(".drawn iframe").locator(".bk-Figure").wait_for()


def main() -> None:
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        space = Server(APPS / "pages.py", Path(data, "pages"), {})
        chat = Server(ROOT / "examples" / "chat.py", Path(data, "chat"), {})
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for shape, options in SHAPES.items():
            context = browser.new_context(**options)  # type: ignore[arg-type]
            for name, query in ENDPOINTS.items():
                page = context.new_page()
                page.goto(f"{space.url}/?{query}")
                called(page)
                page.screenshot(path=OUT / f"{name}-{shape}.png")
                page.close()
            page = context.new_page()
            page.goto(f"{space.url}/?endpoint=pixels")
            page.get_by_role("button", name="A blank sheet").click()
            stroke(page, page.locator(".drawing canvas"), [(0.1, 0.5), (0.3, 0.2), (0.5, 0.8), (0.9, 0.4)])
            page.screenshot(path=OUT / f"drawing-{shape}.png")
            page.goto(f"{space.url}/?view=api")
            page.locator("#api-repeat").wait_for()
            page.get_by_text("Errors", exact=True).click()
            page.screenshot(path=OUT / f"api-index-{shape}.png")
            page.goto(f"{space.url}/?view=api&endpoint=repeat&text=%22hello%22")
            page.locator("#api-repeat").scroll_into_view_if_needed()
            page.wait_for_timeout(800)
            page.screenshot(path=OUT / f"api-{shape}.png")
            page.goto(chat.url)
            page.get_by_role("textbox", name="Message").fill("I feel tired because of my work")
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Send").wait_for()
            page.wait_for_timeout(400)
            page.screenshot(path=OUT / f"chat-{shape}.png")
            context.close()
        browser.close()
        space.kill()
        chat.kill()
    shutil.rmtree(SCRATCH)


if __name__ == "__main__":
    main()
