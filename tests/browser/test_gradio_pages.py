"""The own page of a real Gradio app, through the hub, under both address forms: as it is without one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

APP = """
import time
import gradio as gr

def add(x, total):
    return f"total={int(total + x)}", total + x

def first(text):
    return text + " then"

def second(text):
    return text + " done"

def endless(text):
    for i in range(600):
        time.sleep(0.05)
        yield f"step {i}"

def length(path):
    return f"{len(open(path).read())} bytes"

with gr.Blocks(title="Pages") as demo:
    total = gr.State(0)
    number, out = gr.Number(label="Number", value=2), gr.Textbox(label="Out")
    gr.Button("Add").click(add, [number, total], [out, total])
    text = gr.Textbox(label="Text")
    gr.Button("Chain").click(first, text, out).then(second, out, out)
    run = gr.Button("Run").click(endless, text, out)
    gr.Button("Stop").click(None, None, None, cancels=[run])
    file = gr.File(label="File")
    file.upload(length, file, out)
demo.launch()
"""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    deploy(server, "pages", APP, b"---\nsdk: gradio\nsdk_version: 6.31.0\n---\n")
    yield server
    server.stop()


@pytest.fixture(params=["path", "host"])
def address(hub, request):
    if request.param == "path":
        return f"{hub.apps}/admin/pages/"
    return hub.apps.replace("127.0.0.1", "admin-pages.localhost") + "/"


def test_the_page_of_a_gradio_app(page, address, tmp_path):
    failed = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    page.goto(address)  # asleep at first: a page that waits
    out = page.get_by_label("Out")
    expect(out).to_be_visible(timeout=60_000)
    failed.clear()
    page.get_by_role("button", name="Add").click()
    expect(out).to_have_value("total=2")
    page.get_by_role("button", name="Add").click()
    expect(out).to_have_value("total=4")  # the session's state
    page.get_by_label("Text", exact=True).fill("now")
    page.get_by_role("button", name="Chain").click()
    expect(out).to_have_value("now then done")
    page.get_by_role("button", name="Run").click()
    expect(out).to_have_value(re.compile(r"step \d+"))
    page.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(500)
    stopped = out.input_value()
    page.wait_for_timeout(500)
    assert out.input_value() == stopped
    (tmp_path / "a.txt").write_text("12345")
    page.locator("input[type=file]").set_input_files(tmp_path / "a.txt")
    expect(out).to_have_value("5 bytes")
    hosts = {url.split("/")[2] for url in failed}
    assert not [url for url in failed if address.split("/")[2] in url], (hosts, failed)
