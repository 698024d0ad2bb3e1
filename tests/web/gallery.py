"""Pictures of the gallery of parts. `make gallery` writes those that the test compares with."""

from __future__ import annotations

import functools
import http.server
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT

WEB = ROOT / "js" / "web"
PICTURES = Path(__file__).parent / "pictures"
DESK = {"viewport": {"width": 1200, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LOOKS = {
    "light": {**DESK, "color_scheme": "light"},
    "dark": {**DESK, "color_scheme": "dark"},
    "phone": {**PHONE, "color_scheme": "light"},
}


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_request(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """The gallery, built and served; its address."""
    with tempfile.TemporaryDirectory() as folder:
        build = [
            "npx",
            "vite",
            "build",
            "--mode",
            "gallery",
            "--outDir",
            folder,
            "--emptyOutDir",
            "--logLevel",
            "error",
        ]
        subprocess.run(build, cwd=WEB, check=True, timeout=120)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/gallery.html"
        finally:
            server.shutdown()
            server.server_close()


def opened(browser: Browser, url: str, look: str) -> Page:
    """The gallery without motion, with its fonts and the colours of its code."""
    context = browser.new_context(**LOOKS[look], reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(url)
    page.evaluate("() => document.fonts.ready")
    for language in ("python", "bash", "json"):
        page.locator(f'pre[data-language="{language}"] span').first.wait_for()
    return page


def picture(page: Page) -> bytes:
    return page.screenshot(full_page=True, animations="disabled", caret="hide")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for look in LOOKS:
            page = opened(browser, url, look)
            (PICTURES / f"parts-{look}.png").write_bytes(picture(page))
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
