"""Real Gradio apps of many kinds answer through the hub as they do alone: the same programs, the same words."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from tests.conformance.test_golden import JS
from tests.conftest import PEERS
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

BLOCKS = """
import time
import gradio as gr

def add(x, total):
    return f"total={int(total + x)}", total + x

def steps(n, progress=gr.Progress()):
    for i in progress.tqdm(range(int(n)), desc="Steps"):
        time.sleep(0.05)
        yield f"step {i}"

def grown(n):
    value = []
    for i in range(int(n)):
        time.sleep(0.05)
        value = [*value, {"n": i, "text": "x" * i}]
        yield value

def copies(files):
    return files, f"{len(files)} files, {sum(len(open(f).read()) for f in files)} characters"

def pictures(image):
    return [(image, "one"), (image, "two")]

def doubled(table):
    table["n"] = table["n"] * 2
    return table

def checked(age):
    return f"{age} is fine"

def first(text):
    gr.Info("working on it")
    return text + " then"

def second(text):
    return text + " done"

def broken(kind):
    raise gr.Error("told") if kind == "told" else ValueError("hidden")

with gr.Blocks(title="Kinds") as demo:
    number, out, total = gr.Number(), gr.Textbox(), gr.State(0)
    gr.Button().click(add, [number, total], [out, total], api_name="add")
    gr.Button().click(steps, number, out, api_name="steps")
    gr.Button().click(grown, number, gr.JSON(), api_name="grown")
    many = gr.File(file_count="multiple")
    gr.Button().click(copies, many, [gr.File(file_count="multiple"), out], api_name="copies")
    gr.Button().click(pictures, gr.Image(type="filepath"), gr.Gallery(), api_name="pictures")
    gr.Button().click(doubled, gr.Dataframe(headers=["name", "n"]), gr.Dataframe(), api_name="doubled")
    {VALIDATED}
    text = gr.Textbox()
    gr.Button().click(first, text, out, api_name="first").then(second, out, out, api_name="second")
    gr.Button().click(broken, text, out, api_name="broken")
demo.queue().launch(show_error=False)
"""
VALIDATED = """gr.Button().click(checked, number, out, api_name="checked",
        validator=lambda age: gr.validate(age >= 18, "too young"))"""
APPS = {
    "blocks": ("6.31.0", BLOCKS.replace("{VALIDATED}", VALIDATED)),
    "older": ("5.50.0", BLOCKS.replace("{VALIDATED}", "pass")),
    "chat": (
        "6.31.0",
        """
import time
import gradio as gr

def reply(message, history):
    text = f"{len(history)}: {message}"
    for end in range(1, len(text) + 1):
        time.sleep(0.02)
        yield text[:end]

gr.ChatInterface(reply).launch()
""",
    ),
    "server": (
        "6.31.0",
        """
import gradio

app = gradio.Server()

@app.api(name="area")
def area(width: float, height: float = 2.0) -> dict:
    return {"area": width * height}

@app.get("/plain")
def plain():
    return {"plain": True}

app.launch()
""",
    ),
    "interface": (
        "6.31.0",
        """
import gradio as gr
gr.Interface(lambda name, loud: f"HELLO {name}" if loud else f"hello {name}", ["text", "checkbox"], "text",
             api_name="greet", concurrency_limit=4, batch=False).launch()
""",
    ),
    "login": (
        "6.31.0",
        """
import gradio as gr
def who(x, request: gr.Request):
    return f"{request.username} {x}"
gr.Interface(who, "text", "text", api_name="who").launch(auth=("ann", "secret"))
""",
    ),
}
# What a program does with `client`; `show` prints. Files are shown by what they hold.
PYTHON = {
    "blocks": """
show([client.predict(x, api_name="/add") for x in (2, 3)])
show(list(client.submit(3, api_name="/steps")))
show(list(client.submit(3, api_name="/grown"))[-1])
files, text = client.predict([handle_file(A), handle_file(A)], api_name="/copies")
show([open(f).read() for f in files], text)
show([one["caption"] for one in client.predict(handle_file(PNG), api_name="/pictures")])
show(client.predict({"headers": ["name", "n"], "data": [["a", 1], ["b", 2]]}, api_name="/doubled")["data"])
for call in ((20, "/checked"), (5, "/checked"), ("told", "/broken"), ("other", "/broken")):
    try:
        show(client.predict(call[0], api_name=call[1]))
    except Exception as error:
        show(str(error))
show(client.predict("a", api_name="/first"), client.predict("b", api_name="/second"))
jobs = [client.submit(2, api_name="/steps") for _ in range(3)]
show([job.result() for job in jobs])
""",
    "chat": """
