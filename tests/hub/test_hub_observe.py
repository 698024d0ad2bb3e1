"""What a hub's operator sees: health, metrics of all Spaces, and ids that reach the Spaces' own processes."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy

APP = """
import logging
import spaceport as sp
space = sp.Space()

@space.api
def ids(request: sp.Request) -> str:
    logging.getLogger("my.app").warning("heard")
    return request.headers["x-request-id"] + " " + request.headers.get("traceparent", "none")
"""
README = b"---\ntitle: Observed\ntags: [spaceport]\n---\n"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    deploy(server, "seen", APP, README)
    yield server
    server.stop()


def call(hub, **headers):
    url = f"{hub.apps}/admin/seen/gradio_api/call/ids"
    return httpx.post(url, json={"data": []}, headers={"prefer": "wait", **headers}, timeout=60)


def test_health_and_readiness_need_no_token(hub):
    with hub.http() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}


def test_a_request_id_and_a_trace_reach_the_function_and_its_log(hub):
    answer = call(hub, **{"x-request-id": "mine-1", "traceparent": TRACE})
    assert answer.json()["data"] == [f"mine-1 {TRACE}"]
    assert answer.headers["x-request-id"] == "mine-1"
    assert "queue;dur=" in answer.headers["server-timing"]
    with hub.http("admin") as client, client.stream("GET", "/api/spaces/admin/seen/logs/run") as log:
        line = next(one for one in log.iter_lines() if "heard" in one)
    assert "mine-1" in line


def test_metrics_of_all_spaces_are_for_admins(hub):
    call(hub)
    assert call(hub, **{"spaceport-retries": "many"}).status_code == 422
    for user in (None, "ann"):
        with hub.http(user) as client:
            assert client.get("/metrics").status_code == 403
    with hub.http("admin") as client:
        families = text_string_to_metric_families(client.get("/metrics").text)
    found = {
        (sample.name, sample.labels.get("endpoint") or sample.labels.get("code")): sample.value
        for family in families
        for sample in family.samples
        if sample.labels.get("space") == "admin/seen"
    }
    assert found["spaceport_jobs_accepted_total", "ids"] >= 1
    assert found["spaceport_job_run_seconds_count", "ids"] >= 1
    assert found["spaceport_requests_refused_total", "invalid_input"] == 1
    assert found["spaceport_journal_commits_total", None] >= 2
