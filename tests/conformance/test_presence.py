"""What a vanished watcher means, and that sessions and streams leave nothing behind."""

from __future__ import annotations

import time


def state(server, job_id):
    return server.http.get(f"/gradio_api/jobs/{job_id}").json()["state"]


def wait_for(server, job_id, wanted):
    deadline = time.monotonic() + 10
    while (found := state(server, job_id)) != wanted:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def test_an_api_call_goes_on_without_a_watcher_and_a_page_click_does_not(serve):
    server = serve("basic", SPACEPORT_DISCONNECT_GRACE_S="0.3")
    kept = server.call("count", ["w", 40]).json()["event_id"]
    clicked = server.call("count", ["w", 400], **{"x-gradio-user": "app"}).json()["event_id"]
    asked = server.call("count", ["w", 400], **{"spaceport-on-disconnect": "cancel"}).json()["event_id"]
    wait_for(server, clicked, "cancelled")
    wait_for(server, asked, "cancelled")
    wait_for(server, kept, "succeeded")


def test_a_watcher_keeps_it_alive(serve):
    server = serve("basic", SPACEPORT_DISCONNECT_GRACE_S="0.2")
    watched = server.call("count", ["w", 50], **{"spaceport-on-disconnect": "cancel"}).json()["event_id"]
    assert server.events("count", watched)[-1][0] == "complete"