show(client.predict("hello", api_name="/reply"), client.predict("again", api_name="/reply"))
show(list(client.submit("x", api_name="/reply"))[-1])
""",
    "server": 'show(client.predict(3, api_name="/area"), client.predict(width=3, height=4, api_name="/area"))',
    "interface": 'show(*[client.predict(*who, api_name="/greet") for who in (("Bob", True), ("Ann", False))])',
    "login": 'show(client.predict("there", api_name="/who"))',
}
PYTHON["older"] = PYTHON["blocks"].replace('(20, "/checked"), (5, "/checked"), ', "")
JAVASCRIPT = {
    "blocks": """
show((await client.predict("/add", [2])).data, (await client.predict("/add", [3])).data);
const steps = [];
for await (const one of client.submit("/steps", [3])) if (one.type === "data") steps.push(one.data[0]);
show(steps);
const made = await client.predict("/copies", [[handle_file(new Blob(["12345"]))]]);
show(made.data[1], await (await fetch(made.data[0][0].url)).text());
show(await client.predict("/broken", ["told"]).catch((error) => error.message));
""",
    "chat": 'show((await client.predict("/reply", ["hello"])).data);',
    "server": 'show((await client.predict("/area", { width: 3, height: 4 })).data);',
    "interface": 'show((await client.predict("/greet", ["Bob", true])).data);',
    "login": 'show((await client.predict("/who", ["there"])).data);',
}
JAVASCRIPT["older"] = JAVASCRIPT["blocks"]
BOTH = """
import json, sys
from {client} import Client, handle_file
A, PNG = sys.argv[1:3]
def show(*values): print(*(json.dumps(v) for v in values))
for SRC in sys.argv[3:]:
    client = Client(SRC, verbose=False{auth})
    exec({program!r})
    print("END")
"""
BOTH_JS = """
import dns from "node:dns";
import { Client, handle_file } from "@gradio/client";
const lookup = dns.lookup; // browsers know names below localhost, Node does not
dns.lookup = (host, ...rest) => lookup(host.endsWith(".localhost") ? "127.0.0.1" : host, ...rest);
const show = (...values) => console.log(...values.map((one) => JSON.stringify(one)));
for (const src of process.argv.slice(1)) {
  const client = await Client.connect(src, OPTIONS);
  PROGRAM
  console.log("END");
}
process.exit(0);
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "120")
    yield server
    server.stop()


@pytest.fixture(scope="module", params=sorted(APPS))
def app(hub, request):
    """Its name, and its address without the hub."""
    version, code = APPS[request.param]
    before = set(hub.data.glob("spaces/*/replica-*.json"))
    deploy(hub, request.param, code, f"---\nsdk: gradio\nsdk_version: {version}\n---\n".encode())
    with hub.http() as client:
        assert client.get(f"{hub.apps}/admin/{request.param}/", timeout=120).status_code == 200
    (note,) = set(hub.data.glob("spaces/*/replica-*.json")) - before
    return request.param, f"http://{json.loads(note.read_text())['address']}/"


@pytest.mark.parametrize("client", ["gradio_client", "spaceport"])
def test_programs_print_the_same_through_the_hub(hub, app, client, tmp_path):
    name, alone = app
    (tmp_path / "a.txt").write_text("12345")
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
        "0000000049454e44ae426082"
    )
    (tmp_path / "a.png").write_bytes(png)
    python = PEERS / "hub" / "bin" / "python" if client == "gradio_client" else sys.executable
    auth = ', auth=("ann", "secret")' if name == "login" else ""
    code = BOTH.format(client=client, auth=auth, program=PYTHON[name])
    command = [python, "-c", code, tmp_path / "a.txt", tmp_path / "a.png", f"admin/{name}", alone]
    environment = {
        "HF_ENDPOINT": hub.url,
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert_same(done)


def assert_same(done):
    """The program printed the same through the hub and without it."""
    assert done.returncode == 0, done.stderr[-2000:]
    through, direct, rest = done.stdout.split("END\n")
    assert through == direct != ""
    assert rest == ""


def test_javascript_prints_the_same_through_the_hub(hub, app):
    name, alone = app
    through, options = f"{hub.apps}/admin/{name}/", "{}"
    if name == "login":  # @gradio/client logs in at the root of a host only
        through, options = own_host(hub, name), '{ auth: ["ann", "secret"] }'
    code = BOTH_JS.replace("OPTIONS", options).replace("PROGRAM", JAVASCRIPT[name])
    command = ["node", "--input-type=module", "-e", code, through, alone]
    assert_same(subprocess.run(command, cwd=JS, capture_output=True, text=True, timeout=120))


def own_host(hub, name):
    return hub.apps.replace("127.0.0.1", f"admin-{name}.localhost") + "/"


def test_requests_that_are_not_calls_are_forwarded(hub, app):
    name, alone = app
    with hub.http() as client:
        for path in ("theme.css", "plain" if name == "server" else "robots.txt"):
            through, direct = client.get(f"{hub.apps}/admin/{name}/{path}"), client.get(f"{alone}{path}")
            assert (through.status_code, through.content) == (direct.status_code, direct.content)
