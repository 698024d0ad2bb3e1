"""What every journal must do (engine/journal.py), on each implementation."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time

import pytest

from spaceport.engine import Accepted, Failure, Finished, JobFilter, LogLine, Outcome, Output, State
from spaceport.errors import Conflict
from spaceport.store import Durability, MemoryJournal, SqliteJournal, backup
from spaceport.store.journal.checkpoints import Checkpoints


@pytest.fixture(params=["memory", "process", "power"])
async def journal(request, tmp_path):
    made = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "j.db", Durability(request.param))
    yield made
    await made.close()


def accepted(job_id, *, started=False, user=None, session=None, key=None):
    own = session is not None
    return Accepted(job_id, "f", b"payload", user, session, own, 0, 1, "keep", 10.0, started, "", key, f"r-{job_id}")


def finished(job_id, data=b"[1]", expires=100.0, **extra):
    return Finished(job_id, Outcome(State.SUCCEEDED, data, None, 0.5, 0.5), 11.0, expires, 1, 10.0, 7, **extra)


async def write(method, *arguments):
    done = asyncio.get_running_loop().create_future()

    def settle(error):
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    method(*arguments, settle)
    await asyncio.wait_for(done, 10)


async def test_a_job_is_unfinished_until_it_is_finished(journal):
    await write(journal.accept, accepted("a"))
    await write(journal.accept, accepted("b", started=True))
    assert [(s.accepted.id, s.state) for s in await journal.unfinished()] == [
        ("a", State.QUEUED),
        ("b", State.RUNNING),
    ]
    assert [s.accepted.request_id for s in await journal.unfinished()] == ["r-a", "r-b"]
    await write(journal.start, "a", 1, 10.5, "there")
    await write(journal.finish, finished("b"))
    (left,) = await journal.unfinished()
    assert (left.accepted.id, left.state, left.attempt, left.replica) == ("a", State.RUNNING, 1, "there")
    await write(journal.requeue, "a", 0, "there")
    (left,) = await journal.unfinished()
    assert (left.state, left.attempt, left.replica) == (State.QUEUED, 0, "there")


async def test_an_outcome_reads_back_whole(journal):
    await write(journal.accept, accepted("a"))
    entries = [(3, Output(((("replace", (), "x"),),), 0.1)), (4, LogLine("hi", "warning", None, False, "T"))]
    failure = Failure("function_failed", "why", False, None, "Title", True)
    outcome = Outcome(State.FAILED, None, failure, 1.5, None, (4,), True)
    await write(journal.finish, Finished("a", outcome, 11.0, 100.0, 2, 10.0, 7, entries, ["x"], 2))
    stored = await journal.read("a")
    assert stored.finished.outcome == outcome
    assert [(seq, update) for seq, update in stored.finished.entries] == entries
    assert (stored.finished.seq, stored.finished.base, stored.finished.folded) == (7, ["x"], 2)
    assert await journal.read("missing") is None


async def test_keys_and_listings(journal):
    await write(journal.accept, accepted("a", user="u", key=("k", b"d")))
    await write(journal.accept, accepted("b", session="s"))
    await write(journal.accept, accepted("c", user="u"))
    assert await journal.idempotent("k") == ("a", b"d")
    assert await journal.idempotent("other") is None
    assert [s.accepted.id for s in await journal.listing(JobFilter("u"))] == ["c", "a"]
    assert [s.accepted.id for s in await journal.listing(JobFilter(session="s"))] == ["b"]
    await write(journal.accept, accepted("d", user="u", session="t"))
    await write(journal.accept, accepted("e", user="v", session="t"))
    assert [await journal.session_user(one) for one in ("s", "t", "other")] == [(None,), ("u",), None]


async def test_listings_filter_and_page(journal):
    for number in range(9):
        record = accepted(f"{number}", user="u" if number % 2 else None, session="s")._replace(
            accepted_at=float(number)
        )
        await write(journal.accept, record._replace(endpoint="g" if number == 3 else "f"))
    await write(journal.finish, finished("1"))
    await write(journal.finish, finished("5")._replace(outcome=Outcome(State.FAILED, failure=Failure("x", "y"))))

    async def ids(**wanted):
        return "".join(one.accepted.id for one in await journal.listing(JobFilter(**wanted)))

    assert await ids(everybody=True) == "876543210"
    assert await ids(everybody=True, user="u") == "7531"
    assert await ids(session="s") == "86420"
    assert await ids(session="other") == ""
    assert await ids(user="u", limit=2) == "75"
    assert await ids(user="u", limit=2, before="5") == "31"
    assert await ids(everybody=True, since=6.0) == "876"
    assert await ids(user="u", endpoint="g") == "3"
    assert await ids(everybody=True, states=(State.SUCCEEDED, State.FAILED)) == "51"
    assert await ids(user="u", states=(State.QUEUED,), before="7") == "3"
    assert await ids(user="u", before="gone") == ""


async def test_only_a_failed_jobs_arguments_are_kept(journal):
    for job_id in ("ok", "no"):
        await write(journal.accept, accepted(job_id))
    await write(journal.finish, finished("ok"))
    await write(journal.finish, finished("no")._replace(outcome=Outcome(State.FAILED, failure=Failure("x", "y"))))
    assert (await journal.read("no")).accepted.payload == b"payload"
    if journal.persistent:
        assert (await journal.read("ok")).accepted.payload == b""


async def test_purge_takes_what_expired_and_then_the_oldest(journal):
    for number in range(30):
        await write(journal.accept, accepted(f"{number}"))
        await write(
            journal.finish, finished(f"{number}", b"x" * 50_000, expires=50.0 if number < 10 else 1000.0 + number)
        )
    await write(journal.accept, accepted("waiting"))
    assert await journal.purge(60.0, 1 << 30) == 10
    assert await journal.read("5") is None
    assert await journal.read("15") is not None
    assert await journal.purge(60.0, 100_000) > 0
    assert await journal.read("10") is None
    assert await journal.read("waiting") is not None


async def test_many_records_at_once_all_succeed(journal):
    await asyncio.gather(*(write(journal.accept, accepted(f"{n}", started=True)) for n in range(500)))
    await asyncio.gather(*(write(journal.finish, finished(f"{n}", b"y" * 5000)) for n in range(500)))
    assert await journal.unfinished() == []


async def test_a_second_process_cannot_open_it_and_a_later_one_can(tmp_path):
    first = SqliteJournal(tmp_path / "j.db")
    await write(first.accept, accepted("a"))
    with pytest.raises(Conflict):
        SqliteJournal(tmp_path / "j.db")
    await first.close()
    second = SqliteJournal(tmp_path / "j.db")
    assert second.epoch == first.epoch + 1
    assert [s.accepted.id for s in await second.unfinished()] == ["a"]
    await second.close()


async def test_one_bad_record_hurts_no_other(tmp_path):
    journal = SqliteJournal(tmp_path / "j.db")
    results = await asyncio.gather(
        *(write(journal.accept, accepted(name)) for name in ("a", "a", "b")), return_exceptions=True
    )
    assert [result is None for result in results] == [True, False, True]
    await journal.close()


async def test_where_a_session_ran_last(journal):
    for number, (endpoint, replica) in enumerate([("f", "one"), ("f", "two"), ("g", "three"), ("f", "")]):
        record = accepted(f"id{number}", session="s")
        await write(journal.accept, record._replace(endpoint=endpoint, started=bool(replica), replica=replica))
    assert await journal.session_replica("s", "id9", ["f"]) == "two"
    assert await journal.session_replica("s", "id9", ["f", "g"]) == "three"
    assert await journal.session_replica("s", "id1", ["f", "g"]) == "one"
    assert await journal.session_replica("s", "id0", ["f", "g"]) is None
    assert await journal.session_replica("other", "id9", ["f"]) is None


async def test_a_journal_of_the_first_format_is_read(tmp_path):
    journal = SqliteJournal(tmp_path / "j.db")
    await write(journal.accept, accepted("a"))
    await journal.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "j.db")) as connection:
        connection.executescript(
            "DROP INDEX jobs_with_files; ALTER TABLE jobs DROP COLUMN outcome_bytes;"
            "ALTER TABLE jobs DROP COLUMN replica; ALTER TABLE jobs DROP COLUMN request_id;"
            "UPDATE meta SET value = 1 WHERE key = 'version'"
        )
    journal = SqliteJournal(tmp_path / "j.db")
    assert [one.accepted.id for one in await journal.unfinished()] == ["a"]
    await journal.close()


async def test_a_journal_gives_back_what_it_no_longer_needs(tmp_path):
    path = tmp_path / "j.db"
    journal = SqliteJournal(path)
    for number in range(200):
        await write(journal.accept, accepted(f"{number:03}"))
        await write(journal.finish, finished(f"{number:03}", b"x" * 100_000, expires=50.0))
    await write(journal.accept, accepted("waiting"))
    full = journal.used_bytes
    assert full > 20_000_000
    assert await journal.purge(60.0, 1 << 30) == 200
    assert journal.used_bytes < full / 100
    await journal.close()
    assert path.stat().st_size < full / 2
    again = SqliteJournal(path)
    assert [one.accepted.id for one in await again.unfinished()] == ["waiting"]
    await again.close()


async def test_a_journal_from_before_it_could_shrink_is_written_anew(tmp_path):
    path = tmp_path / "j.db"
    journal = SqliteJournal(path)
    await write(journal.accept, accepted("a"))
    await journal.close()
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode=DELETE")
        old.execute("PRAGMA auto_vacuum=NONE")
        old.execute("VACUUM")
        assert old.execute("PRAGMA auto_vacuum").fetchone() == (0,)
    journal = SqliteJournal(path)
    assert [one.accepted.id for one in await journal.unfinished()] == ["a"]
    await journal.close()
    with contextlib.closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA auto_vacuum").fetchone() == (2,)


async def test_a_backup_of_a_live_journal_is_whole(tmp_path):
    folder = tmp_path / "data"
    journal = SqliteJournal(folder / "j.db")
    (folder / "files").mkdir()
    (folder / "files" / "x").write_bytes(b"x")
    for number in range(50):
        await write(journal.accept, accepted(f"{number}"))
    assert backup(folder, tmp_path / "copy") == 2
    for number in range(50, 60):
        await write(journal.accept, accepted(f"{number}"))
    copy = SqliteJournal(tmp_path / "copy" / "j.db")
    assert len(await copy.unfinished()) == 50
    await copy.close()
    assert len(await journal.unfinished()) == 60
    await journal.close()
    assert (tmp_path / "copy" / "files" / "x").read_bytes() == b"x"
    with pytest.raises(OSError, match="not empty"):
        backup(folder, tmp_path / "copy")


async def test_the_log_is_bounded_where_the_disk_is_slower_than_calls(tmp_path, monkeypatch):
    slowly = Checkpoints._run

    def checkpoint(checkpoints):
        time.sleep(1)
        slowly(checkpoints)

    monkeypatch.setattr(Checkpoints, "_run", checkpoint)
    journal = SqliteJournal(tmp_path / "j.db")
    most, written = 0, 0

    def done(error):
        nonlocal written
        assert error is None
        written += 1

    for number in range(1500):
        journal.accept(accepted(f"{number}")._replace(payload=b"x" * 100_000), done)
        await asyncio.sleep(0)
        while number - written > 50:
            await asyncio.sleep(0.001)
        most = max(most, (tmp_path / "j.db-wal").stat().st_size)
    assert 64 << 20 < most < 80 << 20
    await journal.close()
    assert written == 1500


@pytest.mark.parametrize("durability", list(Durability))
async def test_the_log_begins_anew_while_calls_come_without_a_pause(tmp_path, durability):
    journal = SqliteJournal(tmp_path / "j.db", durability)
    log = tmp_path / "j.db-wal"
    sizes = []
    pending = 0

    def done(error):
        nonlocal pending
        assert error is None
        pending -= 1

    for number in range(1500):
        pending += 1
        journal.accept(accepted(f"{number}")._replace(payload=b"x" * 100_000), done)
        await asyncio.sleep(0)
        while pending > 50:
            await asyncio.sleep(0.001)
        sizes.append(log.stat().st_size)
    while pending:
        await asyncio.sleep(0.001)
    assert max(sizes) > 10 << 20
    assert max(sizes) < 80 << 20, "it grew with all that was written"
    await journal.close()
