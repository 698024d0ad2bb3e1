"""Run the README from top to bottom, as a reader would, with the `spaceport` of one environment.

`python terminal.py ENVIRONMENT FOLDER` in a network namespace of its own, so that the README's ports are free. Prints
one JSON object: what each block printed, and what the browser showed.
"""

from __future__ import annotations

import fcntl
import json
import re
import shlex
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent.parent
BLOCK = re.compile(r"```(python|sh|html)\n(.*?)```", re.S)
END = "--- end of block ---"


def loopback_up() -> None:
    """Set the loopback interface of this namespace up (netdevice(7))."""
    with socket.socket() as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, 0x8913, request))[1]
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", flags | 1))


class Terminal:
    """A shell that keeps its variables between blocks."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, block: str) -> str:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{block}\necho; echo {shlex.quote(END)} $?\n")
        self._shell.stdin.flush()
        said = ""
        for line in self._shell.stdout:
            if line.startswith(END):
                if line.split()[-1] != "0":
                    raise SystemExit(f"{block}\nended with {line}{said}")
                return said
            said += line
        raise SystemExit(f"The shell ended in {block}\n{said}")

    def close(self) -> None:
        self._shell.kill()
        self._shell.wait()


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"Nothing listens on port {port}.")


def main() -> None:
    loopback_up()
    scripts, folder = Path(sys.argv[1]) / "bin", Path(sys.argv[2])
    environment = {"PATH": f"{scripts}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    servers: list[subprocess.Popen[bytes]] = []
    terminal = Terminal(environment, folder)
    shown: dict[str, object] = {"python": [], "sh": []}

    def serve(block: str, port: int) -> None:
        with (folder / f"server-{port}.log").open("wb") as log:
            servers.append(subprocess.Popen(shlex.split(block), cwd=folder, env=environment, stdout=log, stderr=log))
        wait_for(port, servers[-1])

    try:
        for language, block in BLOCK.findall((ROOT / "README.md").read_text()):
            if language == "html":
                (folder / "words.html").write_text(block)
                serve("python3 -m http.server 8080 --bind 127.0.0.1", 8080)
            elif "sp.Space(" in block:
                (folder / "words.py").write_text(block)
            elif language == "python":
                shown["python"].append(terminal.run(f"python - <<'PROGRAM'\n{block}PROGRAM"))
            elif block.startswith(("spaceport run", "spaceport hub")):
                serve(block, 7860 if "7860" in block else 8001)
            else:
                shown["sh"].append(terminal.run(block))
        shown.update(browser())
        shown["hub says"] = (folder / "server-8001.log").read_text()
    finally:
        terminal.close()
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait(30)
    print(json.dumps(shown))


def browser() -> dict[str, object]:
    """The Space's own page, the page that uses the JavaScript client, and the hub's directory."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = chromium.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto("http://127.0.0.1:7860")
        page.get_by_role("textbox").first.fill("hello")
        page.get_by_role("button", name="Run", exact=True).click()
        page.get_by_text("HELLO!").first.wait_for()
        title = page.title()
        page.goto("http://127.0.0.1:8080/words.html")
        page.wait_for_function("document.title === 'HELLO!'")
        page.goto("http://127.0.0.1:8000")
        page.locator('.space-card a[href$="spaces/admin/words"]').wait_for()
        chromium.close()
    return {"title": title, "wrong": wrong}


if __name__ == "__main__":
    main()
