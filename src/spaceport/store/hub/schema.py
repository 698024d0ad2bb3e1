"""The tables of a hub's database and the formats that it had.

Format 1 began without `space_values` and `space_runs`, format 4 without the tables of former names and addresses; they
were added without another number, and are created in a file that lacks them, as are the indexes. Format 2 added
organizations, which are owners, too; an owner has a `skeleton` (lookalikes.py), and a Space knows who made it. Format 3
added where a token was used last, format 4 more limits of tiers, format 5 how much Spaces keep and a log that accounts
do not take with them.
"""

from __future__ import annotations

from spaceport.store.migration import Schema

_TABLES = """
CREATE TABLE IF NOT EXISTS owners (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  tier TEXT NOT NULL,
  admin INTEGER NOT NULL,
  created_at REAL NOT NULL,
  organization INTEGER NOT NULL DEFAULT 0,
  skeleton TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS owners_by_skeleton ON owners (skeleton);
CREATE TABLE IF NOT EXISTS tiers (
  name TEXT PRIMARY KEY,
  requests INTEGER NOT NULL,
  gpu_s REAL NOT NULL,
  priority INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  resolver INTEGER NOT NULL DEFAULT 5000,
  pages INTEGER NOT NULL DEFAULT 200,
  streams INTEGER NOT NULL DEFAULT 0,
  storage INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS former_names (
  skeleton TEXT PRIMARY KEY,
  until REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS former_owners (
  name TEXT PRIMARY KEY COLLATE NOCASE,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  renamed_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS former_owners_by_owner ON former_owners (owner);
CREATE TABLE IF NOT EXISTS members (
  organization INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  role TEXT NOT NULL,
  since REAL NOT NULL,
  PRIMARY KEY (organization, user)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_by_user ON members (user);
CREATE TABLE IF NOT EXISTS invitations (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  organization INTEGER REFERENCES owners (id) ON DELETE CASCADE,
  role TEXT,
  inviter INTEGER REFERENCES owners (id) ON DELETE CASCADE,
  created_at REAL NOT NULL,
  expires_at REAL NOT NULL,
  uses_left INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS passwords (
  user INTEGER PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  changed_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS password_resets (
  hash BLOB PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  expires_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS linked_accounts (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  linked_at REAL NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (user, issuer)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS emails (
  user INTEGER PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
  address TEXT NOT NULL COLLATE NOCASE
);
CREATE INDEX IF NOT EXISTS emails_by_address ON emails (address);
CREATE TABLE IF NOT EXISTS totp (
  user INTEGER PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
  secret BLOB NOT NULL,
  confirmed INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  created_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS recovery_codes (
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  hash BLOB NOT NULL,
  PRIMARY KEY (user, hash)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passkeys (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  credential BLOB NOT NULL UNIQUE,
  public_key BLOB NOT NULL,
  sign_count INTEGER NOT NULL,
  name TEXT NOT NULL,
  created_at REAL NOT NULL,
  used_at REAL
);
CREATE INDEX IF NOT EXISTS passkeys_by_user ON passkeys (user);
CREATE TABLE IF NOT EXISTS sessions (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  device TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at REAL NOT NULL,
  used_at REAL NOT NULL,
  expires_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (user, used_at);
CREATE TABLE IF NOT EXISTS tokens (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  shown TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  role TEXT NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL,
  used_at REAL,
  address TEXT,
  UNIQUE (owner, name)
);
CREATE TABLE IF NOT EXISTS token_scopes (
  token INTEGER NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  owner INTEGER REFERENCES owners (id) ON DELETE CASCADE,
  space INTEGER REFERENCES spaces (id) ON DELETE CASCADE,
  level TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS token_scopes_by_token ON token_scopes (token);
CREATE TABLE IF NOT EXISTS grants (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  space INTEGER REFERENCES spaces (id) ON DELETE CASCADE,
  space_owner INTEGER,
  scopes TEXT NOT NULL,
  about TEXT NOT NULL,
  created_at REAL NOT NULL,
  used_at REAL,
  address TEXT,
  UNIQUE (user, space)
);
CREATE INDEX IF NOT EXISTS grants_by_space ON grants (space);
CREATE TABLE IF NOT EXISTS grant_tokens (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  grant_id INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
  session INTEGER REFERENCES sessions (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  refresh INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  expires_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS grant_tokens_by_grant ON grant_tokens (grant_id);
CREATE INDEX IF NOT EXISTS grant_tokens_by_session ON grant_tokens (session);
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY,
  user INTEGER REFERENCES owners (id) ON DELETE SET NULL,
  at REAL NOT NULL,
  credential TEXT NOT NULL,
  action TEXT NOT NULL,
  status INTEGER NOT NULL,
  address TEXT NOT NULL,
  account TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
  space TEXT NOT NULL DEFAULT '' COLLATE NOCASE
);
CREATE INDEX IF NOT EXISTS audit_by_user ON audit (user, id);
CREATE TABLE IF NOT EXISTS spaces (
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  subdomain TEXT NOT NULL UNIQUE,
  folder TEXT NOT NULL UNIQUE,
  private INTEGER NOT NULL,
  sdk TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  creator INTEGER REFERENCES owners (id) ON DELETE SET NULL,
  bytes INTEGER,
  arriving INTEGER NOT NULL DEFAULT 0,
  UNIQUE (owner, name)
);
CREATE INDEX IF NOT EXISTS spaces_by_update ON spaces (updated_at, id);
CREATE INDEX IF NOT EXISTS spaces_by_creation ON spaces (created_at, id);
CREATE TABLE IF NOT EXISTS former_spaces (
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  moved_at REAL NOT NULL,
  PRIMARY KEY (owner, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS former_spaces_by_space ON former_spaces (space, moved_at);
CREATE TABLE IF NOT EXISTS former_subdomains (
  subdomain TEXT PRIMARY KEY,
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  moved_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS former_subdomains_by_space ON former_subdomains (space, moved_at);
CREATE TABLE IF NOT EXISTS space_guests (
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  owner INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  PRIMARY KEY (space, owner)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS space_guests_by_owner ON space_guests (owner);
CREATE TABLE IF NOT EXISTS space_links (
  space INTEGER PRIMARY KEY REFERENCES spaces (id) ON DELETE CASCADE,
  hash BLOB NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS space_values (
  space INTEGER NOT NULL REFERENCES spaces (id) ON DELETE CASCADE,
  secret INTEGER NOT NULL,
  key TEXT NOT NULL,
  value BLOB NOT NULL,
  description TEXT,
  updated_at REAL NOT NULL,
  PRIMARY KEY (space, secret, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS space_runs (
  space INTEGER PRIMARY KEY REFERENCES spaces (id) ON DELETE CASCADE,
  sleep_s REAL,
  paused INTEGER NOT NULL DEFAULT 0
);
"""

