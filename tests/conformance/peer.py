"""Runs in a peer's own environment: the unmodified gradio_client against the server named on the command line.

Prints one JSON object with what a program sees of each case.
"""

from __future__ import annotations

import concurrent.futures
import json
import sys
import threading
import time

from gradio_client import Client


def outcome(function):
    try:
        return function()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    client = Client(sys.argv[1], verbose=False)
    seen = {}
    seen["greet"] = client.predict("Bob", api_name="/greet")
    seen["keywords"] = client.predict(b=5, a=1, api_name="/add")
    seen["defaults"] = client.predict(1, api_name="/add")
    seen["struct"] = client.predict({"x": 4}, api_name="/norm")
    job = client.submit("w", 4, api_name="/count")
    seen["stream"] = list(job)
    seen["stream_result"] = job.result()
    seen["nested"] = list(client.submit(3, api_name="/agen"))
    seen["state"] = [client.predict(5, api_name="/total"), client.predict(6, api_name="/total")]
    client.reset_session()
    seen["state_reset"] = client.predict(1, api_name="/total")
    seen["value_error"] = outcome(lambda: client.predict("x", api_name="/value_error"))
    seen["shown_error"] = outcome(lambda: client.predict("x", api_name="/shown_error"))
    seen["ill_typed"] = outcome(lambda: client.predict("x", api_name="/add"))
    seen["missing"] = outcome(lambda: client.predict(api_name="/greet"))
    seen["private"] = outcome(lambda: client.predict("x", api_name="/secret"))
    seen["unknown"] = outcome(lambda: client.predict("x", api_name="/nope"))
    seen["validator"] = outcome(lambda: client.predict("x", "", api_name="/validated"))
    job = client.submit("w", 500, api_name="/count")
    while not job.outputs():
        time.sleep(0.02)
    seen["cancel"] = job.cancel()
    seen["after_cancel"] = outcome(lambda: job.result(timeout=10))[:60]
    job = client.submit("x", api_name="/logs")
    codes = set()
    while not job.done():
        status = job.status()
        codes.add(status.code.name)
        time.sleep(0.005)
    seen["progress_seen"] = "PROGRESS" in codes
    seen["logs"] = job.result()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        own = [Client(sys.argv[1], verbose=False) for _ in range(3)]
        futures = [pool.submit(own[n % 3].predict, n, 1, api_name="/add") for n in range(30)]
        seen["many"] = sum(future.result() for future in futures)
    seen["request"] = sorted(client.predict("x", api_name="/who"))
    seen["view_api"] = client.view_api(return_format="dict")["named_endpoints"]["/greet"]["parameters"][0][
        "python_type"
    ]
    seen["threads"] = threading.active_count() < 100
    print(json.dumps(seen))


main()
