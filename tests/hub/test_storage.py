"""How much the Spaces of an owner keep: counted with each commit, bounded by the owner's tier, and shown."""

from __future__ import annotations

import contextlib
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.hub.browsing import browsing, set_passwords
from tests.hub.conftest import HubServer, Peer
from tests.hub.test_hfapi import commit

from spaceport.errors import TooLarge
from spaceport.hub.identity.accounts import Accounts
from spaceport.hub.spaces.repository import Change, Repo
from spaceport.hub.spaces.storage import Storage, size_text
from spaceport.hub.state import Hub
from spaceport.store.hub.sqlite import SqliteHubStore

README = b"---\nsdk: static\n---\n"
KB = 1000


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    server = HubServer(tmp_path_factory.mktemp("hub"))
    server.run("tiers", "set", "free", "--storage", "100kB", "--requests", "100000")
    server.run("orgs", "add", "research", "ann")
    set_passwords(server, "ann", "bob")
    yield server
    server.stop()


def make(client, name, owner="ann"):
    body = {"name": name, "organization": owner, "type": "space", "sdk": "static"}
    client.post("/api/repos/create", json=body).raise_for_status()


def remove(client, name, owner="ann"):
    body = {"name": name, "organization": owner, "type": "space"}
    client.request("DELETE", "/api/repos/delete", json=body).raise_for_status()


def usage(hub, name="ann"):
    with contextlib.closing(Hub(hub.data)) as state:
        return state.storage.usage(state.accounts.get_account(name))


def test_hf_says_what_is_used_and_allowed_and_what_to_do(hub, tmp_path):
    with hub.http("ann") as ann:
        make(ann, "files")
        (tmp_path / "a.bin").write_bytes(os.urandom(60 * KB))
        (tmp_path / "b.bin").write_bytes(os.urandom(60 * KB))
        peer = Peer(hub, tmp_path / "home", "ann")
        peer.hf("upload", "ann/files", str(tmp_path / "a.bin"), "a.bin", "--repo-type", "space")
        said = peer.hf("upload", "ann/files", str(tmp_path / "b.bin"), "b.bin", "--repo-type", "space", status=1)
        said = " ".join(said.split())
        assert "The Spaces of ann keep 60 kB of the 100 kB that the tier free allows, and 60 kB more would come" in said
        assert "ask an admin of this hub for another tier" in said
        files = {one["path"] for one in ann.get("/api/spaces/ann/files/tree/main").json()}
        assert files == {"a.bin"}, "nothing of it was committed"
        remove(ann, "files")


def test_content_counts_once_in_a_space_as_long_as_its_history_has_it(hub):
    data = os.urandom(60 * KB)
    with hub.http("ann") as ann:
        make(ann, "history")
        commit(ann, "ann/history", {"a": data}).raise_for_status()
        commit(ann, "ann/history", {"b": data, "c": data}).raise_for_status()
        assert usage(hub).used == 60 * KB
        gone = '{"key": "deletedFile", "value": {"path": "a"}}'
        ann.post("/api/spaces/ann/history/commit/main", content=gone).raise_for_status()
        assert usage(hub).used == 60 * KB
        assert commit(ann, "ann/history", {"d": os.urandom(60 * KB)}).status_code == 413
        hub.run("tiers", "set", "free", "--storage", "50kB")
        ann.post("/api/spaces/ann/history/commit/main", content=gone.replace('"a"', '"b"')).raise_for_status()
        assert commit(ann, "ann/history", {"e": b"x"}).status_code == 413, "the limit has come down"
        hub.run("tiers", "set", "free", "--storage", "100kB")
        commit(ann, "ann/history", {"e": b"x"}).raise_for_status()
        assert usage(hub).used == 60 * KB + 1
        remove(ann, "history")
        assert usage(hub).used == 0


