"""`python -m benchmarks.pages`: how soon pages show and how fast they react, in Chromium; writes BROWSER.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.hub import Hub
from benchmarks.server import APPS, ROOT

OUT = Path(__file__).parent / "BROWSER.md"
OPTIONS = ["--no-sandbox", "--disable-gpu"]
SLOWDOWN = 4
WATCH = (APPS / "watch.js").read_text()
LATE_MS = 800
"""For what a page paints late."""
SCROLL_MS = 3000
FRAME_MS = 1000 / 60
LOADS = {
    "Space, 35 endpoints": "The Space's page",
    "chat": "The chat's page",
    "API, 35 endpoints": "The API's page",
    "hub, directory": "The hub's page",
}
Figures = dict[str, float]


@contextlib.contextmanager
def served(app: str) -> Iterator[str]:
    """The address of an app of benchmarks/apps, in a process of its own."""
    folder = tempfile.mkdtemp(prefix="spaceport-bench-")
    command = [sys.executable, "-m", "spaceport.cli.main", "run", str(APPS / app), "--port", "0", "--data-dir", folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            found = None
            while found is None:
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError(f"{app} did not start")
                found = re.search(r"http://127\.0\.0\.1:\d+", line)
            yield found[0]
        finally:
            process.kill()
            shutil.rmtree(folder, ignore_errors=True)


def opened(browser: Browser, origin: str, slowdown: float) -> tuple[Page, CDPSession]:
    """A page of that origin with nothing in its cache, slowed down, which tells what happens on it."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(
        f"{origin}/--spaceport/client.js"
    )  # the process that shows a page of this origin is the one that is slowed down
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    return page, session


def load(browser: Browser, origin: str, path: str, ready: str) -> Figures:
    """One load; `ready`: what stands on the page once it can be used."""
    page, _ = opened(browser, origin, SLOWDOWN)
    page.add_init_script(f"watched.selector = {ready!r}")
    page.goto(origin + path, wait_until="commit")
    page.wait_for_timeout(LATE_MS)  # locators bring large scripts of their own
    while not page.evaluate("watched.ready"):
        page.wait_for_timeout(LATE_MS)
    page.wait_for_timeout(LATE_MS)
    found: dict[str, Any] = page.evaluate("watched.load()")
    print(path or "/", found, flush=True)
    page.context.close()
    del found["element"]
    return found


def react(page: Page, act: Callable[[], object]) -> float:
    """The longest that an interaction of `act` took until the next paint, in ms; less than 16 is shown as 16."""
    page.evaluate("watched.interactions.length = 0")
    act()
    page.wait_for_timeout(300)
    return float(page.evaluate("Math.max(16, ...watched.interactions)"))


def use_endpoints(browser: Browser, origin: str, slowdown: float) -> Figures:
    """Open endpoints from the list, filter them, type, change to JSON and back."""
    page, _ = opened(browser, origin, slowdown)
    page.goto(origin)
    page.get_by_role("button", name="Run", exact=True).wait_for()
    page.wait_for_timeout(LATE_MS)

    def open_all() -> None:
        for number in range(1, 11):
            page.get_by_role("tab", name=f"summarize {number}", exact=True).click()
            page.wait_for_timeout(60)

    found = {"open an endpoint": react(page, open_all)}
    text = page.get_by_role("textbox", name="Text")
    found["type"] = react(page, lambda: text.press_sequentially("A heron at the mill", delay=40))
    filter_ = page.get_by_label("Filter endpoints")
    found["filter endpoints"] = react(page, lambda: filter_.press_sequentially("ize 3", delay=60))
    found["from the form to JSON"] = react(page, lambda: page.get_by_text("JSON", exact=True).first.click())
    found["API view"] = react(page, lambda: page.get_by_role("link", name="API").click())
    page.context.close()
    return found


