"""huey on SQLite, its own settings, the same jobs: `queue_huey.py COUNT`. Prints figures as JSON."""

import json
import sys
import tempfile
import threading
import time
from pathlib import Path

from huey import SqliteHuey

WORKERS = 4
COUNT = int(sys.argv[1])
folder = tempfile.TemporaryDirectory(prefix="spaceport-bench-")
huey = SqliteHuey(filename=str(Path(folder.name) / "huey.db"))
ran = threading.Event()
began = 0.0
left = COUNT
lock = threading.Lock()


@huey.task()
def echo(text):
    global began, left
    began = time.perf_counter()
    with lock:
        left -= 1
        if left <= 0:
            ran.set()
    return text


begun = time.perf_counter()
for _ in range(COUNT):
    echo("Hello there, how are you today?")
entered = time.perf_counter()
consumer = huey.create_consumer(
    workers=WORKERS, worker_type="thread", periodic=False, initial_delay=0.01, max_delay=0.1
)
consumer.start()
ran.wait()
while huey.result_count() < COUNT:
    time.sleep(0.001)
done = time.perf_counter()
cpu = time.process_time() / COUNT
late = []
for _ in range(200):
    time.sleep(0.005)
    ran.clear()
    begun_one = time.perf_counter()
    echo("Hello there, how are you today?")
    ran.wait()
    late.append(began - begun_one)
print(
    json.dumps(
        {"in": COUNT / (entered - begun), "out": COUNT / (done - entered), "late": sorted(late)[100], "cpu": cpu}
    )
)
consumer.stop()
folder.cleanup()
