"""What ends while Tierwatch does not run is told all the same, dated by the data."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.message import MessageKind, Stage
from monitor.sandbox.faults import Fault
from tests.stories.day import a_day, leisurely


@pytest.mark.answers("TwiN/gatus#1111")
async def test_who_was_told_of_it_is_told_its_end_also_if_that_came_while_we_did_not_run(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=2)
        told = {message.recipient for message in day.told(MessageKind.NOTICE, Stage.INVESTIGATING)}
        assert told
        clock, world = day.clock, day.world
    world.switch(Fault.ERP_STOPPED, on=False)
    mended = clock.now()
    await clock.set(mended + timedelta(minutes=5))
    async with a_day(tmp_path, configure=leisurely, clock=clock, world=world) as day:
        await day.advance(minutes=2)
        (incident,) = day.incidents
        assert incident.resolved_why == "the data caught up: every hurt client's backlog has drained"
        assert {message.recipient for message in day.told(MessageKind.NOTICE, Stage.RESOLVED)} == told
        ends = [impact.recovered for impact in incident.impacts.values()]
        assert all(end is not None and end <= mended + timedelta(minutes=6) for end in ends)
