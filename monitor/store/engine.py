"""The connections: one that writes and holds the one-process lock, and others that only read.

Here stands everything in which the two databases differ, except for the lock itself (`lock`) and for the words of a
failure (`failure`).
"""

import sqlite3
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from monitor.problem import ConfigError
from monitor.store.lock import FileLock, application_name, lock_session

SYNTAX = "use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
BUSY_READ = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFile:
    """An SQLite file as it was opened. One that is removed can still be written to, and goes when we do."""

    path: Path
    inode: int

    @property
    def in_place(self) -> bool:
        """Whether the file that is written to is still the one that the next start finds."""
        try:
            return self.path.stat().st_ino == self.inode
        except OSError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """Both ways to one database, and the lock that keeps other processes out (on PostgreSQL the writer's session)."""

    writer: Engine
    reader: Engine
    lock: FileLock | None = None
    file: DatabaseFile | None = None

    def close(self) -> None:
        """Close every connection, and only then let the next process in."""
        self.reader.dispose()
        self.writer.dispose()
        if self.lock is not None:
            self.lock.release()


def parsed(url: str) -> URL:
    """Return the address of a database that Tierwatch can use.

    Raises:
        ConfigError: it is no address, or names no file, or another kind of database.
    """
    try:
        known = make_url(url)
    except ArgumentError:
        raise ConfigError(f"the database URL cannot be read; {SYNTAX}") from None
    if known.get_backend_name() == "sqlite":
        return _file_url(known)
    if known.drivername in ("postgresql", "postgresql+psycopg"):
        return known.set(drivername="postgresql+psycopg")
    raise ConfigError(f"{known.drivername} is no database for Tierwatch; {SYNTAX}")


def _file_url(url: URL) -> URL:
    if url.database in (None, "", ":memory:") or str(url.database).startswith("file:"):
        raise ConfigError(f"the database URL names no file, and what is kept in memory is lost; {SYNTAX}")
    return URL.create("sqlite+pysqlite", database=url.database)


def in_memory() -> Engines:
    """Return one connection to a database that is gone with it, for rehearsals: one thread alone may use it."""
    engine = create_engine("sqlite+pysqlite://", poolclass=StaticPool, hide_parameters=True)
    event.listen(engine, "connect", _as_only_one)
    event.listen(engine, "begin", _begin)
    return Engines(writer=engine, reader=engine)


def reader(url: URL) -> Engine | None:
    """Return a way to read a database that another process may write; None where an SQLite file is not there."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_size=1, hide_parameters=True)
    path = Path(str(url.database)).absolute()
    if not path.exists():
        return None
    found = create_engine(url, hide_parameters=True)
    event.listen(found, "connect", _as_reader)
    event.listen(found, "begin", _begin)
    return found


def opened(url: URL, patience: timedelta) -> Engines:
    """Return the connections to a database; `patience` is how long a transaction waits for another program's lock.

    Raises:
        AlreadyRunning: another process works on the same SQLite file (on PostgreSQL, the first transaction says so).
        ConfigError: the SQLite file or its folder cannot be made.
    """
    return _sqlite(url, patience) if url.get_backend_name() == "sqlite" else _postgres(url, patience)


def _sqlite(url: URL, patience: timedelta) -> Engines:
    path = Path(str(url.database)).absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        # What clients were told is nobody else's to read; SQLite gives its other files the same mode.
        path.touch(mode=0o600, exist_ok=True)
        file = DatabaseFile(path=path, inode=path.stat().st_ino)
    except OSError as error:
        raise ConfigError(f"{path} cannot be used as a database: {error.strerror}; name a writable file") from None
    options = {"connect_args": {"timeout": patience.total_seconds()}, "hide_parameters": True}
    writer = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=patience.total_seconds(), **options)
    reader = create_engine(url, **options)
    event.listen(writer, "connect", _as_writer)
    event.listen(writer, "begin", _begin_immediate)
    event.listen(reader, "connect", _as_reader)
    event.listen(reader, "begin", _begin)
    return Engines(writer=writer, reader=reader, lock=lock, file=file)


def _as_writer(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own record
    # Python's own transaction control would begin late, and deferred: two writers then fail each other at once.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _as_only_one(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - the same
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _as_reader(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - the same
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _postgres(url: URL, patience: timedelta) -> Engines:
    def arguments(longest: timedelta) -> dict[str, Any]:
        limits = f"-c lock_timeout={_ms(patience)} -c statement_timeout={_ms(longest)} -c timezone=UTC"
        return {
            "application_name": application_name(),
            "connect_timeout": max(2, int(patience.total_seconds())),
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
            "options": limits,
        }

    # A look at a connection before its use finds one that died with the server, and opens another.
    options: dict[str, Any] = {"pool_pre_ping": True, "hide_parameters": True}
    longest = max(BUSY_READ, patience)
    writer = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=patience.total_seconds(),
        connect_args=arguments(longest),
        **options,
    )
    reader = create_engine(url, connect_args=arguments(BUSY_READ), **options)
    event.listen(writer, "connect", lambda connection, _record: lock_session(connection))
    return Engines(writer=writer, reader=reader)


def _ms(span: timedelta) -> int:
    return max(1, span // timedelta(milliseconds=1))
