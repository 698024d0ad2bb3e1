"""The table of a journal and the formats that it had.

Format 2 added `replica`: where a job was last sent to. Format 3 added `request_id`: that of the HTTP request which
submitted the job. Format 4 added `outcome_bytes`: the size of a result that lies in a file of its own, else 0.
"""

from __future__ import annotations

from spaceport.store.migration import Schema

_TABLES = """
CREATE TABLE IF NOT EXISTS jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  epoch INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  payload BLOB NOT NULL,
  user TEXT,
  session TEXT,
  own_session INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  retries INTEGER NOT NULL,
  on_disconnect TEXT NOT NULL,
  accepted_at REAL NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  started_at REAL,
  finished_at REAL,
  expires_at REAL,
  idempotency_key TEXT,
  idempotency_digest BLOB,
  outcome BLOB,
  replica TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  outcome_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS jobs_unfinished ON jobs (seq) WHERE finished_at IS NULL;
CREATE INDEX IF NOT EXISTS jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_by_key ON jobs (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_by_user ON jobs (user, seq) WHERE user IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_by_session ON jobs (session, seq) WHERE own_session;
CREATE INDEX IF NOT EXISTS jobs_with_files ON jobs (outcome_bytes, id) WHERE outcome_bytes > 0;
"""
_MIGRATIONS = {
    1: "ALTER TABLE jobs ADD COLUMN replica TEXT NOT NULL DEFAULT ''",
    2: "ALTER TABLE jobs ADD COLUMN request_id TEXT NOT NULL DEFAULT ''",
    3: "ALTER TABLE jobs ADD COLUMN outcome_bytes INTEGER NOT NULL DEFAULT 0",
}

JOURNAL_SCHEMA = Schema("journal", 4, _TABLES, _MIGRATIONS)
