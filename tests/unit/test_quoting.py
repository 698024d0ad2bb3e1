"""Hostile texts in generated code: what is scripts is parsed and run, in each language, and only says itself."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import types

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT
from tests.faults import fault

from spaceport.errors import ProtocolViolation
from spaceport.snippets import quoting
from spaceport.snippets.code import scripts
from spaceport.snippets.markdown import described
from spaceport.snippets.script import SnippetTarget, Step, bash, shell_body
from spaceport.snippets.stubs import Described, stubs

CLIENT = (ROOT / "js" / "client" / "dist" / "client.min.js").as_uri()
ATTACKS = [
    '"""\nimport os\nos._exit(66)\n"""',
    "x\rimport os\ros._exit(66)\r",
    "a=__import__('os')._exit(66), b",
    "x\u2028process.exit(66)\u2029",
    "'; exit 66; '",
    "$(exit 66)`exit 66`",
    "</script><script>process.exit(66)</script><!--",
    '"); process.exit(66); ("',
    "${process.exit(66)}`",
    "__proto__",
    "__debug__",
    "api_name",
    "self",
    "\ufb01",
    "\x1b]0;owned\x07\x9b31m\u202e",
    "\ud800",
    "\\",
    "\x000\x00",
    "-o/tmp/x",
    "a;type=text/html",
    "```\n# Ignore what was said",
    "*/ process.exit(66) /*",
    "\n# \nexit 66",
    "%s%(x)s{0}{x}",
    "²",
    "None",
    "",
]
TEXT = st.one_of(
    st.sampled_from(ATTACKS),
    st.lists(st.sampled_from([*ATTACKS, "a", " "]), max_size=3).map("".join),
    st.text(max_size=12),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(TEXT, VALUES, max_size=4)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SLOW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


class Recorder:
    """Stands for the client: keeps what it was called with."""

    def __init__(self, *args, **kwargs):
        self.made = args, kwargs
        made.append(self)

    def predict(self, /, *args, api_name, **kwargs):
        self.call = args, kwargs, api_name
        return "done"


made: list[Recorder] = []


def executed(code, monkeypatch):
    """Run a Python snippet with a client that only writes down. Returns what it wrote down."""
    made.clear()
    stand_in = types.ModuleType("spaceport")
    stand_in.Client, stand_in.handle_file = Recorder, lambda path: {"file": path}
    ast.parse(code)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "spaceport", stand_in)
        exec(compile(code, "snippet", "exec"), {"print": lambda *_: None})
    return made[0]


def same(one, other):
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)  # NaN is itself


@QUICK
@given(given=ARGUMENTS, name=TEXT, root=TEXT, token=TEXT)
@fault(
    kind="quoting",
    given="a parameter that the server calls `text=__import__('os')._exit(66), b`",
    before="the Python snippet ran it",
    now="names that are no Python names stand as text in a dict",
)
def test_python_says_what_was_given(monkeypatch_each, given, name, root, token):
    code = scripts(SnippetTarget(root, "/p", token), [Step(f"/{name}", given)])["python"]
    args, kwargs, api_name = executed(code, monkeypatch_each).call
    assert api_name == f"/{name}"
    if args:
        assert same(list(args), list(given.values()))
    else:
        assert same(kwargs, given)
    assert made[0].made == ((root,), {"token": token} if token else {})


@pytest.fixture(scope="module")
def monkeypatch_each():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def node():
    """Runs JavaScript modules with a client that writes down what it was called with."""
    program = """
    import { createInterface } from "node:readline";
    const plain = (_, v) => typeof v === "number" && !Number.isFinite(v) ? String(v) : v;
    const said = (calls) => JSON.stringify(calls, plain);
    const AsyncFunction = (async () => {}).constructor;
    for await (const line of createInterface({ input: process.stdin })) {
      const calls = [];
      const client = { predict: async (...given) => { calls.push(given); return { data: [] }; } };
      const Client = { connect: async (...given) => { calls.push(given); return client; } };
      const body = JSON.parse(line).replace(/^import .*$/m, "");
      await new AsyncFunction("Client", "handle_file", "console", "document", body)(
        Client, (path) => ({ file: path }), { log() {} }, { body: { append() {} } });
      process.stdout.write(said(calls) + "\\n");
    }
    """
    done = subprocess.Popen(
        ["node", "--input-type=module", "-e", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(code):
        done.stdin.write(json.dumps(code) + "\n")
        done.stdin.flush()
        return json.loads(done.stdout.readline())

    yield run
    done.stdin.close()
    assert done.wait(10) == 0


def as_javascript(value):
    if isinstance(value, float) and value != value:
        return "NaN"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, float):
        return value + 0.0  # node tells what it was given in JSON, which has no minus zero there
    if isinstance(value, dict):
        return {key: as_javascript(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_javascript(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


NUMBERS = st.integers(-(2**53), 2**53)
SCRIPT_VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_subnormal=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@QUICK
@given(given=st.dictionaries(TEXT, SCRIPT_VALUES, max_size=4), name=TEXT, root=TEXT)
def test_javascript_says_what_was_given(node, given, name, root):
    found = scripts(SnippetTarget(root, "/p"), [Step(f"/{name}", given)])
    for kind in ("javascript", "browser"):
        code = found[kind]
        if kind == "browser":
            page = re.fullmatch(r'<script type="module">\n(.*)</script>\n', code, re.S)
            code = page[1]
            assert not re.search(r"</|<!--|<script", code, re.I)
            code = re.sub(r"^\s*import .*$", "", code, count=1, flags=re.M)
        connected, called = node(code)
        assert connected == [root]
        assert called[0] == f"/{name}"
        assert same(as_javascript(called[1]), as_javascript(given))


def standard(value):
    """What JSON can say: no NaN and no infinity."""
    if isinstance(value, float) and value - value != 0:
        return None
    if isinstance(value, dict):
        return {key: standard(one) for key, one in value.items()}
    return [standard(one) for one in value] if isinstance(value, list) else value


SHELLS = [shell for shell in (["sh"], ["bash"]) if not subprocess.call([*shell, "-c", ":"])]


@SLOW
@given(given=st.lists(ARGUMENTS, min_size=20, max_size=20))
def test_shells_say_what_was_given(given):
    script = "".join(f"printf '%s\\n' {shell_body(one, {})}\n" for one in given)
    for shell in SHELLS:
        done = subprocess.run([*shell, "-eu"], input=script, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        assert same([json.loads(line) for line in done.stdout.splitlines()], [standard(one) for one in given])


@pytest.fixture
def fake_curl(tmp_path):
    (tmp_path / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> "$CALLS"\nprintf \'{"event_id": "%s"}\' "$ID"\n')
    (tmp_path / "curl").chmod(0o755)

    def run(script, event_id="abc"):
        calls = tmp_path / "calls"
        calls.unlink(missing_ok=True)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(calls), "ID": event_id}
        done = subprocess.run(["sh", "-eu"], input=script, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return calls.read_text().splitlines()

    return run


@fault(
    kind="quoting",
    given="a server that answers a call with the id `x -o FILE http://elsewhere`",
    before="the bash snippet passed its words to curl as options",
    now="the id is one word",
)
def test_an_event_id_is_one_word(fake_curl):
    said = fake_curl(bash(SnippetTarget("http://h", ""), [Step("/f", {"a": 1})]), "x -o FILE http://elsewhere")
    assert said[-1] == "http://h/call/f/x -o FILE http://elsewhere"


@pytest.mark.parametrize("path", ["a;type=text/html", "a,b", 'a"b', "a\\b", "-", "it's", "$(exit 66)"])
def test_names_of_files_are_one_word_of_curl(fake_curl, path):
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    said = fake_curl(bash(SnippetTarget("http://h", ""), [Step("/f", {"a": file})]))
    form = next(word for word in said if word.startswith("files=@"))
    name = form.removeprefix("files=@")
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    assert name.removeprefix("./") == path


def info(name, default, text):
    object_ = {"type": "object", "title": name, "properties": {name: {"enum": [name, text]}}, "description": text}
    return {
        "description": text,
        "parameters": [
            {
                "parameter_name": name,
                "label": text,
                "type": object_,
                "parameter_has_default": True,
                "parameter_default": default,
            },
            {
                "parameter_name": f"{name} ",
                "label": text,
                "python_type": {"description": text},
                "type": {"const": name},
            },
        ],
        "returns": [
            {"label": text, "type": {"type": "object", "properties": {name: {}, f"{name}_": {}}, "required": [name]}}
        ],
    }


@QUICK
@given(name=TEXT, default=VALUES, text=TEXT, src=TEXT)
@fault(
    kind="quoting",
    given='`spaceport stubs` of a server with an endpoint called `"""`, a line end, code',
    before="importing the module ran the code",
    now="the name is text of a docstring, and the module is parsed before it is printed",
)
def test_a_typed_module_is_only_classes(name, default, text, src):
    code = stubs(
        src, [Described(f"/{name}", info(name, default, text), True), Described(text, info(text, 1, name), False)]
    )
    assert code.encode("utf-8")
    namespace = {"__name__": "module"}
    exec(compile(code, "module", "exec"), namespace)  # an attack would end the process
    assert namespace["SRC"] == src
    calls = []

    class Client:
        def __init__(self, src):
            pass

        def predict(self, /, *args, api_name):
            calls.append((args, api_name))

    namespace["Client"] = Client
    space = namespace["Space"]()
    first = next(
        one for one in vars(namespace["Space"]) if not one.startswith(("__", "submit_", "stream_")) or one == "___"
    )
    with_default = getattr(space, first)
    try:
        parameters = inspect.signature(with_default).parameters.values()
        with_default(**{one.name: 1 for one in parameters if one.kind == one.KEYWORD_ONLY})
    finally:
        assert calls[0][1] == f"/{name}"
        assert same(calls[0][0][0], default)


def test_a_module_that_would_do_more_is_not_written(monkeypatch):
    monkeypatch.setattr("spaceport.snippets.stubs.python_docstring", lambda text: text)
    with pytest.raises(ProtocolViolation):
        stubs(ATTACKS[0], [])


def test_a_type_of_any_depth_is_any():
    deep: dict = {}
    for _ in range(5000):
        deep = {"type": "array", "items": deep}
    written = stubs("http://x", [Described("/f", {"parameters": [{"parameter_name": "a", "type": deep}]}, False)])
    assert "def submit_f(self, a: Any) -> Job:" in written


@QUICK
@given(text=TEXT, value=VALUES)
def test_markdown_keeps_its_blocks(text, value):
    code = scripts(SnippetTarget("http://x", ""), [Step("/f", {text: value})])
    entry = {
        "parameters": [
            {
                "parameter_name": text,
                "label": text,
                "python_type": {"type": text},
                "parameter_has_default": True,
                "parameter_default": value,
            }
        ],
        "returns": [{"label": text, "python_type": {"type": text}}],
    }
    page = described(text, "", "http://x", "/p", [(f"/{text}", entry, code)])
    headings = [line for line in page.split("\n") if line.startswith("#")]
    fence = None
    kept = []
    for line in page.split("\n"):
        if fence is None and (opened := re.match("`{3,}", line)):
            fence = opened[0]
        elif fence is not None and line == fence:
            fence = None
        elif fence is None:
            kept.append(line)
    assert fence is None
    assert sum(line.startswith("#") for line in kept) == 2, headings


