"""The tables of every format that a data folder may still have, as the versions of Spaceport that made them did."""

HUB_BEFORE_VALUES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE owners (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  tier TEXT NOT NULL,
  admin INTEGER NOT NULL,
  created_at REAL NOT NULL
);
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  shown TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL,
  used_at REAL,
  UNIQUE (owner, name)
);
CREATE TABLE spaces (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  subdomain TEXT NOT NULL UNIQUE,
  folder TEXT NOT NULL UNIQUE,
  private INTEGER NOT NULL,
  sdk TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  UNIQUE (owner, name)
);
INSERT INTO meta VALUES ('version', 1);
"""
HUB_1 = (
    HUB_BEFORE_VALUES
    + """
CREATE TABLE space_values (
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  secret INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  description TEXT,
  updated_at REAL NOT NULL,
  PRIMARY KEY (space, secret, key)
) WITHOUT ROWID;
CREATE TABLE space_runs (
  space INTEGER PRIMARY KEY REFERENCES spaces (id) ON DELETE CASCADE,
  sleep_s REAL,
  paused INTEGER NOT NULL DEFAULT 0
);
"""
)
HUBS = {"1, before values": HUB_BEFORE_VALUES, "1": HUB_1}

_JOURNAL = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE jobs (
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
  outcome BLOB{more}
);
CREATE INDEX jobs_unfinished ON jobs (seq) WHERE finished_at IS NULL;
CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;
CREATE UNIQUE INDEX jobs_by_key ON jobs (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX jobs_by_user ON jobs (user, seq) WHERE user IS NOT NULL;
CREATE INDEX jobs_by_session ON jobs (session, seq) WHERE own_session;
INSERT INTO meta VALUES ('version', {version}), ('epoch', 7);
"""
JOURNALS = {
    "1": _JOURNAL.format(version=1, more=""),
    "2": _JOURNAL.format(version=2, more=",\n  replica TEXT NOT NULL DEFAULT ''"),
    "2, which can shrink": "PRAGMA auto_vacuum=INCREMENTAL;"
    + _JOURNAL.format(version=2, more=",\n  replica TEXT NOT NULL DEFAULT ''"),
    "3": _JOURNAL.format(
        version=3, more=",\n  replica TEXT NOT NULL DEFAULT '',\n  request_id TEXT NOT NULL DEFAULT ''"
    ),
    "4": _JOURNAL.format(
        version=4,
        more=",\n  replica TEXT NOT NULL DEFAULT '',\n  request_id TEXT NOT NULL DEFAULT '',"
        "\n  outcome_bytes INTEGER NOT NULL DEFAULT 0",
    ),
}
JOB = (
    "INSERT INTO jobs (id, epoch, endpoint, payload, user, session, own_session, priority, retries, on_disconnect,"
    " accepted_at, state, attempt, idempotency_key, idempotency_digest)"
    " VALUES ('old', 6, 'f', x'01', 'ann', 's', 1, 0, 2, 'keep', 10.0, 'queued', 0, 'key', x'02')"
)
ENDED = (
    "INSERT INTO jobs (id, epoch, endpoint, payload, own_session, priority, retries, on_disconnect, accepted_at, state,"
    " attempt, started_at, finished_at, expires_at, outcome)"
    " VALUES ('ended', 6, 'f', x'', 0, 0, 0, 'keep', 9.0, 'succeeded', 1, 9.0, 9.5, 1e12, ?)"
)
