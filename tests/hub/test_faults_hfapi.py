"""Inputs that once broke the hub's API, against a real hub."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest
from tests.faults import fault
from tests.hub.conftest import HubServer
from tests.hub.test_hfapi import commit

LINES = "---" + "\n" * 65_533


def make(client, name, **fields):
    made = client.post("/api/repos/create", json={"name": name, "type": "space", **fields})
    assert made.status_code == 200, made.text
    return made


@fault(
    kind="parser",
    given="`POST /api/validate-yaml` without a token, with `---` and 65,533 line ends",
    before="the hub and all apps stood still for 30 s",
    now="is refused: it asks for a token; with one, others are answered meanwhile",
)
def test_validating_a_readme_does_not_block_other_requests(hub):
    with hub.http() as nobody, hub.http("bob") as bob:
        body = {"content": LINES, "repoType": "space"}
        assert nobody.post("/api/validate-yaml", json=body).status_code == 401
        slow = {"content": "---\n" + "a: b\n" * 13_000 + "---\n", "repoType": "space"}
        posts = threading.Thread(
            target=lambda: [bob.post("/api/validate-yaml", json=one, timeout=60) for one in (body, slow) * 2]
        )
        posts.start()
        answered = 0
        while posts.is_alive():
            assert nobody.get("/healthz").status_code == 200
            answered += posts.is_alive()
        posts.join()
        assert answered  # while a front matter was still being read


BAD = {
    "nesting": "x: " + "[" * 900,
    "itself": "x: &a [*a]",
    "bytes": "x: !!binary aGk=",
    "a set": "x: !!set {a, b}",
    "tags": "tags: 5",
    "surrogate": 'x: "\\ud800"',
    "sdk": "sdk: docker",
}


@fault(
    kind="parser",
    given="a commit whose README has `!!binary`, `&a [*a]`, 900 brackets, `tags: 5` or a lone surrogate",
    before="was made (and answered 500); the listing of all Spaces was 500 for everybody from then on",
    now="is refused with the reason, and nothing is committed",
)
@pytest.mark.parametrize("name", BAD)
def test_a_readme_with_faults_is_not_committed(hub, name):
    with hub.http("ann") as ann:
        space = f"bad-{name.replace(' ', '-')}"
        make(ann, space)
        refused = commit(ann, f"ann/{space}", {"README.md": f"---\n{BAD[name]}\n---\n".encode()})
        assert refused.status_code == 400
        assert refused.json()["error"].startswith("README.md cannot be committed")
        assert ann.get(f"/api/spaces/ann/{space}/refs").json()["branches"] == []


@fault(
    kind="parser",
    given="a README with `x: 2024-01-01`, `.nan` or a number of 20,000 hexadecimal digits",
    before="`GET /api/spaces`, everybody's, and the Space's info answered 500",
    now="the listing and the info show the text",
)
def test_a_date_in_a_readme_breaks_no_listing(hub):
    with hub.http("ann") as ann, hub.http("bob") as bob:
        make(ann, "dated")
        text = f"x: 2024-01-01\ny: .nan\nz: 0x{'f' * 20_000}\nsdk_version: 5.10"
        assert commit(ann, "ann/dated", {"README.md": f"---\n{text}\n---\n".encode()}).status_code == 200
        shown = bob.get("/api/spaces/ann/dated").json()["cardData"]
        assert (shown["x"], shown["y"], shown["sdk_version"]) == ("2024-01-01", ".nan", "5.10")
        assert any(one["id"] == "ann/dated" for one in bob.get("/api/spaces").json())


@fault(
    kind="limit",
    given="`GET …/resolve/main/FILE` with `Range: bytes=abc`, or with one past the file's end",
    before="left a whole copy of the file in the temporary folder for ever: 72 GB in five minutes",
    now="leaves nothing, whatever the range",
)
def test_downloads_leave_no_temporary_copies(tmp_path):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    hub = HubServer(tmp_path / "hub", environment={"TMPDIR": str(temporary)})
    try:
        with hub.http("ann") as ann:
            make(ann, "ranges")
            content = bytes(range(256)) * 4096
            commit(ann, "ann/ranges", {"a.bin": content, "empty": b""})
            address = "/spaces/ann/ranges/resolve/main/a.bin"

            def get(value, url=address, **headers):
                return ann.get(url, headers={"range": value, **headers})

            assert get("bytes=abc").status_code == 400
            past = get("bytes=2000000-")
            assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(content)}")
            part = get("bytes=1000000-")
            assert (part.status_code, part.content) == (206, content[1_000_000:])
            assert part.headers["content-range"] == f"bytes 1000000-{len(content) - 1}/{len(content)}"
            assert get("bytes=-5").content == content[-5:]
            assert get("bytes=0-1,4-5").content == content
            assert get("bytes=0-1", **{"if-range": '"other"'}).content == content
            assert ann.get(address).content == content
            assert (ann.get("/spaces/ann/ranges/resolve/main/empty").content) == b""
            assert get("bytes=0-", "/spaces/ann/ranges/resolve/main/empty").status_code == 416
            with ann.stream("GET", address) as broken_off:
                assert broken_off.status_code == 200
            assert list(temporary.iterdir()) == []
    finally:
        hub.stop()


@fault(
    kind="limit",
    given="anonymous callers behind a proxy that the hub trusts; `/healthz` after 500 requests in five minutes",
    before="one visitor turned the hub off for all, `/healthz` and `/readyz` included: 429",
    now="each visitor has a window; health and assets have none",
)
def test_visitors_behind_a_proxy_have_a_rate_limit_each(tmp_path):
    hub = HubServer(tmp_path / "hub", environment={"SPACEPORT_TRUST_FORWARDED": "1"})
    try:
        with hub.http() as client:

            def get(path, address, **headers):
                return client.get(path, headers={"x-forwarded-for": address, **headers})

            left = int(get("/api/spaces", "1.1.1.1").headers["ratelimit"].split("r=")[1].split(";")[0])
            for number in range(left):
                get("/api/spaces/a/b", f"9.9.9.{number % 250}, 1.1.1.1")
            assert get("/api/spaces", "1.1.1.1").status_code == 429
            assert get("/api/spaces", "2.2.2.2").status_code == 200
            assert get("/api/models/org/model", "1.1.1.1").status_code == 429
            for path in ("/healthz", "/readyz"):
                answer = get(path, "1.1.1.1", authorization="Bearer hf_wrong")
                assert answer.status_code == 200
                assert "ratelimit" not in answer.headers
    finally:
        hub.stop()


def trickle(hub, head, seconds):
    """Sends the head of a request and no body; the first line of the answer, if there is one in time."""
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(head)
        return connection.recv(65536).partition(b"\r\n")[0]


@fault(
    kind="limit",
    given="a request of the hub's API whose body never comes",
    before="was waited for for ever",
    now="is 408 after `SPACEPORT_BODY_TIMEOUT_S`",
)
def test_a_body_that_stalls_ends_its_request(tmp_path):
    hub = HubServer(tmp_path / "hub", environment={"SPACEPORT_BODY_TIMEOUT_S": "1"})
    try:
        with hub.http("ann") as ann:
            make(ann, "slow")
        token = f"Authorization: Bearer {hub.tokens['ann']}\r\n"
        for path in ("/api/repos/create", "/api/validate-yaml", "/api/spaces/ann/slow/commit/main"):
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\n{token}Content-Length: 100\r\n\r\n{{".encode()
            assert trickle(hub, head, 20) == b"HTTP/1.1 408 Request Timeout", path
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\npaths"
        head = f"POST /api/spaces/ann/slow/paths-info/main HTTP/1.1\r\nHost: x\r\n{form}".encode()
        assert trickle(hub, head, 20) == b"HTTP/1.1 408 Request Timeout"
    finally:
        hub.stop()


@fault(
    kind="limit",
    given="`POST …/paths-info/main` with a form that holds a file of any size, without a token",
    before="was written to the temporary folder: 64 MB",
    now="is refused; a form of fields has 1 MiB at most",
)
def test_paths_info_accepts_no_uploads(hub):
    with hub.http("ann") as ann, hub.http() as nobody:
        make(ann, "forms")
        commit(ann, "ann/forms", {"a.txt": b"a"})
        address = "/api/spaces/ann/forms/paths-info/main"
        assert [one["path"] for one in nobody.post(address, data={"paths": ["a.txt", "b"]}).json()] == ["a.txt"]
        assert "lastCommit" in nobody.post(address, data={"paths": "a.txt", "expand": "true"}).json()[0]
        assert nobody.post(address, files={"paths": b"x" * 100_000}).status_code == 400
        assert nobody.post(address, data={"paths": "x" * (1 << 20)}).status_code == 413
        assert nobody.post(address, data={"paths": ["x"] * 2001}).status_code == 400
        assert nobody.post(address, data={"paths": ["x"] * 2000}).status_code == 200


@fault(
    kind="limit",
    given="a body of the hub's API with 100,000 brackets, a number of 5,000 digits or half a surrogate pair",
    before="was 500",
    now="is 400 with the reason",
)
@pytest.mark.parametrize(
    "body",
    [
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"type": "space", "name": ' + "9" * 5000 + "}",
        '{"type": "space", "name": "\\ud800"}',
        '{"type": "space", "name": "x", "sleepTimeSeconds": ' + "9" * 400 + "}",
        '{"type": "space", "name": ["x"]}',
        '{"type": "space", "name": "x", "organization": {"a": 1}}',
        '{"type": "space", "name": "x\\u0000"}',
        '{"type": "space", "name": "y", "secrets": 5}',
        '{"type": "space", "name": "z", "variables": [[]]}',
        "[]",
        "NaN",
        "\ufeff{}",
    ],
)
def test_malformed_bodies_are_refused(hub, body):
    with hub.http("ann") as ann:
        assert ann.post("/api/repos/create", content=body.encode()).status_code == 400
        assert ann.post("/api/validate-yaml", content=body.encode()).status_code == 400


@fault(
    kind="quoting",
    given="`GET …/tree/a%0D%0Ab`, a revision with CR, LF or NUL",
    before="cut the connection without an answer",
    now="is 404",
)
@pytest.mark.parametrize("revision", ["a%0D%0Ab", "a%0Ab", "a%00b", "%EF%BF%BF", "%FF", "a%7Fb"])
def test_malformed_revisions_and_paths_are_not_found(hub, revision):
    with hub.http("ann") as ann:
        make_once(ann, "odd")
        commit(ann, "ann/odd", {"a.txt": b"a"})
        for path in (
            f"/api/spaces/ann/odd/tree/{revision}",
            f"/api/spaces/ann/odd/revision/{revision}",
            f"/api/spaces/ann/odd/commits/{revision}",
            f"/spaces/ann/odd/resolve/{revision}/a.txt",
            f"/spaces/ann/odd/resolve/main/{revision}",
            f"/api/spaces/ann/{revision}",
            f"/api/spaces/by-subdomain/{revision}",
        ):
            answer = ann.get(path)
            assert answer.status_code == 404, path
            assert answer.headers.get("x-error-message", "no route").isprintable()


def make_once(client, name):
    client.post("/api/repos/create", json={"name": name, "type": "space"})


def peak_of(hub):
    """The most memory that the hub has had, in bytes."""
    status = Path(f"/proc/{hub.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


@fault(
    kind="limit",
    given="a commit of 100 MB, or several at once",
    before="took six times its size of the hub's memory: 67 → 697 MB",
    now="is decoded in pieces, one large commit at a time: memory does not grow with its size",
)
def test_a_large_commit_takes_little_memory(hub):
    size = 48 << 20

    def body():
        yield b'{"key": "header", "value": {"summary": "large"}}\n'
        yield b'{"key": "file", "value": {"content": "'
        for _ in range(size // (3 << 18)):
            yield b"QUJD" * (1 << 18)
        yield b'", "path": "large.bin", "encoding": "base64"}}\n'

    with hub.http("ann") as ann:
        make(ann, "large")
        before = peak_of(hub)
        made = ann.post("/api/spaces/ann/large/commit/main", content=body(), timeout=120)
        assert made.status_code == 200, made.text
        head = ann.head("/spaces/ann/large/resolve/main/large.bin")
        assert int(head.headers["content-length"]) == size
        assert ann.get("/spaces/ann/large/resolve/main/large.bin", headers={"range": "bytes=-3"}).content == b"ABC"
        assert peak_of(hub) - before < size // 2


@fault(
    kind="access",
    given="who may see a Space but not read its variables (403) duplicates it and reads the copy's",
    before="the copy had the variables",
    now="they come along only for who may read them",
)
def test_a_duplicate_does_not_reveal_variables(hub):
    with hub.http("ann") as ann, hub.http("bob") as bob:
        make(ann, "vars", variables=[{"key": "A", "value": "for ann"}], secrets=[{"key": "S", "value": "s"}])
        assert bob.get("/api/spaces/ann/vars/variables").status_code == 403
        copied = bob.post("/api/spaces/ann/vars/duplicate", json={"repository": "bob/vars"})
        assert copied.status_code == 200
        assert bob.get("/api/spaces/bob/vars/variables").json() == {}
        ann.post("/api/spaces/ann/vars/duplicate", json={"repository": "ann/vars2"})
        assert ann.get("/api/spaces/ann/vars2/variables").json()["A"]["value"] == "for ann"
        assert ann.get("/api/spaces/ann/vars2/secrets").json() == {}


@fault(
    kind="limit",
    given="`POST /api/repos/create` with variables that are not valid",
    before="made the Space, then answered 500 or 400",
    now="is refused before anything is made",
)
@pytest.mark.parametrize("wrong", [{"variables": 5}, {"secrets": [{"key": "1"}]}, {"sleepTimeSeconds": "x"}])
def test_an_invalid_request_creates_no_space(hub, wrong):
    with hub.http("ann") as ann:
        body = {"name": "half", "type": "space", **wrong}
        assert ann.post("/api/repos/create", json=body).status_code == 400
        assert ann.get("/api/spaces/ann/half").status_code == 404


def test_search_finds_titles(hub):
    with hub.http("ann") as ann, hub.http() as nobody:
        make(ann, "finds")
        commit(ann, "ann/finds", {"README.md": b"---\ntitle: Zebra Counter\ntags: [stripes]\n---\n"})
        for search in ("zebra", "counter ZEBRA", "stripes", "ann finds"):
            assert [one["id"] for one in nobody.get("/api/spaces", params={"search": search}).json()] == ["ann/finds"]
        assert len(ann.get("/api/spaces", params={"limit": "999999999"}).json()) <= 1000


@fault(
    kind="limit",
    given="`GET …/tree/main?limit=2`, and `cursor` with it",
    before="the parameters were passed over: every answer had all files of the Space",
    now="a page has as many entries as were asked for, 10,000 at most, and `Link` leads to the next",
)
def test_a_tree_comes_in_pages(hub):
    with hub.http("ann") as ann:
        make(ann, "pages")
        names = [f"{number}.txt" for number in range(5)]
        commit(ann, "ann/pages", dict.fromkeys(names, b"x"))
        pages, address = [], "/api/spaces/ann/pages/tree/main?limit=2"
        while address:
            answer = ann.get(address)
            pages.append([one["path"] for one in answer.json()])
            address = answer.links.get("next", {}).get("url")
        assert [len(page) for page in pages] == [2, 2, 1]
        whole = [one["path"] for one in ann.get("/api/spaces/ann/pages/tree/main").json()]
        assert [name for page in pages for name in page] == whole == names
        assert ann.get("/api/spaces/ann/pages/tree/main?limit=0").json() == []
        for wrong in ("limit=x", "limit=-1", "cursor=x", "cursor=-1", f"cursor={10**9}"):
            assert ann.get(f"/api/spaces/ann/pages/tree/main?{wrong}").status_code == 400, wrong
        assert ann.get("/api/spaces/ann/pages/tree/main?cursor=999999999").json() == []


@fault(
    kind="access",
    given='`duplicate` of a private Space, or `PUT …/settings`, that says nothing of who sees it; `private: "yes"`, '
    "`visibility: protected`",
    before="the copy, or the Space itself, was public",
    now="it stays as private as it is; values that this hub does not have are refused",
)
def test_private_stays_private(hub):
    with hub.http("ann") as ann, hub.http() as nobody:
        make(ann, "closed", private=True, secrets=[{"key": "S", "value": "s"}])
        commit(ann, "ann/closed", {"README.md": '---\ntitle: "<b>\u202e; rm -rf"\n---\n'.encode()})
        duplicate = "/api/spaces/ann/closed/duplicate"
        for name, said, private in (
            ("silent", {}, True),
            ("null", {"private": None, "visibility": None}, True),
            ("open", {"visibility": "public"}, False),
            ("open2", {"private": False}, False),
            ("both", {"private": True, "visibility": "public"}, True),
        ):
            answer = ann.post(duplicate, json={"repository": f"ann/{name}", **said})
            assert answer.status_code == 200, answer.text
            assert ann.get(f"/api/spaces/ann/{name}").json()["private"] is private, name
            assert nobody.get(f"/api/spaces/ann/{name}").status_code == (404 if private else 200), name
            assert ann.get(f"/api/spaces/ann/{name}/secrets").json() == {}
        for wrong in ({"private": "yes"}, {"private": 1}, {"visibility": "protected"}, {"visibility": ["private"]}):
            assert ann.post(duplicate, json={"repository": "ann/wrong", **wrong}).status_code == 400, wrong
            assert ann.put("/api/spaces/ann/closed/settings", json=wrong).status_code == 400, wrong
        assert ann.get("/api/spaces/ann/wrong").status_code == 404
        assert ann.put("/api/spaces/ann/closed/settings", json={"gated": "auto"}).json() == {"private": True}
        assert nobody.get("/api/spaces/ann/closed").status_code == 404
        names = (
            "",
            "x",
            "ann",
            "ann/",
            "/x",
            "ann/../x",
            "ann/.git",
            "ann/x--y",
            "ann/x\n",
            "ann/\u202ex",
            "ann/x/y",
            "bob/x",
            "ann/" + "x" * 97,
        )
        for name in names:
            assert ann.post(duplicate, json={"repository": name}).status_code in (400, 403), name
        for name in (5, None, ["ann/x"]):
            assert ann.post(duplicate, json={"repository": name}).status_code == 400, name
