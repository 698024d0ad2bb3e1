"""What every store of files must do: names, owners, budgets, age; on each implementation."""

from __future__ import annotations

import errno
import io
import os
import time

import pytest

from spaceport.errors import InvalidInput, NotFound, StorageFull, TooLarge
from spaceport.store import FileLimits, FileStore, PinnedFiles
from spaceport.store.files.names import file_name


def keep(store, data=b"data", name="a.txt", owner="", caller="me"):
    return store.keep(io.BytesIO(data), name, owner, caller)


OPENERS = {"disk": FileStore}
"""By name: opens the store in a folder; a second call opens it as the next process would."""


@pytest.fixture(params=sorted(OPENERS))
def open_store(request, tmp_path):
    return lambda limits=None: OPENERS[request.param](tmp_path / "files", limits or FileLimits())


@pytest.fixture
def store(open_store):
    return open_store(FileLimits(file=1000, total=2000, caller=1400, ttl_s=100))


def files_of(store):
    drafts = [path for path in store.private.rglob("*") if path.is_file() and path.name not in ("key", "callers")]
    return sorted([path for path in store.folder.rglob("*") if path.is_file()] + drafts)


def test_same_content_is_one_file_and_another_name_its_sibling(store):
    first = keep(store)
    assert keep(store) == first
    other = keep(store, name="b.txt")
    assert other.parent == first.parent
    assert keep(store, b"else").parent != first.parent
    assert store.bytes == 12
    assert first.read_bytes() == b"data"
    assert files_of(store) == sorted([first, other, keep(store, b"else")])


def test_a_path_cannot_be_guessed_from_the_content(tmp_path):
    places = {keep(FileStore(tmp_path / name, FileLimits())).parent.name for name in "ab"}
    assert len(places) == 2


def test_a_file_is_found_by_its_owner_alone(store):
    mine, everybodys = keep(store, owner="ann"), keep(store)
    assert mine != everybodys
    assert store.find(str(mine), "ann") == mine
    assert store.find(str(everybodys), "bob") == everybodys
    for owner in ("", "bob"):
        with pytest.raises(NotFound):
            store.find(str(mine), owner)


ODD = ["{p}/../x", "{d}/.seed", "/etc/passwd", "{d}", "{d}//{n}", "{p}/", "a.txt", "", "\0"]


@pytest.mark.parametrize("change", ODD)
def test_nothing_else_is_found(store, change):
    path = keep(store)
    with pytest.raises(NotFound):
        store.find(change.format(p=path, d=store.folder, n=f"{path.parent.name}/{path.name}"), "")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("a.txt", "a.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\dir\\boot.ini", "boot.ini"),
        ("file.txt::$DATA", "file.txtDATA"),
        ("con.txt", "_con.txt"),
        ("trailing. . ", "trailing"),
        ("a\x00\x1fb", "ab"),
        ("ü" * 200 + ".png", "ü" * 98 + ".png"),
        ("x" * 100_000, "x" * 200),
    ],
)
def test_names(given, name):
    assert file_name(given) == name


def test_a_name_that_is_none():
    with pytest.raises(InvalidInput, match=r"Invalid file name: \.\."):
        file_name("a/..")
    assert file_name("") != ""


def test_limits_and_what_is_left_after_a_refusal(store):
    with pytest.raises(TooLarge):
        keep(store, b"x" * 1001)
    keep(store, b"a" * 900)
    held = store.draft("b", "", "me")
    held.write(b"b" * 600)
    assert store.bytes == 600  # the first has made room for it
    with pytest.raises(StorageFull, match="Your files"):
        keep(store, b"c" * 1000)
    held.close()
    assert store.bytes == 0
    assert files_of(store) == []


def test_the_least_recently_used_goes_first_and_one_in_use_never(store):
    pinned, old, new = (keep(store, bytes([n]) * 600, caller=f"{n}") for n in range(3))
    store.pin(pinned)
    store.find(str(old), "")
    third = keep(store, b"3" * 600, caller="3")
    assert [path.exists() for path in (pinned, old, new, third)] == [True, True, False, True]
    store.pin(old)
    store.pin(third)
    with pytest.raises(StorageFull, match="no room"):
        keep(store, b"4" * 600, caller="4")
    store.unpin(old)
    assert keep(store, b"4" * 600, caller="4").exists()


def test_age(store, monkeypatch):
    path, pinned = keep(store), keep(store, b"pinned")
    store.pin(pinned)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 101)
    assert store.sweep() == 1
    assert (path.exists(), path.parent.exists(), pinned.exists()) == (False, False, True)
    store.unpin(pinned)
    assert store.sweep() == 0
    monkeypatch.setattr(time, "time", lambda: now + 300)
    assert store.sweep() == 1
    assert store.bytes == 0


def test_a_restart_finds_everything_again_but_drafts(open_store):
    store = open_store()
    path = keep(store, owner="ann")
    draft = store.draft("half", "", "me")
    draft.write(b"half")
    again = open_store()
    assert again.find(str(path), "ann") == path
    assert again.bytes == 4
    assert files_of(again) == [path]


def test_a_full_disk(store, monkeypatch):
    draft = store.draft("a", "", "me")

    class Full:
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    draft._file.close()
    draft._file = Full()
    with pytest.raises(StorageFull, match="disk of this Space is full"), draft:
        draft.write(b"x")
    assert store.bytes == 0
    assert files_of(store) == []


def test_a_link_in_the_place_of_a_file_is_not_followed(store, open_store):
    path = keep(store)
    path.unlink()
    path.symlink_to("/etc/passwd")
    again = open_store()
    with pytest.raises(OSError):
        os.open(again.find(str(path), ""), os.O_RDONLY | os.O_NOFOLLOW)


def test_pinned_files_stay_until_they_are_released(store, monkeypatch):
    path, other = keep(store, bytes(600), caller="a"), keep(store, b"1" * 600, caller="b")
    pinned = PinnedFiles(store)
    pinned.add(path)
    pinned.add(path)
    third = keep(store, b"2" * 1000, caller="c")
    assert (path.exists(), other.exists(), third.exists()) == (True, False, True)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 101)
    assert store.sweep() == 1
    assert path.exists()
    pinned.release()
    pinned.release()
    pinned.add(path)
    monkeypatch.setattr(time, "time", lambda: now + 300)
    assert store.sweep() == 1
    assert not path.exists()
