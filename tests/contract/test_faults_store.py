"""Inputs that once failed in the store: who can read its files, and what it loses."""

from __future__ import annotations

import asyncio
import io
import os
import stat

import pytest
from tests.faults import fault

from spaceport.engine import Accepted, Finished, Outcome, State
from spaceport.errors import NotFound, StorageFull, TooLarge
from spaceport.hub.queues.files import QueueFiles
from spaceport.hub.spaces.paths import SpacePaths
from spaceport.store import FileLimits, FileStore, ResumableUploads, SqliteJournal, secret_file
from spaceport.store.files import caller_log, unfinished
from spaceport.store.files import resumable as resumable_uploads
from spaceport.store.files.names import InvalidName
from spaceport.store.hub.sqlite import SqliteHubStore


@pytest.fixture
def lax_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@fault(
    kind="access",
    given="a download of `file=…/./uploads/.seed` from a Gradio app behind the hub",
    before="the key of all upload paths, which lay in the folder that the app serves",
    now="the key, unfinished files and resumable uploads lie in a folder of their own; older ones are moved there",
)
def test_nothing_private_lies_among_the_files(tmp_path):
    folder, private = tmp_path / "app" / "uploads", tmp_path / "uploads.private"
    folder.mkdir(parents=True)
    (folder / ".seed").write_bytes(b"k" * 32)
    (folder / ".seed").chmod(0o644)
    for name in (".drafts", ".partial"):
        (folder / name).mkdir()
    upload = "a" * 32
    (folder / ".partial" / upload).write_bytes(b"half")
    (folder / ".partial" / f"{upload}.json").write_bytes(b'{"name":"a.txt","owner":"ann","caller":"me","length":8}')
    (folder / ".drafts" / "cut off").write_bytes(b"x")
    store = FileStore(folder, FileLimits(), private)
    resumable = ResumableUploads(store)
    assert store.key == b"k" * 32, "paths that were given out stay valid"
    assert list(folder.iterdir()) == []
    assert resumable.get(upload, "ann").offset == 4
    with store.draft("b.txt", "ann", "me") as draft:
        draft.write(b"b")
        assert list(folder.rglob("*")) == []
        path = draft.finish()
    resumable.add(upload, "ann", b"rest")
    finished = resumable.finish(upload, "ann")
    assert sorted(one for one in folder.rglob("*") if one.is_file()) == sorted([path, finished])
    assert (mode_of(private / "key"), mode_of(private), mode_of(folder)) == (0o600, 0o700, 0o700)
    again = FileStore(folder, FileLimits(), private)
    assert again.find(str(path), "ann") == path


def test_links_that_an_app_made_are_not_taken_for_an_older_store(tmp_path):
    folder, elsewhere = tmp_path / "uploads", tmp_path / "elsewhere"
    for place in (folder, elsewhere):
        place.mkdir()
    (elsewhere / "hub.db").write_bytes(b"x")
    (folder / ".drafts").symlink_to(elsewhere)
    (folder / ".seed").symlink_to(elsewhere / "hub.db")
    store = FileStore(folder, FileLimits())
    assert (elsewhere / "hub.db").read_bytes() == b"x"
    assert len(store.key) == 32


def test_the_hub_keeps_it_outside_of_the_folder_that_the_app_serves(tmp_path):
    paths = SpacePaths(tmp_path / "space")
    files = QueueFiles(paths, FileLimits())
    ResumableUploads(files.store).create("a.txt", "ann", "me", 8)
    draft = files.draft("b.txt", "ann", "me")
    assert [path for path in paths.files.rglob("*") if path.is_file()] == []
    assert paths.files.resolve() not in files.store.private.parents
    draft.close()


def test_without_a_private_folder_it_lies_beside_the_files(tmp_path):
    store = FileStore(tmp_path / "files", FileLimits())
    store.keep(io.BytesIO(b"x"), "x", "", "me")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["files", "files.private"]
    assert all(len(path.name) == 64 for path in store.folder.iterdir())


