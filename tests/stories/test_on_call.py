"""A schedule over a day: a calendar is read, dies and is kept; notes at handovers, once; overrides outlive us."""

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from alerts.alert import AlertState
from alerts.message import MessageKind
from alerts.oncall import on_call
from alerts.posting import Wish
from alerts.rotation import PersonId
from monitor.duty import post_override
from tests.stories.day import MORNING, Day, a_day

pytestmark = pytest.mark.story

CONFIGURATION = """\
people:
  - {id: ana, timezone: Europe/Madrid, channels: [file:pager]}
  - {id: ben, channels: [file:pager]}
  - {id: cyd, channels: [file:pager]}
tiers: {gold: {weight: 40, escalation: all, sla: {acknowledge: 5m}}}
clients: [{id: acme, name: Acme, tier: gold}]
schedules:
  team:
    rotations: [{people: [ana, ben], every: 1d, handover: "08:05", timezone: UTC, from: 2026-03-04}]
    from_calendar: {url: file:rota, people: {cyd: cyd}, stale_after: 20m}
escalations: {all: [{page: schedule:team}]}
catch_all: person:ben
"""
EVENT = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:cyd\r\nDTSTART:20260304T084000Z\r\nDTEND:20260304T085000Z\r\nEND:VEVENT\r\n"
CALENDAR = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{EVENT}END:VCALENDAR\r\n"


class Feed:
    """A server of one calendar, which can be away."""

    def __init__(self) -> None:
        self.away = False

    async def answer(self, request: Request) -> PlainTextResponse:
        """Return the calendar, whatever is asked."""
        assert request.headers["accept"] == "text/calendar"
        return PlainTextResponse("gone" if self.away else CALENDAR, 503 if self.away else 200)

    @property
    def app(self) -> Starlette:
        """The server."""
        return Starlette(routes=[Route("/rota.ics", self.answer)])


def configure(folder: Path) -> None:
    for file in folder.glob("*.yaml"):
        file.unlink()
    (folder / "all.yaml").write_text(CONFIGURATION)
    (folder / "pager").write_text("json://pager.test")
    (folder / "rota").write_text("http://rota.test/rota.ics")


def on(day: Day) -> tuple[str, ...]:
    situation = day.application.situation
    return on_call(situation.config.roster.schedules["team"], situation.board, day.clock.now())


def stale(day: Day) -> AlertState:
    return day.application.situation.alerts["calendar_stale/team"].state


async def test_a_calendar_that_dies_leaves_its_last_good_copy_in_force_also_after_a_restart(tmp_path: Path) -> None:
    feed = Feed()
    async with a_day(tmp_path, world=feed.app, configure=configure) as day:
        await day.advance(minutes=1)
        feed.away = True
        await day.advance(minutes=22)
        rota = day.application.situation.rotas["team"]
        assert (rota.problem, rota.read is not None) == ("status 503", True)
        assert 'tierwatch_oncall_calendar_stale{schedule="team"} 1.0' in day.application.metrics().decode()
        assert stale(day) is AlertState.FIRING
    async with a_day(tmp_path, world=feed.app, clock=day.clock, configure=configure) as day:
        await day.advance(minutes=18)
        assert (day.clock.now(), on(day)) == (MORNING + timedelta(minutes=41), ("cyd",))
        assert stale(day) is AlertState.FIRING
        feed.away = False
        await day.advance(minutes=10)
        assert on(day) == ("ana",)
        assert stale(day) is AlertState.RESOLVED
        assert day.application.situation.incidents == {}, "it is a ticket"


async def test_each_who_comes_on_gets_one_note_and_an_override_counts_from_its_instant(tmp_path: Path) -> None:
    feed = Feed()
    async with a_day(tmp_path, world=feed.app, configure=configure) as day:
        await day.advance(minutes=6)
        first = day.told(MessageKind.NOTE)
        assert [note.recipient for note in first] == ["ana"], "her turn began at five past eight"
        wish = Wish(
            schedule="team",
            start=day.clock.now() + timedelta(minutes=2),
            end=day.clock.now() + timedelta(minutes=8),
            person=PersonId("ben"),
            instead_of=PersonId("ana"),
            by="ana",
            why="the dentist",
        )
        await day.application.decide(post_override(wish, day.clock.now()))
        await day.advance(minutes=3)
        assert on(day) == ("ben",)
    async with a_day(tmp_path, world=feed.app, clock=day.clock, configure=configure) as day:
        await day.advance(minutes=1)
        assert on(day) == ("ben",), "the override outlives the process"
        assert day.told(MessageKind.NOTE) == [], "he was told before"
        await day.advance(minutes=6)
        assert [note.recipient for note in day.told(MessageKind.NOTE)] == ["ana"]
        events = day.application.situation.published["team"].events
        assert {event.person for event in events} >= {"ana", "ben", "cyd"}
