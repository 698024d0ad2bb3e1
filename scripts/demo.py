"""`make demo`: serve the examples, call one with the unmodified gradio_client and one with curl, leave them up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = " ".join((ROOT / "LICENSE").read_text().split())


def main() -> int:
    servers, urls = [], {}
    for name in ("summarize", "primes", "chat", "similarity", "invoices"):
        command = [sys.executable, "-m", "spaceport.cli.main", "run", f"examples/{name}.py"]
        server = subprocess.Popen(
            [*command, "--data-dir", f".demo/{name}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        servers.append(server)
        line = server.stdout.readline()
        urls[name] = line.split()[3]
        print(f"{name:10} {urls[name]}", flush=True)
    print("\n1. The unmodified gradio_client streams a summary of this project's licence:\n", flush=True)
    code = (
        "import sys; from gradio_client import Client; c = Client(sys.argv[1], verbose=False)\n"
        "for n, text in enumerate(c.submit(sys.argv[2], 3, api_name='/summarize'), 1): print(f'   [{n}] {text[:200]}…')"
    )
    quiet = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [ROOT / ".peers/pinned/bin/python", "-c", code, urls["summarize"], TEXT], env=quiet, check=False
    )
    print("\n2. curl counts the primes below ten million, in one request:\n", flush=True)
    curl = [
        *("curl", "-sN", f"{urls['primes']}/gradio_api/call/count_primes"),
        *("-H", "Accept: text/event-stream", "-H", "Content-Type: application/json"),
        *("-d", json.dumps({"below": 10_000_000})),
    ]
    counted = subprocess.run(curl, stdout=subprocess.PIPE, text=True, check=False)
    last = counted.stdout.strip().splitlines()[-3:]
    print("   " + "\n   ".join(last), flush=True)
    failed = done.returncode or counted.returncode or "event: complete" not in counted.stdout
    if failed or "--once" in sys.argv:
        for server in servers:
            server.terminate()
            server.wait()
        return int(bool(failed))
    call = f"{sys.executable} -m spaceport.cli.main call"
    print(
        "\nThe servers stay up until Ctrl-C. Try next:\n\n"
        f"   {call} {urls['chat']} chat 'I need a holiday'\n"
        f"   {call} {urls['similarity']} similarity 'A cat sat down' 'A kitten took a seat'\n"
        f"   open {urls['summarize']}/ in a browser\n",
        flush=True,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        for server in servers:
            server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
