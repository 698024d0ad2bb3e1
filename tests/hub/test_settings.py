"""Secrets, variables, logs, sleep time and pause of a Space, by the unmodified `huggingface_hub` and `hf`."""

from __future__ import annotations

import time

import pytest
from tests.hub.conftest import HubServer
from tests.hub.test_queues import stage_is
from tests.hub.test_run import deploy, runtime

from spaceport import Client

APP = """
import os, sys
import spaceport as sp
space = sp.Space()
print("hello from the app", flush=True)

@space.api
def found(key: str) -> str:
    return os.environ.get(key, "nothing")

@space.api
def shout(times: int) -> str:
    for _ in range(times):
        sys.stdout.write("x" * 999 + chr(10))
    return "done"
"""
README = b"---\ntitle: Settings\ntags: [spaceport]\n---\n"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60")
    deploy(server, "app", APP, README)
    yield server
    server.stop()


def found(hub, key, space="admin/app"):
    with Client(space, hub=hub.url, verbose=False) as client:
        return client.predict(key, api_name="/found")


def test_secrets_and_variables_reach_the_app_and_secrets_stay_secret(hub, peer):
    assert found(hub, "MY_SECRET") == "nothing"
    admin = peer("admin")
    program = """
api = HfApi()
api.add_space_secret("admin/app", "MY_SECRET", "s3cret", description="mine")
api.add_space_variable("admin/app", "MODEL", "small")
more = api.add_space_variable("admin/app", "OTHER", "x")
result = [sorted(more), more["MODEL"].value, api.get_space_variables("admin/app")["MODEL"].value]
"""
    assert admin.python(program) == [["MODEL", "OTHER"], "small", "small"]
    assert [found(hub, key) for key in ("MY_SECRET", "MODEL", "SPACE_TITLE")] == ["s3cret", "small", "Settings"]
    with hub.http("admin") as client:
        secrets = client.get("/api/spaces/admin/app/secrets")
        assert list(secrets.json()) == ["MY_SECRET"]
        assert "s3cret" not in secrets.text
    assert b"s3cret" not in b"".join(path.read_bytes() for path in hub.data.glob("hub.db*"))
    admin.python("HfApi().delete_space_secret('admin/app', 'MY_SECRET'); result = 1")
    admin.python("HfApi().delete_space_variable('admin/app', 'OTHER'); result = 1")
    assert [found(hub, key) for key in ("MY_SECRET", "OTHER", "MODEL")] == ["nothing", "nothing", "small"]
    for user, status in ((None, 401), ("bob", 403)):
        with hub.http(user) as client:
            assert client.get("/api/spaces/admin/app/secrets").status_code == status
    with hub.http("admin") as client:
        for body in ({"key": "9", "value": "x"}, {"key": "A"}, {"key": "A-B", "value": "x"}):
            assert client.post("/api/spaces/admin/app/variables", json=body).status_code == 400


def test_logs_are_shown_to_those_who_may_write(hub, peer):
    found(hub, "x")
    admin = peer("admin")
    assert "hello from the app" in admin.hf("spaces", "logs", "admin/app")
    assert "app.py" in admin.hf("spaces", "logs", "admin/app", "--build")
    with hub.http("bob") as client:
        assert client.get("/api/spaces/admin/app/logs/run").status_code == 403
    with hub.http("admin") as client:
        assert client.get("/api/spaces/admin/app/logs/other").status_code == 404


def test_an_app_that_prints_without_end_is_bounded(hub):
    with Client("admin/app", hub=hub.url, verbose=False) as client:
        assert client.predict(12_000, api_name="/shout") == "done"
    (log,) = hub.data.glob("spaces/*/run.log")
    assert log.stat().st_size < 5 << 20


def test_sleep_time_and_pause_outlive_the_hub(hub, peer):
    admin = peer("admin")
    assert admin.python("result = HfApi().set_space_sleep_time('admin/app', 1).sleep_time") == 1
    found(hub, "x")
    stage_is(hub, "admin/app", "SLEEPING")
    admin.python("result = HfApi().set_space_sleep_time('admin/app', -1).sleep_time")
    found(hub, "x")
    time.sleep(1.5)
    assert runtime(hub, "admin/app")["stage"] == "RUNNING"
    admin.python("result = HfApi().pause_space('admin/app').stage")
    hub.stop()
    hub.start()
    assert runtime(hub, "admin/app")["stage"] == "PAUSED"
    with hub.http() as nobody:
        answer = nobody.post(f"{hub.apps}/admin/app/gradio_api/call/found", json={"data": ["x"]})
        assert (answer.status_code, "paused" in answer.json()["detail"]) == (503, True)
    peer("admin").python("result = HfApi().restart_space('admin/app').stage")
    assert found(hub, "MODEL") == "small"


def test_a_space_is_created_with_its_settings(hub, peer):
    program = """
result = create_repo("admin/whole", repo_type="space", space_sdk="gradio", space_sleep_time=60,
                     space_secrets=[{"key": "A", "value": "1"}], space_variables=[{"key": "B", "value": "2"}])
"""
    peer("admin").python(program)
    assert runtime(hub, "admin/whole")["gcTimeout"] == 60
    with hub.http("admin") as client:
        assert list(client.get("/api/spaces/admin/whole/secrets").json()) == ["A"]


def test_a_duplicate_has_the_variables_and_not_the_secrets(hub, peer, tmp_path):
    with hub.http("admin") as client:
        client.post("/api/spaces/admin/app/variables", json={"key": "COPIED", "value": "yes"}).raise_for_status()
        client.post("/api/spaces/admin/app/secrets", json={"key": "KEPT", "value": "no"}).raise_for_status()
    admin = peer("admin")
    program = """
made = HfApi().duplicate_repo("admin/app", "admin/copy", repo_type="space", visibility="private",
                              space_secrets=[{"key": "OWN", "value": "1"}])
result = [str(made), HfApi().duplicate_repo("admin/app", "admin/copy", repo_type="space", exist_ok=True).repo_id]
"""
    assert admin.python(program) == [f"{hub.url}/spaces/admin/copy", "admin/copy"]
    with Client("admin/copy", hub=hub.url, token=hub.tokens["admin"], verbose=False) as client:
        assert [client.predict(key, api_name="/found") for key in ("COPIED", "OWN", "KEPT")] == ["yes", "1", "nothing"]
    with Client.duplicate("admin/app", "admin/again", hub=hub.url, token=hub.tokens["admin"], verbose=False) as client:
        assert client.predict("COPIED", api_name="/found") == "yes"
    with hub.http("bob") as bob:
        answer = bob.post("/api/spaces/admin/app/duplicate", json={"repository": "admin/stolen"})
        assert answer.status_code == 403


def test_a_folder_has_one_hub(hub):
    assert "Another hub runs with this data folder" in hub.run("hub", "--port", "0", status=1)
    assert "admin" in hub.run("users", "ls")
