"""What operators and callers are told of calls: metrics, health, log lines, traces, timings."""

from __future__ import annotations

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

TOKEN = {"authorization": "Bearer operator"}


def numbers(server) -> dict[str, float]:
    """Samples by name and labels, as `name{a,b}`."""
    text = server.http.get("/metrics", headers=TOKEN).text

    def name(sample) -> str:
        labels = ",".join(value for key, value in sorted(sample.labels.items()) if key != "space")
        return f"{sample.name}{{{labels}}}"

    return {name(sample): sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def lines(output: str) -> list[dict]:
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_metrics_count_calls_waits_runs_and_refusals(serve):
    server = serve("chaos", SPACEPORT_OPERATOR_TOKEN="operator", SPACEPORT_QUEUE_MAX="3")
    ids = [server.call("slow", [f"{number}"]).json()["event_id"] for number in range(4)]
    assert server.call("slow", ["one too many"]).status_code == 503
    now = numbers(server)
    assert now["spaceport_jobs{slow,queued}"] == 3
    assert now["spaceport_jobs{slow,running}"] == 1
    server.http.delete(f"/gradio_api/jobs/{ids[3]}")
    assert server.events("slow", ids[2])[-1][0] == "complete"
    assert server.call("slow", {"y": 1}).status_code == 422
    now = numbers(server)
    assert now["spaceport_jobs_accepted_total{slow}"] == 4
    assert now["spaceport_jobs_ended_total{slow,succeeded}"] == 3
    assert now["spaceport_jobs_ended_total{slow,cancelled}"] == 1
    assert now["spaceport_requests_refused_total{queue_full}"] == 1
    assert now["spaceport_requests_refused_total{invalid_input}"] == 1
    assert now["spaceport_job_wait_seconds_count{slow}"] == 3
    assert now["spaceport_job_run_seconds_sum{slow}"] > 0.5
    assert now["spaceport_journal_records_total{}"] >= 8
    assert now["spaceport_journal_bytes{}"] > 0
    assert now["process_open_fds{}"] > 5


def test_metrics_are_the_operators_alone(serve):
    server = serve("chaos")
    for headers in ({}, {"authorization": "Bearer no"}, {"authorization": "Basic eDp5"}):
        answer = server.http.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    made = (server.data / "operator.token").read_text()
    assert (server.data / "operator.token").stat().st_mode & 0o777 == 0o600
    answer = server.http.get("/metrics", headers={"authorization": f"Bearer {made}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_a_stopping_server_is_alive_but_not_ready(serve):
    server = serve("chaos")
    assert server.http.get("/healthz").json() == {"status": "ok"}
    assert server.http.get("/readyz").json() == {"status": "ready"}
    server.call("slow", ["first"])
    server.process.terminate()
    deadline = time.monotonic() + 5
    while (answer := server.http.get("/readyz")).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert server.http.get("/healthz").status_code == 200
    refused = server.call("echo", ["x"])
    assert (refused.status_code, refused.json()["code"]) == (503, "space_unavailable")


def test_lines_in_the_log_name_their_call_and_its_request(serve):
    server = serve("observed", SPACEPORT_LOG_LEVEL="info")
    for endpoint in ("say", "whisper", "fail"):
        answer = server.http.post(
            f"/gradio_api/call/{endpoint}", json={"data": ["hi"]}, headers={"x-request-id": endpoint, "prefer": "wait"}
        )
        assert answer.headers["x-request-id"] == endpoint
    given = server.call("say", ["again"])
    server.events("say", given.json()["event_id"])
    server.stop()
    found = lines(server.output)
    for endpoint, text in (("say", "heard hi"), ("whisper", "overheard hi"), ("fail", "fail failed:")):
        (line,) = [one for one in found if one["event"].startswith(text)]
        assert (line["request_id"], line["endpoint"]) == (endpoint, endpoint)
        assert re.fullmatch("[0-9a-f]{32}", line["job"])
        (ended,) = [one for one in found if one["event"] == "call ended" and one["request_id"] == endpoint]
        assert ended["job"] == line["job"]
        assert ended["outcome"] == ("function_failed" if endpoint == "fail" else "succeeded")
        assert ended["ran_s"] >= 0
    (line,) = [one for one in found if one["event"] == "heard again"]
    assert line["request_id"] == given.headers["x-request-id"]
    assert line["level"] == "warning"
    assert line["logger"] == "my.app"


def test_answers_say_how_long_a_call_waited_and_ran(serve):
    server = serve("chaos")
    answer = server.http.post("/gradio_api/call/slow", json={"data": ["x"]}, headers={"prefer": "wait"})
    queue, run = map(float, re.fullmatch(r"queue;dur=(\S+), run;dur=(\S+)", answer.headers["server-timing"]).groups())
    assert 0 <= queue < 5000
    assert 200 <= run < 5000
    job = server.http.get(f"/gradio_api/jobs/{answer.json()['event_id']}")
    assert job.headers["server-timing"] == answer.headers["server-timing"]
    assert "server-timing" in server.http.post("/gradio_api/run/echo", json={"data": ["x"]}).headers


@pytest.fixture
def collector():
    """An OTLP collector; its spans by trace and name."""
    spans = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = ExportTraceServiceRequest()
            request.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.update({(span.trace_id.hex(), span.name): span for span in scope.spans})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    server.server_close()


def test_a_call_is_a_trace_below_its_callers(serve, collector):
    endpoint, found = collector
    server = serve("observed", OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    headers = {"traceparent": f"00-{trace}-{parent}-01", "x-request-id": "r-1", "prefer": "wait"}
    answer = server.http.post("/gradio_api/call/spans", json={"data": ["hi"]}, headers=headers)
    assert answer.json()["data"] == ["r-1"]
    failed = server.http.post("/gradio_api/call/fail", json={"data": ["hi"]}, headers={"prefer": "wait"})
    assert failed.status_code == 500
    server.stop()  # sends what is left
    call, attempt, wait, inner = (found[trace, name] for name in ("call spans", "attempt", "wait", "inner"))
    assert call.parent_span_id.hex() == parent
    assert inner.parent_span_id == attempt.span_id
    assert attempt.parent_span_id == wait.parent_span_id == call.span_id
    facts = {one.key: one.value.string_value for one in call.attributes}
    assert facts["spaceport.request_id"] == "r-1"
    assert facts["spaceport.job"] == answer.json()["event_id"]
    assert wait.start_time_unix_nano <= wait.end_time_unix_nano <= call.end_time_unix_nano
    assert attempt.end_time_unix_nano >= attempt.start_time_unix_nano
    assert [span.status.code for (_, name), span in found.items() if name == "call fail"] == [2]


def test_a_caller_may_have_only_so_many_streams_open(serve):
    server = serve("chaos", SPACEPORT_STREAMS_MAX_PER_CALLER="2", SPACEPORT_OPERATOR_TOKEN="operator")
    ids = [server.call("slow", ["first"]).json()["event_id"] for _ in range(3)]
    with (
        server.http.stream("GET", f"/gradio_api/call/slow/{ids[0]}"),
        server.http.stream("GET", "/gradio_api/heartbeat/abc"),
    ):
        refused = server.http.get(f"/gradio_api/call/slow/{ids[1]}")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert "retry-after" in refused.headers
        assert numbers(server)["spaceport_streams{}"] == 2
        assert numbers(server)["spaceport_requests_refused_total{rate_limited}"] == 1
    deadline = time.monotonic() + 5
    while numbers(server)["spaceport_streams{}"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with server.http.stream("GET", f"/gradio_api/call/slow/{ids[1]}") as answer:
        assert answer.status_code == 200