@QUICK
@given(text=TEXT)
@fault(
    kind="quoting",
    given="a Space that answers with escape sequences, at `spaceport call` and in a deployment's log",
    before="the terminal obeyed them",
    now="they are shown as `\\x1b…`",
)
def test_a_terminal_is_not_controlled(text):
    shown = quoting.terminal(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    shown.encode()  # raises for what no terminal can show
    assert quoting.terminal("a\tb\né 日本 👩‍💻") == "a\tb\né 日本 👩‍💻"
    assert "\n" not in quoting.one_line(text)


def test_a_space_of_a_hub_is_called_by_its_name():
    at = SnippetTarget("http://x", "/p", "hf_t", "ann/words", "https://hub.example.com")
    code = scripts(at, [Step("/f", {})])
    for kind in ("python", "python_async"):
        assert "Client('ann/words', hub='https://hub.example.com', token='hf_t')" in code[kind]
    assert 'connect("ann/words", { hub: "https://hub.example.com", token: "hf_t" })' in code["javascript"]
    assert "SPACEPORT_HUB=https://hub.example.com spaceport call --token hf_t ann/words f" in code["cli"]
    assert "http://x/p/call/v2/f" in code["bash"]
    assert (
        "Client('ann/words')" in scripts(SnippetTarget("http://x", "/p", space="ann/words"), [Step("/f", {})])["python"]
    )
