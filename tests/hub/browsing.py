"""A browser without a screen: it keeps cookies, and says where its requests come from."""

from __future__ import annotations

import contextlib
import re

import httpx

from spaceport.hub.state import Hub

PASSWORD = "correct horse battery staple"


class Browser:
    """`http` sends the hub's own `Origin`."""

    def __init__(self, hub) -> None:
        self.hub = hub
        self.http = httpx.Client(base_url=hub.url, headers={"origin": hub.url, "user-agent": "Firefox"}, timeout=60)

    def sign_in(self, name, password=PASSWORD):
        return self.http.post("/api/sessions", json={"name": name, "password": password})

    def forms(self, path):
        """The hidden fields of each form of a page."""
        page = self.http.get(path).text
        hidden = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'
        return [dict(re.findall(hidden, form)) for form in re.findall(r"<form.*?</form>", page, re.DOTALL)]

    def name(self):
        answer = self.http.get("/api/whoami-v2")
        return answer.json()["name"] if answer.status_code == 200 else None


@contextlib.contextmanager
def browsing(hub, *names):
    """Browsers; those with a name are signed in."""
    with contextlib.ExitStack() as stack:
        browsers = [Browser(hub) for _ in names]
        for browser, name in zip(browsers, names, strict=True):
            stack.callback(browser.http.close)
            if name is not None:
                answer = browser.sign_in(name)
                assert answer.status_code == 200, answer.text
        yield browsers


def set_passwords(hub, *names):
    with contextlib.closing(Hub(hub.data)) as state:
        for name in names:
            state.passwords.set(state.accounts.get_user(name), PASSWORD)
