"""Nobody gets another caller's job by an `Idempotency-Key`, and nobody else's calls count against a caller."""

from __future__ import annotations

import hashlib
import uuid

import httpx
import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_run import deploy, stage_is

P = "gradio_api"
APP = """
import asyncio, os
import spaceport as sp
space = sp.Space()

@space.api
def draw(text: str) -> str:
    return os.urandom(8).hex()

@space.api
def other(text: str) -> str:
    return os.urandom(8).hex()

@space.api
def fails(text: str):
    raise sp.Error(os.urandom(8).hex())

@space.api(concurrency_limit=1)
async def slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "slept"
"""
MOST = 3
"""How many calls of one caller may wait here."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    environment = {"SPACEPORT_QUEUE_MAX_PER_CALLER": f"{MOST}"}
    server = HubServer(tmp_path_factory.mktemp("hub"), "--start-timeout", "60", environment=environment)
    for name in ("app", "second"):
        deploy(server, name, APP)
        stage_is(server, f"admin/{name}", "RUNNING", within=90)
    server.tokens["own"] = server.run("tokens", "add", "ann", "own", "--role", "write").strip()
    yield server
    server.stop()


class Caller:
    """Somebody who calls: a token, or none; from an address of this machine."""

    def __init__(self, hub, token=None, address=None, space="admin/app") -> None:
        self.headers = {} if token is None else {"authorization": f"Bearer {hub.tokens[token]}"}
        self.base = f"{hub.apps}/{space}/{P}"
        self.transport = {"transport": httpx.HTTPTransport(local_address=address)} if address else {}

    def ask(self, method, path, headers=(), **more):
        with httpx.Client(timeout=30, **self.transport) as client:
            return client.request(method, f"{self.base}/{path}", headers={**self.headers, **dict(headers)}, **more)

    def submit(self, key, endpoint="draw", text="x", **body):
        return self.ask("POST", f"call/{endpoint}", {"idempotency-key": key}, json={"data": [text], **body})

    def job(self, key, endpoint="draw", text="x", **body):
        answer = self.submit(key, endpoint, text, **body)
        assert answer.status_code == 200, answer.text
        return answer.json()["event_id"]


def test_a_key_counts_for_one_user_one_endpoint_and_one_space(hub):
    ann, bob, nobody = Caller(hub, "ann"), Caller(hub, "bob"), Caller(hub)
    first = ann.job("k")
    assert [Caller(hub, one).job("k") for one in ("ann", "reader", "own")] == [first] * 3, "all are ann's"
    assert ann.submit("k", session_hash="s").status_code == 409, "the body is another one"
    others = [
        bob.job("k"),
        nobody.job("k"),
        Caller(hub, address="127.0.0.2").job("k"),
        nobody.job("k", session_hash="ann"),
        nobody.job("k", session_hash="user:ann"),
        ann.job("k", "other"),
        Caller(hub, "ann", space="admin/second").job("k"),
        ann.job("K"),
    ]
    assert len({first, *others}) == 1 + len(others)
    for stranger in (bob, nobody):
        assert stranger.ask("GET", f"jobs/{first}").status_code == 404
        assert "404: Not Found" in stranger.ask("GET", f"call/draw/{first}", {"accept": "text/event-stream"}).text
        assert stranger.ask("POST", "cancel", json={"event_id": first}).status_code == 404
    assert ann.ask("GET", f"jobs/{first}").json()["state"] == "succeeded"


def test_an_error_stays_with_its_caller(hub):
    def text(caller):
        job = caller.job("e", "fails")
        return caller.ask("GET", f"call/fails/{job}", {"accept": "text/event-stream"}).text

    ann, bob, nobody = Caller(hub, "ann"), Caller(hub, "bob"), Caller(hub)
    assert text(ann) == text(ann), "the same job"
    assert len({text(one) for one in (ann, bob, nobody)}) == 3


@fault(
    kind="access",
    given="two strangers whose keys are digests of the input, or UUIDs of zeros: `Idempotency-Key: md5(text)`",
    before="32 digits, or any UUID, counted as random: the second one got the job of the first, and could cancel it",
    now="only a random UUID (version 4) counts without its caller; our clients send one",
)
@pytest.mark.parametrize(
    "key",
    [
        hashlib.md5(b"x").hexdigest(),
        str(uuid.uuid5(uuid.NAMESPACE_URL, "x")),
        str(uuid.UUID(int=0)),
        "1" * 32,
        "9b2f6c1e-5d2a-1c53-9f4e-0a1b2c3d4e5f",
    ],
)
def test_a_digest_is_no_random_key(hub, key):
    first, second = (Caller(hub, address=f"127.0.0.{n}").job(key) for n in (2, 3))
    assert first != second
    random = f"{uuid.uuid4()}".upper()
    assert len({Caller(hub, address=f"127.0.0.{n}").job(random) for n in (2, 3)}) == 1


@pytest.mark.parametrize(
    ("key", "status"),
    [
        (b"", 422),
        (b"k" * 255, 200),
        (b"k" * 256, 422),
        ("é".encode(), 200),
        (b"\xff\xfe", 200),
        (b"a\tb", 200),
    ],
)
def test_keys_of_any_form(hub, key, status):
    with httpx.Client() as client:
        headers = [(b"idempotency-key", key)]
        answer = client.post(f"{hub.apps}/admin/app/{P}/call/draw", json={"data": ["form"]}, headers=headers)
    assert answer.status_code == status, answer.text


@fault(
    kind="limit",
    given="a caller without a token who names the sessions of his calls `ann`, or like somebody's address",
    before="they counted as ann's: her calls were refused with `queue_full`, or waited for his to end",
    now="a user, a session and an address of the same name are three callers",
)
def test_a_session_named_like_somebody_counts_for_nobody_else(hub):
    ann, bob, stranger = Caller(hub, "ann"), Caller(hub, "bob"), Caller(hub)
    running = bob.job("hold", "slow", 20)
    jobs = [(bob, running, None)]
    try:
        for name in ("ann", "127.0.0.2"):
            for n in range(MOST + 3):  # some are with the replica already, and do not wait here
                answer = stranger.submit(f"{name}{n}", "slow", 0, session_hash=name)
                if answer.status_code != 200:
                    break
                jobs.append((stranger, answer.json()["event_id"], name))
            assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
            assert n >= MOST
        for caller in (ann, Caller(hub, address="127.0.0.2")):
            jobs += [(caller, caller.job(f"mine{n}", "slow", 0), None) for n in range(MOST)]
            assert caller.submit("mine more", "slow", 0).json()["code"] == "queue_full"
    finally:
        for caller, job, session in jobs:
            caller.ask("POST", "cancel", json={"event_id": job, "session_hash": session})
