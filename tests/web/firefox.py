"""Debian's Firefox, driven with WebDriver BiDi, which it speaks itself: Playwright needs a build of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

_LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
_TIMEOUT_S = 20
_KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Control": "\ue009", "ArrowRight": "\ue014"}
_PREFERENCES = """
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("app.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("dom.events.asyncClipboard.readText", true);
"""


class Firefox:
    """One browser without a window, with a new profile in `folder`."""

    def __init__(self, folder: Path) -> None:
        (folder / "profile").mkdir()
        (folder / "profile" / "user.js").write_text(_PREFERENCES)
        command = ["firefox-esr", "--headless", "--no-remote", "--profile", str(folder / "profile")]
        with contextlib.ExitStack() as stack:
            process = subprocess.Popen(
                [*command, "--remote-debugging-port", "0", "about:blank"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            )
            stack.callback(_end, process)
            self._line = stack.enter_context(connect(f"{_address(process)}/session", max_size=None))
            self._numbers = itertools.count(1)
            self.errors: list[str] = []
            """Errors that pages did not catch."""
            self.send("session.new", capabilities={})
            self.send("session.subscribe", events=["log.entryAdded"])
            self.close = stack.pop_all().close

    def send(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._line.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._line.recv(_TIMEOUT_S * 2))
            if message.get("type") == "event":
                entry = message["params"]
                if entry.get("level") == "error" and entry.get("type") == "javascript":
                    self.errors.append(str(entry.get("text")))
            elif message.get("id") == number:
                assert message["type"] == "success", f"{method}: {message.get('error')}: {message.get('message')}"
                return message["result"]

    def open(self, url: str) -> Page:
        page = Page(self, self.send("browsingContext.create", type="tab")["context"])
        page.goto(url)
        return page


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := _LISTENS.search(line):
            return found[1]
    raise AssertionError(f"Firefox did not start (status {process.wait()})")


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(20)
    assert process.stderr is not None
    process.stderr.close()


class Page:
    """A tab. What it is asked to find or to wait for may come within 20 s."""

    def __init__(self, browser: Firefox, context: str) -> None:
        self._browser, self._context = browser, context

    def goto(self, url: str) -> None:
        self._browser.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def reload(self) -> None:
        self._browser.send("browsingContext.reload", context=self._context, wait="complete")

    def close(self) -> None:
        self._browser.send("browsingContext.close", context=self._context)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, by way of JSON."""
        result = self._browser.send(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value) ?? 'null')",
            target={"context": self._context},
            awaitPromise=True,
            userActivation=True,
        )
        assert result["type"] == "success", result["exceptionDetails"]["text"]
        return json.loads(result["result"]["value"])

    def wait(self, expression: str) -> Any:
        """Wait until an expression is true."""
        deadline = time.monotonic() + _TIMEOUT_S
        while not (found := self.evaluate(expression)):
            assert time.monotonic() < deadline, f"{expression} in:\n{self.text('body')}"
            time.sleep(0.05)
        return found

    def text(self, selector: str) -> str:
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def shows(self, selector: str, text: str) -> None:
        """Wait for a text."""
        self.wait(f"document.querySelector({json.dumps(selector)})?.innerText.includes({json.dumps(text)})")

    def status(self, text: str) -> None:
        """Wait until a call is in this state."""
        shown = "[...document.querySelectorAll('[role=status]')].map((one) => one.innerText)"
        self.wait(f"{shown}.includes({json.dumps(text)})")

    def find(self, role: str, name: str) -> dict[str, Any]:
        """The first element with this role and name, as a screen reader has it."""
        return self._located({"type": "accessibility", "value": {"role": role, "name": name}})

    def click(self, role: str, name: str) -> None:
        node = self.find(role, name)
        self._call(node, "(element) => element.scrollIntoView({block: 'center'})")
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": node}},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": steps})

    def fill(self, role: str, name: str, text: str) -> None:
        """Replace what a text box holds by typing."""
        self._call(self.find(role, name), "(element) => { element.focus(); element.select(); }")
        self.keys(text)

    def keys(self, *texts: str) -> None:
        """Type texts, or press keys: "Enter", or "Control+Enter"."""
        steps = []
        for text in texts:
            names = text.split("+")
            if all(name in _KEYS for name in names):
                pressed = [_KEYS[name] for name in names]
                steps += [{"type": "keyDown", "value": one} for one in pressed]
                steps += [{"type": "keyUp", "value": one} for one in reversed(pressed)]
            else:
                steps += [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": steps})

    def choose_file(self, selector: str, path: Path) -> None:
        element = self._located({"type": "css", "value": selector})
        self._browser.send("input.setFiles", context=self._context, element=element, files=[str(path)])

    def _located(self, locator: dict[str, Any]) -> dict[str, Any]:
        deadline = time.monotonic() + _TIMEOUT_S
        where = {"context": self._context, "locator": locator, "maxNodeCount": 1}
        while not (nodes := self._browser.send("browsingContext.locateNodes", **where)["nodes"]):
            assert time.monotonic() < deadline, f"no {locator['value']} in:\n{self.text('body')}"
            time.sleep(0.05)
        return {"sharedId": nodes[0]["sharedId"]}

    def _call(self, node: dict[str, Any], function: str) -> None:
        self._browser.send(
            "script.callFunction",
            functionDeclaration=function,
            arguments=[node],
            target={"context": self._context},
            awaitPromise=False,
        )

    def _act(self, source: dict[str, Any]) -> None:
        self._browser.send("input.performActions", context=self._context, actions=[source])
