"""The Spaces of a hub without a server: what starts git, what is searched, and copies of files that are downloaded."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import threading
import time

import pytest
from tests.faults import fault

from spaceport.errors import InvalidInput, StorageFull
from spaceport.hub.hfapi.download import byte_range
from spaceport.hub.hfapi.tree import entries
from spaceport.hub.identity.address import address_group, caller_address
from spaceport.hub.identity.caller import NOBODY
from spaceport.hub.names import subdomain
from spaceport.hub.spaces.blobs import OpenBlobs
from spaceport.hub.spaces.directory import Search
from spaceport.hub.spaces.repository import Change, EntryNotFound, Repo, RevisionNotFound
from spaceport.hub.spaces.summaries import Summaries
from spaceport.hub.spaces.trees import Trees
from spaceport.hub.state import Hub


@pytest.fixture
def hub(tmp_path):
    made = Hub(tmp_path / "hub")
    made.accounts.add("ann")
    made.token = made.tokens.mint("ann", "first")
    yield made
    made.close()


def deploy(hub: Hub, name: str, readme: str = "", *, private: bool = False, files: tuple[str, ...] = ("app.py",)):
    identity = hub.tokens.identify(hub.token)
    space = hub.spaces.create(identity, "ann", name, "gradio", private=private)
    source = hub.data / "source"
    source.write_text(readme)
    changes = [Change("README.md", source), *(Change(path, source) for path in files)]
    hub.spaces.committed(space, hub.spaces.repo(space).commit(changes, "ann", "files"))
    return space


@pytest.fixture
def processes(monkeypatch):
    """The commands that git was started with."""
    started = []
    real = subprocess.Popen.__init__

    def count(self, args, *rest, **named):
        started.append(args)
        real(self, args, *rest, **named)

    monkeypatch.setattr(subprocess.Popen, "__init__", count)
    return started


@fault(
    kind="limit",
    given="`GET /api/spaces` on a hub with many Spaces",
    before="started git several times for each: 34 Spaces took 0.44 s, 1,000 about 13 s",
    now="starts no process: what it shows is kept by commit, over a restart too",
)
def test_a_listing_starts_no_process(hub, processes):
    for number in range(5):
        deploy(hub, f"space{number}", f"---\ntitle: Number {number}\n---\n")
    hub.spaces.create(hub.tokens.identify(hub.token), "ann", "empty", "gradio", private=False)
    restarted = Hub(hub.data)
    processes.clear()
    found = [one.space for one in restarted.spaces.listing(NOBODY, Search(), 10).spaces]
    titles = {space.name: restarted.spaces.card(space, restarted.spaces.head(space)).get("title") for space in found}
    assert titles == {"empty": None, **{f"space{number}": f"Number {number}" for number in range(5)}}
    assert [restarted.spaces.summary(one, restarted.spaces.head(one)).runnable for one in found[1:]] == [True] * 5
    assert restarted.spaces.listing(NOBODY, Search(words="number 3"), 10).spaces[0].space.name == "space3"
    assert processes == []
    restarted.close()


def test_a_summary_follows_its_commit(hub):
    space = deploy(hub, "changes", "---\ntitle: First\n---\n")
    first = hub.spaces.head(space)
    source = hub.data / "source"
    source.write_text("---\ntitle: Second\napp_file: none.py\n---\n")
    hub.spaces.committed(space, hub.spaces.repo(space).commit([Change("README.md", source)], "ann", "second"))
    for spaces in (hub.spaces, Hub(hub.data).spaces):
        head = spaces.head(space)
        assert (spaces.summary(space, head).card["title"], spaces.summary(space, head).runnable) == ("Second", False)
        assert spaces.card(space, first)["title"] == "First"
    (hub.data / space.folder / "summary.json").write_text("{broken")
    assert Hub(hub.data).spaces.card(space, hub.spaces.head(space))["title"] == "Second"


def test_packed_references_are_read(hub):
    space = deploy(hub, "packed", "---\ntitle: Packed\n---\n")
    head = hub.spaces.head(space)
    git = hub.data / space.folder / "repo.git"
    subprocess.run(["git", f"--git-dir={git}", "pack-refs", "--all"], check=True)
    assert not (git / "refs" / "heads" / "main").exists()
    assert hub.spaces.repo(space).head() == head


def test_summaries_are_bounded(hub):
    space = deploy(hub, "bounded", "---\ntitle: x\n---\n")
    summaries = Summaries(hub.data, max_bytes=2000)
    head = hub.spaces.head(space)
    for _ in range(3):
        assert summaries.of(space, head, newest=True).card == {"title": "x"}
    for number in range(10):
        summaries._found.put((str(number), head), summaries.of(space, head, newest=True), 530)
        assert summaries._found.bytes <= 2000


def test_search_finds_titles_descriptions_tags_and_owners(hub):
    deploy(hub, "one", "---\ntitle: Translate Everything\nshort_description: Any language\ntags: [nlp, demo]\n---\n")
    deploy(hub, "two", "---\ntitle: Éléphants\n---\n")
    deploy(hub, "hidden", "---\ntitle: Translate\n---\n", private=True)
    ann = hub.tokens.identify(hub.token)

    def found(search, identity=NOBODY):
        return sorted(one.space.name for one in hub.spaces.listing(identity, Search(words=search), 10).spaces)

    for search in ("translate", "TRANSLATE every", "language", "nlp", "ann/one", "demo ann", "one everything"):
        assert found(search) == ["one"], search
    assert found("éléphants") == ["two"]
    assert found("translate", ann) == ["hidden", "one"]
    assert found("ann") == found("") == found(" ") == ["one", "two"]
    assert found("nothing") == found("%") == []


@fault(
    kind="limit",
    given="`GET …/tree/main?recursive=true&expand=true` of 600 files",
    before="started git for each entry: 0.9 s",
    now="starts git once for the revision's commit",
)
def test_a_log_is_asked_once_for_a_tree(hub, processes):
    space = deploy(hub, "many", files=tuple(f"data/{number}.txt" for number in range(600)))
    head = hub.spaces.head(space)
    processes.clear()
    found = entries(hub.spaces.tree(space, head), hub.spaces.commit(space, head))
    assert len(found) == 602
    assert {one["lastCommit"]["id"] for one in found} == {head}
    assert len(processes) == 2


@fault(
    kind="limit",
    given="`GET …/tree/main` and `…/paths-info/main`, again and again",
    before="started git twice each time",
    now="start none for a revision that was read before, within a bound",
)
def test_a_tree_is_read_once(hub, processes):
    space = deploy(hub, "tree", files=("a/b.txt", "a/c/d.txt"))
    head = hub.spaces.head(space)
    first = [hub.spaces.tree(space, head, path, recursive=deep) for path in ("", "a") for deep in (True, False)]
    assert [[one.path for one in found if not one.directory] for found in first] == [
        ["README.md", "a/b.txt", "a/c/d.txt"],
        ["README.md"],
        ["a/b.txt", "a/c/d.txt"],
        ["a/b.txt"],
    ]
    hub.spaces.commit(space, head)
    processes.clear()
    assert hub.spaces.commit_of(space, "main") == hub.spaces.commit_of(space, head) == head
    assert [hub.spaces.tree(space, head, path, recursive=deep) for path in ("", "a") for deep in (True, False)] == first
    assert hub.spaces.commit(space, head).title == "files"
    assert processes == []
    source = hub.data / "source"
    newer = hub.spaces.repo(space).commit([Change("a/e.txt", source)], "ann", "newer")
    hub.spaces.committed(space, newer)
    assert hub.spaces.commit_of(space, "main") == newer
    assert "a/e.txt" in {one.path for one in hub.spaces.tree(space, newer)}
    assert "a/e.txt" not in {one.path for one in hub.spaces.tree(space, head)}
    with pytest.raises(EntryNotFound):
        hub.spaces.tree(space, head, "nothing")
    with pytest.raises(RevisionNotFound):
        hub.spaces.commit_of(space, "other")


def test_trees_are_bounded(hub, processes):
    space = deploy(hub, "bounded")
    head = hub.spaces.head(space)
    repo = hub.spaces.repo(space)
    size = 3 * 300 + len("README.md" + "app.py")
    trees = Trees(max_bytes=2 * size, max_tree_bytes=size)
    for folder in ("one", "two", "three", "three"):
        assert len(trees.entries(repo, folder, head, "", recursive=True)) == 2
        assert trees._trees.bytes <= 2 * size
    processes.clear()
    trees.entries(repo, "two", head, "", recursive=True)
    assert len(processes) == 0
    trees.entries(repo, "one", head, "", recursive=True)
    assert len(processes) == 1, "the one that was used least was forgotten"
    small = Trees(max_tree_bytes=size - 1)
    small.entries(repo, "one", head, "", recursive=True)
    assert small._trees.bytes == 0, "a large tree is not kept"


def test_a_long_readme_is_not_read_whole(hub):
    space = deploy(hub, "long", "---\ntitle: Long\n---\n" + "x" * (4 << 20))
    head = hub.spaces.head(space)
    assert hub.spaces.card(space, head) == {"title": "Long"}
    assert len(hub.spaces.repo(space).read(head, "README.md", limit=1000)) == 1000
    assert len(hub.spaces.repo(space).read(head, "app.py")) > 4 << 20


def test_a_commits_text_cannot_break_the_log(hub):
    space = deploy(hub, "log")
    repo = hub.spaces.repo(space)
    source = hub.data / "source"
    source.write_text("new")
    repo.commit([Change("a", source)], "a<b>\n\0c", "one\0two\x1ethree\nfour", "five\x1e\0six\ud800")
    newest, first = repo.log(repo.head(), 10)
    assert newest.title.startswith("one two three")
    assert first.title == "files"


# Downloads


@pytest.mark.parametrize(
    ("header", "size", "part"),
    [
        ("bytes=0-9", 100, range(10)),
        ("bytes=90-", 100, range(90, 100)),
        ("bytes=-5", 100, range(95, 100)),
        ("bytes=-500", 100, range(100)),
        ("bytes=50-500", 100, range(50, 100)),
        (" Bytes = 1 - 2 ", 100, range(1, 3)),
        ("bytes=100-", 100, range(0)),
        ("bytes=99-", 100, range(99, 100)),
        ("bytes=-0", 100, range(0)),
        ("bytes=0-0", 0, range(0)),
        ("bytes=0-1,5-6", 100, None),
    ],
)
def test_ranges(header, size, part):
    found = byte_range(header, size)
    assert (found is None) == (part is None)
    assert list(found or ()) == list(part or ())


@pytest.mark.parametrize(
    "header", ["bytes=abc", "bytes=", "bytes=-", "items=0-1", "bytes=5-1", "bytes=" + "9" * 30, "", "-" * 5000]
)
def test_malformed_ranges_are_refused(header):
    with pytest.raises(InvalidInput):
        byte_range(header, 100)


async def test_readers_of_a_blob_share_one_copy_and_none_stays(hub, processes):
    space = deploy(hub, "shared", "x" * 100_000)
    repo, head = hub.spaces.repo(space), hub.spaces.head(space)
    oid = repo.entry(head, "app.py").oid
    blobs = OpenBlobs()
    processes.clear()
    async with blobs.open(repo, oid, 100_000) as one, blobs.open(repo, oid, 100_000) as two:
        assert one == two
        assert os.pread(one, 10, 99_995) == b"x" * 5
        assert os.fstat(one).st_nlink == 0
    assert len(processes) == 1
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(one)
    async with blobs.open(repo, oid, 100_000) as again:
        assert os.pread(again, 5, 0) == b"xxxxx"
    await asyncio.sleep(0)
    assert (blobs._copies, blobs._bytes) == ({}, 0)


async def test_copies_are_bounded_and_a_reader_who_gives_up_leaves_none(hub):
    space = deploy(hub, "bounded", "x" * 1000)
    repo, head = hub.spaces.repo(space), hub.spaces.head(space)
    oid = repo.entry(head, "app.py").oid
    blobs = OpenBlobs(max_bytes=1000)
    async with blobs.open(repo, oid, 1000):
        blobs.check(oid, 1000)
        with pytest.raises(StorageFull):
            blobs.check("other", 1)
    blocked = threading.Event()
    slow = type("Slow", (), {"copy_to": lambda self, oid, file: blocked.wait(10)})()
    reader = asyncio.ensure_future(_read(blobs, slow))
    await asyncio.sleep(0.05)
    reader.cancel()
    await asyncio.wait([reader])
    assert blobs._bytes == 10
    blocked.set()
    deadline = time.monotonic() + 10
    while blobs._bytes and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert (blobs._copies, blobs._bytes) == ({}, 0)


async def _read(blobs: OpenBlobs, repo: Repo) -> None:
    async with blobs.open(repo, "oid", 10):
        pass


# Addresses


@fault(
    kind="limit",
    given="anonymous callers behind a proxy, with `SPACEPORT_TRUST_FORWARDED`",
    before="shared one window of 500 requests: one visitor turned the hub off for all",
    now="are told apart by the address that the proxy saw, the last one of `X-Forwarded-For`",
)
@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        (None, True, "10.0.0.1"),
        ("1.2.3.4", False, "10.0.0.1"),
        ("1.2.3.4", True, "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4", True, "1.2.3.4"),
        ("9.9.9.9,1.2.3.4:5678", True, "1.2.3.4"),
        ("[2001:db8::1]:80", True, "2001:db8::1"),
        ("2001:db8::1", True, "2001:db8::1"),
        ("unknown", True, "10.0.0.1"),
        ("1.2.3.4, ", True, "10.0.0.1"),
        ("x" * 10_000, True, "10.0.0.1"),
    ],
)
def test_the_address_of_a_caller(forwarded, trusted, address):
    headers = {} if forwarded is None else {b"x-forwarded-for": forwarded.encode()}
    assert caller_address({"client": ("10.0.0.1", 5)}, headers, trust_forwarded=trusted) == address


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_site_are_limited_together(address, group):
    assert address_group(address) == group


# Names


@fault(
    kind="access",
    given="`ann-x` makes the Space `ann-x/y`, whose label is `ann-x-y`",
    before="a hash in it told that `ann` has a private Space `x-y`",
    now="Spaces of owners with a separator in their name always have one",
)
def test_a_label_tells_nothing_of_others():
    assert subdomain("ann", "x-y") == "ann-x-y"
    hashed = subdomain("ann-x", "y")
    assert hashed == subdomain("Ann-X", "Y") != subdomain("ann_x", "y")
    assert hashed.startswith("ann-x-y--")
    assert subdomain("ann", f"x-y-{hashed[9:]}") != hashed


@pytest.mark.parametrize(
    ("owner", "name"),
    [("_", "_"), ("a", "_"), ("a", "x" * 96), ("x" * 96, "y" * 96), ("a_b", "c"), ("a", "_.-b"), ("A", "B.c")],
)
@pytest.mark.parametrize("taken", [False, True])
def test_a_label_can_be_a_host(owner, name, taken):
    label = subdomain(owner, name, taken=taken)
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label)
    assert label[2:4] != "--"
    assert ("--" in label) or not taken