_ORGANIZATIONS = """
ALTER TABLE owners ADD COLUMN organization INTEGER NOT NULL DEFAULT 0;
ALTER TABLE owners ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
UPDATE owners SET skeleton = skeleton(name);
ALTER TABLE spaces ADD COLUMN creator INTEGER REFERENCES owners (id) ON DELETE SET NULL;
UPDATE spaces SET creator = owner;
"""

_ADDRESSES_OF_TOKENS = """
ALTER TABLE tokens ADD COLUMN address TEXT;
"""

_LIMITS_OF_TIERS = """
CREATE TABLE IF NOT EXISTS tiers (
  name TEXT PRIMARY KEY,
  requests INTEGER NOT NULL,
  gpu_s REAL NOT NULL,
  priority INTEGER NOT NULL,
  calls INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE tiers ADD COLUMN resolver INTEGER NOT NULL DEFAULT 5000;
ALTER TABLE tiers ADD COLUMN pages INTEGER NOT NULL DEFAULT 200;
ALTER TABLE tiers ADD COLUMN streams INTEGER NOT NULL DEFAULT 0;
UPDATE tiers SET resolver = 3000, pages = 100 WHERE name = 'anonymous';
UPDATE tiers SET resolver = 12000, pages = 400 WHERE name = 'pro';
"""

_STORAGE_AND_LOG = """
ALTER TABLE tiers ADD COLUMN storage INTEGER NOT NULL DEFAULT 0;
UPDATE tiers SET storage = 10000000000 WHERE name = 'free';
UPDATE tiers SET storage = 100000000000 WHERE name = 'pro';
ALTER TABLE spaces ADD COLUMN bytes INTEGER;
ALTER TABLE spaces ADD COLUMN arriving INTEGER NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS audit (
  id INTEGER PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
  at REAL NOT NULL,
  credential TEXT NOT NULL,
  action TEXT NOT NULL,
  status INTEGER NOT NULL,
  address TEXT NOT NULL
);
ALTER TABLE audit RENAME TO audit_4;
CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  user INTEGER REFERENCES owners (id) ON DELETE SET NULL,
  at REAL NOT NULL,
  credential TEXT NOT NULL,
  action TEXT NOT NULL,
  status INTEGER NOT NULL,
  address TEXT NOT NULL,
  account TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
  space TEXT NOT NULL DEFAULT '' COLLATE NOCASE
);
INSERT INTO audit (id, user, at, credential, action, status, address, account)
  SELECT a.id, a.user, a.at, a.credential, a.action, a.status, a.address, o.name
  FROM audit_4 a JOIN owners o ON o.id = a.user;
DROP TABLE audit_4;
"""
"""Who may keep how much is what such a tier has where nobody has set it (identity/tiers.py)."""

HUB_SCHEMA = Schema(
    "hub's database",
    5,
    _TABLES,
    {1: _ORGANIZATIONS, 2: _ADDRESSES_OF_TOKENS, 3: _LIMITS_OF_TIERS, 4: _STORAGE_AND_LOG},
)
