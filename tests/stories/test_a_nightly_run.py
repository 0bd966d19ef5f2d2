"""A nightly run that must be over by six on its client's clock, in the night in which clocks go forward."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.message import MessageKind, Stage
from alerts.sla import TimerState, timers
from monitor.clock import SettableClock
from monitor.web.site import create
from tests.stories.day import Day, a_day

pytestmark = pytest.mark.story

TOKEN = "the-token-of-the-nightly-run"
CONFIGURATION = """\
tiers:
  gold:
    weight: 50
    objectives: {}
    sla: {acknowledge: 10m, first_notice: 10m, update_every: 2h, repair: 2h}
    escalation: integrations
clients:
  - id: acme
    name: Acme Corp
    tier: gold
    timezone: America/New_York
    contacts: [{name: Desk, channel: file:desk}]
heartbeats:
  invoice-run: {EXPECTED, grace: 10m, client: acme, token: file:invoice-run.token}
people: [{id: ana, channels: [file:pager]}]
escalations: {integrations: [{page: person:ana}]}
catch_all: person:ana
"""
NIGHTLY = 'cron: "50 1 * * *", by: "06:00"'
FEED = "every: 30m"


def at(text: str) -> datetime:
    """Return an instant of the night in UTC: New York is five hours behind before 07:00, four hours after it."""
    return datetime.fromisoformat(f"2026-03-08 {text}").replace(tzinfo=UTC)


def _configure(folder: Path, expected: str) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "night.yaml").write_text(CONFIGURATION.replace("EXPECTED", expected))
    (folder / "invoice-run.token").write_text(TOKEN)
    for box in ("desk", "pager"):
        (folder / box).write_text(f"json://receiver.example.com/{box}")


@asynccontextmanager
async def a_night(folder: Path, clock: SettableClock, expected: str = NIGHTLY) -> AsyncIterator[Day]:
    """Begin the night, or go on with it after a restart."""
    async with a_day(folder, clock=clock, configure=partial(_configure, expected=expected)) as day:
        yield day


async def until(day: Day, instant: datetime) -> None:
    """Let time pass until an instant."""
    await day.advance(seconds=(instant - day.clock.now()).total_seconds())


async def tells(day: Day, signal: str, answered: int = 202) -> None:
    """Let the run tell of itself, as it does from outside, and be judged."""
    application = day.application
    transport = httpx.ASGITransport(create(application))
    async with httpx.AsyncClient(transport=transport, base_url=application.doors.address) as client:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = await client.post(f"/in/heartbeat/invoice-run/{signal}", headers=headers)
        assert answer.status_code == answered
    await day.advance(seconds=1)


@contextmanager
def locked(day: Day) -> Iterator[None]:
    """Let somebody else hold the database's lock, so that nothing can be stored."""
    with day.application.store._engines.writer.begin() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(day.folder / "tierwatch.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def only(day: Day) -> Incident:
    assert len(day.incidents) == 1, [incident.alerts for incident in day.incidents]
    return day.incidents[0]


async def test_a_missed_run_pages_when_the_wall_says_so_and_its_late_success_ends_it_over_two_restarts(
    tmp_path: Path,
) -> None:
    clock = SettableClock(at("06:48"))
    async with a_night(tmp_path, clock) as night:
        await until(night, at("06:51"))
        await tells(night, "start")
        await until(night, at("07:20"))

    # Twenty past three in New York, half an hour after ten to two: the process is restarted.
    async with a_night(tmp_path, clock) as night:
        assert night.application.situation.runs != {}
        await until(night, at("10:09"))
        assert night.incidents == []
        assert night.channel.attempts == []
        await until(night, at("10:11"))

        # Ten past six in New York. By the clock of the day before, it would be ten past five.
        incident = only(night)
        assert (incident.onset, incident.opened) == (at("10:00"), at("10:10"))
        assert incident.alerts == {
            "heartbeat/invoice-run/acme": (
                "invoice-run was due at 2026-03-08 10:00:00 UTC and has never told of a success; 10 min of grace"
            )
        }
        (page,) = night.told(MessageKind.PAGE)
        assert page.recipient == "ana"
        assert page.subject == "[INC-1] Run invoice-run has not succeeded as expected: 1 client hurt (1 gold)"
        (notice,) = night.told(MessageKind.NOTICE, Stage.INVESTIGATING)
        assert "invoice-run" not in notice.subject + notice.body
        await night.application.acknowledge(incident.id, by="ana")

    async with a_night(tmp_path, clock) as night:
        await tells(night, "start")
        await until(night, at("10:40"))
        assert only(night).open, "a new start is no evidence"
        await tells(night, "success")

        incident = only(night)
        assert incident.resolved is not None
        assert [impact.recovered for impact in incident.impacts.values()] == [at("10:40")]
        assert {timer.promise: timer.state for timer in timers(incident, clock.now())} == dict.fromkeys(
            (Promise.ACKNOWLEDGE, Promise.FIRST_NOTICE, Promise.REPAIR), TimerState.MET
        )
        assert len(night.told(MessageKind.NOTICE, Stage.RESOLVED)) == 1
        assert len(night.told(MessageKind.PAGE, Stage.RESOLVED)) == 1


async def test_a_run_that_says_that_it_failed_pages_at_once_and_time_in_which_we_were_down_is_nobodys_fault(
    tmp_path: Path,
) -> None:
    clock = SettableClock(at("09:00") - timedelta(days=1))
    async with a_night(tmp_path, clock) as night:
        await tells(night, "success")

    # Nobody was there for more than a day: what was due meanwhile may have been told to nobody.
    await clock.set(at("11:00"))
    async with a_night(tmp_path, clock) as night:
        await night.advance(minutes=5)
        assert night.incidents == []
        await tells(night, "fail")
        assert only(night).opened - clock.now() < timedelta(seconds=2)
        assert "said at 2026-03-08 11:05:00 UTC that it failed" in only(night).alerts["heartbeat/invoice-run/acme"]
        assert len(night.told(MessageKind.PAGE)) == 1


async def test_while_nothing_can_be_stored_a_signal_is_refused_and_that_time_does_not_count(tmp_path: Path) -> None:
    clock = SettableClock(at("12:00"))
    async with a_night(tmp_path, clock, FEED) as night:
        await tells(night, "success")
        await until(night, at("12:20"))
        with locked(night):
            await tells(night, "success", answered=503)
            await until(night, at("12:30"))
        await until(night, at("12:49"))
        assert night.incidents == []
        await until(night, at("12:51"))
        assert "10 min in which we did not run not counted" in only(night).alerts["heartbeat/invoice-run/acme"]
