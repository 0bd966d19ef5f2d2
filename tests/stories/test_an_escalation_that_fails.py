"""The escalation takes no steps: an audit that reads the record finds it, and the catch-all is paged."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.audit import What
from alerts.message import Message
from monitor.sandbox.faults import Fault
from tests.stories.day import Day, a_day

DECIDING = ("escalation", "looks", "time")
"""The ticks that take steps, each of which would do it for the others."""


async def forgetful(now: datetime) -> datetime | None:
    """Take none of the steps that are due, and say that none is."""
    return now + timedelta(hours=1)


def found_by_audit(day: Day) -> list[Message]:
    return [one for one in day.channel.accepted() if one.key.startswith("overdue")]


@pytest.mark.story
@pytest.mark.answers("grafana/oncall#724")
async def test_a_step_that_nobody_takes_is_itself_a_page_and_a_metric(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=20)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(seconds=40)
        (incident,) = day.incidents
        assert incident.next_due is not None
        beats = day.application.driver.beats
        before = {name: beats[name].tick for name in DECIDING}
        for name in DECIDING:
            beats[name].tick = forgetful
        await day.advance(minutes=2.5)
        pages = found_by_audit(day)
        assert {one.recipient for one in pages} == {day.application.situation.config.roster.catch_all.id}
        assert [one.incident for one in pages if "/step/" in one.key] == [incident.id]
        assert day.application.auditing.late[What.STEP] == 1
        assert 'tierwatch_overdue_steps{what="step"} 1.0' in day.application.metrics().decode()
        paged = len(pages)
        for name, tick in before.items():
            beats[name].tick = tick
        await day.advance(seconds=20)
        assert day.application.auditing.late.get(What.STEP, 0) == 0, "it is taken as soon as somebody can"
        assert len(found_by_audit(day)) == paged
