"""Inputs that once failed with the JavaScript client: arguments, cookies outside of browsers, the token's old name."""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import Server
from tests.faults import fault
from tests.js.programs import run

APP = """
import dataclasses
from pathlib import Path
from typing import Annotated, Any

import spaceport as sp

space = sp.Space()

@space.api
def size(file: Path) -> int:
    return file.stat().st_size

@space.api
def total(numbers: list[float]) -> float:
    return sum(numbers)

@space.api
def text(words: str) -> str:
    return words

@space.api
def half(number: float) -> float:
    return number / 2

@space.api
def anything(value: Any) -> Any:
    return value

@space.api
def shown(pictures: Annotated[list, sp.Gallery()]) -> list[str]:
    return [f"{Path(path).read_text()} {caption}" for path, caption in pictures]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("arguments")
    (folder / "app.py").write_text(APP)
    made = Server(folder / "app.py", folder / "data", {})
    yield made
    made.kill()


def said(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@fault(
    kind="client",
    given="typed arrays, `ArrayBuffer`, `bigint`, `Set`, `Map`, `Date` and functions as arguments in JavaScript",
    before="`{}` or nothing was sent, or `Do not know how to serialize a BigInt`",
    now="converted where the parameter makes plain how, else a `ValidationError` that names the argument",
)
def test_objects_become_what_the_endpoint_takes(server):
    program = """
    const c = await Client.connect(URL_);
    const found = [];
    const cases = [
      ["/size", new Blob(["12345"])], ["/size", new File(["123"], "a.txt")],
      ["/size", new Uint8Array(4)], ["/size", new Uint8Array(7).buffer],
      ["/total", new Float32Array([0.5, 2])], ["/total", new Uint8Array([1, 2])], ["/total", new Set([1, 2])],
      ["/total", [1n, 2]], ["/total", new BigInt64Array([3n])],
      ["/text", 12345678901234567890n], ["/half", 3n], ["/half", new Date(4000)],
      ["/text", new Date(0)], ["/anything", new Map([["a", [1n, new Set(["x"])]]])],
    ];
    for (const [name, value] of cases) found.push((await c.predict(name, [value])).data[0]);
    found.push((await c.predict("/half", { number: 5n })).data[0]);
    for (const [name, value] of [["/text", () => 1], ["/half", 2n ** 60n], ["/anything", { a: [Symbol("s")] }],
                                 ["/text", new Date(NaN)]]) {
      try { await c.predict(name, [value]); found.push("taken"); }
      catch (error) { found.push([error.name, error.message]); }
    }
    console.log(JSON.stringify(found));
    c.close();
    """
    found = said(run("ours", program, server.url))
    assert found[:9] == [5, 3, 4, 7, 2.5, 3, 3, 3, 3]
    assert found[9:12] == ["12345678901234567890", 1.5, 2]
    assert found[12:15] == ["1970-01-01T00:00:00.000Z", {"a": [1, ["x"]]}, 2.5]
    for (name, text), parameter in zip(found[15:], ("words", "number", "value", "words"), strict=True):
        assert (name, parameter in text) == ("ValidationError", True), text


@fault(
    kind="client",
    given="a `DataView`, `URL`, `RegExp`, `Promise`, iterator or invalid `Date` as an argument in JavaScript",
    before="`[]`, `{}` or null was sent",
    now="a `DataView` is bytes, what has a `toJSON` is that; the others are refused by the argument's name",
)
def test_objects_without_fields_are_not_sent_empty(server):
    program = """
    const c = await Client.connect(URL_);
    const bytes = new Uint8Array([9, 1, 2, 3]).buffer;
    const found = [];
    for (const [name, value] of [
      ["/total", new DataView(bytes, 1, 2)], ["/size", new DataView(bytes, 1)], ["/total", bytes],
      ["/anything", new URL("http://x.example/a")], ["/anything", { a: [{ toJSON: () => 7 }] }],
      ["/anything", {}], ["/anything", new Map()], ["/anything", Object.create(null)],
      ["/anything", new (class A {})()],
    ]) found.push((await c.predict(name, [value])).data[0]);
    for (const [name, value] of [
      ["/anything", /x/], ["/anything", [Promise.resolve(1)]], ["/anything", new Map().values()],
      ["/anything", new Headers()], ["/half", new Date(NaN)],
    ]) {
      try { await c.predict(name, [value]); found.push("taken"); }
      catch (error) { found.push(`${error.name} ${/value|number/.exec(error.message)}`); }
    }
    console.log(JSON.stringify(found));
    c.close();
    """
    found = said(run("ours", program, server.url))
    assert found[:9] == [3, 3, 15, "http://x.example/a", {"a": [7]}, {}, {}, {}, {}]
    assert found[9:] == ["ValidationError value"] * 4 + ["ValidationError number"]


@fault(
    kind="client",
    given="a list of files for a Gallery in JavaScript: `handle_file(…)`, Blobs, paths of uploads",
    before="422: an item of a Gallery is an object with `image` or `video`",
    now="each file becomes such an item; items of a Gallery stay as they are",
)
def test_files_for_a_gallery_become_its_items(server, tmp_path):
    picture, film = tmp_path / "a.png", tmp_path / "b.mp4"
    program = """
    const c = await Client.connect(URL_);
    const [, , picture, film] = process.argv;
    const sent = [];
    const fetch_ = globalThis.fetch;
    globalThis.fetch = (url, init) => {
      if (url.includes("/call/")) sent.push(JSON.parse(init.body).data[0].map((one) => Object.keys(one).join()));
      return fetch_(url, init);
    };
    const blob = new Blob(["blob"], { type: "video/mp4" });
    const data = await c.predict("/shown", [[
      handle_file(picture), handle_file(film), blob, { image: new Blob(["item"]), caption: "c" },
    ]]).then((message) => message.data[0], (error) => error.message);
    console.log(JSON.stringify([data, sent]));
    c.close();
    """
    picture.write_text("picture")
    film.write_text("film")
    data, sent = said(run("ours", program, server.url, str(picture), str(film)))
    assert sent == [["image", "video", "video", "image,caption"]]
    assert data == ["picture None", "film None", "blob None", "item c"]


@contextmanager
def sticky(url):
    """What stands before two replicas: it sets a cookie, and who comes back without it gets to the wrong one."""
    seen = []

    class Balancer(http.server.BaseHTTPRequestHandler):
        def answer(self):
            cookie = self.headers.get("cookie", "")
            seen.append((self.path, cookie))
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(seen) > 1 and "replica=one" not in cookie:
                self.send_response(404)
                self.send_header("content-length", "0")
                self.end_headers()
                return
            headers = {
                "content-type": self.headers.get("content-type", ""),
                "accept": self.headers.get("accept", "*/*"),
            }
            answer = httpx.request(self.command, url + self.path, content=body, headers=headers, timeout=30)
            self.send_response(answer.status_code)
            self.send_header("set-cookie", "replica=one; Path=/; HttpOnly")
            self.send_header("content-type", answer.headers.get("content-type", "text/plain"))
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Balancer) as balancer:
        threading.Thread(target=balancer.serve_forever).start()
        yield f"http://127.0.0.1:{balancer.server_port}", seen
        balancer.shutdown()


@fault(
    kind="client",
    given="the JavaScript client in Node, behind two replicas with a sticky cookie",
    before="404 from the second replica",
    now="a server's cookies are kept for the client that got them",
)
def test_cookies_of_a_server_are_kept(server):
    with sticky(server.url) as (url, seen):
        program = """
        const c = await Client.connect(URL_, { cookies: "mine=1" });
        console.log(JSON.stringify((await c.predict("/half", [3])).data));
        c.close();
        """
        assert said(run("ours", program, url)) == [1.5]
        assert seen[0][1] == "mine=1"
        assert {cookie for _, cookie in seen[1:]} == {"mine=1; replica=one"}


@fault(
    kind="client",
    given="the option `hf_token` of older programs, in JavaScript",
    before="ignored: the Space was not found",
    now="taken as `token`, with one warning",
)
def test_the_old_name_of_the_token(server):
    program = """
    const found = [], warnings = [];
    console.warn = (text) => warnings.push(text);
    const fetch_ = globalThis.fetch;
    globalThis.fetch = (url, init) => { found.push(init.headers.authorization); return fetch_(url, init); };
    (await Client.connect(URL_, { hf_token: "hf_old" })).close();
    (await Client.connect(URL_, { hf_token: "hf_old", token: "hf_new" })).close();
    console.log(JSON.stringify([[...new Set(found)], warnings]));
    """
    tokens, warnings = said(run("ours", program, server.url))
    assert tokens == ["Bearer hf_old", "Bearer hf_new"]
    assert warnings == ["The option hf_token is now called token."]


@fault(
    kind="client",
    given="`job.cancel()` in JavaScript right after `submit`, or of another session's job",
    before="the function ran on; the server's refusal was swallowed",
    now="the function is stopped; the refusal is thrown",
)
def test_cancel_is_heard(basic):
    program = """
    const c = await Client.connect(URL_), other = await Client.connect(URL_);
    for (let i = 0; i < 3; i++) {
      const job = c.submit("/ablock", [60]);
      await new Promise((done) => setTimeout(done, i * 20));
      await job.cancel();
    }
    await c.predict("/ablock", [60], { timeout: 300 }).catch(() => {});
    const free = (await c.predict("/ablock", [0], { timeout: 20000 })).data.length;
    const mine = c.submit("/ablock", [1]);
    const same = await other.job(await mine.wait_for_id());
    const refused = await same.cancel().then(() => "cancelled", (error) => error.name);
    console.log(JSON.stringify([free, refused, (await mine.result()).data.length]));
    c.close();
    other.close();
    """
    assert said(run("ours", program, basic.url)) == [1, "NotFoundError", 1]
