"""How the store fails, in words: no statement, no value, no address ever stands in them.

What follows from a failure (no decision is taken, the last resort is called) is for the loops.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StoreUnwritable(Exception):  # noqa: N818 - it names the state that the store is in
    """Nothing of this transaction was written; the next one is tried afresh."""


class StoreUnreadable(Exception):  # noqa: N818 - the same
    """A question got no answer, or one that this version cannot read; the next one is tried afresh."""


class AlreadyRunning(Exception):  # noqa: N818 - the same
    """Another process works on the same database; the message says which, and what to do."""


class EntryExists(Exception):  # noqa: N818 - the same
    """A timeline already has an entry of this number: somebody decided on an incident as it no longer is."""


SQLITE = {
    "SQLITE_BUSY": "another program holds the database's lock",
    "SQLITE_LOCKED": "another program holds the database's lock",
    "SQLITE_FULL": "the disk is full, or the database has reached its size limit",
    "SQLITE_READONLY": "the database is read-only; check the owner and mode of the file and its folder",
    "SQLITE_CANTOPEN": "the database file cannot be opened; check that its folder exists and may be written",
    "SQLITE_IOERR": "the disk reports an error",
    "SQLITE_CORRUPT": "the database file is damaged; restore a backup",
    "SQLITE_NOTADB": "the file is no SQLite database; name another one",
}

# By the first two characters of the SQLSTATE, the whole of it first.
POSTGRES = {
    "": "the database server cannot be reached, or refuses us",
    "08": "the connection to the database server broke",
    "25006": "the database is read-only",
    "28": "the database server refuses our user",
    "3D": "the database does not exist on its server",
    "42501": "our user lacks rights in the database",
    "53": "the database server is out of disk, memory or connections",
    "55P03": "another session holds a lock in the database",
    "57014": "the database took too long",
    "57": "the database server is stopping or starting",
    "58": "the database server's disk reports an error",
}


def reason_of(error: DBAPIError | PoolTimeout) -> str:
    """Return why the database refused, as a fixed phrase and a code."""
    if isinstance(error, PoolTimeout):
        return "the database is busy with a transaction of our own"
    if isinstance(error.orig, sqlite3.Error):
        # An extended code begins with its primary one: SQLITE_IOERR_FSYNC.
        name = getattr(error.orig, "sqlite_errorname", "SQLITE_ERROR")
        known = next((words for code, words in SQLITE.items() if name.startswith(code)), "SQLite refused")
        return f"{known} ({name})"
    state = getattr(error.orig, "sqlstate", None) or ""
    known = POSTGRES.get(state) or POSTGRES.get(state[:2]) or "the database refused"
    return f"{known} ({state})" if state else known


@contextmanager
def failing_as(kind: type[StoreUnwritable | StoreUnreadable]) -> Iterator[None]:
    """Turn what the database raises inside the block into our own words; a broken constraint passes as it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        # The cause would carry the statement and its values into a log.
        raise kind(reason_of(error)) from None
