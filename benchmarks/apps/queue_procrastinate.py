"""procrastinate on PostgreSQL, the same jobs: `queue_procrastinate.py COUNT DSN`. Prints figures as JSON."""

import asyncio
import json
import sys
import time

import procrastinate

WORKERS = 4
COUNT, DSN = int(sys.argv[1]), sys.argv[2]
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=DSN))
ran = asyncio.Event()
began = 0.0
left = COUNT


@app.task
async def echo(text):
    global began, left
    began = time.perf_counter()
    left -= 1
    if left <= 0:
        ran.set()
    return text


async def main():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()

        async def submit(some):
            for _ in range(some):
                await echo.defer_async(text="Hello there, how are you today?")

        begun = time.perf_counter()
        await asyncio.gather(*(submit(COUNT // 50) for _ in range(50)))
        entered = time.perf_counter()
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=WORKERS, install_signal_handlers=False, fetch_job_polling_interval=0.05)
        )
        await ran.wait()
        while (await app.job_manager.list_jobs_async(status="doing")) or (
            await app.job_manager.list_jobs_async(status="todo")
        ):
            await asyncio.sleep(0.005)
        done = time.perf_counter()
        cpu = time.process_time() / COUNT
        late = []
        for _ in range(100):
            ran.clear()
            begun_one = time.perf_counter()
            await echo.defer_async(text="Hello there, how are you today?")
            await ran.wait()
            late.append(began - begun_one)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    figures = {"in": COUNT / (entered - begun), "out": COUNT / (done - entered), "late": sorted(late)[50], "cpu": cpu}
    print(json.dumps(figures))


asyncio.run(main())
