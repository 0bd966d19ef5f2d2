"""One process per database: a locked file beside an SQLite database, a session's advisory lock in PostgreSQL.

Both vanish with the process that holds them, however it ends, so that a restart never meets a stale lock.
"""

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from monitor.store.failure import AlreadyRunning

ADVISORY = 8_377_951_412
"""The number of our advisory lock, the same in every database."""

PATIENCE_MS = 1000
"""How long a session waits for the advisory lock: a server needs a moment to see that its last holder is gone."""


class FileLock:
    """The lock of one SQLite database, `FILE.lock` beside it; its text is the pid of the process that holds it."""

    def __init__(self, database: Path) -> None:
        """Take the lock at once.

        Raises:
            AlreadyRunning: another process has it.
        """
        path = database.with_name(database.name + ".lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._descriptor)
            raise AlreadyRunning(_refusal(f"process {holder}", str(database))) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next process in. The file stays: removing it could take it from under somebody."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def application_name() -> str:
    """Return how a session of this process is called in PostgreSQL, so that another can say who is in its way."""
    return f"tierwatch process {os.getpid()} on {socket.gethostname()}"[:63]


def lock_session(connection: psycopg.Connection) -> None:
    """Take the advisory lock for as long as this session lives; on failure the session is closed.

    Raises:
        AlreadyRunning: a session of another process has it.
    """
    try:
        connection.execute("SELECT set_config('lock_timeout', %s, true)", [str(PATIENCE_MS)])
        connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY])
        connection.commit()
    except psycopg.errors.LockNotAvailable:
        connection.rollback()
        holder, database = _holder(connection), connection.info.dbname
        connection.close()
        raise AlreadyRunning(_refusal(holder, f"the database {database}")) from None


def _holder(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        " AND (classid::bigint << 32) | objid::bigint = %s",
        [ADVISORY],
    ).fetchone()
    return str(row[0]) if row and row[0] else "an unknown session"


def _refusal(holder: str, database: str) -> str:
    return f"another Tierwatch ({holder}) already uses {database}; stop it, or give this one a database of its own"