def test_copies_and_spaces_that_come_from_others_count_for_who_gets_them(hub):
    with hub.http("ann") as ann, hub.http("admin") as admin:
        make(ann, "big")
        commit(ann, "ann/big", {"README.md": README, "a": os.urandom(60 * KB)}).raise_for_status()
        copy = ann.post("/api/spaces/ann/big/duplicate", json={"repository": "ann/copy"})
        assert copy.status_code == 413
        assert "keep 60 kB of the 100 kB" in copy.json()["error"]
        assert ann.get("/api/spaces/ann/copy").status_code == 404, "it was not made"
        ann.post("/api/spaces/ann/big/duplicate", json={"repository": "research/copy"}).raise_for_status()
        move = {"fromRepo": "ann/big", "toRepo": "research/big", "type": "space"}
        assert ann.post("/api/repos/move", json=move).status_code == 413
        ann.post("/api/repos/move", json={**move, "toRepo": "ann/renamed"}).raise_for_status()
        assert ann.patch("/api/organizations/research", json={"tier": "pro"}).status_code == 403
        assert admin.patch("/api/organizations/research", json={"tier": "pro"}).json()["tier"] == "pro"
        ann.post("/api/repos/move", json={**move, "fromRepo": "ann/renamed"}).raise_for_status()
        size = 60 * KB + len(README)
        shown = ann.get("/api/organizations/research/storage").json()
        assert shown == {"tier": "pro", "used": 2 * size, "limit": 100_000_000_000}
        assert usage(hub).used == 0
        hub.run("orgs", "tier", "research", "free")
        assert hub.run("orgs", "storage", "research") == (
            "research's Spaces keep 120 kB of the 100 kB that the tier free allows.\n"
        )
        assert "0 bytes of the 100 kB" in hub.run("users", "storage", "ann")
        with hub.http("bob") as bob:
            assert bob.get("/api/organizations/research/storage").status_code == 403
        for name in ("big", "copy"):
            remove(ann, name, "research")


def test_of_commits_at_once_no_more_pass_than_there_is_room_for(hub):
    with hub.http("ann") as ann, ThreadPoolExecutor(4) as threads:
        for number in range(4):
            make(ann, f"at-once-{number}")

        def send(number):
            return commit(ann, f"ann/at-once-{number}", {"a": os.urandom(40 * KB)}).status_code

        assert sorted(threads.map(send, range(4))) == [200, 200, 413, 413]
        assert usage(hub).used == 80 * KB
        for number in range(4):
            remove(ann, f"at-once-{number}")


def test_the_account_and_the_tiers_show_it(hub):
    with browsing(hub, "bob") as (bob,):
        assert bob.http.get("/api/account").json()["storage"] == {"used": 0, "limit": 100 * KB}
        tiers = {one["name"]: one["storage"] for one in bob.http.get("/api/tiers").json()}
        assert tiers == {"anonymous": 0, "free": 100 * KB, "pro": 100_000_000_000}
    assert "100 kB in Spaces" in hub.run("tiers", "ls")
    assert "is no size" in hub.run("tiers", "set", "free", "--storage", "many", status=2)


def written(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return Change(name, path)


def test_what_a_killed_hub_had_begun_is_counted_anew(tmp_path):
    store = SqliteHubStore(tmp_path / "hub.db")
    storage = Storage(store, Accounts(store), tmp_path)
    ann = store.add_owner("ann", "free", 1.0)
    store.add_space(ann.id, "words", "ann-words", "spaces/1", "static", 1.0, private=False)
    space, repo = store.space("ann", "words"), Repo(tmp_path / "spaces" / "1")
    repo.create()
    changes = [written(tmp_path, "a", b"1" * 500), written(tmp_path, "b", b"2" * 300)]
    assert (repo.stored_bytes(), repo.bytes_of_new(changes)) == (0, 800)
    with storage.adding(space, 800):
        repo.commit(changes, "ann", "files")
    assert (storage.usage(ann).used, repo.stored_bytes(), repo.bytes_of_new(changes)) == (800, 800, 0)
    killed = storage.adding(space, 10_000)
    killed.__enter__()
    assert storage.usage(ann).used == 10_800, "what is on its way counts"
    again = Storage(store, Accounts(store), tmp_path)
    again.start()
    again.count_all()
    assert again.usage(ann).used == 800
    left = ["git", "--git-dir", str(repo._git), "hash-object", "-w", "--stdin"]
    with contextlib.suppress(ZeroDivisionError), again.adding(space, 5000):
        subprocess.run(left, input=b"3" * 70, check=True)
        raise ZeroDivisionError
    assert again.usage(ann).used == 870, "what a commit that failed has left counts, though no revision has it"
    Accounts(store).tiers.change("free", {"storage": 1000})
    with pytest.raises(TooLarge, match="870 bytes of the 1 kB"), again.adding(space, 131):
        pass
    with again.adding(space, 130):
        pass
    store.close()


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_900, "1 MB"), (12_345_678, "12.3 MB")]
)
def test_sizes_in_words(size, text):
    assert size_text(size) == text
    assert size_text(size * 10**9).partition(" ")[2] in ("bytes", "GB", "TB")
