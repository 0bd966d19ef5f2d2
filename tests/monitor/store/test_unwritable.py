"""When a database will not be written or read: said clearly, nothing half done, and on again once it can."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from alerts.message import Lane
from monitor.changes import Changes
from monitor.store import Store, StoreUnreadable, StoreUnwritable
from tests.monitor.store.cast import FIRST, NOON, STORY, alert, claimed_by, entries, message, queued
from tests.monitor.store.conftest import PATIENCE

ALERTS = 300
LONG = replace(message("long"), body="a very private body " * 50_000)


@contextmanager
def writing_process(url: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that writes round after round, from when it has opened the database."""
    command = [sys.executable, "-m", "tests.monitor.store.writer", url, str(ALERTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


def killed_after(process: subprocess.Popen[str], rounds: int, fraction: float) -> int:
    """Kill a writer inside the round after `rounds`; return the last round that it said is written."""
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(rounds)]
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=fraction * 0.02)
    os.kill(process.pid, signal.SIGKILL)
    return [*said, *map(int, process.stdout.read().split())][-1]


@pytest.mark.parametrize("seed", range(3))
def test_a_process_killed_in_mid_commit_leaves_all_of_it_or_nothing(url: str, seed: int) -> None:
    chance = random.Random(seed)
    with writing_process(url) as process:
        written = killed_after(process, chance.randint(1, 4), chance.random())
    store = Store(url)
    rounds = len(store.timeline(FIRST))
    remembered = store.load(NOON)
    messages = store.messages()
    store.close()
    assert rounds in (written, written + 1)
    assert {one.explanation for one in remembered.alerts.values()} == {f"round {rounds}"}
    assert len(remembered.alerts) == ALERTS
    assert {one.message.key for one in messages} == {f"round {number}" for number in range(1, rounds + 1)}


def test_a_full_disk_is_said_nothing_is_half_written_and_it_goes_on_once_there_is_room(file: Path) -> None:
    store = Store(f"sqlite:///{file}", PATIENCE)
    store.commit(Changes(entries=entries(*STORY)))
    limit_pages(store, 1)
    with pytest.raises(StoreUnwritable, match="disk is full") as refusal:
        store.commit(Changes(alerts=(alert(),), messages=(LONG,)))
    assert "private" not in str(refusal.value)
    assert "INSERT" not in str(refusal.value)
    assert (store.load(NOON).alerts, store.messages()) == ({}, ())
    limit_pages(store, 1_000_000)
    store.commit(Changes(alerts=(alert(),), messages=(LONG,)))
    assert [one.message for one in store.messages()] == [LONG]
    store.close()


def limit_pages(store: Store, pages: int) -> None:
    """Let the database grow to so many pages, or not at all where it is larger already."""
    with store._engines.writer.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_a_lock_held_elsewhere_stops_every_write_and_no_read(file: Path) -> None:
    store = Store(f"sqlite:///{file}", PATIENCE)
    store.commit(queued(message()))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnwritable, match="holds the database's lock"):
            store.commit(Changes(alerts=(alert(),)))
        with pytest.raises(StoreUnwritable):
            claimed_by(store, Lane.URGENT, NOON, 9)
        assert "lock" in store.writable(NOON)
        assert len(store.messages()) == 1
        other.execute("ROLLBACK")
    store.commit(Changes(alerts=(alert(),)))
    assert len(claimed_by(store, Lane.URGENT, NOON, 9)) == 1
    assert store.writable(NOON) == ""
    store.close()


def test_a_damaged_database_is_said_to_be_damaged(file: Path) -> None:
    file.write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(StoreUnwritable, match="no SQLite database"):
        Store(f"sqlite:///{file}")


@pytest.mark.real("postgres")
def test_the_store_goes_on_after_the_server_has_ended_its_sessions(postgres_database: str) -> None:
    store = Store(postgres_database, PATIENCE)
    store.commit(queued(message("before")))
    assert len(store.messages()) == 1
    _as_other(postgres_database, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s")
    store.commit(queued(message("after")))
    assert len(store.messages()) == 2
    store.close()


@pytest.mark.real("postgres")
def test_a_server_that_takes_nobody_is_said_and_the_store_goes_on_once_it_does(postgres_database: str) -> None:
    store = Store(postgres_database, PATIENCE)
    name = postgres_database.rpartition("/")[2]
    _as_other(postgres_database, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    _as_other(postgres_database, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s")
    with pytest.raises(StoreUnwritable, match="database server") as refusal:
        store.commit(queued(message()))
    assert "127.0.0.1" not in str(refusal.value)
    with pytest.raises(StoreUnreadable):
        store.messages()
    _as_other(postgres_database, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    store.commit(queued(message()))
    assert len(store.messages()) == 1
    store.close()


@pytest.mark.real("postgres")
def test_a_table_locked_by_another_session_is_said_and_the_store_goes_on_after_it(postgres_database: str) -> None:
    store = Store(postgres_database, PATIENCE)
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE alerts")
        with pytest.raises(StoreUnwritable, match="holds a lock"):
            store.commit(Changes(messages=(message(),), alerts=(alert(),)))
        other.rollback()
        assert store.messages() == ()
    store.commit(Changes(messages=(message(),), alerts=(alert(),)))
    assert len(store.messages()) == 1
    store.close()


def _as_other(url: str, statement: str) -> None:
    """Run a statement from the server's maintenance database, with the name of the store's where it asks for one."""
    server, _, name = url.replace("+psycopg", "").rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement.encode(), [name] if "%s" in statement else None)


def test_a_database_file_that_was_taken_away_is_not_written_to_as_if_it_were_there(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    away = file.with_name("away.db")
    file.rename(away)
    with pytest.raises(StoreUnwritable, match="was removed or replaced"):
        store.commit(Changes(alerts=(alert(),)))
    assert "put it back, or restart Tierwatch" in store.writable(NOON)
    away.rename(file)
    assert store.writable(NOON) == ""
    store.close()
