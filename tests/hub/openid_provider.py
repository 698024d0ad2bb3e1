"""A real OpenID Connect provider (npm's oidc-provider) in a process of its own, and browsers that sign in with it."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from tests.hub.browsing import Browser

FOLDER = Path(__file__).parent / "oidc"
SECRET = "s3cret: with % and +"


class OpenIdServer:
    """`issuer` is known before it starts, so that a hub can be started with it."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[str] | None = None

    def start(self, callback: str, *, skew_s: int = 0) -> None:
        """Start, or start again with other keys. `skew_s`: how far its clock is off."""
        self.stop()
        command = ["node", "provider.mjs", str(self.port), callback, str(skew_s)]
        self._process = subprocess.Popen(
            command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = self._process.stdout.readline()
        assert line == "ready\n", f"the provider did not start: {line!r} (npm ci in {FOLDER})"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None

    def be(self, sub: str, **claims: object) -> None:
        """From now on, this account signs in there."""
        httpx.put(f"{self.issuer}/account", json={"sub": sub, **claims}).raise_for_status()


def environment(provider: OpenIdServer, **more: str) -> dict[str, str]:
    """The settings of a hub that signs in with the provider."""
    found = {"ISSUER": provider.issuer, "CLIENT_ID": "hub", "CLIENT_SECRET": SECRET, "NAME": "Acme <ID>", **more}
    return {f"SPACEPORT_HUB_OIDC_{name}": value for name, value in found.items()}


def callback_of(browser: Browser, url: str) -> str:
    """Sign in at the provider, from the address `url` there; where it sends the browser back to."""
    cookies: dict[str, str] = {}  # whatever the provider's clock says of their expiry
    with httpx.Client(timeout=30) as there:
        for _ in range(10):
            sent = {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
            answer = there.get(url, headers=sent)
            there.cookies.clear()
            for given in answer.headers.get_list("set-cookie"):
                name, _, value = given.partition(";")[0].partition("=")
                cookies[name] = value
            url = str(httpx.URL(url).join(answer.headers["location"]))
            if url.startswith(browser.hub.url):
                return url
    raise AssertionError(url)


def sign_in(browser: Browser, **query: str) -> httpx.Response:
    """What the hub answers at the end."""
    begun = browser.http.get("/login/openid", params=query)
    assert begun.status_code == 303, begun.text
    return finish(browser, callback_of(browser, begun.headers["location"]))


def finish(browser: Browser, url: str) -> httpx.Response:
    parts = urlsplit(url)
    return browser.http.get(f"{parts.path}?{parts.query}")
