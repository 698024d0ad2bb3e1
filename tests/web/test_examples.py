"""Every program that the pages write for the example Spaces runs, and gives what the page shows."""

from __future__ import annotations

import re
import subprocess
import zipfile

import PIL.Image
import pytest

from tests.conftest import ROOT, Server
from tests.web.conftest import done, run
from tests.web.test_api_page import LANGUAGES, MODULES, executed, shown_in_a_page

LICENSE = " ".join((ROOT / "LICENSE").read_text().split())[:6000]
ORDER = {
    "customer": "Ann",
    "date": "2026-11-23",
    "items": [{"name": "Paper", "quantity": 3, "price": 4.99, "rate": "standard"}],
}
FILE = {"_type": "gradio.FileData"}
CALLS = {
    "primes/count_primes": ({"below": 1000}, "168"),
    "primes/factor": ({"number": 91}, "factors"),
    "summarize/summarize": ({"text": LICENSE, "sentences": 1}, "a"),
    "invoices/parse_items": ({"text": "name,quantity,price\nPaper,3,4.5", "separator": ","}, "Paper"),
    "invoices/invoice": ({"order": ORDER, "days_to_pay": 14}, "17.81"),
    "invoices/check_account": ({"iban": "DE89 3704 0044 0532 0130 00"}, re.compile("[Tt]rue")),
    "similarity/similarity": ({"first": "It's raining", "second": "It's raining"}, "1"),
    "similarity/rank": ({"query": "bread", "sentences": ["rain", "a loaf of bread"], "top": 1}, "a loaf of bread"),
    "chat/chat": ({"message": "I need a holiday"}, "Why do you need a holiday?"),
    "archive/pack": ({"files": [{"path": "my note.txt", "meta": FILE}], "name": "notes"}, "notes.zip"),
    "archive/unpack": ({"archive": {"path": "some.zip", "meta": FILE}}, "inside.txt"),
    "table/profile": ({"file": {"path": "sizes.csv", "meta": FILE}}, "missing"),
    "table/top": (
        {"table": {"headers": ["name", "size"], "data": [["pear", 2], ["fig", 1]]}, "column": "size", "count": 1},
        "size",
    ),
    "photo/transform": (
        {"image": {"path": "red.png", "meta": FILE}, "effect": "sketch", "strength": 1.0},
        re.compile(r"\.(png|webp|jpe?g)"),
    ),
    "photo/thumbnail": ({"path": {"path": "red.png", "meta": FILE}, "size": 16}, re.compile(r"\.(png|webp|jpe?g)")),
    "photo/facts": ({"path": {"path": "red.png", "meta": FILE}}, "24"),
    "video/frames": ({"video": {"path": "red.webm", "meta": FILE}, "count": 1}, "0.5 s"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("caller")
    (found / "my note.txt").write_text("a note")
    (found / "sizes.csv").write_text("name,size\npear,2\nfig,1\n")
    with zipfile.ZipFile(found / "some.zip", "w") as archive:
        archive.writestr("inside.txt", "inside")
    PIL.Image.new("RGB", (32, 24), "red").save(found / "red.png")
    made = ["ffmpeg", "-loglevel", "error", "-loop", "1", "-i", "red.png", "-t", "1", "-pix_fmt", "yuv420p", "red.webm"]
    subprocess.run(made, cwd=found, check=True, timeout=60)
    (found / "node_modules").mkdir()
    (found / "node_modules" / "@gradio").symlink_to(MODULES / "@gradio")
    (found / "node_modules" / "spaceport-client").symlink_to(ROOT / "js" / "client")
    return found


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    servers = {}

    def serve(name):
        if name not in servers:
            servers[name] = Server(ROOT / "examples" / f"{name}.py", tmp_path_factory.mktemp(name), {})
        return servers[name]

    yield serve
    for server in servers.values():
        server.kill()


def test_all_endpoints_are_here(example):
    for name in {one.split("/")[0] for one in CALLS}:
        named = example(name).http.get("/gradio_api/info").json()["named_endpoints"]
        assert {f"{name}{endpoint}" for endpoint in named} == {one for one in CALLS if one.startswith(f"{name}/")}


@pytest.mark.parametrize("call", CALLS)
def test_in_every_language(example, folder, call):
    name, endpoint = call.split("/")
    server = example(name)
    given, expected = CALLS[call]
    code = server.http.post("/gradio_api/snippets", json={"calls": [{"name": endpoint, "given": given}]}).json()
    keys = {"Python (async)": "python_async", "curl": "bash", "curl (stream)": "bash_stream"}
    for language, kinds in LANGUAGES.items():
        for kind in kinds[:1]:
            said = executed(kind, code[keys.get(language, language.lower())], folder)
            if language == "JavaScript":  # whose client calls every uploaded file "blob"
                said = said.replace("blob", "my note.txt")
            found = expected.search(said) if isinstance(expected, re.Pattern) else expected in said
            assert found, (language, said)


@pytest.mark.parametrize("call", CALLS)
def test_in_the_browser(tabs, example, folder, call):
    name, endpoint = call.split("/")
    server = example(name)
    given, expected = CALLS[call]
    code = server.http.post("/gradio_api/snippets", json={"calls": [{"name": endpoint, "given": given}]}).json()
    file = next((folder / path for path in paths(given)), None)
    said = shown_in_a_page(tabs.context, server, code["browser"], file)
    assert expected.search(said) if isinstance(expected, re.Pattern) else expected in said, said


def paths(value):
    if isinstance(value, dict) and value.get("meta") == FILE:
        return [value["path"]]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [path for part in parts for path in paths(part)]


def test_the_page_shows_the_same(tabs, example):
    for name, query, shown in (
        ("primes", "endpoint=count_primes&below=1000", "168"),
        ("invoices", "endpoint=check_account&iban=%22DE89%203704%200044%200532%200130%2000%22", "true"),
    ):
        page = tabs.open(f"{example(name).url}/?{query}")
        run(page)
        done(page)
        assert shown in page.locator(".outputs").inner_text()
