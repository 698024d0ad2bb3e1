"""Each row of the robustness matrix of the JavaScript client, with a real misbehaving server.

It never hangs, nothing is left unhandled, errors have names, the next call works, and the process ends.
"""

from __future__ import annotations

import json
import re

import pytest

from tests.js.programs import run
from tests.odd import OddServer, served

GOES_ON = [
    "ok",
    "comment",
    "event_line",
    "id_line",
    "crlf",
    "two_data_lines",
    "no_space",
    "no_close",
    "unknown",
    "join_slow",
    "utf8",
]
FAILS = {
    "ends_early": ("JobLostError", "ended the stream before the job"),
    "cut": ("ConnectionError", "broke off"),
    "stream_404": ("NotFoundError", "The result stream"),
    "stream_500": ("ServerError", "500"),
    "bad_json": ("ServerError", "not JSON"),
    "unexpected": ("JobLostError", "boom"),
    "unexpected_all": ("JobLostError", "boom"),
    "stopped": ("JobLostError", "Server stopped unexpectedly"),
    "no_data": ("CancelledError", "cancelled on the server"),
    "new_field": ("AppError", "boom"),
    "join_500": ("ServerError", "oh no"),
    "join_429": ("BusyError", "slow down"),
    "join_503": ("BusyError", "Queue is full"),
    "join_html": ("ServerError", "without a job id"),
    "join_401": ("AuthenticationError", "Not authenticated"),
}
ALL_CASES = """
for (const name of cases) {
  try { found[name] = (await client.predict("/" + name, ["x"])).data; }
  catch (e) { found[name] = [e.name, e.message, e.code]; }
  const kinds = [];
  try { for await (const message of client.submit("/" + name, ["x"])) kinds.push(message.type); }
  catch (e) { kinds.push(e.name); }
  found[name + " loop"] = kinds;
  found[name + " after"] = (await client.predict("/ok", ["x"])).data;
}
"""
PROGRAM = f"""
process.on("unhandledRejection", (e) => {{ console.log("UNHANDLED", e); process.exit(3); }});
const cases = JSON.parse(process.argv[2]);
const found = {{}};
const client = await Client.connect(URL_);
{ALL_CASES}
client.close();
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def found():
    with served(OddServer()) as url:
        done = run("ours", PROGRAM, url, json.dumps([*GOES_ON, *FAILS]), exits=False)  # the process ends by itself
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", GOES_ON)
def test_goes_on(found, case):
    assert found[case] == (["näme€"] if case == "utf8" else ["hi"])
    assert found[f"{case} loop"] == ["data"]


@pytest.mark.parametrize("case", FAILS)
def test_says_what_happened_and_works_on(found, case):
    name, text = FAILS[case]
    assert found[case][0] == name
    assert re.search(text, found[case][1])
    assert found[case][2]
    assert found[f"{case} loop"][-1] == name
    assert found[f"{case} after"] == ["hi"]


def test_a_silent_server_is_given_up_by_time_and_by_hand():
    program = """
    const client = await Client.connect(URL_);
    const found = [];
    const tell = (e) => found.push([e.name, e.message]);
    await client.predict("/silent", ["x"], { timeout: 300 }).catch(tell);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await client.predict("/silent", ["x"], { signal: stop.signal }).catch(tell);
    const job = client.submit("/silent", ["x"]);
    setTimeout(() => job.cancel(), 300);
    try { for await (const _ of job); } catch (e) { tell(e); }
    await client.predict("/ok", ["x"]).then((m) => found.push(m.data));
    setTimeout(() => client.close(), 200);
    await client.predict("/silent", ["x"]).catch(tell);
    console.log(JSON.stringify(found));
    """
    with served(OddServer()) as url:
        done = run("ours", program, url, exits=False)
    assert done.returncode == 0, done.stdout + done.stderr
    late, stopped, cancelled, works, closed = json.loads(done.stdout)
    assert late == ["CancelledError", "The call had no result within 300 ms and was cancelled."]
    assert stopped[0] == cancelled[0] == closed[0] == "CancelledError"
    assert works == ["hi"]
    assert "closed" in closed[1]


@pytest.mark.parametrize(
    ("src", "name", "text"),
    [
        ("localhost:7860", "ServerError", "neither a URL"),
        ("http://127.0.0.1:1", "ConnectionError", "failed"),
        ("URL/nothing/", "NotFoundError", "config"),
    ],
)
def test_what_cannot_be_connected_to(src, name, text):
    program = """
    try { await Client.connect(process.argv[2].replace("URL", URL_), { timeout: 5000 }); }
    catch (e) { console.log(JSON.stringify([e.name, e.message])); }
    """
    with served(OddServer()) as url:
        done = run("ours", program, url, src, exits=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found[0] == name
    assert text in found[1]


# Secrets

SECRETS = {"x-key", "cookie", "authorization"}
GIVEN = '{ token: "hf_secret", headers: { "x-key": "mine" }, cookies: "session=mine" }'


def test_a_token_stays_with_its_origin():
    """Redirects to another port, a poisoned root, prefix and space_id: nothing of the caller's goes there."""
    program = f"""
    const tell = (e) => console.log(e.name, e.message);
    const c = await Client.connect(URL_, {GIVEN}).catch(tell);
    if (c) {{ await c.predict("/ok", ["x"]).then((m) => console.log(m.data[0])).catch(tell); c.close(); }}
    """
    home, thief = OddServer(), OddServer()
    with served(thief) as away, served(home) as url:
        home.poison = {"root": away, "space_id": "thief/space", "space_host": away}
        assert run("ours", program, url).stdout.strip() == "hi"
        assert all(set(headers) >= SECRETS for _, _, headers in home.seen)
        home.poison = {"api_prefix": "/a/../../x"}
        assert "no path" in run("ours", program, url).stdout
        home.poison = {}
        for path in ("/config", "/gradio_api/info", "/gradio_api/queue/join"):
            home.redirects = {path: f"{away}{path}"}
            assert "has moved to" in run("ours", program, url).stdout
        assert not thief.seen


def test_a_redirect_within_the_origin_is_followed():
    home = OddServer()
    home.redirects = {"/config": "/config2"}
    home.files = {"/config2": json.dumps(home.config()).encode()}
    program = 'const c = await Client.connect(URL_); console.log((await c.predict("/ok", ["x"])).data[0]);'
    with served(home) as url:
        assert run("ours", program, url).stdout.strip() == "hi"
