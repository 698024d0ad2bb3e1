"""One round of a Python client: `caller.py MODULE URL`, in an environment that has it. Prints figures as JSON.

The module is spaceport or gradio_client; both have the same `Client`. Standard library only.
"""

import importlib
import json
import os
import statistics
import sys
import threading
import time
from pathlib import Path


def memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def timed(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def main():
    module, url = sys.argv[1:]
    found = {}
    before, begun = memory(), time.monotonic()
    client_class = importlib.import_module(module).Client
    found["import"], found["import memory"] = time.monotonic() - begun, memory() - before

    def connect():
        return client_class(url, verbose=False)

    client = connect()
    found["ready"] = time.monotonic() - begun
    found["connect"] = statistics.median(timed(connect) for _ in range(10))
    client.predict("x", api_name="/echo")
    found["predict"] = statistics.median(timed(lambda: client.predict("x", api_name="/echo")) for _ in range(30))

    threads = threading.active_count()
    begun, cpu = time.monotonic(), time.process_time()
    jobs = [client.submit(f"{n}", api_name="/echo") for n in range(50)]
    found["threads"] = threading.active_count() - threads
    assert [job.result() for job in jobs] == [f"{n}" for n in range(50)]
    found["50 jobs"], found["50 jobs cpu"] = time.monotonic() - begun, time.process_time() - cpu

    late = [time.monotonic() - float(value) for value in client.submit(100, api_name="/clock")]
    found["streamed"] = statistics.median(late)
    print(json.dumps(found), flush=True)
    os._exit(0)  # some clients leave threads that would keep the process


main()
