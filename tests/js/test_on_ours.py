"""What our JavaScript client does more with a server of ours: resumes, picks jobs up again, one request a call."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import APPS, ROOT
from tests.js.programs import DIST, run


def said(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def restarted(server, told):
    """Kill the server and start it again as soon as the file `told` is there."""

    def restart():
        deadline = time.monotonic() + 40
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        server.kill()
        server.start()

    thread = threading.Thread(target=restart)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_a_waiting_job_goes_on_after_kill_and_restart(serve, tmp_path):
    server = serve("chaos")
    program = """
    const { writeFileSync } = await import("node:fs");
    const c = await Client.connect(URL_, { events: ["data", "status"] });
    c.submit("/slow", ["first"]);
    const job = c.submit("/slow", ["second"]);
    await job.wait_for_id();
    writeFileSync(process.argv[2], "");
    const last = await job.result();
    console.log(JSON.stringify(last.data));
    c.close();
    """
    with restarted(server, tmp_path / "accepted"):
        assert said(run("ours", program, server.url, str(tmp_path / "accepted"), exits=False)) == ["second"]


def test_a_job_is_picked_up_again_by_its_id(serve):
    server = serve("basic")
    program = """
    const c = await Client.connect(URL_);
    const job = c.submit("/count", ["w", 20, 0.02]);
    const id = await job.wait_for_id();
    await job.return();
    const again = await c.job(id);
    const steps = [];
    for await (const m of again) steps.push(m.data[0].split(" ").length);
    const late = await c.job(id);
    const lost = await c.job("0".repeat(32)).catch((e) => [e.name, e.code]);
    console.log(JSON.stringify([steps, (await late.result()).data[0].split(" ").length, lost]));
    c.close();
    """
    steps, last, lost = said(run("ours", program, server.url, exits=False))
    assert (steps[-1], last) == (20, 20)
    assert steps == sorted(steps)
    assert lost == ["NotFoundError", "not_found"]


def test_the_same_key_is_the_same_job(serve):
    server = serve("basic")
    program = """
    const c = await Client.connect(URL_);
    const one = c.submit("/add", [1, 2], null, null, true, {}, { idempotency_key: "k" });
    await one.result();
    const two = c.submit("/add", [1, 2], null, null, true, {}, { idempotency_key: "k" });
    await two.result();
    const three = await c.predict("/add", [3, 2], { idempotency_key: "k" }).catch((e) => e.code);
    console.log(JSON.stringify([one.id === two.id, three]));
    c.close();
    """
    assert said(run("ours", program, server.url, exits=False)) == [True, "conflict"]


COUNTED = """
    const sent = [];
    const fetch_ = globalThis.fetch;
    globalThis.fetch = (url, init) => {
      sent.push(`${init?.method ?? "GET"} ${url.replace(URL_, "")}`);
      return fetch_(url, init);
    };
