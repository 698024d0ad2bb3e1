"""What `view_api` says of every component, in the words of JavaScript, against @gradio/client on the real Gradio."""

from __future__ import annotations

import json

import pytest

from tests.apps import component_table
from tests.js.programs import run
from tests.real_gradio import real_gradio

PROGRAM = """
const c = await Client.connect(URL_);
const text = JSON.stringify((await c.view_api()).named_endpoints) + "\\n";
await new Promise((resolve) => process.stdout.write(text, resolve));
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("media")
    component_table.media(folder)
    with real_gradio("gradio", "component_table.py", "config", cwd=folder) as url:
        return [json.loads(run(who, PROGRAM, url).stdout.splitlines()[-1]) for who in ("peer", "ours")]


def test_the_same_endpoints(told):
    peer, ours = told
    assert list(peer) == list(ours)
    assert len(ours) > 60


def test_the_same_types(told):
    peer, ours = told
    wrong = {}
    for name, endpoint in peer.items():
        for part in ("parameters", "returns"):
            for theirs, our in zip(endpoint[part], ours[name][part], strict=True):
                assert our["type"]
                if theirs["type"] and theirs["type"] != our["type"]:  # the peer has no word for many
                    wrong[our["component"], part] = (theirs["type"], our["type"])
    assert not wrong, str(wrong)
