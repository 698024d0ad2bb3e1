"""Accounts: what golden scenario 18 records, and that nobody reaches another user's jobs."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import httpx
import pytest
from tests.conftest import APPS, PEERS, ROOT
from tests.faults import fault


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    process = subprocess.Popen(
        [sys.executable, APPS / "login.py", str(tmp_path_factory.mktemp("login"))],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "SPACEPORT_OPERATOR_TOKEN": "operator"},
    )
    yield re.search(r"http://[\d.:]+", process.stdout.readline())[0]
    process.terminate()
    process.wait(20)
    process.stdout.close()


def login(url, name, password):
    client = httpx.Client(base_url=url)
    return client, client.post("/login", data={"username": name, "password": password})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/config"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/login_check"),
        ("GET", "/gradio_api/queue/status"),
        ("GET", "/gradio_api/queue/data?session_hash=abcdefgh"),
        ("POST", "/gradio_api/call/who"),
        ("POST", "/gradio_api/calls"),
        ("POST", "/gradio_api/run/who"),
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/gradio_api/jobs"),
    ],
)
def test_without_a_login_it_is_401(url, method, path):
    response = httpx.request(method, url + path)
    assert response.status_code == 401
    if not path.startswith("/gradio_api/jobs"):
        assert response.json()["detail"] == {"error": "Not authenticated", "auth_message": "Please log in"}


def test_login_and_logout(url):
    client, answer = login(url, " user ", "pw")
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert client.get("/gradio_api/user").json() == "user"
    assert client.post("/gradio_api/run/who", json={"data": ["x"]}).json()["data"] == ["user: x"]
    client.get("/logout")
    client.cookies.clear()
    assert client.get("/config").status_code == 401
    _, wrong = login(url, "user", "nope")
    assert (wrong.status_code, wrong.json()["detail"]) == (400, "Incorrect credentials.")
    assert httpx.post(url + "/login", json={"username": "user"}).status_code == 422
    assert httpx.get(url + "/config", auth=("ann", "secret")).json()["username"] == "ann"


def test_another_user_sees_and_cancels_nothing(url):
    owner, _ = login(url, "user", "pw")
    other, _ = login(url, "ann", "secret")
    body = {"data": ["x"], "session_hash": "mine", "fn_index": 0}
    event_id = owner.post("/gradio_api/queue/join", json=body).json()["event_id"]
    assert other.get(f"/gradio_api/jobs/{event_id}").status_code == 404
    assert other.get(f"/gradio_api/call/who/{event_id}").status_code == 404
    assert other.post("/gradio_api/cancel", json={"event_id": event_id, "session_hash": "mine"}).status_code == 404
    assert other.get("/gradio_api/queue/data?session_hash=mine").status_code == 404
    assert "process_completed" in owner.get("/gradio_api/queue/data?session_hash=mine").text
    assert owner.get("/gradio_api/jobs").json()["jobs"][0]["id"] == event_id
    assert event_id not in other.get("/gradio_api/jobs").text


def test_the_unmodified_client_logs_in(url):
    code = (
        "import sys; from gradio_client import Client\n"
        "print(Client(sys.argv[1], auth=('user', 'pw'), verbose=False).predict('x', api_name='/who'))\n"
        "try: Client(sys.argv[1], verbose=False)\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    python = PEERS / "pinned" / "bin" / "python"
    quiet = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([python, "-c", code, url], capture_output=True, text=True, env=quiet)
    assert done.stdout.split("\n")[:2] == ["user: x", "AuthenticationError"], done.stderr


def test_users_list_read_and_repeat_only_their_own_and_the_operator_all(url):
    ids = {}
    users = {"user": ("user", "pw"), "ann": ("ann", "secret")}
    for user, auth in users.items():
        with httpx.Client(base_url=url, auth=auth) as client:
            ids[user] = client.post("/gradio_api/call/who", json={"data": ["x"]}).json()["event_id"]
            listed = client.get("/gradio_api/jobs", params={"limit": 1}).json()["jobs"]
            assert [(job["id"], job["user"]) for job in listed] == [(ids[user], user)]
            assert client.get("/gradio_api/jobs", params={"all": "true"}).status_code == 403
    with httpx.Client(base_url=url, auth=users["ann"]) as client:
        assert client.get(f"/gradio_api/jobs/{ids['user']}").status_code == 404
        assert client.post(f"/gradio_api/jobs/{ids['user']}/retry").status_code == 404
    with httpx.Client(base_url=url, headers={"authorization": "Bearer operator"}) as client:
        listed = client.get("/gradio_api/jobs", params={"all": "true", "limit": 2}).json()["jobs"]
        assert {job["user"]: job["id"] for job in listed} == ids
        listed = client.get("/gradio_api/jobs", params={"all": "true", "user": "ann", "limit": 1}).json()["jobs"]
        assert [job["id"] for job in listed] == [ids["ann"]]
        assert client.get(f"/gradio_api/jobs/{ids['user']}").status_code == 200
    with httpx.Client(base_url=url, headers={"authorization": "Bearer other"}) as client:
        assert client.get(f"/gradio_api/jobs/{ids['user']}").status_code == 401


@fault(
    kind="access",
    given="100 wrong passwords by HTTP Basic",
    before="401 each, then 200 for the right one; also while the login's form answered 429",
    now="429 after 30, of the form and of HTTP Basic together, by address",
)
def test_wrong_passwords_by_http_basic_are_counted_with_the_forms(url):
    with httpx.Client(base_url=url, transport=httpx.HTTPTransport(local_address="127.0.0.9")) as client:
        for _ in range(15):
            assert client.get("/config", auth=("user", "wrong")).status_code == 401
            assert client.post("/login", data={"username": "user", "password": "wrong"}).status_code == 400
        late = client.get("/config", auth=("user", "pw"))
        assert (late.status_code, late.json()["code"], int(late.headers["retry-after"]) > 0) == (
            429,
            "rate_limited",
            True,
        )
        assert client.post("/login", data={"username": "user", "password": "pw"}).status_code == 429
    assert httpx.get(f"{url}/config", auth=("user", "pw")).status_code == 200


def test_several_calls_of_one_request_are_its_users(url):
    client, _ = login(url, "ann", "secret")
    calls = [{"name": "who", "body": {"data": ["x"]}}] * 2
    jobs = [one["event_id"] for one in client.post("/gradio_api/calls", json={"calls": calls}).json()]
    assert [client.get(f"/gradio_api/jobs/{job}").json()["user"] for job in jobs] == ["ann", "ann"]
    assert login(url, "user", "pw")[0].get(f"/gradio_api/jobs/{jobs[0]}").status_code == 404