def use_table(browser: Browser, origin: str, count: int, slowdown: float) -> Figures:
    """Sort, filter and scroll a table."""
    page, session = opened(browser, origin, slowdown)
    page.goto(f"{origin}/?endpoint=rows&count={count}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text(f"{count:,} rows").wait_for()
    page.wait_for_timeout(LATE_MS)
    found = {}
    for name in ("number", "species", "note"):
        head = page.locator("th").get_by_role("button", name=name)
        found[f"sort by {name}"] = react(page, head.click)
        found[f"sort by {name}, down"] = react(page, head.click)
    box = page.get_by_label("Filter Rows")
    found["filter"] = react(page, lambda: box.press_sequentially("note 77", delay=250))
    box.fill("")
    page.wait_for_timeout(LATE_MS)
    table = page.locator(".table.long").bounding_box()
    assert table is not None
    page.evaluate("watched.frames()")
    session.send(
        "Input.synthesizeScrollGesture",
        {
            "x": table["x"] + 100,
            "y": table["y"] + 100,
            "yDistance": -20_000,
            "speed": 20_000 * 1000 // SCROLL_MS,
            "gestureSourceType": "mouse",
        },
    )
    frames: list[float] = page.evaluate("watched.frames()")
    missed = sum(round(one / FRAME_MS) - 1 for one in frames if one > 1.5 * FRAME_MS)
    found["frames missed, %"] = 100 * missed / (missed + len(frames))
    assert page.evaluate("document.querySelector('.table.long').scrollTop") > 10_000
    page.context.close()
    return found


def measure(browser: Browser, rounds: int) -> dict[str, Figures]:
    """Medians of the rounds."""
    found: dict[str, list[Figures]] = {}

    def note(name: str, figures: Figures) -> None:
        print(name, {key: round(value, 3) for key, value in figures.items()}, flush=True)
        found.setdefault(name, []).append(figures)

    with served("pages.py") as space, served("chat.py") as chat, Hub(0, ["ours", "busy"]) as hub:
        for _ in range(rounds):
            note("Space, 35 endpoints", load(browser, space, "/", ".inputs .run"))
            note("chat", load(browser, chat, "/", ".composer textarea"))
            note("API, 35 endpoints", load(browser, space, "/?view=api", ".docs"))
            note("hub, directory", load(browser, f"http://127.0.0.1:{hub.port}", "/spaces", ".space-card footer"))
            for slowdown in (1, SLOWDOWN):
                note(f"endpoints, {slowdown} ×", use_endpoints(browser, space, slowdown))
                note(f"10,000 rows, {slowdown} ×", use_table(browser, space, 10_000, slowdown))
            note("100,000 rows, 1 ×", use_table(browser, space, 100_000, 1))
    return {
        name: {key: statistics.median(one[key] for one in several) for key in several[0]}
        for name, several in found.items()
    }


def page_of(found: dict[str, Figures], rounds: int, browser: str, load_before: float) -> str:
    lines = [
        "# The pages",
        "",
        "Made by `make bench`; edit `benchmarks/`, not this page.",
        "",
        f"Medians of {rounds} rounds; Chromium {browser} without a screen, which shares {os.cpu_count()} cores with "
        f"the servers ({platform.machine()}; load before {load_before:.1f}, at the end {os.getloadavg()[0]:.1f}).",
        "",
        f"First loads with an empty cache, the CPU slowed down {SLOWDOWN} times:",
        "",
        "| | first paint | largest paint (goal of a Space: ≤ 500 ms) | can be used | layout shift | requests (≤ 10) "
        "| bytes |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in LOADS:
        one = found[name]
        lines.append(
            f"| {name} | {one['first']:.0f} ms | {one['largest']:.0f} ms | {one['ready']:.0f} ms | {one['shift']:.3f} "
            f"| {one['requests']:.0f} | {one['bytes'] / 1000:.1f} kB |"
        )
    lines += ["", "Interactions until the next paint, the longest of each kind (goal: ≤ 100 ms):", ""]
    for name in ("endpoints", "10,000 rows", "100,000 rows"):
        columns = [key for key in found if key.startswith(f"{name}, ")]
        lines += [
            f"| {name} | " + " | ".join(f"CPU ÷ {key.split(', ')[1][0]}" for key in columns) + " |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for row in found[columns[0]]:
            unit, digits = ("", 1) if "%" in row else (" ms", 0)
            cells = [f"{found[key][row]:.{digits}f}{unit}" for key in columns]
            lines.append(f"| {row} | " + " | ".join(cells) + " |")
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        text = page_of(measure(browser, options.rounds), options.rounds, browser.version, load_before)
        browser.close()
    print(text)
    OUT.write_text(text)


if __name__ == "__main__":
    main()
