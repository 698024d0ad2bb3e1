"""Data folders of every older format are read and written by this version; those of a newer one are refused."""

from __future__ import annotations

import contextlib
import sqlite3

import msgspec
import pytest
from tests.contract.old_formats import ENDED, HUBS, JOB, JOURNALS

from spaceport.engine import Accepted, JobFilter, State
from spaceport.errors import Conflict
from spaceport.store import SqliteJournal
from spaceport.store.hub.ports import SpaceValue
from spaceport.store.hub.sqlite import SqliteHubStore
from spaceport.store.hub.tier_ports import Tier
from spaceport.store.migration import Schema, migrate
from spaceport.store.webhooks.sqlite import SqliteWebhookStore

OUTCOME = msgspec.msgpack.encode(["succeeded", b"[1]", None, 0.5, None, [], False, 3, [], None, 0])
"""As it was before `cached`."""

LATER = "ALTER TABLE spaces DROP COLUMN bytes; ALTER TABLE spaces DROP COLUMN arriving;"
"""What format 5 has added to Spaces."""
AUDIT_4 = """
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE, at REAL NOT NULL,
  credential TEXT NOT NULL, action TEXT NOT NULL, status INTEGER NOT NULL, address TEXT NOT NULL
);
CREATE INDEX audit_by_user ON audit (user, id);
"""


