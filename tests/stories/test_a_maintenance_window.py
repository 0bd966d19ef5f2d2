"""An outage begins in a window of maintenance and outlasts it: watched all the while, told of at the window's end."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.maintenance import Party, Scope, Window, WindowId
from alerts.matcher_syntax import parse_matchers
from alerts.message import MessageKind, Stage
from alerts.silence import Silence, SilenceId
from monitor.quieting import set_silence, set_window
from monitor.sandbox.faults import Fault
from probes.catalog import SystemId
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

SECOND = timedelta(seconds=1)


def pages(day: Day, stage: Stage = Stage.INVESTIGATING) -> list[str]:
    return [one.recipient for one in day.told(MessageKind.PAGE, stage)]


async def test_what_outlasts_its_window_is_told_of_at_its_end_also_after_a_restart(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        start = day.clock.now()
        end = start + timedelta(minutes=3)
        window = Window(
            id=WindowId(""),
            title="The ERP is upgraded",
            party=Party.VENDOR,
            scope=Scope(systems=frozenset({SystemId("erp")})),
            zone="UTC",
            starts=start,
            ends=end,
            by="madrid-1",
        )
        await day.application.decide(set_window(window, start))
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=2)
        (incident,) = day.incidents
        assert day.channel.attempts == [], "it is known, and nobody is told"
        assert incident.muted[0].why == "maintenance: The ERP is upgraded"
        world, clock = day.world, day.clock
    async with a_day(tmp_path, configure=leisurely, clock=clock, world=world) as day:
        await day.advance(seconds=50)
        assert day.channel.attempts == []
        await day.advance(seconds=20)
        (page,) = day.told(MessageKind.PAGE)
        assert timedelta() <= page.created - end <= 2 * SECOND
        assert day.told(MessageKind.NOTICE, Stage.INVESTIGATING)

        # Then somebody silences it, and it ends under the silence: who was told is told the end.
        now = day.clock.now()
        silence = Silence(
            id=SilenceId(""),
            matchers=parse_matchers("flow=invoices"),
            starts=now,
            ends=now + timedelta(hours=1),
            by="madrid-1",
            comment="we know",
            updated=now,
        )
        await day.application.decide(set_silence(silence, now))
        told = len(pages(day))
        day.mends(Fault.ERP_STOPPED)
        await day.advance(minutes=5)
        assert len(pages(day)) == told, "no further step while it is silenced"
        assert pages(day, Stage.RESOLVED) == list(dict.fromkeys(pages(day)))
        began = {one.client for one in day.told(MessageKind.NOTICE, Stage.INVESTIGATING)}
        assert {one.client for one in day.told(MessageKind.NOTICE, Stage.RESOLVED)} == began
        assert [incident.debts for incident in day.incidents] == [{}]
