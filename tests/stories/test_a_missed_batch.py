"""A nightly run that does not happen, in the night in which clocks go forward in its client's zone."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.message import MessageKind, Stage
from monitor.clock import SettableClock
from tests.stories.day import Day, a_day
from tests.stories.ledgers import Ledgers, connect

pytestmark = pytest.mark.story

CONFIGURATION = """\
tiers:
  gold:
    weight: 50
    objectives: {}
    sla: {acknowledge: 10m, first_notice: 10m, update_every: 2h, repair: 2h}
    escalation: integrations
    # Half past nine on the wall of New York is 13:30 in UTC once the clocks have changed.
    cutoffs: {report: {cron: "30 9 * * *", flow: postings}}
clients:
  - id: acme
    name: Acme Corp
    tier: gold
    timezone: America/New_York
    identifiers: {books: c-1, archive: c-1}
    contacts: [{name: Desk, channel: file:desk}]
systems:
  books: {connector: ./connectors/ledger.yaml, base_url: "http://sandbox.test/source", quota: {rate: 10/s}, every: 5m}
  archive:
    {connector: ./connectors/ledger.yaml, base_url: "http://sandbox.test/destination", quota: {rate: 10/s}, every: 5m}
flows:
  postings:
    source: books.postings
    destination: archive.postings
    match: {id: id}
    mode: batch
    batch: {begins: "01:00", finished_by: "06:00"}
people: [{id: ana, channels: [file:pager]}]
escalations: {integrations: [{page: person:ana}]}
catch_all: person:ana
"""


def at(text: str) -> datetime:
    """Return an instant in UTC: New York is five hours behind until seven on the eighth, four hours after it."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


def _configure(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "night.yaml").write_text(CONFIGURATION)
    connect(folder)
    for box in ("desk", "pager"):
        (folder / box).write_text(f"json://receiver.example.com/{box}")


@asynccontextmanager
async def a_night(folder: Path, clock: SettableClock, ledgers: Ledgers) -> AsyncIterator[Day]:
    """Begin the night, or go on with it after a restart."""
    async with a_day(folder, clock=clock, configure=_configure, world=ledgers.app()) as day:
        yield day


async def until(day: Day, instant: datetime) -> None:
    """Let time pass until an instant."""
    await day.advance(seconds=(instant - day.clock.now()).total_seconds())


def measured(day: Day, name: str) -> float:
    """Return the one value of a metric."""
    (value,) = re.findall(rf"^tierwatch_{name}{{.*}} (.+)$", day.application.metrics().decode(), re.MULTILINE)
    return float(value)


async def test_a_run_that_did_not_happen_pages_when_the_wall_says_so_and_ends_with_its_last_record(
    tmp_path: Path,
) -> None:
    clock, ledgers = SettableClock(at("07 10:50")), Ledgers()
    async with a_night(tmp_path, clock, ledgers) as night:
        await until(night, at("07 11:01"))

    # Nobody was there for the rest of the day. Forty postings were made in it, and wait for the run at one.
    postings = [f"p-{number}" for number in range(40)]
    ledgers.posts(postings, at("07 23:00"))
    await clock.set(at("08 09:30"))
    async with a_night(tmp_path, clock, ledgers) as night:
        await until(night, at("08 09:59"))
        assert night.incidents == []
        assert measured(night, "batch_waiting_records") == 40
        assert measured(night, "batch_due_timestamp_seconds") == at("08 10:00").timestamp()
        assert measured(night, "cutoff_timestamp_seconds") == at("08 13:30").timestamp()
        await until(night, at("08 10:08"))

        # Six in New York. By the clock of the day before, it would be five.
        (incident,) = night.incidents
        assert incident.onset == at("08 10:00")
        assert incident.alerts == {
            "batch_missed/postings/acme": (
                "no record of postings for acme arrived between 01:00 and 06:00 America/New_York "
                "(2026-03-08 10:00 UTC); 40 records were expected"
            )
        }
        (page,) = night.told(MessageKind.PAGE)
        assert page.subject == "[INC-1] The run of postings did not happen: 1 client hurt (1 gold)"
        (notice,) = night.told(MessageKind.NOTICE, Stage.INVESTIGATING)
        assert "The scheduled run of your records (postings) has not taken place as agreed." in notice.body
        await night.application.acknowledge(incident.id, by="ana")

        ledgers.carries(postings[:28], clock.now())
        await until(night, at("08 10:15"))
        (incident,) = night.incidents
        assert incident.open
        assert incident.alerts["batch_late/postings/acme"].endswith("12 of 40 records have not arrived")

        ledgers.carries(postings[28:], clock.now())
        await until(night, at("08 10:22"))
        (incident,) = night.incidents
        assert incident.resolved is not None
        (recovered,) = [impact.recovered for impact in incident.impacts.values()]
        assert recovered is not None
        assert at("08 10:15") <= recovered <= at("08 10:21")
        assert len(night.told(MessageKind.PAGE, Stage.RESOLVED)) == 1
        assert len(night.told(MessageKind.NOTICE, Stage.RESOLVED)) == 1
