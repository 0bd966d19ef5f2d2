"""The store cannot be written: nothing is decided, the catch-all is called, all goes on from the last commit."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.alert import IncidentId
from alerts.channels.recording import Answer
from alerts.incident import Incident
from alerts.message import Message, MessageKind, Stage
from monitor.lastresort import SUBJECT
from monitor.sandbox.faults import Fault
from monitor.store import Store
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def pragma(store: Store, setting: str) -> None:
    """Change a setting of the connection that writes."""
    with store._engines.writer.begin() as connection:
        connection.exec_driver_sql(f"PRAGMA {setting}")


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Let another process hold the lock on a database."""
    pipe = subprocess.PIPE
    with subprocess.Popen((sys.executable, "-c", HOLDER, database), stdin=pipe, stdout=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield
        process.stdin.close()
        process.wait(10)


@contextmanager
def locked(day: Day) -> Iterator[None]:
    """Let another process hold the lock, and our own patience with it be short."""
    pragma(day.application.store, "busy_timeout = 1")
    with held(day.folder / "tierwatch.db"):
        yield


@contextmanager
def full(day: Day) -> Iterator[None]:
    """Let the database not grow any more."""
    pragma(day.application.store, "max_page_count = 1")
    yield
    pragma(day.application.store, "max_page_count = 1000000")


def seldom(folder: Path) -> None:
    """Look once a minute, so that a quarter of an hour passes soon."""
    systems = folder / "systems.yaml"
    text = systems.read_text(encoding="utf-8")
    systems.write_text(text.replace("every: 3s", "every: 1m").replace("every: 2s", "every: 1m"), encoding="utf-8")


def last_resorts(day: Day) -> list[Message]:
    """Return the messages that went out without the store."""
    return [claim.message for claim, _ in day.channel.attempts if claim.message.subject == SUBJECT]


def decided(day: Day) -> list[Message]:
    """Return the other messages, as often as each was handed to a channel."""
    return [claim.message for claim, _ in day.channel.attempts if claim.message.subject != SUBJECT]


async def recorded(day: Day) -> dict[IncidentId, Incident]:
    """Return the incidents as a process would find them that starts now."""
    remembered = await day.application.read(day.application.store.load, day.clock.now())
    return dict(remembered.incidents)


def nobody_was_told_twice(day: Day) -> bool:
    """Return whether every message was handed over once."""
    return set(Counter(message.key for message in decided(day)).values()) == {1}


def everybody_is_told_of_the_end(day: Day) -> bool:
    """Return whether the only incident is over, and twelve clients have been told so."""
    (incident,) = day.incidents
    told = {notice.client for notice in day.told(MessageKind.NOTICE, Stage.RESOLVED)}
    return not incident.open and len(told) == 12


async def test_while_another_process_holds_the_lock_nothing_is_decided_and_the_catch_all_is_called_once(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=seldom) as day:
        await day.advance(minutes=1)
        assert day.application.ready() == (True, "ready")
        day.breaks(Fault.ERP_STOPPED)
        alerts = dict(day.application.situation.alerts)
        with locked(day):
            await day.advance(minutes=10)
            assert day.incidents == []
            assert day.application.situation.alerts == alerts
            ready, reason = day.application.ready()
            assert not ready
            assert "another program holds the database's lock" in reason
            assert [message.recipient for message in last_resorts(day)] == ["duty-manager"]
            await day.advance(minutes=4)
            assert len(last_resorts(day)) == 1
            await day.advance(minutes=2)
            assert len(last_resorts(day)) == 2
        assert decided(day) == []


async def test_once_the_lock_is_gone_all_goes_on_from_the_last_commit_and_nothing_is_lost_or_doubled(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        broke = day.clock.now()
        with locked(day):
            await day.advance(minutes=2)
            assert not day.application.ready()[0]
        await day.advance(seconds=20)
        assert day.application.ready() == (True, "ready")
        (incident,) = day.incidents
        assert abs(incident.onset - broke) < timedelta(seconds=10), "the data of the dark time was read afterwards"
        day.mends(Fault.ERP_STOPPED)
        await day.advance_until(lambda: everybody_is_told_of_the_end(day), minutes=3)
        await day.advance(seconds=20)
        assert await recorded(day) == day.application.situation.incidents
        first = {message.client for message in day.told(MessageKind.NOTICE, Stage.INVESTIGATING)}
        assert first == {message.client for message in day.told(MessageKind.NOTICE, Stage.RESOLVED)}
        assert len(first) == 12
        assert nobody_was_told_twice(day)
        assert len(last_resorts(day)) == 1


async def test_an_attempt_that_ends_while_nothing_can_be_recorded_is_recorded_later_and_not_repeated(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        for someone in day.application.situation.config.roster.policies["integrations"].people:
            day.channel.script(someone.channels[0], Answer.HANG)
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        while not await day.application.read(day.application.store.deliveries):
            await day.advance(seconds=1)
        with locked(day):
            await day.advance(seconds=30)
            assert day.application.store.deliveries()[-1].state == "sending"
        await day.advance(seconds=20)
        pages = [claim.channel for claim, _ in day.channel.attempts if "/page/" in claim.message.key]
        assert [channel.rpartition("_")[2] for channel in pages if "DUTY" not in channel] == ["PAGER", "MAIL"]


async def test_what_does_not_fit_into_the_database_is_not_decided_and_what_is_told_is_on_record(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        with full(day):
            unready = 0
            for _ in range(40):
                await day.advance(seconds=3)
                unready += not day.application.ready()[0]
                assert await recorded(day) == day.application.situation.incidents
            assert unready
            assert "full" in (day.application.desk.unwritable or "full")
            written = {row.message.key for row in await day.application.read(day.application.store.messages)}
            assert {message.key for message in decided(day)} <= written
            assert len(last_resorts(day)) == 1
        await day.advance(seconds=30)
        assert day.application.ready() == (True, "ready")
        day.mends(Fault.ERP_STOPPED)
        await day.advance_until(lambda: everybody_is_told_of_the_end(day), minutes=3)
        await day.advance(seconds=20)
        assert await recorded(day) == day.application.situation.incidents
        first = {message.client for message in day.told(MessageKind.NOTICE, Stage.INVESTIGATING)}
        assert first == {message.client for message in day.told(MessageKind.NOTICE, Stage.RESOLVED)}
        assert len(first) == 12
        assert nobody_was_told_twice(day)
