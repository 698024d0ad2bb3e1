"""One table of routes, and who handles what."""

from __future__ import annotations

import pytest

from spaceport.api.routes import ROUTES, Handled, find, handled_by, route_of


@pytest.mark.parametrize(
    ("path", "handled"),
    [
        ("/gradio_api/call/x", Handled.JOBS),
        ("/gradio_api/call/x/", Handled.JOBS),
        ("/gradio_api/call/v2/x/abc", Handled.JOBS),
        ("/gradio_api/call/a/b/c/d", Handled.JOBS),
        ("/gradio_api/calls", Handled.JOBS),
        ("/gradio_api/jobs", Handled.JOBS),
        ("/gradio_api/jobs/1/retry/more", Handled.JOBS),
        ("/gradio_api/upload", Handled.JOBS),
        ("/gradio_api/upload/anything", Handled.JOBS),
        ("/gradio_api/tus/1", Handled.JOBS),
        ("/gradio_api/queue/join", Handled.QUEUE),
        ("/gradio_api/queue/join/", Handled.QUEUE),
        ("/gradio_api/queue/other", Handled.APP),
        ("/gradio_api/heartbeat/abc", Handled.QUEUE),
        ("/gradio_api/heartbeat", Handled.APP),
        ("/gradio_api/run/x", Handled.DIRECT),
        ("/gradio_api/file=/a/b", Handled.FILE),
        ("/gradio_api/stream/a/b/c/playlist.m3u8", Handled.APP),
        ("/config", Handled.DOCUMENT),
        ("/config/", Handled.DOCUMENT),
        ("/config/more", Handled.APP),
        ("/--spaceport/client.js", Handled.DOCUMENT),
        ("/--spaceport/web/a.js", Handled.APP),
        ("/", Handled.APP),
        ("", Handled.APP),
        ("//gradio_api/call/x", Handled.APP),
        ("/callback", Handled.APP),
    ],
)
def test_who_handles_a_path(path, handled):
    assert handled_by(path) is handled


def test_all_routes_below_one_segment_have_one_handler():
    heads: dict[str, set[Handled]] = {}
    for route in ROUTES:
        if route.path.startswith("/gradio_api/"):
            heads.setdefault(route.path.split("/")[2], set()).add(route.handled)
    assert {head: found for head, found in heads.items() if len(found) > 1} == {}


def test_every_route_is_found_at_its_path():
    for route in ROUTES:
        path = "/".join("x" if part.startswith("{") else part for part in route.path.split("/"))
        found = find(path)
        assert found is not None, route.path
        assert found[0][route.method].handled is handled_by(path)


def test_what_submits_a_call_and_what_names_its_session_in_the_body():
    submits = {route.path for route in ROUTES if route.submits}
    names = ["call/{name}", "calls", "call/v2/{name}", "run/{name}", "api/{name}", "queue/join"]
    assert submits == {f"/gradio_api/{name}" for name in names}
    assert {r.path for r in ROUTES if r.session_in_body} == {
        f"/gradio_api/{n}" for n in ("queue/join", "cancel", "reset")
    }
    assert route_of("POST", "/gradio_api/queue/join/").submits
    assert route_of("GET", "/gradio_api/queue/join") is None