def written(path, tables, *statements):
    path.parent.mkdir(exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(tables)
        for statement, values in statements:
            database.execute(statement, values)
        database.commit()
    return path


def version_of(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()[0]


@pytest.mark.parametrize("form", sorted(HUBS))
def test_a_hub_of_an_older_format(tmp_path, form):
    path = written(
        tmp_path / "hub.db",
        HUBS[form],
        ("INSERT INTO owners VALUES (1, 'ann', 'pro', 1, 1.0)", ()),
        ("INSERT INTO tokens VALUES (1, 1, 'first', 'hf_a', x'01', 'write', 1.0, NULL, NULL)", ()),
        ("INSERT INTO owners VALUES (2, 'Ian', 'free', 0, 1.0)", ()),
        ("INSERT INTO spaces VALUES (1, 1, 'words', 'ann-words', 'spaces/1', 0, 'gradio', 1.0, 2.0)", ()),
    )
    for _ in range(2):
        store = SqliteHubStore(path)
        assert store.token(b"\x01").owner == "ann"
        space = store.space("ann", "words")
        store.set_value(space.id, SpaceValue("KEY", b"x", None, 1.0), secret=True)
        store.set_paused(space.id, paused=True)
        assert store.values(space.id, secret=True)[0].value == b"x"
        assert store.how_it_runs(space.id) == (None, True)
        assert (space.owner_id, space.creator, store.owner("ann").organization) == (1, 1, False)
        with pytest.raises(Conflict, match="looks too much"):
            store.add_owner("lan", "free", 1.0)
        store.close()


def test_tiers_that_an_admin_had_set_get_the_limits_that_came_later(tmp_path):
    SqliteHubStore(tmp_path / "hub.db").close()
    tiers = "CREATE TABLE tiers (name TEXT PRIMARY KEY, requests INTEGER NOT NULL, gpu_s REAL NOT NULL,"
    path = written(
        tmp_path / "hub.db",
        f"{LATER} DROP TABLE tiers; {tiers} priority INTEGER NOT NULL, calls INTEGER NOT NULL) WITHOUT ROWID;",
        ("INSERT INTO tiers VALUES ('anonymous', 7, 1.0, 2, 60), ('team', 9, 1.0, 0, 0)", ()),
        ("UPDATE meta SET value = 3 WHERE key = 'version'", ()),
    )
    store = SqliteHubStore(path)
    found = store.tiers.tiers()
    store.close()
    assert found["anonymous"] == Tier("anonymous", 7, 1.0, 2, 60, 3000, 100, 0, 0)
    assert found["team"] == Tier("team", 9, 1.0, 0, 0, 5000, 200, 0, 0)


def test_storage_and_the_log_of_a_hub_of_format_4(tmp_path):
    store = SqliteHubStore(tmp_path / "hub.db")
    ann = store.add_owner("ann", "pro", 1.0, admin=True)
    store.add_space(ann.id, "words", "ann-words", "spaces/1", "static", 1.0, private=False)
    store.close()
    path = written(
        tmp_path / "hub.db",
        f"{LATER} ALTER TABLE tiers DROP COLUMN storage; DROP TABLE audit; {AUDIT_4}",
        ("INSERT INTO audit VALUES (7, 1, 5.0, 'token ci', 'PUT /x', 200, '::1')", ()),
        ("INSERT INTO tiers (name, requests, gpu_s, priority, calls) VALUES ('free', 1, 1.0, 1, 0)", ()),
        ("UPDATE meta SET value = 4 WHERE key = 'version'", ()),
    )
    for _ in range(2):
        store = SqliteHubStore(path)
        assert [one.folder for one in store.storage.uncounted()] == ["spaces/1"]
        assert store.tiers.tiers()["free"].storage == 10_000_000_000
        assert [(one.credential, one.action) for one in store.audit.entries(ann.id, 9)] == [("token ci", "PUT /x")]
        store.close()


@pytest.mark.parametrize("form", sorted(JOURNALS))
async def test_a_journal_of_an_older_format(tmp_path, form):
    path = written(tmp_path / "journal.db", JOURNALS[form], (JOB, ()), (ENDED, (OUTCOME,)))
    for epoch in (8, 9):
        journal = SqliteJournal(path)
        assert journal.epoch == epoch
        (waiting,) = await journal.unfinished()
        assert waiting.accepted.request_id == ""
        assert epoch == 8 or (await journal.read("new8")).accepted.request_id == "r"
        assert (waiting.accepted.id, waiting.state, waiting.replica) == ("old", State.QUEUED, "")
        assert await journal.idempotent("key") == ("old", b"\x02")
        assert (await journal.read("ended")).finished.outcome.data == b"[1]"
        assert [one.accepted.id for one in await journal.listing(JobFilter("ann"))] == ["old"]
        new = Accepted(f"new{epoch}", "f", b"x", "bob", None, False, 0, 0, "keep", 11.0, True, "there", None, "r")
        told = []
        journal.accept(new, told.append)
        journal.finish((await journal.read("ended")).finished._replace(id=new.id), told.append)
        await journal.close()
        assert told == [None, None]
    assert version_of(path) == 4


@pytest.mark.parametrize("opener", [SqliteHubStore, SqliteJournal])
async def test_a_newer_format_is_refused_and_stays_as_it_is(tmp_path, opener):
    tables = HUBS["1"] if opener is SqliteHubStore else JOURNALS["3"]
    path = written(tmp_path / "x.db", tables, ("UPDATE meta SET value = 99 WHERE key = 'version'", ()))
    for _ in range(2):
        with pytest.raises(Conflict, match="has format 99, but this version of Spaceport reads format"):
            opener(path)
    assert version_of(path) == 99


def test_a_migration_that_fails_half_way_changes_nothing(tmp_path):
    path = written(tmp_path / "x.db", "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER); CREATE TABLE t (a)")
    written(path, "INSERT INTO meta VALUES ('version', 1)")
    steps = {1: "ALTER TABLE t ADD COLUMN b", 2: "ALTER TABLE t ADD COLUMN c; ALTER TABLE missing ADD COLUMN d"}
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        with pytest.raises(sqlite3.OperationalError, match="missing"):
            migrate(database, Schema("test", 3, "", steps))
        assert [row[1] for row in database.execute("PRAGMA table_info(t)")] == ["a"]
        migrate(database, Schema("test", 3, "", {**steps, 2: "ALTER TABLE t ADD COLUMN c"}))
        assert [row[1] for row in database.execute("PRAGMA table_info(t)")] == ["a", "b", "c"]
    assert version_of(path) == 3


def test_webhooks_from_before_their_file_had_a_format(tmp_path):
    path = tmp_path / "webhooks.db"
    SqliteWebhookStore(path).close()
    written(path, "DROP TABLE meta", ("INSERT INTO hooks VALUES ('a', NULL, 'https://a.example', 'job.failed')", ()))
    for _ in range(2):
        store = SqliteWebhookStore(path)
        assert [one.job for one in store.hooks()] == ["a"]
        store.close()
    assert version_of(path) == 1
