"""Large results lie in files beside the journal: nothing is lost with them, and nothing of them stays behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3

import pytest
from tests.contract.test_journal import accepted, finished, write

from spaceport.engine import JobFilter, State
from spaceport.store import Durability, SqliteJournal, backup

LARGE = bytes(range(256)) * 4000  # 1,024,000 bytes
MOST_IN_A_ROW = 256 << 10


@pytest.fixture(params=list(Durability))
async def journal(request, tmp_path):
    made = SqliteJournal(tmp_path / "j.db", request.param)
    await made.unfinished()
    yield made
    await made.close()


def files(folder):
    found = folder / "j.db.outcomes"
    return sorted(path.name for path in found.iterdir()) if found.exists() else []


async def ended(journal, job_id, data=LARGE, **more):
    await write(journal.accept, accepted(job_id, user="u"))
    await write(journal.finish, finished(job_id, data, **more))


async def test_a_large_result_reads_back_whole(journal, tmp_path):
    await ended(journal, "a")
    await ended(journal, "b", bytearray(LARGE))
    await ended(journal, "most", b"x" * MOST_IN_A_ROW)
    await ended(journal, "more", b"x" * (MOST_IN_A_ROW + 1))
    assert files(tmp_path) == ["a", "b", "more"]
    for name, data in (
        ("a", LARGE),
        ("b", LARGE),
        ("most", b"x" * MOST_IN_A_ROW),
        ("more", b"x" * (MOST_IN_A_ROW + 1)),
    ):
        stored = await journal.read(name)
        assert stored.state is State.SUCCEEDED
        assert stored.finished.outcome.data == data
    assert (tmp_path / "j.db").stat().st_size < len(LARGE)
    assert journal.used_bytes > 2 * len(LARGE)
    listed = {one.accepted.id: one.finished.outcome for one in await journal.listing(JobFilter("u"))}
    assert listed["a"].data is None
    assert listed["a"].state is State.SUCCEEDED
    assert listed["most"].data == b"x" * MOST_IN_A_ROW


async def test_only_this_user_may_read_them(journal, tmp_path):
    await ended(journal, "a")
    folder = tmp_path / "j.db.outcomes"
    assert (folder.stat().st_mode & 0o777, (folder / "a").stat().st_mode & 0o777) == (0o700, 0o600)


async def test_a_file_goes_with_its_job(journal, tmp_path):
    for number in range(4):
        await ended(journal, f"{number}", expires=50.0 if number < 2 else 1000.0 + number)
    full = journal.used_bytes
    assert await journal.purge(60.0, 1 << 30) == 2
    assert files(tmp_path) == ["2", "3"]
    assert full - journal.used_bytes >= 2 * len(LARGE)
    assert await journal.purge(60.0, len(LARGE)) == 2
    assert files(tmp_path) == []
    assert journal.used_bytes < len(LARGE)


async def test_other_records_do_not_wait_for_a_large_result(journal):
    order = []
    await write(journal.accept, accepted("large"))
    await write(journal.accept, accepted("small"))
    journal.finish(finished("large", b"x" * 50_000_000), lambda error: order.append(("large", error)))
    await write(journal.finish, finished("small"))
    assert order == []
    await journal.close()
    assert order == [("large", None)]


async def test_a_result_that_finds_no_room_as_a_file_goes_into_its_row(tmp_path):
    (tmp_path / "j.db.outcomes").write_text("a file where the folder should be")
    journal = SqliteJournal(tmp_path / "j.db")
    await journal.unfinished()
    await ended(journal, "a")
    assert (await journal.read("a")).finished.outcome.data == LARGE
    await journal.close()


@pytest.mark.parametrize("harm", ["gone", "cut"])
async def test_a_file_that_is_not_whole_is_said(tmp_path, harm):
    journal = SqliteJournal(tmp_path / "j.db")
    await ended(journal, "a")
    path = tmp_path / "j.db.outcomes" / "a"
    if harm == "gone":
        path.unlink()
    else:
        os.truncate(path, 1000)
    stored = await journal.read("a")
    assert stored.state is stored.finished.outcome.state is State.FAILED
    assert stored.finished.outcome.failure.message == "The result was lost: its file is gone. Call again."
    await journal.close()


async def test_what_a_crash_left_behind_is_deleted_by_the_next_start(tmp_path):
    journal = SqliteJournal(tmp_path / "j.db")
    await ended(journal, "a")
    await write(journal.accept, accepted("b"))
    await journal.close()
    (tmp_path / "j.db.outcomes" / "b").write_bytes(b"half of a result")
    journal = SqliteJournal(tmp_path / "j.db")
    await ended(journal, "c")  # before anybody has looked
    assert [one.accepted.id for one in await journal.unfinished()] == ["b"]
    assert files(tmp_path) == ["a", "c"]
    assert journal.used_bytes > 2 * len(LARGE)
    await write(journal.finish, finished("b", LARGE))
    for name in "abc":
        assert (await journal.read(name)).finished.outcome.data == LARGE
    await journal.close()


async def test_a_damaged_journal_keeps_the_results_of_the_jobs_that_can_be_read(tmp_path):
    path = tmp_path / "j.db"
    journal = SqliteJournal(path)
    for number in range(200):
        await ended(journal, f"{number:03}", b"x" * 20_000)
    await ended(journal, "large")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await journal.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 3)
        file.write(b"\xff" * 20_000)
    (tmp_path / "j.db-wal").touch()  # as if nobody had closed it
    journal = SqliteJournal(path)
    await journal.unfinished()
    assert (await journal.read("large")).finished.outcome.data == LARGE
    await journal.close()


async def test_a_backup_has_them(journal, tmp_path):
    await ended(journal, "a")
    backup(tmp_path, tmp_path / "copy")
    copy = SqliteJournal(tmp_path / "copy" / "j.db")
    assert (await copy.read("a")).finished.outcome.data == LARGE
    await copy.close()


async def test_many_at_once(journal, tmp_path):
    await asyncio.gather(*(ended(journal, f"{number}") for number in range(20)))
    assert len(files(tmp_path)) == 20
    for number in range(20):
        assert (await journal.read(f"{number}")).finished.outcome.data == LARGE