"""


def test_calls_of_one_moment_are_one_request(serve):
    """A refused one goes by itself, for its error, as does one with headers of its own."""
    server = serve("basic")
    program = f"""
    {COUNTED}
    const c = await Client.connect(URL_, {{ events: ["data", "status"] }});
    sent.length = 0;
    const numbers = Array.from({{ length: 150 }}, (_, i) => i);
    const found = await Promise.all(numbers.map((i) => c.predict("/add", [i, 1])));
    const right = found.every((one, i) => one.data[0] === i + 1);
    const many = sent.splice(0);
    const mixed = await Promise.all([
      c.predict("/greet", ["a"]), c.predict("/add", ["b"]).catch((e) => [e.name, e.code, e.problems.length]),
      c.predict("/greet", ["c"], {{ idempotency_key: "c" }}), c.submit("/count", ["w", 3]).result(),
    ]);
    const kinds = mixed.map((one) => one.data?.[0]?.slice(0, 9) ?? one);
    const own = sent.splice(0).sort();
    const alone = (await c.predict("/greet", ["z"])).data[0];
    console.log(JSON.stringify([right, many, kinds, own, alone, sent]));
    c.close();
    """
    right, many, kinds, own, alone, last = said(run("ours", program, server.url, exits=False))
    assert right
    assert many == ["POST /gradio_api/calls"] * 2
    assert kinds == ["Hello a!", ["ValidationError", "validation_error", 1], "Hello c!", "w0 w1 w2"]
    greet, add = (f"POST /gradio_api/call/{name}?events=messages" for name in ("greet", "add"))
    assert own == [add, greet, "POST /gradio_api/calls"]
    assert (alone, last) == ("Hello z!", [greet])


def test_calls_of_one_request_outlive_a_kill_and_are_cancelled_one_by_one(serve, tmp_path):
    server = serve("chaos")
    accepted = tmp_path / "accepted"
    program = """
    const { writeFileSync } = await import("node:fs");
    const c = await Client.connect(URL_);
    const jobs = ["first", "n1", "n2", "n3", "n4"].map((name) => c.submit("/slow", [name]));
    await Promise.all(jobs.map((job) => job.wait_for_id()));
    await jobs[4].cancel();
    writeFileSync(process.argv[2], "");
    const last = await Promise.all(jobs.map((job) => job.result().then((m) => m.data[0], (e) => e.code)));
    console.log(JSON.stringify([last, new Set(jobs.map((job) => job.id)).size]));
    c.close();
    """

    with restarted(server, accepted):
        last, ids = said(run("ours", program, server.url, str(accepted), exits=False))
    assert ids == 5
    assert last == ["interrupted", "n1", "n2", "n3", "cancelled"]


def test_calls_go_one_by_one_where_many_at_once_are_not_taken(serve):
    """By an older server, by a proxy that refuses them, and where the answer breaks off before a call was accepted."""
    server = serve("basic", SPACEPORT_MAX_BODY="4096")
    program = f"""
    {COUNTED}
    const counted = globalThis.fetch;
    const found = [];
    const answers = [
      () => new Response("no", {{ status: 403 }}),
      () => new Response("event: accepted\\ndata: [{{"),
      () => new Response("{{}}"),
      () => {{ throw new TypeError("no route"); }},
    ];
    for (const answer of answers) {{
      globalThis.fetch = (url, init) => (url.endsWith("/calls") ? answer() : counted(url, init));
      const c = await Client.connect(URL_);
      sent.length = 0;
      const values = await Promise.all([1, 2, 3].map((n) => c.predict("/add", [n, 1])));
      found.push([values.map((one) => one.data[0]), sent.length]);
      c.close();
    }}
    globalThis.fetch = counted;
    const old = await Client.connect(URL_);
    old.config.spaceport.features = ["messages"];
    sent.length = 0;
    await Promise.all([1, 2].map((n) => old.predict("/add", [n, 1])));
    found.push(sent.splice(0));
    old.close();
    const c = await Client.connect(URL_);
    const large = await Promise.all([1, 2, 3].map((n) => c.predict("/greet", [`${{n}}`.padEnd(2000)])));
    found.push(large.map((one) => one.data[0].trim()));
    c.close();
    console.log(JSON.stringify(found));
    """
    *odd, old, large = said(run("ours", program, server.url, exits=False))
    assert odd == [[[2, 3, 4], 3]] * 4
    assert [text[:7] for text in large] == ["Hello 1", "Hello 2", "Hello 3"]  # together they are above the limit
    assert old == ["POST /gradio_api/call/add?events=messages"] * 2


def test_a_closed_client_leaves_no_request_of_many_open(serve):
    """The process ends by itself."""
    server = serve("basic")
    program = """
    const c = await Client.connect(URL_);
    const calls = [1, 2, 3].map(() => c.predict("/ablock", [30]).catch((e) => e.name));
    setTimeout(() => c.close(), 500);
    console.log(JSON.stringify(await Promise.all(calls)));
    """
    assert said(run("ours", program, server.url, exits=False)) == ["CancelledError"] * 3


def test_errors_have_codes(serve):
    server = serve("basic")
    program = """
    const c = await Client.connect(URL_);
    const found = {};
    const tell = (name) => (e) => { found[name] = [e.name, e.code, e.retryable, e.problems.length]; };
    await c.predict("/shown_error", ["x"]).catch(tell("shown"));
    await c.predict("/add", ["x"]).catch(tell("typed"));
    const job = c.submit("/count", ["w", 500]);
    setTimeout(() => job.cancel(), 200);
    await job.result().catch(tell("cancelled"));
    found.state = (await (await fetch(`${URL_}/gradio_api/jobs/${job.id}`)).json()).state;
    console.log(JSON.stringify(found));
    c.close();
    """
    assert said(run("ours", program, server.url, exits=False)) == {
        "shown": ["AppError", "function_failed", False, 0],
        "typed": ["ValidationError", "validation_error", False, 1],
        "cancelled": ["CancelledError", "cancelled", False, 0],
        "state": "cancelled",
    }


def test_files_of_every_kind(serve, tmp_path):
    (tmp_path / "näme (1).txt").write_text("from disk")
    server = serve("files", FILES=str(tmp_path))
    program = """
    const c = await Client.connect(URL_);
    const text = async (file) => (await c.predict("/slow_read", [file])).data;
    const found = [
      await text(handle_file(process.argv[2])),
      await text(new Blob(["from a blob"])),
      await text(new File(["from a file"], "x.txt")),
      await text(handle_file(Buffer.from("from a buffer"))),
      await text(new TextEncoder().encode("from bytes")),
    ];
    const missing = await text(handle_file("/no/such/file")).catch((e) => [e.name, e.message]);
    console.log(JSON.stringify([found.flat(), missing]));
    c.close();
    """
    found, missing = said(run("ours", program, server.url, str(tmp_path / "näme (1).txt"), exits=False))
    assert found == ["from disk", "from a blob", "from a file", "from a buffer", "from bytes"]
    assert missing == ["ValidationError", "The file /no/such/file cannot be read."]


def test_a_large_upload_tells_how_far_it_is(serve, tmp_path):
    server = serve("files", FILES=str(tmp_path))
    program = """
    const c = await Client.connect(URL_, { events: ["status", "data"] });
    const large = new File([new Uint8Array(80 << 20)], "large.bin");
    const seen = [];
    for await (const m of c.submit("/binlen", [large])) {
      if (m.progress_data) seen.push([m.progress_data[0].index, m.progress_data[0].length]);
      if (m.type === "data") seen.push(m.data[0]);
    }
    console.log(JSON.stringify(seen));
    c.close();
    """
    *told, size = said(run("ours", program, server.url, exits=False))
    assert size == 80 << 20
    assert told
    assert [index for index, _ in told] == sorted(index for index, _ in told)
    assert {length for _, length in told} == {80 << 20}


def test_a_login(login_url):
    program = """
    const tell = (e) => [e.name, e.http_status];
    const found = [await Client.connect(URL_).catch(tell)];
    found.push(await Client.connect(URL_, { auth: ["ann", "no"] }).catch(tell));
    const c = await Client.connect(URL_, { auth: ["ann", "secret"] });
    found.push((await c.predict("/who", ["x"])).data);
    console.log(JSON.stringify(found));
    c.close();
    """
    none, wrong, name = said(run("ours", program, login_url, exits=False))
    assert none == ["AuthenticationError", 401]
    assert wrong == ["AuthenticationError", 400]
    assert name == ["ann: x"]


@pytest.fixture
def login_url(tmp_path):
    process = subprocess.Popen(
        [sys.executable, APPS / "login.py", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    yield re.search(r"http://[\d.:]+", process.stdout.readline())[0]
    process.terminate()
    process.wait(20)
    process.stdout.close()


@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_a_script_tag_of_a_page(serve, page):
    """The file that the server hands out, in a page and in a worker of it."""
    server = serve("basic")
    page.goto(f"{server.url}/healthz")
    found = page.evaluate(
        """async () => {
          const { Client, handle_file } = await import("/--spaceport/client.js");
          const c = await Client.connect(location.origin, { events: ["data", "status"] });
          const stages = [];
          for await (const m of c.submit("/count", ["w", 3])) stages.push(m.type === "data" ? m.data[0] : m.stage);
          const file = await c.predict("/add", { a: 1, b: 5 });
          const path = await Promise.resolve().then(() => handle_file("a.txt")).catch((e) => e.name);
          const source = `import { Client } from "${location.origin}/--spaceport/client.js";
            const c = await Client.connect("${location.origin}");
            postMessage((await c.predict("/greet", ["worker"])).data);`;
          const script = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
          const worker = new Worker(script, { type: "module" });
          const answer = await new Promise((resolve) => { worker.onmessage = (e) => resolve(e.data); });
          c.close();
          return [stages, file.data, path, answer];
        }"""
    )
    stages, total, path, answer = found
    assert stages[-1] == "complete"
    assert stages.count("w0 w1 w2") == 2
    assert total == [6]
    assert path == "ValidationError"
    assert "worker" in answer[0]


def test_the_file_is_small_and_whole(serve):
    server = serve("basic")
    answer = httpx.get(f"{server.url}/--spaceport/client.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    again = httpx.get(f"{server.url}/--spaceport/client.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    imports = re.findall(r'\bimport\s*[{*"]|\bfrom\s*"', answer.text)
    assert not imports
    assert answer.content == (DIST / "client.min.js").read_bytes()


def test_its_types_compile_in_a_strict_program(tmp_path):
    """Without `skipLibCheck`, and without the types of Node."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "spaceport-client").symlink_to(ROOT / "js" / "client")
    (tmp_path / "app.ts").write_text(
        """import { Client, handle_file, type Message, BusyError } from "spaceport-client";
const client = await Client.connect("owner/name", { token: "hf_x", events: ["data", "status"] });
const { data } = await client.predict<[string]>("/shout", { text: "hi" });
const text: string = data[0];
for await (const message of client.submit("/spell", [text, handle_file("https://x.example/a")])) {
  const one: Message = message;
  if (one.type === "status" && one.stage === "error") console.log(one.code);
}
try { await client.job("id"); } catch (error) { if (error instanceof BusyError) console.log(error.retry_after); }
"""
    )
    command = [ROOT / "js/client/node_modules/.bin/tsc", "--noEmit", "--strict", "--exactOptionalPropertyTypes"]
    command += [
        "--noUncheckedIndexedAccess",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom",
        "app.ts",
    ]
    (tmp_path / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
