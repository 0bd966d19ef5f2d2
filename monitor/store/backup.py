"""A copy of an SQLite database while the process that uses it goes on. PostgreSQL has tools of its own for that."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from monitor.store.engine import parsed


class BackupFailed(Exception):  # noqa: N818 - it names what happened
    """No backup was written; the message says why and what to do."""


def backup(url: str, path: Path) -> None:
    """Write a consistent copy of the database to a new file, complete or not at all.

    Raises:
        BackupFailed: the database is no SQLite file, cannot be read, or the file exists or cannot be written.
        ConfigError: the URL names no database that Tierwatch can use.
    """
    database = parsed(url)
    if database.get_backend_name() != "sqlite":
        raise BackupFailed("this database is PostgreSQL's to back up; use pg_dump")
    source = Path(str(database.database)).absolute()
    if not source.exists():
        raise BackupFailed(f"there is no database at {source}; name the one to copy")
    if path.exists():
        raise BackupFailed(f"{path} exists, and no backup replaces another; name a new file")
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        _copy(source, unfinished)
        _to_disk(unfinished)
        unfinished.rename(path)
    except (OSError, sqlite3.Error) as error:
        unfinished.unlink(missing_ok=True)
        raise BackupFailed(f"{path} could not be written: {error}; nothing is left of it") from None


def _copy(source: Path, target: Path) -> None:
    # In one step, so that it is one state of the database; writers go on meanwhile. The copy then needs no other file.
    address = f"{source.as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