@fault(
    kind="access",
    given="a data folder that existed with 0755, as systemd makes it, and umask 022",
    before="`hub.db` and journals were 0644: every user of the machine could read variables, digests and calls",
    now="database files, their logs and key files are 0600, also those that are there already",
)
@pytest.mark.usefixtures("lax_umask")
async def test_database_and_key_files_are_private_in_a_public_folder(tmp_path):
    def opened():
        hub, journal = SqliteHubStore(tmp_path / "hub.db"), SqliteJournal(tmp_path / "jobs.db")
        hub.add_owner(f"ann{len(hub.owners())}", "pro", 1.0)
        secret_file(tmp_path / "secrets.key", lambda: b"k")
        return hub, journal

    tmp_path.chmod(0o755)
    hub, journal = opened()
    names = ["hub.db", "hub.db-wal", "hub.db-shm", "jobs.db", "jobs.db-wal", "jobs.db-shm", "secrets.key"]
    assert {name: mode_of(tmp_path / name) for name in names} == dict.fromkeys(names, 0o600)
    for name in names:  # as an older version made them, and was killed
        (tmp_path / name).chmod(0o644)
    second = SqliteHubStore(tmp_path / "hub.db")
    assert {name: mode_of(tmp_path / name) for name in names[:3]} == dict.fromkeys(names[:3], 0o600)
    second.close()
    hub.close()
    await journal.close()
    hub, journal = opened()
    assert {name: mode_of(tmp_path / name) for name in names} == dict.fromkeys(names, 0o600)
    hub.close()
    await journal.close()


@fault(
    kind="limit",
    given="a stop of the server within half a second after a full disk had room again",
    before="outcomes that waited for their next try were lost, and the calls ran a second time",
    now="closing the journal tries all waiting records once more",
)
async def test_closing_tries_once_more_what_could_not_be_written(tmp_path):
    journal = SqliteJournal(tmp_path / "jobs.db")
    told = []
    journal.accept(Accepted("a", "f", b"x", None, None, False, 0, 0, "keep", 1.0, True), told.append)
    await asyncio.sleep(0.05)
    writer = journal._database.writer
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages}")
    outcome = Outcome(State.SUCCEEDED, b"y" * 100_000)
    journal.finish(Finished("a", outcome, 2.0, 1e12, 1, 1.0, 3), told.append)
    await asyncio.sleep(0.05)
    assert told == [None], "the disk is full: the record waits"
    writer.execute(f"PRAGMA max_page_count={1 << 30}")
    await journal.close()
    assert told == [None, None]
    again = SqliteJournal(tmp_path / "jobs.db")
    assert (await again.read("a")).state is State.SUCCEEDED
    await again.close()


async def test_closing_refuses_what_still_cannot_be_written(tmp_path):
    journal = SqliteJournal(tmp_path / "jobs.db")
    told = []
    journal.accept(Accepted("a", "f", b"x", None, None, False, 0, 0, "keep", 1.0, True), told.append)
    await asyncio.sleep(0.05)
    writer = journal._database.writer
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count={pages}")
    journal.finish(Finished("a", Outcome(State.SUCCEEDED, b"y" * 100_000), 2.0, 1e12, 1, 1.0, 3), told.append)
    await journal.close()
    assert told[0] is None
    assert isinstance(told[1], Exception)


