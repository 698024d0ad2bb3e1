"""Results kept by their arguments, cached examples; and files in batches and in a session's state."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.conftest import APPS, Server

import spaceport as sp
from spaceport import Client, handle_file
from spaceport.client.errors import AppError


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    environment = {"SPACEPORT_ALLOWED_HOSTS": "example.org"}
    server = Server(APPS / "cached.py", tmp_path_factory.mktemp("data"), environment, tmp_path_factory.mktemp("cwd"))
    yield server
    server.kill()


@pytest.fixture
def client(server, tmp_path):
    with Client(server.url, download_files=tmp_path) as client:
        yield client


def runs(client, name):
    return client.predict(name, api_name="/calls")


def test_the_same_arguments_run_once(client):
    assert [client.predict("a", api_name="/shout") for _ in range(3)] == ["A", "A", "A"]
    assert client.predict(text="a", api_name="/shout") == "A"
    assert runs(client, "shout") == 1
    for text in ("b", "c", "a"):
        client.predict(text, api_name="/shout")
    assert runs(client, "shout") == 4  # only two are kept


def test_a_failure_is_not_kept(client):
    for _ in range(2):
        with pytest.raises(AppError):
            client.predict("no", api_name="/fails")
    assert runs(client, "fails") == 2


def test_the_steps_of_a_generator_come_again(client):
    assert (
        list(client.submit("a", api_name="/agen")) == list(client.submit("a", api_name="/agen")) == ["a", "aa", "aaa"]
    )
    assert runs(client, "agen") == 1


def test_files_count_by_their_content(client, tmp_path):
    for name in ("one.txt", "one.txt"):
        (tmp_path / name).write_text("hello")
        assert client.predict(handle_file(tmp_path / name), api_name="/length") == 5
    assert runs(client, "length") == 1
    (tmp_path / "one.txt").write_text("hello!")
    assert client.predict(handle_file(tmp_path / "one.txt"), api_name="/length") == 6


def test_a_kept_file_is_still_there_and_has_the_address_that_was_asked(client, server):
    assert [Path(client.predict("text", api_name="/write")).read_text() for _ in range(2)] == ["text", "text"]
    assert runs(client, "write") == 1
    found = server.call("write", ["text"], host="example.org", prefer="wait").json()
    assert found["data"][0]["url"].startswith("http://example.org/gradio_api/file=")
    Path(found["data"][0]["path"]).unlink()
    assert Path(client.predict("text", api_name="/write")).read_text() == "text"
    assert runs(client, "write") == 2


def test_a_key_and_a_session(server, client):
    assert client.predict("p", 1, api_name="/keyed") == "p 1"
    assert client.predict("p", 2, api_name="/keyed") == "p 1"
    with Client(server.url) as other:
        assert other.predict("p", 2, api_name="/keyed") == "p 2"


def test_batches(client):
    assert [client.predict("ab", api_name="/batched") for _ in range(2)] == ["ba", "ba"]
    assert runs(client, "batched") == 1


def test_a_known_answer_does_not_wait_and_is_an_accepted_job(server, client):
    client.predict("k", api_name="/shout")
    event = server.call("shout", ["k"], **{"idempotency-key": "k1"}).json()["event_id"]
    again = server.call("shout", ["k"], **{"idempotency-key": "k1"}).json()["event_id"]
    assert event == again
    view = server.http.get(f"/gradio_api/jobs/{event}").json()
    assert (view["state"], view["data"], view["attempt"]) == ("succeeded", ["K"], 0)


def test_what_cannot_be_cached_says_why():
    space = sp.Space()

    @sp.cache
    def asks(text: str, request: sp.Request) -> str:
        return text

    @sp.cache
    def remembers(text, state):
        return text

    with pytest.raises(TypeError, match="nothing of the request"):
        space.api(asks)
    with pytest.raises(TypeError, match="cannot have state"):
        space.api(remembers, inputs=[sp.Textbox(), sp.State()], outputs=[sp.Textbox()])


def test_examples_are_shown_checked_and_answered_from_the_start(server, client):
    deadline = time.monotonic() + 20
    while runs(client, "copy") + runs(client, "repeat") < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert client.predict("abc", 2, api_name="/repeat") == "abcabc"
    assert client.predict("x", 3, api_name="/repeat") == "xxx"
    assert runs(client, "repeat") == 2
    for _ in range(2):
        assert client.predict("y", 3, api_name="/repeat") == "yyy"
    assert runs(client, "repeat") == 4  # not an example: it runs
    parameters = server.http.get("/gradio_api/info").json()["named_endpoints"]["/repeat"]["parameters"]
    assert [one["example_input"] for one in parameters] == ["abc", 2]
    path = str((APPS / "basic.py").resolve())
    data = [{"path": path, "meta": {"_type": "gradio.FileData"}}]
    found = server.call("copy", data, prefer="wait").json()["data"][0]
    assert server.http.get(found["url"]).content == (APPS / "basic.py").read_bytes()
    assert runs(client, "copy") == 1
    with pytest.raises(ValueError, match="more values"):
        sp.Interface(lambda x: x, "textbox", "textbox", examples=[["a", "b"]])
    with pytest.raises(ValueError, match="the example 'z'"):
        sp.Interface(lambda x: x, sp.Radio(["a"]), "textbox", examples=["z"])


def test_files_in_a_batch(client, server, tmp_path):
    paths = []
    for number in range(8):
        paths.append(tmp_path / f"f{number}.txt")
        paths[-1].write_text(f"text {number}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda path: client.predict(handle_file(path), api_name="/backwards"), paths))
    assert [Path(path).read_text() for path in found] == [f"text {number}"[::-1] for number in range(8)]
    assert runs(client, "backwards") < 8


def test_files_in_a_session_s_state(client, server, tmp_path):
    for number in range(3):
        (tmp_path / f"s{number}.txt").write_text(f"state {number}")
        found = client.predict(handle_file(tmp_path / f"s{number}.txt"), api_name="/collect")
    assert [Path(path).read_text() for path in found] == ["state 0", "state 1", "state 2"]
    with Client(server.url, download_files=tmp_path) as other:
        (path,) = other.predict(handle_file(tmp_path / "s0.txt"), api_name="/collect")
        assert Path(path).read_text() == "state 0"


def test_results_of_examples_outlive_the_server_until_the_script_changes(tmp_path):
    folder = tmp_path / "app"
    folder.mkdir()
    for name in ("cached.py", "basic.py"):
        (folder / name).write_text((APPS / name).read_text())
    server = Server(folder / "cached.py", tmp_path / "data", {}, tmp_path)

    def examples_run():
        """How often the examples ran since the server started; with their results kept, once it has all of them."""
        deadline = time.monotonic() + 20
        while True:
            kept = list(tmp_path.glob("data/**/examples.bin"))
            if kept and kept[0].stat().st_mtime_ns > started:
                break
            assert time.monotonic() < deadline
            time.sleep(0.05)
        with Client(server.url, verbose=False) as client:
            assert client.predict("abc", 2, api_name="/repeat") == "abcabc"
            data = [{"path": str(folder / "basic.py"), "meta": {"_type": "gradio.FileData"}}]
            found = server.call("copy", data, prefer="wait").json()["data"][0]
            assert server.http.get(found["url"]).content == (folder / "basic.py").read_bytes()
            return runs(client, "repeat"), runs(client, "copy")

    def again():
        server.kill()
        now = time.time_ns()
        server.start()
        return now

    started = 0
    try:
        assert examples_run() == (2, 1)
        started = again()
        assert examples_run() == (0, 0)
        (kept,) = tmp_path.glob("data/**/examples.bin")
        kept.write_bytes(kept.read_bytes()[:100])
        started = again()
        assert examples_run() == (2, 1)  # a file that is cut off holds nothing
        (folder / "cached.py").write_text((folder / "cached.py").read_text() + "\n# another version\n")
        started = again()
        assert examples_run() == (2, 1)
    finally:
        server.kill()
