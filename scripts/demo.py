"""`make demo`: a hub with example Spaces and an unmodified Gradio app, called with both clients and curl; left up."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLI = [sys.executable, "-m", "spaceport.cli.main"]
PEER = ROOT / ".peers" / "hub" / "bin"
DATA = Path(sys.argv[sys.argv.index("--data") + 1]) if "--data" in sys.argv else ROOT / ".demo"
TEXT = " ".join((ROOT / "LICENSE").read_text().split())

GRADIO_CLIENT = """
import sys
from gradio_client import Client, handle_file
client = Client("admin/studio", verbose=False)
for word in ("hub", "queue", "journal"):
    print("   remember:", client.predict(word, api_name="/remember"))
print("   type_out:", *[step for step in client.submit("streamed", api_name="/type_out")][::3])
path = client.predict(handle_file(sys.argv[1]), api_name="/report")
print("   report:  ", *open(path).read().split("\\n")[:3])
"""
OURS = """
from spaceport import Client
with Client("admin/primes", verbose=False) as client:
    job = client.submit(5_000_000, api_name="/count_primes")
    print("   job", job.id, "→", job.result(), "primes below five million")
with Client("admin/chat", verbose=False) as client:
    print("   chat:", client.predict("I need a holiday", api_name="/chat"))
"""


def main() -> int:
    os.chdir(ROOT)
    hub = subprocess.Popen([*CLI, "hub", "--data-dir", str(DATA / "hub")], stdout=subprocess.PIPE, text=True)
    try:
        return demo(hub)
    finally:
        hub.terminate()
        hub.wait()


def demo(hub: subprocess.Popen[str]) -> int:
    lines = ""
    while "Its Spaces are at" not in lines:
        line = hub.stdout.readline()
        if not line:
            print("The hub did not start: does another one use its folder?", file=sys.stderr)
            return 1
        lines += line
    address = re.search(r"The hub is at (\S+)", lines)[1]
    apps = re.search(r"Its Spaces are at (\S+?)/owner", lines)[1]
    tokens = [*CLI, "tokens", "add", "admin", f"demo {time.time():.0f}", "--days", "1", "--data-dir"]
    tokens.append(str(DATA / "hub"))
    token = subprocess.run(tokens, capture_output=True, text=True, check=True).stdout.strip()
    environment = {**os.environ, "HF_ENDPOINT": address, "HF_TOKEN": token, "HF_HOME": str(DATA / "hf")}
    environment |= {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"}

    def run(*command: str | Path) -> None:
        subprocess.run([str(part) for part in command], env=environment, check=True)

    print(f"A hub is at {address}, its Spaces at {apps}/owner/name/\n\n1. Deploy example Spaces with our own command,")
    for name in ("primes", "summarize", "invoices"):
        private = ["--private"] if name == "invoices" else []
        run(*CLI, "deploy", f"examples/{name}.py", f"admin/{name}", *private)
    print("   an unmodified Gradio Blocks app (its environment is built now, the first time),", flush=True)
    run(*CLI, "deploy", "examples/studio", "admin/studio")
    print("   and one with `hf upload`:", flush=True)
    chat = DATA / "chat"
    chat.mkdir(parents=True, exist_ok=True)
    shutil.copy("examples/chat.py", chat / "app.py")
    (chat / "README.md").write_text("---\ntitle: Chat\nsdk: gradio\ntags: [spaceport]\n---\n")
    run(PEER / "hf", "repos", "create", "admin/chat", "--type", "space", "--space-sdk", "gradio", "--exist-ok")
    run(PEER / "hf", "upload", "admin/chat", chat, ".", "--repo-type", "space")
    print("\n2. Call by name, with our client:\n", flush=True)
    run(sys.executable, "-c", OURS)
    print("\n3. Call the Gradio app by name, with the unmodified gradio_client (state, a stream, files):\n", flush=True)
    run(PEER / "python", "-c", GRADIO_CLIENT, ROOT / "LICENSE")
    print("\n4. Call a private Space with curl and a token, in two steps:\n", flush=True)
    print("   " + curl(apps, token), flush=True)
    if "--once" in sys.argv:
        return 0
    print(
        "\nThe hub stays up until Ctrl-C. Try next:\n\n"
        f"   export HF_ENDPOINT={address} HF_TOKEN={token}\n"
        f'   {Path(sys.executable).parent}/spaceport call admin/summarize summarize "$(cat LICENSE)" 2\n'
        f"   open {address}/ in a browser: the Spaces, their apps, APIs, files and logs\n"
        f"   open {apps.replace('127.0.0.1', 'admin-studio.localhost')}/ in a browser: the Gradio app alone\n",
        flush=True,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        hub.wait()
    return 0


def curl(apps: str, token: str) -> str:
    """The answer's last line."""
    api = f"{apps}/admin/invoices/gradio_api/call"
    options = ["curl", "-sN", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json"]
    body = json.dumps({"text": "name,quantity,price\nPaper,3,4.5\nPens,10,1.2"})
    answer = subprocess.run([*options, f"{api}/v2/parse_items", "-d", body], capture_output=True, text=True, check=True)
    event = json.loads(answer.stdout)["event_id"]
    events = subprocess.run([*options, f"{api}/parse_items/{event}"], capture_output=True, text=True, check=True)
    if "event: complete" not in events.stdout:
        raise SystemExit(f"the call failed: {events.stdout}")
    return events.stdout.strip().replace("\n", "\n   ")


if __name__ == "__main__":
    sys.exit(main())
