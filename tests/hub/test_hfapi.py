"""Accounts, repositories and files: the unmodified `huggingface_hub` and `hf`, and those who may not."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest

README = "---\ntitle: Greeter\nsdk: gradio\ntags:\n- greeting\n---\n# Hello\n"


@pytest.fixture
def folder(tmp_path):
    """A Space as an author has it."""
    place = tmp_path / "app"
    (place / "data").mkdir(parents=True)
    (place / "README.md").write_text(README)
    (place / "app.py").write_text("print('hello')\n")
    (place / "data" / 'odd "näme".bin').write_bytes(bytes(range(256)) * 1000)
    return place


def test_hf_deploys_and_downloads(hub, peer, folder, tmp_path):
    ann = peer("ann")
    assert "user: ann" in ann.hf("auth", "whoami")
    url = f"{hub.url}/spaces/ann/cli"
    assert url in ann.hf("repos", "create", "cli", "--type", "space", "--space-sdk", "gradio")
    ann.hf("repos", "create", "cli", "--type", "space", "--space-sdk", "gradio", status=1)
    ann.hf("repos", "create", "cli", "--type", "space", "--space-sdk", "gradio", "--exist-ok")
    first = ann.hf("upload", "ann/cli", str(folder), ".", "--repo-type", "space")
    assert f"{url}/commit/" in first
    again = ann.hf("upload", "ann/cli", str(folder), ".", "--repo-type", "space")
    assert "No files have been modified" in again
    ann.hf("download", "ann/cli", "--repo-type", "space", "--local-dir", str(tmp_path / "copy"))
    for file in folder.rglob("*.*"):
        assert (tmp_path / "copy" / file.relative_to(folder)).read_bytes() == file.read_bytes()
    assert "ann/cli" in peer().hf("spaces", "ls", "--format", "json")
    ann.hf("repos", "delete", "ann/cli", "--type", "space", "-y")
    assert "not found" in ann.hf("spaces", "info", "ann/cli", status=1)


def test_huggingface_hub_works_unmodified(hub, peer, folder):
    ann = peer("ann")
    made = ann.python(
        """
api = HfApi()
url = create_repo("python", repo_type="space", space_sdk="gradio")
commit = api.upload_folder(repo_id="ann/python", repo_type="space", folder_path=sys.argv[1], commit_message="first")
more = api.create_commit(repo_id="ann/python", repo_type="space", commit_message="second", operations=[
    CommitOperationAdd("new.txt", b"new"), CommitOperationDelete("data/", is_folder=True)])
info = api.space_info("ann/python")
result = {
    "url": url, "files": sorted(one.rfilename for one in info.siblings), "sha": info.sha == more.oid,
    "sdk": info.sdk, "tags": info.tags, "host": info.subdomain, "title": info.card_data.title,
    "runtime": api.get_space_runtime("ann/python").stage, "exists": api.repo_exists("ann/python", repo_type="space"),
    "old": sorted(api.list_repo_files("ann/python", repo_type="space", revision=commit.oid)),
    "titles": [one.title for one in api.list_repo_commits("ann/python", repo_type="space")],
    "branches": [one.name for one in api.list_repo_refs("ann/python", repo_type="space").branches],
    "file": open(hf_hub_download("ann/python", "new.txt", repo_type="space")).read(),
    "paths": [one.path for one in api.get_paths_info("ann/python", ["app.py", "none"], repo_type="space")],
    "size": [one.size for one in api.list_repo_tree("ann/python", repo_type="space") if one.path == "app.py"],
}
""",
        str(folder),
    )
    assert made == {
        "url": f"{hub.url}/spaces/ann/python",
        "files": ["README.md", "app.py", "new.txt"],
        "sha": True,
        "sdk": "gradio",
        "tags": ["gradio", "greeting"],
        "host": "ann-python",
        "title": "Greeter",
        "runtime": "CONFIG_ERROR",  # nobody has said that this hub may run ann's
        "exists": True,
        "old": ["README.md", "app.py", 'data/odd "näme".bin'],
        "titles": ["second", "first"],
        "branches": ["main"],
        "file": "new",
        "paths": ["app.py"],
        "size": [15],
    }


def test_errors_have_the_names_that_programs_expect(hub, peer, folder):
    found = peer("ann").python(
        """
api = HfApi()
create_repo("errors", repo_type="space", space_sdk="gradio")
api.upload_file(path_or_fileobj=b"x", path_in_repo="a.txt", repo_id="ann/errors", repo_type="space")
def name(call):
    try: return call() and "nothing"
    except Exception as error: return type(error).__name__
