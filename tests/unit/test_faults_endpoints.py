"""Endpoints of an app whose dependencies share a name."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from tests.faults import fault

from spaceport.api import Catalog, meta
from spaceport.client.core.endpoints import read
from spaceport.hub.queues.description import Documents, Kind
from spaceport.hub.queues.queue import SpaceQueue
from spaceport.hub.queues.remote_endpoint import RemoteCall, endpoints_of


def dependency(number, name, visibility=None, **more):
    entry = {"id": number, "api_name": name, "inputs": [1], "outputs": [1], "backend_fn": True, **more}
    return entry if visibility is None else {**entry, "api_visibility": visibility}


def app(*dependencies):
    parameters = [{"parameter_name": "x", "label": "x", "type": {}, "python_type": {}, "component": "Textbox"}]
    described = {"parameters": parameters, "returns": []}
    config = {"dependencies": list(dependencies), "components": [{"id": 1, "type": "textbox"}]}
    names = {f"/{one['api_name']}": described for one in dependencies}
    return Documents("commit", "epoch", Kind.GRADIO, "", config, names)


@fault(
    kind="call",
    given="two dependencies of a Gradio app share an `api_name`: one is public, one undocumented, in each order",
    before="the hub called the one that came last: the wrong function answered",
    now="the name means the public one, and each is called by its id",
)
@pytest.mark.parametrize(
    ("dependencies", "public"),
    [
        ([dependency(1, "f", "public"), dependency(4, "f", "undocumented")], 1),
        ([dependency(1, "f", "undocumented"), dependency(4, "f", "public")], 4),
        ([dependency(1, "f", "private"), dependency(2, "f", "undocumented"), dependency(4, "f", "public")], 4),
        ([dependency(1, "f", "public"), dependency(4, "f", "public")], 1),  # as Gradio itself decides
        ([dependency(1, "f", show_api=False), dependency(4, "f")], 4),  # Gradio 5
        ([dependency(1, "f_4", "public"), dependency(3, "f", "public"), dependency(4, "f", "undocumented")], 3),
    ],
)
def test_a_name_means_the_public_one(dependencies, public):
    documents = app(*dependencies)
    endpoints = endpoints_of(documents, None, 0)
    catalog = Catalog(endpoints, [])
    assert catalog.get_endpoint("f").index == public
    assert len({endpoint.policy.endpoint for endpoint in endpoints}) == len(dependencies)
    for entry in dependencies:
        if entry.get("api_visibility") != "private":
            assert catalog.get_endpoint_by_index(entry["id"]).index == entry["id"]
    assert read(documents.config, {"named_endpoints": {}}).find("/f", None).index == public


def test_names_stay_the_same_from_start_to_start():
    documents = app(
        dependency(1, "f", "undocumented"), dependency(4, "f", "public"), dependency(6, "f", "undocumented")
    )
    names = [[endpoint.name for endpoint in endpoints_of(documents, None, 0)] for _ in range(2)]
    assert names == [["f_1", "f", "f_6"]] * 2


NODE = {
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
            },
            "required": ["name"],
        }
    },
    "$ref": "#/$defs/Node",
}


@fault(
    kind="call",
    given="an endpoint of ours with a model inside of itself, called on a hub with a wrong value in the inner one",
    before="the hub checked the outer one alone and accepted the call, which failed when it ran",
    now="the hub sees that it does not fit, and asks the app, which answers 422 with the place",
)
@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}, True),
        ({"name": "a", "children": [{"name": 5}]}, False),
        ({"name": "a", "children": [{"name": "b", "children": [{"name": "c", "children": [{}]}]}]}, False),
        ({"children": []}, False),
    ],
)
async def test_a_model_inside_of_itself_is_checked_all_the_way(value, fits):
    asked = []

    async def check(endpoint, call):
        asked.append(call.data)

    documents = app(dependency(1, "f", "public"), dependency(2, "g", "public"))
    for described in documents.named.values():
        described["parameters"][0]["schema"] = NODE
    for endpoint in endpoints_of(documents, None, 0, check):
        await endpoint.check(RemoteCall(data=[value], root=""))
    assert bool(asked) is not fits


@fault(
    kind="limit",
    given="an app whose description has 16 MB, or 5,000 endpoints",
    before="the event loop read its endpoints, wrote its `/config`, `/info` and openapi.json: seconds of silence",
    now="a thread does it, once for all who ask",
)
async def test_large_documents_are_made_in_a_thread():
    here, made = threading.get_ident(), []

    def read(documents, retries):
        made.append(threading.get_ident())
        return documents, [], b"{}"

    queue = SpaceQueue.__new__(SpaceQueue)
    queue._describing, queue._described, queue._read = asyncio.Lock(), None, read
    queue._apply = lambda documents, *_: setattr(queue, "_described", (documents.commit, documents.epoch))
    await asyncio.gather(*(queue.update_description(app(), 0) for _ in range(3)))
    assert len(made) == 1
    assert made[0] != here


@pytest.mark.parametrize(("endpoints", "threads"), [(meta._FEW, 0), (meta._FEW + 1, 1)])
async def test_a_document_is_made_once_for_all_who_ask(endpoints, threads):
    here, made, kept = threading.get_ident(), [], []
    context = SimpleNamespace(catalog=SimpleNamespace(endpoints=[None] * endpoints), making=asyncio.Lock())

    def make():
        made.append(threading.get_ident())
        return b"document"

    async def ask():
        kept.append(await meta._made(context, lambda: kept[0] if kept else None, make))

    await asyncio.gather(ask(), ask())
    assert kept == [b"document"] * 2
    if threads:
        assert len(made) == 1
        assert made[0] != here
    else:
        assert set(made) == {here}