@fault(
    kind="limit",
    given="`POST tus` with a file name that no file can have, ten thousand times, or ten thousand uploads that ended",
    before="no caller could begin a resumable upload: for a day, or until the next start",
    now="a refused upload is not counted, and finished ones make room",
)
def test_refused_and_finished_uploads_take_no_room(tmp_path, monkeypatch):
    monkeypatch.setattr(resumable_uploads, "_MAX_UPLOADS", 3)
    uploads = ResumableUploads(FileStore(tmp_path / "files", FileLimits()))
    for _ in range(4):
        with pytest.raises(InvalidName):
            uploads.create("..", "", "ann", 1)
    for number in range(5):
        upload = uploads.create(f"{number}.txt", "", "ann", 1)
        uploads.add(upload, "", b"%d" % number)
        assert uploads.finish(upload, "").read_text() == str(number)
    assert uploads.get(upload, "").path is not None
    again = ResumableUploads(uploads._store)
    for _ in range(3):
        again.create("a.txt", "", "ann", 1)
    with pytest.raises(StorageFull):
        again.create("a.txt", "", "ann", 1)


@fault(
    kind="limit",
    given="a resumable upload longer than half of `SPACEPORT_FILES_BYTES`",
    before="413 that named a number and nothing else; no page of the docs told the rule",
    now="413 that says what the number is half of, and what to do; docs/settings.md has it",
)
def test_a_resumable_upload_has_half_of_the_budget(tmp_path):
    uploads = ResumableUploads(FileStore(tmp_path / "files", FileLimits(total=100)))
    assert uploads.create("a.txt", "", "ann", 50)
    with pytest.raises(TooLarge, match=r"50 bytes here: half of .*SPACEPORT_FILES_BYTES.*Send it to `upload`"):
        uploads.create("a.txt", "", "ann", 51)


@fault(
    kind="limit",
    given="one caller's resumable uploads that are left open",
    before="ten thousand of them, all that there may be: nobody else could begin one for a day",
    now="a thousand; one that ends or is deleted makes room",
)
def test_unfinished_uploads_of_a_caller_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(resumable_uploads, "_MAX_PER_CALLER", 2)
    uploads = ResumableUploads(FileStore(tmp_path / "files", FileLimits()))
    first, second = (uploads.create("a.txt", "", "ann", 0) for _ in range(2))
    with pytest.raises(StorageFull, match="unfinished"):
        uploads.create("a.txt", "", "ann", 0)
    uploads.create("a.txt", "", "bob", 0)
    uploads.delete(first, "")
    uploads.create("a.txt", "", "ann", 0)
    uploads.finish(second, "")
    uploads.create("a.txt", "", "ann", 0)
    with pytest.raises(StorageFull, match="unfinished"):
        uploads.create("a.txt", "", "ann", 0)


@fault(
    kind="limit",
    given="uploads of empty or tiny files without end",
    before="each took a folder, a file and memory, and counted as its few bytes: no quota ended it",
    now="100,000 files of a caller, 400,000 in all; the least recently used ones make room",
)
def test_the_number_of_files_is_bounded(tmp_path):
    store = FileStore(tmp_path / "files", FileLimits(count=5, caller_count=3))

    def keep(content, caller):
        return store.keep(io.BytesIO(content), "a.txt", caller, caller)

    paths = [keep(b"%d" % number, "ann") for number in range(4)]
    assert [path.exists() for path in paths] == [False, True, True, True]
    assert keep(b"3", "ann") == paths[3], "a content that is there takes no room"
    others = [keep(b"", caller) for caller in ("bob", "cy", "dora")]
    assert [path.exists() for path in (*paths, *others)] == [False, False, True, True, True, True, True]
    for path in (*paths, *others):
        store.pin(path)
    with pytest.raises(StorageFull, match="5 files"):
        keep(b"more", "eve")
    assert store.bytes == sum(path.stat().st_size for path in (*paths[2:], *others))