result = [
    name(lambda: api.space_info("ann/nothing")),
    name(lambda: api.space_info("ann/errors", revision="nothing")),
    name(lambda: hf_hub_download("ann/errors", "none.txt", repo_type="space")),
    name(lambda: hf_hub_download("ann/errors", "a.txt", repo_type="space", revision="0" * 40)),
    name(lambda: HfApi(token="hf_wrong").whoami()),
    name(lambda: create_repo("bob/mine", repo_type="space", space_sdk="gradio")),
    name(lambda: create_repo("d", repo_type="space", space_sdk="docker")),
    name(lambda: create_repo("model")),
    name(lambda: api.create_commit(repo_id="ann/errors", repo_type="space", commit_message="x",
         operations=[CommitOperationAdd("b.txt", b"b")], parent_commit="0" * 40)),
    name(lambda: api.upload_file(path_or_fileobj=b"---\\nsdk: docker\\n---", path_in_repo="README.md",
         repo_id="ann/errors", repo_type="space")),
]
"""
    )
    assert found == [
        "RepositoryNotFoundError",
        "RevisionNotFoundError",
        "RemoteEntryNotFoundError",
        "RevisionNotFoundError",
        "HfHubHTTPError",
        "HfHubHTTPError",
        "BadRequestError",
        "BadRequestError",
        "HfHubHTTPError",
        "ValueError",
    ]


def test_a_private_space_looks_missing_to_others(hub, folder):
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("admin") as admin, hub.http() as nobody:
        made = ann.post("/api/repos/create", json={"name": "secret", "type": "space", "visibility": "private"})
        assert made.status_code == 200
        commit(ann, "ann/secret", {"a.txt": b"secret"})
        routes = ("", "/runtime", "/refs", "/tree/main", "/commits/main", "/auth-check", "/revision/main")
        for client in (bob, nobody):
            for route in routes:
                private, missing = (client.get(f"/api/spaces/ann/{name}{route}") for name in ("secret", "nothing"))
                assert private.status_code == 404
                assert seen(private) == seen(missing)
            assert client.get("/spaces/ann/secret/resolve/main/a.txt").status_code == 404
            assert "ann/secret" not in client.get("/api/spaces").text
            assert client.post("/api/spaces/ann/secret/preupload/main", json={"files": []}).status_code == 404
        for client in (ann, admin):
            assert client.get("/spaces/ann/secret/resolve/main/a.txt").content == b"secret"
        ann.put("/api/spaces/ann/secret/settings", json={"visibility": "public"})
        assert nobody.get("/spaces/ann/secret/resolve/main/a.txt").content == b"secret"


def seen(response):
    """What a caller can tell of an answer."""
    passing = ("x-request-id", "date", "ratelimit")
    return response.status_code, response.content, {k: v for k, v in response.headers.items() if k not in passing}


def commit(client, space, files, **header):
    lines = [{"key": "header", "value": {"summary": "files", **header}}]
    for path, data in files.items():
        value = {"path": path, "encoding": "base64", "content": base64.b64encode(data).decode()}
        lines.append({"key": "file", "value": value})
    return client.post(f"/api/spaces/{space}/commit/main", content="\n".join(map(json.dumps, lines)))


def test_only_owners_and_admins_may_write(hub):
    with hub.http("ann") as ann, hub.http("bob") as bob, hub.http("reader") as reader, hub.http() as nobody:
        ann.post("/api/repos/create", json={"name": "writes", "type": "space"})
        statuses = [commit(client, "ann/writes", {"a": b""}).status_code for client in (bob, reader, nobody)]
        assert statuses == [403, 403, 401]
        theirs = {"name": "writes", "organization": "ann", "type": "space"}
        assert bob.request("DELETE", "/api/repos/delete", json=theirs).status_code == 403
        assert bob.post("/api/repos/create", json={**theirs, "name": "x"}).status_code == 403
        assert nobody.post("/api/repos/create", json={"name": "x", "type": "space"}).status_code == 401
        assert reader.get("/api/spaces/ann/writes/auth-check").status_code == 200
        assert reader.get("/api/spaces/ann/writes/auth-check/write").status_code == 403


@pytest.mark.parametrize(
    "path", ["../out", "/etc/x", "a/../b", ".git/config", "a/.GIT/x", "a\\b", "a\nb", "x" * 300, ""]
)
def test_paths_outside_the_repository_are_refused(hub, path):
    with hub.http("ann") as ann:
        ann.post("/api/repos/create", json={"name": "paths", "type": "space"})
        assert commit(ann, "ann/paths", {path: b"x"}).status_code == 400
        assert ann.get("/api/spaces/ann/paths/refs").json()["branches"] == []
        assert ann.get(f"/spaces/ann/paths/resolve/main/{quote(path, safe='')}").status_code == 404


def test_invalid_commits_are_refused(hub):
    with hub.http("ann") as ann:
        ann.post("/api/repos/create", json={"name": "wrong", "type": "space"})
        address = "/api/spaces/ann/wrong/commit/main"
        for body in (
            "no json",
            '{"key": "file"}',
            '{"key":"file","value":{"path":"a","encoding":"base64","content":"?"}}',
        ):
            assert ann.post(address, content=body).status_code == 400
        lfs = {"key": "lfsFile", "value": {"path": "a", "algo": "sha256", "oid": "0", "size": 1}}
        assert "takes files in the commit itself" in ann.post(address, content=json.dumps(lfs)).json()["error"]
        assert ann.post("/api/spaces/ann/wrong/commit/other", content="").status_code == 400
        first = commit(ann, "ann/wrong", {"a.txt": b"1"}).json()["commitOid"]
        assert commit(ann, "ann/wrong", {"a.txt": b"1"}).json()["commitOid"] == first
        assert commit(ann, "ann/wrong", {"a.txt": b"2"}, parentCommit="0" * 40).status_code == 409
        assert commit(ann, "ann/wrong", {"a.txt/b": b"2", "a.txt": b"1"}).status_code in (200, 400)
        for name in ("", "-a", "a--b", "a..b", "a/b", "a.git", "ä", "x" * 97):
            assert ann.post("/api/repos/create", json={"name": name, "type": "space"}).status_code == 400, name
        for revision in ("--help", "main..x", "main^{tree}", "@{1}", "refs/drafts/x"):
            assert ann.get(f"/api/spaces/ann/wrong/tree/{revision}").status_code == 404


def test_downloads_have_ranges_and_are_never_shown_as_pages(hub):
    with hub.http("ann") as ann:
        ann.post("/api/repos/create", json={"name": "parts", "type": "space"})
        made = commit(ann, "ann/parts", {"page.html": b"<script>alert(1)</script>"}).json()["commitOid"]
        address = "/spaces/ann/parts/resolve/main/page.html"
        whole = ann.get(address)
        assert whole.headers["content-type"] == "application/octet-stream"
        assert whole.headers["content-security-policy"].startswith("sandbox")
        assert whole.headers["x-repo-commit"] == made
        part = ann.get(address, headers={"range": "bytes=1-6"})
        assert (part.status_code, part.content) == (206, b"script")
        head = ann.head(address)
        assert (head.headers["content-length"], head.content) == ("25", b"")


def test_subdomains_are_unique(hub):
    with hub.http("admin") as admin:
        hub.run("users", "add", "a-b")
        hub.run("users", "add", "a")
        labels = []
        for owner, name in (("a-b", "c"), ("a", "b-c"), ("a", "B_c.D"), ("a", "x" * 96)):
            admin.post("/api/repos/create", json={"name": name, "organization": owner, "type": "space"})
            labels.append(admin.get(f"/api/spaces/{owner}/{name}").json()["subdomain"])
        assert labels[0].startswith("a-b-c--")  # its owner's name has a separator
        assert labels[1] == "a-b-c"
        assert labels[2] == "a-b-c-d"
        assert len(set(labels)) == 4
        assert max(map(len, labels)) <= 63
        assert admin.get("/api/spaces/A/B-C").json()["id"] == "a/b-c"


def test_expired_and_revoked_tokens_are_refused(hub):
    token = hub.run("tokens", "add", "bob", "short", "--days", "0.00001").strip()
    other = hub.run("tokens", "add", "bob", "other").strip()
    hub.run("tokens", "add", "bob", "other", status=1)
    hub.run("tokens", "add", "nobody", "x", status=1)
    with hub.http() as client:

        def status(secret):
            return client.get("/api/whoami-v2", headers={"authorization": f"Bearer {secret}"}).status_code

        assert status(other) == 200
        assert other[:8] in hub.run("tokens", "ls", "bob")
        assert other not in hub.run("tokens", "ls", "bob")
        hub.run("tokens", "revoke", "bob", "other")
        assert status(other) == 401
        time.sleep(1)
        assert status(token) == 401
        assert client.get("/api/whoami-v2").status_code == 401
    assert hub.tokens["bob"].encode() not in (hub.data / "hub.db").read_bytes()


def test_rate_limits_are_announced_and_enforced(hub):
    with hub.http() as client:
        first = client.get("/api/spaces")
        assert first.headers["ratelimit-policy"] == '"fixed window";"api";q=500;w=300'
        left = int(first.headers["ratelimit"].split("r=")[1].split(";")[0])
        for _ in range(left):
            client.get("/api/spaces/a/b")
        refused = client.get("/api/spaces")
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
    with hub.http("bob") as bob:
        assert bob.get("/api/spaces").status_code == 200


def test_a_killed_hub_loses_nothing(hub):
    with hub.http("ann") as ann:
        ann.post("/api/repos/create", json={"name": "kept", "type": "space"})
        made = commit(ann, "ann/kept", {"a.txt": b"kept"}).json()["commitOid"]
    hub.kill()
    hub.start()
    with hub.http("ann") as ann:
        assert ann.get("/api/spaces/ann/kept").json()["sha"] == made
        assert ann.get("/spaces/ann/kept/resolve/main/a.txt").content == b"kept"
