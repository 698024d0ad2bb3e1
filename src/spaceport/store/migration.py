"""The tables of a SQLite file and its format: creates them, and migrates a file of an older format forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from spaceport.errors import Conflict

_META = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class Schema:
    """`tables` creates what a file of `version` has and an older one may lack; statements end with `;`.

    `migrations` has for each older version the statements that lead to the next one.
    """

    name: str
    """What the file is, for an error's text."""
    version: int
    tables: str
    migrations: Mapping[int, str] = field(default_factory=dict)


def migrate(database: sqlite3.Connection, schema: Schema) -> None:
    """Bring a file to the schema's version, in one transaction, so that a crash or a second process changes nothing.

    `database` is in autocommit mode. Raises `Conflict` for a file of a newer version.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_META)
        database.execute("INSERT OR IGNORE INTO meta (key, value) VALUES ('version', ?)", (schema.version,))
        version = _version(database, schema)
        while version < schema.version:
            _run(database, schema.migrations[version])
            version += 1
        _run(database, schema.tables)
        database.execute("UPDATE meta SET value = ? WHERE key = 'version'", (version,))
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection, schema: Schema) -> int:
    (version,) = database.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if version != schema.version and version not in schema.migrations:
        raise Conflict(
            f"The {schema.name} has format {version}, but this version of Spaceport reads format"
            f" {schema.version}. Upgrade Spaceport, or choose another data folder."
        )
    return int(version)


def _run(database: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        if statement.strip():
            database.execute(statement)