@fault(
    kind="limit",
    given="four callers whose unfinished resumable uploads have all the bytes that a Space may keep, for a day",
    before="nobody else could upload anything until the day was over",
    now="they have half of them at most, and the oldest upload of who has the most gives way",
)
def test_unfinished_uploads_give_way(tmp_path):
    store = FileStore(tmp_path / "files", FileLimits(total=80, caller=30))
    uploads = ResumableUploads(store)
    hogs = [f"hog{number}" for number in range(4)]
    taken = {hog: uploads.create("a.txt", "", hog, 20) for hog in hogs}
    for hog in hogs[:2]:
        uploads.add(taken[hog], "", b"x" * 20)
    for hog in hogs[2:]:  # as much as those before would have: nobody has to give way
        with pytest.raises(StorageFull, match="no room for more unfinished"):
            uploads.add(taken[hog], "", b"x" * 20)
    with pytest.raises(TooLarge):
        uploads.create("b.txt", "", "ann", 41)
    upload = uploads.create("b.txt", "", "ann", 10)
    uploads.add(upload, "", b"y" * 10)
    with pytest.raises(NotFound):
        uploads.add(taken["hog0"], "", b"")
    assert uploads.get(taken["hog1"], "").offset == 20
    assert uploads.finish(upload, "").read_bytes() == b"y" * 10
    assert store.bytes == 30
    with store.draft("c.txt", "", "bob") as draft:
        draft.write(b"z" * 30)
        draft.finish()
    assert ResumableUploads(FileStore(tmp_path / "files", store.limits))._unfinished.total_bytes() == 20


@fault(
    kind="limit",
    given="a caller whose broken off uploads have his whole budget",
    before="he could upload nothing for a day",
    now="those that nobody continued for ten minutes give way",
)
def test_idle_uploads_of_a_caller_give_way(tmp_path, monkeypatch):
    store = FileStore(tmp_path / "files", FileLimits(caller=30))
    uploads = ResumableUploads(store)
    first, second = (uploads.create("a.txt", "", "ann", 30) for _ in range(2))
    uploads.add(first, "", b"x" * 30)
    with pytest.raises(StorageFull):
        uploads.add(second, "", b"y")
    monkeypatch.setattr(unfinished, "_IDLE_S", -1.0)
    uploads.add(second, "", b"y" * 30)
    with pytest.raises(NotFound):
        uploads.get(first, "")
    assert store.bytes == 30


@fault(
    kind="limit",
    given="ten callers who have a thousand empty resumable uploads each",
    before="nobody else could begin one for a day",
    now="the oldest of who has the most gives way",
)
def test_many_unfinished_uploads_give_way(tmp_path, monkeypatch):
    monkeypatch.setattr(resumable_uploads, "_MAX_UPLOADS", 4)
    uploads = ResumableUploads(FileStore(tmp_path / "files", FileLimits()))
    taken = [uploads.create("a.txt", "", hog, 1) for hog in ("hog1", "hog1", "hog2", "hog2")]
    uploads.create("a.txt", "", "ann", 1)
    with pytest.raises(NotFound):
        uploads.get(taken[0], "")
    assert [uploads.get(one, "").offset for one in taken[1:]] == [0, 0, 0]


@fault(
    kind="limit",
    given="a caller who has used his budget of files, and a server that restarts",
    before="he had the whole budget again, beside the files from before",
    now="a file counts against his budget as long as it is there",
)
def test_budgets_outlive_the_server(tmp_path, monkeypatch):
    monkeypatch.setattr(caller_log, "_LINES_MIN", 4)
    limits = FileLimits(caller=20)
    for number in range(6):
        store = FileStore(tmp_path / "files", limits)
        with store.draft(f"{number}.txt", "", "ann") as draft:
            draft.write(b"%d" % number * 9)
            newest = draft.finish()
        assert store._by_caller == {"ann": 9 * min(number + 1, 2)}
    assert newest.exists()
    assert len(list((tmp_path / "files").glob("*/*.txt"))) == 2
    log = tmp_path / "files.private" / "callers"
    assert len(log.read_text().splitlines()) <= 5
    log.write_bytes(b"\xff\n\t\t\n" + log.read_bytes()[:-5])
    assert FileStore(tmp_path / "files", limits).bytes == 18
