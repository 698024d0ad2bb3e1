"""Our JavaScript client against real Gradio servers, the last 5 and 6: state, streams, files, progress, cancel."""

from __future__ import annotations

import json

import pytest

from tests.js.programs import run
from tests.real_gradio import real_gradio

PROGRAM = """
const seen = {};
const c = await Client.connect(URL_, { events: ["data", "status"] });
seen.echo = (await c.predict("/echo", { text: "a", times: 3 })).data;
seen.swap = (await c.predict("/swap", ["a", "b"])).data;
seen.counter = [(await c.predict("/counter", ["n"])).data, (await c.predict("/counter", ["n"])).data];
const steps = [], told = [];
for await (const m of c.submit("/count", [3])) if (m.type === "data") steps.push(m.data[0]);
seen.count = steps;
const calls = Array.from({ length: 30 }, (_, i) => c.predict("/echo", [`${i}`, 1]));
seen.many = (await Promise.all(calls)).map((m) => m.data[0]);
seen.upper = (await c.predict("/upper", [new File(["hello"], "in.txt")])).data;
const made = (await c.predict("/make", ["made"])).data[0];
seen.made = await (await fetch(made.url)).text();
for await (const m of c.submit("/steps", ["done"])) for (const u of m.progress_data ?? []) told.push(u.desc);
seen.told = [...new Set(told)];
const tell = (e) => [e.name, e.message];
seen.refuse = await c.predict("/refuse", ["x"]).catch(tell);
seen.fail = await c.predict("/fail", ["x"]).catch(tell);
const job = c.submit("/count", [200]);
await job.next();
setTimeout(() => job.cancel(), 300);
seen.cancel = await job.result().catch(tell);
seen.after = (await c.predict("/echo", ["a", 1])).data;
c.close();
console.log(JSON.stringify(seen));
"""


@pytest.mark.parametrize("version", ["gradio-5", "gradio"])
def test_everything(version):
    with real_gradio(version, "older_gradio.py", "config") as url:
        done = run("ours", PROGRAM, url, exits=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    name, text = seen.pop("cancel")  # the server's word may come before our own
    assert (name, text.startswith("The job was cancelled")) == ("CancelledError", True)
    assert seen == {
        "echo": ["a!a!a!"],
        "swap": ["b", "a"],
        "counter": [["n 1"], ["n 2"]],
        "count": ["step 0", "step 1", "step 2", "step 2"],
        "many": [f"{n}!" for n in range(30)],
        "upper": ["HELLO"],
        "made": "made",
        "told": ["working"],
        "refuse": ["AppError", "bad x"],
        "fail": ["AppError", "An error occurred"],
        "after": ["a!"],
    }
